package main

import (
	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/report"
)

func checkCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "check FILE...",
		Short: "Check experiments without running them",
		Long: `Check experiments: every key, value, data file and hyperparameter, as run does before it starts anything. All errors of all
files are shown at once, and what is hardly meant. No run is made and nothing is written.`,
		Example: `  steepest check experiments/quickstart.toml
  steepest check experiments/*.toml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			binaries, err := p.plugins().Trusted(false)
			if err != nil {
				return usage("%w", err)
			}
			pool := plugin.NewPool(binaries)
			defer pool.Kill()
			plans, err := p.prepare(cmd.Context(), files, pool)
			if err != nil {
				return err
			}
			for _, e := range plans {
				report.Warn(p.stderr, e.Experiment)
				report.Checked(p.stdout, e)
			}
			return nil
		},
	}
	p.setFlag(c)
	return c
}
