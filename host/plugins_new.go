package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/scaffold"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

func newCommand(in *program) *cobra.Command {
	var dir, sdk string
	var python bool
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "Begin a new plugin, in Go or Python: write a folder that is tested and passes the exam",
		Long: `Begin a new plugin in Go, or in Python with --python. The module is complete: a rule with state to start from, its tests with the exam, a Makefile
that builds, tests, checks and installs it, and a readme. If NAME is that of a published rule, such as those of torch.optim, it
begins as that rule. It lives wherever you like. docs/writing-an-optimizer.md goes on, and docs/publishing.md tells how
others get it with go install. In Python it is a script; docs/writing-an-optimizer-in-python.md goes on.`,
		Example: "  steepest plugins new my-rule\n  steepest plugins new my-rule --dir ~/optimizers/my-rule\n  steepest plugins new my-rule --python",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if dir == "" {
				dir = args[0]
			}
			version, _ := store.Version()
			p := scaffold.Plugin{Name: args[0], Dir: in.path(dir), Python: python}
			if err := p.Check(); err != nil {
				return usage("%w", err)
			}
			var err error
			if p.SDK, err = scaffold.FindSDK(in.path(sdk), version); err != nil {
				return usage("%w", err)
			}
			if err := p.Write(); err != nil {
				return failed("cannot write the plugin: %w", err)
			}
			needs := ""
			if python {
				needs = "\n  pip install -r requirements.txt"
			}
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "The plugin %s is in %s. Next:\n\n  %s%s\n  make test\n  make check%s\n",
				p.Name, terminal.Escape(p.Dir), terminal.Command([]string{"cd"}, p.Dir), needs, scaffold.Steepest())
			if p.SDK.Dir != "" {
				_, _ = fmt.Fprintf(cmd.OutOrStdout(), "\nIt builds with the SDK of the checkout %s, so on this machine alone.\n"+
					"%s says how to require a released version instead.\n", p.SDK.Dir, p.Document())
			}
			return nil
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "put it into `FOLDER` (default NAME)")
	c.Flags().BoolVar(&python, "python", false, "write it in Python instead of Go")
	c.Flags().StringVar(&sdk, "sdk", "",
		"use the SDK of the checkout of Steepest in `FOLDER` (default: the version of this program)")
	return c
}
