// Command steepest runs experiments that compare optimizers. See README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/environ"
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

func main() {
	ctx, stop := interruptible(context.Background())
	defer stop()
	here := program{stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(here.run(ctx, os.Args[1:]))
}

// program is Steepest in surroundings. What it does depends on them and on its arguments alone, but for what belongs to the
// process: its limits, the linear algebra with its threads, and what it was built from.
type program struct {
	dir            string            // where relative paths begin; empty for the process's own folder
	variables      environ.Variables // nil for the process's own
	stdout, stderr io.Writer
	pluginDirs     []string
}

// path is where a file is that the user names, if not standard output. Without a folder of its own the program leaves it as the user wrote it.
func (p *program) path(name string) string {
	if p.dir == "" || name == "" || name == "-" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(p.dir, name)
}

// run carries out a command line. It returns the exit code.
func (p program) run(ctx context.Context, args []string) int {
	out := &standardOutput{Writer: p.stdout}
	p.stdout = out
	return out.judge(p.command(ctx, args, out), p.stderr)
}

func (p *program) command(ctx context.Context, args []string, stdout *standardOutput) int {
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
	root.SetErr(p.stderr)
	root.PersistentFlags().StringArrayVar(&p.pluginDirs, "plugin-dir", nil,
		"search this folder for plugins first (may be repeated)")
	root.AddCommand(runCommand(p), pluginsCommand(p), dataCommand(p), problemsCommand(), exportCommand(p),
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
			_, _ = fmt.Fprintln(p.stderr, terminal.EscapeLines(e.message))
		}
		return e.code
	case stdout.failed() != nil:
		return exitOK // as far as it is known here
	}
	_, _ = fmt.Fprintf(p.stderr, "steepest: %s; try steepest --help\n", terminal.EscapeLines(err.Error()))
	return exitUsage
}
