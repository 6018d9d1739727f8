package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/report"
)

func lockCommand(in *search) *cobra.Command {
	return &cobra.Command{
		Use:   "lock [NAME|PATH...]",
		Short: "Write " + plugin.LockFile + ": the checksums of the plugins to trust",
		Long: `Write ` + plugin.LockFile + ` into the current folder, with the SHA-256 of each plugin found, or of those named. From then on
` + "`steepest run`" + ` and the commands of plugins refuse any other program in this folder before starting it. Entries of other platforms are kept.`,
		Example: "  steepest plugins lock\n  steepest plugins lock adam sgd",
		RunE: func(cmd *cobra.Command, names []string) error {
			binaries, err := in.plugins().Installed()
			if err != nil {
				return usage("%w", err)
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
				return failed("there are no plugins to lock; `steepest plugins list -v` shows where they are searched")
			}
			sums, err := plugin.WriteLock(in.plugins().Lock, binaries)
			if err != nil {
				return failed("%w", err)
			}
			_, _ = fmt.Fprintln(in.stdout, report.Locked(binaries, sums))
			return nil
		},
	}
}
