package plugin

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"sync"

	"github.com/BurntSushi/toml"

	"github.com/steepest/steepest/host/internal/atomicfile"
)

// LockFile is the name of the file that says which plugin programs are trusted.
const LockFile = "steepest.lock"

// Lock holds the SHA-256 of each plugin's program, in hexadecimal: by name, then by platform, such as linux-amd64.
type Lock map[string]map[string]string

func platform() string { return runtime.GOOS + "-" + runtime.GOARCH }

// readLock reads a lock file; nil if there is none.
func readLock(path string) (Lock, error) {
	l := Lock{}
	_, err := toml.DecodeFile(path, &l)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; remove it and write it anew with `steepest plugins lock`", path, err)
	}
	return l, nil
}

// write replaces the lock file, whole or not at all.
func (l Lock) write(path string) error {
	var b bytes.Buffer
	b.WriteString("# The plugin programs that `steepest run` accepts in this folder: their SHA-256 by platform.\n" +
		"# Written by `steepest plugins lock`.\n\n")
	e := toml.NewEncoder(&b)
	e.Indent = ""
	if err := e.Encode(l); err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
}

// set trusts a program.
func (l Lock) set(name string, sum []byte) {
	if l[name] == nil {
		l[name] = map[string]string{}
	}
	l[name][platform()] = hex.EncodeToString(sum)
}

// Untrusted is the error of a program that the lock file does not have.
type Untrusted struct {
	Plugin, Lock string
	Locked, Is   string // SHA-256; Locked is empty if the lock does not name the plugin
}

func (e *Untrusted) Error() string {
	if e.Locked == "" {
		return fmt.Sprintf("plugin %q is not in %s; its SHA-256 is %s", e.Plugin, e.Lock, e.Is)
	}
	return fmt.Sprintf("plugin %q is another program than the one in %s: its SHA-256 is %s, not %s", e.Plugin, e.Lock, e.Is,
		e.Locked)
}

// Remedy says what to do.
func (e *Untrusted) Remedy() string {
	return "nothing was started; if you trust the new program, accept it with --update-lock, or with `steepest plugins lock`"
}

// apply makes the programs trusted only if the lock has them. path is for messages.
func (l Lock) apply(path string, binaries []Binary) {
	for i := range binaries {
		name := binaries[i].Name
		binaries[i].Trust = func(sum []byte) error {
			if locked, is := l[name][platform()], hex.EncodeToString(sum); locked != is {
				return &Untrusted{name, path, locked, is}
			}
			return nil
		}
	}
}

// accept puts each program into the lock when it is first started; from then on it must stay the same.
func (l Lock) accept(path string, binaries []Binary) {
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
			l.set(name, sum)
			return l.write(path)
		}
	}
}

// WriteLock puts the programs into the lock file, and keeps what else that has. It returns their checksums.
func WriteLock(path string, binaries []Binary) (sums [][]byte, err error) {
	lock, err := readLock(path)
	if err != nil {
		return nil, err
	}
	if lock == nil {
		lock = Lock{}
	}
	for _, b := range binaries {
		sum, err := SHA256(b.Path)
		if err != nil {
			return nil, err
		}
		lock.set(b.Name, sum)
		sums = append(sums, sum)
	}
	if err := lock.write(path); err != nil {
		return nil, fmt.Errorf("cannot write %s: %w", path, err)
	}
	return sums, nil
}
