package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/plugin"
)

func lockCommand(in *search) *cobra.Command {
	return &cobra.Command{
		Use:   "lock [NAME|PATH...]",
		Short: "Write " + plugin.LockFile + ": the checksums of the plugins to trust",
		Long: `Write ` + plugin.LockFile + ` into the current folder, with the SHA-256 of each plugin found, or of those named. From then on
` + "`steepest run`" + ` and the commands of plugins refuse any other program in this folder before starting it. Entries of other platforms are kept.`,
		Example: "  steepest plugins lock\n  steepest plugins lock adam sgd",
		RunE: func(cmd *cobra.Command, names []string) error {
			binaries, err := in.installed()
			if err != nil {
				return err
			}
			if len(names) > 0 {
				binaries = nil
				for _, name := range names {
					b, err := in.binary(name)
					if err != nil {
						return err
					}
					binaries = append(binaries, b)
				}
			}
			if len(binaries) == 0 {
				return exit{exitFailed, "there are no plugins to lock; `steepest plugins list -v` shows where they are searched"}
			}
			lock, err := plugin.ReadLock(in.path(plugin.LockFile))
			if err != nil {
				return exit{exitFailed, err.Error()}
			}
			if lock == nil {
				lock = plugin.Lock{}
			}
			w := newTable("NAME", "SHA256", "FILE")
			for _, b := range binaries {
				sum, err := plugin.SHA256(b.Path)
				if err != nil {
					return exit{exitFailed, err.Error()}
				}
				lock.Set(b.Name, sum)
				w.AppendRow([]any{b.Name, hex.EncodeToString(sum), b.Path})
			}
			if err := lock.Write(in.path(plugin.LockFile)); err != nil {
				return exit{exitFailed, fmt.Sprintf("cannot write %s: %v", plugin.LockFile, err)}
			}
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), w.Render()) // a checksum is longer than most terminals are wide
			return nil
		},
	}
}

// accept puts each program into the lock when it is first started; from then on it must stay the same.
func accept(lock plugin.Lock, file string, binaries []plugin.Binary) {
	var mu sync.Mutex
	seen := map[string][]byte{}
	for i := range binaries {
		name := binaries[i].Name
		binaries[i].Trust = func(sum []byte) error {
			mu.Lock()
			defer mu.Unlock()
			if first, ok := seen[name]; ok {
				if !bytes.Equal(first, sum) {
					return fmt.Errorf("plugin %q: its program changed since this command began", name)
				}
				return nil
			}
			seen[name] = sum
			lock.Set(name, sum)
			return lock.Write(file)
		}
	}
}

// trusted finds the plugins for running them: if there is a lock file, only what it has is trusted. With update, what an
// experiment uses is put into the lock file instead. A plugin that the user attached to stands first and is trusted.
func (p *program) trusted(update bool) ([]plugin.Binary, error) {
	path, err := p.searchPath()
	if err != nil {
		return nil, err
	}
	binaries := plugin.Find(path)
	for i := range binaries {
		binaries[i].Variables = p.variables
	}
	file := p.path(plugin.LockFile)
	lock, err := plugin.ReadLock(file)
	if err != nil {
		return nil, exit{exitUsage, err.Error()}
	}
	switch {
	case update && lock == nil:
		return nil, exit{exitUsage, fmt.Sprintf("--update-lock: there is no %s here; write it with `steepest plugins lock`", file)}
	case update:
		accept(lock, file, binaries)
	case lock != nil:
		lock.Apply(file, binaries)
	}
	attached, err := plugin.Attached(p.variables)
	if err != nil {
		return nil, exit{exitUsage, err.Error()}
	}
	return append(attached, binaries...), nil
}
