package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/prepare"
	"github.com/steepest/steepest/host/internal/report"
)

func dataBatchesCommand(p *program) *cobra.Command {
	var of examplesFlags
	var steps, epochs int
	c := &cobra.Command{
		Use:   "batches FILE",
		Short: "Show which examples each step of an experiment sees",
		Long: `Show which examples each step of an experiment sees, as CSV: a line for each step with its number and the numbers of its
examples. Examples are the rows of the data, from 0; a header is no row, and those of a test file follow the others. By
default the steps are those of the budget and one more, on whose batch a run's last point is measured.
order = { file = "batches.csv" } in [problem] reads the same format.`,
		Example: `  steepest data batches experiments/quickstart.toml --seed 3 > batches.csv
  steepest data batches experiments/quickstart.toml --epochs 1`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			x, err := p.examples(cmd, args[0], of)
			if err != nil {
				return err
			}
			switch {
			case !cmd.Flags().Changed("steps") && !cmd.Flags().Changed("epochs"):
				if x.Budget.Time > 0 {
					return usage("the budget is a time; say with --steps or --epochs how many to show")
				}
				steps = x.Batches.Count(x.Steps)
			case cmd.Flags().Changed("epochs"):
				steps = x.Batches.Steps(len(x.Train), epochs)
			}
			if steps < 1 {
				return usage("--steps and --epochs must be at least 1")
			}
			if !x.Batches.Lists(len(x.Train), steps) {
				return usage("%s lists the batches of %d steps; ask for no more", x.Batches.Order.File, x.Batches.Order.Steps())
			}
			if err := x.Batches.Write(cmd.Context(), p.stdout, steps); errors.Is(err, context.Canceled) {
				return interrupted("interrupted")
			}
			return nil // standard output tells what is wrong with it
		},
	}
	of.add(p, c)
	c.Flags().IntVar(&steps, "steps", 0, "show the first `N` steps (default: the budget and one)")
	c.Flags().IntVar(&epochs, "epochs", 0, "show the first `N` epochs")
	c.MarkFlagsMutuallyExclusive("steps", "epochs")
	return c
}

func dataSplitCommand(p *program) *cobra.Command {
	var of examplesFlags
	c := &cobra.Command{
		Use:   "split FILE",
		Short: "Show which examples of an experiment train, validate and test",
		Long: `Show which examples of an experiment train, validate and test, as CSV: a line for each row of the data, numbered as
steepest data batches has them, with its part: train, validation, test, or unused if subset leaves it out.`,
		Example: "  steepest data split experiments/quickstart.toml --seed 3",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			x, err := p.examples(cmd, args[0], of)
			if err != nil {
				return err
			}
			_ = dataset.WriteParts(p.stdout, x.All, x.Train, x.Validation, x.Test) // standard output tells what is wrong with it
			return nil
		},
	}
	of.add(p, c)
	return c
}

// examplesFlags say which run of an experiment is meant.
type examplesFlags struct {
	seed    uint64
	problem string
}

func (f *examplesFlags) add(p *program, c *cobra.Command) {
	c.Flags().Uint64Var(&f.seed, "seed", 0, "of the run with this seed `N` (default: the experiment's first)")
	c.Flags().StringVar(&f.problem, "problem", "", "of the problem with this `NAME`, if there are several")
	p.setFlag(c)
}

// examples are the data as the run that is meant sees them.
func (p *program) examples(cmd *cobra.Command, file string, of examplesFlags) (prepare.Examples, error) {
	var run *uint64
	if cmd.Flags().Changed("seed") {
		run = &of.seed
	}
	x, err := p.with(nil).Examples(cmd.Context(), p.path(file), of.problem, run)
	switch {
	case cmd.Context().Err() != nil:
		return x, interrupted("interrupted")
	case err != nil:
		return x, usage("%w", err)
	}
	report.Warn(p.stderr, x.Experiment)
	return x, nil
}
