// Command steepest runs experiments that compare optimizers. See README.md.
package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/machine"
	"github.com/steepest/steepest/host/internal/terminal"
)

func main() {
	ctx, stop := interruptible(context.Background())
	defer stop()
	here := program{stdout: os.Stdout, stderr: os.Stderr}
	os.Exit(here.run(ctx, os.Args[1:]))
}

// run carries out a command line. It returns the exit code.
func (p program) run(ctx context.Context, args []string) int {
	out := &terminal.Output{Writer: p.stdout}
	p.stdout = out
	if err := machine.MemoryToStart.Check(); err != nil {
		return p.conclude(usage("%w", err), out)
	}
	root := p.root()
	root.SetArgs(args)
	return p.conclude(root.ExecuteContext(ctx), out)
}

// root is the command that has all verbs.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "steepest",
		Short: "Which way down is fastest, and why? Experiments with optimizers",
		Long: `Steepest runs experiments that compare optimizers on equal terms: every optimizer starts from the same weights and meets
the same batches. An experiment is a TOML file. Every optimizer is a program of its own, a plugin.

Exit codes:
    0  all is well; a run that diverged is a result, not a failure
    1  a run failed: a plugin died, or the disk is full
    2  wrong arguments, an error in an experiment file, or metrics that cannot be served; nothing was started
    3  what an experiment claims with [[expect]] did not come out; with --strict also if that cannot be told
  130  interrupted; what was recorded until then is on disk`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.PersistentFlags().StringArrayVar(&p.pluginDirs, "plugin-dir", nil,
		"search this folder for plugins first (may be repeated)")
	root.AddCommand(runCommand(p), planCommand(p), checkCommand(p), checkClaimsCommand(p), plotCommand(p), compareCommand(p), reportCommand(p), serveCommand(p), pluginsCommand(p), dataCommand(p), problemsCommand(), exportCommand(p),
		schemaCommand(p), runsCommand(p), landscapeCommand(p), versionCommand())
	p.adviseArguments(root)
	adviseMisspelt(root)
	return root
}
