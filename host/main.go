// Command steepest runs experiments that compare optimizers. See README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/terminal"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1   // a run failed
	exitUsage       = 2   // wrong arguments or a wrong experiment file; nothing was started
	exitInterrupted = 130 // stopped by Ctrl-C or a signal
)

// exit is an error that carries the exit code. What it means was told already if it has no message.
type exit struct {
	code    int
	message string
}

func (e exit) Error() string { return e.message }

func main() { os.Exit(steepest(os.Args[1:], os.Stdout, os.Stderr)) }

// steepest is the whole program. It returns the exit code.
func steepest(args []string, stdout, stderr io.Writer) int {
	ctx, stop := interruptible(context.Background())
	defer stop()
	out := &standardOutput{Writer: stdout}
	return out.judge(command(ctx, args, out, stderr), stderr)
}

// command carries out a command line.
func command(ctx context.Context, args []string, stdout *standardOutput, stderr io.Writer) int {
	root := &cobra.Command{
		Use:   "steepest",
		Short: "Which way down is fastest, and why? Experiments with optimizers",
		Long: `Steepest runs experiments that compare optimizers on equal terms: every optimizer starts from the same weights and meets
the same batches. An experiment is a TOML file. Every optimizer is a program of its own, a plugin.

Exit codes:
    0  all is well; a run that diverged is a result, not a failure
    1  a run failed: a plugin died, or the disk is full
    2  wrong arguments, an error in an experiment file, or metrics that cannot be served; nothing was started
  130  interrupted; what was recorded until then is on disk`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	var pluginDirs []string
	root.PersistentFlags().StringArrayVar(&pluginDirs, "plugin-dir", nil,
		"search this folder for plugins first (may be repeated)")
	root.AddCommand(runCommand(&pluginDirs), pluginsCommand(&pluginDirs), dataCommand(), problemsCommand(), exportCommand(),
		versionCommand())
	adviseMisspelt(root)

	err := needToStart.check()
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	var e exit
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		if e.message != "" {
			_, _ = fmt.Fprintln(stderr, terminal.EscapeLines(e.message))
		}
		return e.code
	case stdout.failed() != nil:
		return exitOK // as far as it is known here
	}
	_, _ = fmt.Fprintf(stderr, "steepest: %s; try steepest --help\n", terminal.EscapeLines(err.Error()))
	return exitUsage
}
