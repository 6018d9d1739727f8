package main

import (
	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/report"
)

func runsListCommand(p *program) *cobra.Command {
	var where string
	var each, asJSON bool
	c := &cobra.Command{
		Use:     "list [FOLDER...]",
		Aliases: []string{"ls"},
		Short:   "List past runs",
		Long: `List the results in folders, by default in runs: a line for each experiment, or with --where or --runs one for each run. In a
condition stand experiment, run, problem, optimizer, plugin, seed, status, steps, tag, identity, started, wall_seconds, steps_to_target,
hyperparameters (lr), what a run ended with (train_loss), and keys of its problem (problem.batch); compared by =, !=, <, <=, >, >=, and
~, which holds of a text that has the other in it; joined by and, or, not and parentheses. steps_to_target is inf where a run ended
without reaching its target.`,
		Example: `  steepest runs list
  steepest runs list --where 'optimizer=adam and lr<0.1' runs/sweep
  steepest runs list --where 'status=diverged or status=failed'
  steepest runs list --json | jq -r 'select(.final_train_loss < 0.1) | .directory'`,
		RunE: func(cmd *cobra.Command, folders []string) error {
			list := report.Listing{Runs: each || where != "", JSON: asJSON}
			look := p.find
			if !list.JSON && !list.Runs {
				look = p.count
			}
			found, err := look(cmd.Context(), folders, where)
			if err != nil {
				return err
			}
			faults := report.Listed(p.stdout, p.stderr, found, list)
			if faults > 0 {
				return exit{code: exitFailed}
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&where, "where", "", whereHelp)
	f.BoolVar(&each, "runs", false, "list each run")
	f.BoolVar(&asJSON, "json", false, "write JSON, a line for each run")
	return c
}

func runsShowCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "show FOLDER...",
		Short: "Show what was asked of runs, and how they ended",
		Example: `  steepest runs show runs/quickstart
  steepest runs show runs/quickstart/adam-seed1-*`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, folders []string) error {
			found, err := p.find(cmd.Context(), folders, "")
			if err != nil {
				return err
			}
			report.Shown(p.stdout, p.stderr, found)
			return nil
		},
	}
}
