package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/regular"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/seed"
)

func dataBatchesCommand(p *program) *cobra.Command {
	var run uint64
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
			e, data, tree, err := p.opened(cmd, args[0], run)
			if err != nil {
				return err
			}
			batches := data.Batches(tree)
			train, _, _ := data.Rows(tree)
			switch {
			case !cmd.Flags().Changed("steps") && !cmd.Flags().Changed("epochs"):
				steps = batches.Count(e.Budget.Steps, e.Budget.Epochs)
			case cmd.Flags().Changed("epochs"):
				steps = batches.Steps(len(train), epochs)
			}
			if steps < 1 {
				return usage("--steps and --epochs must be at least 1")
			}
			if !batches.Lists(len(train), steps) {
				return usage("%s lists the batches of %d steps; ask for no more", batches.Order.File, batches.Order.Steps())
			}
			if err := batches.Write(cmd.Context(), p.stdout, steps); errors.Is(err, context.Canceled) {
				return interrupted("interrupted")
			}
			return nil // standard output tells what is wrong with it
		},
	}
	seedFlag(c, &run)
	c.Flags().IntVar(&steps, "steps", 0, "show the first `N` steps (default: the budget and one)")
	c.Flags().IntVar(&epochs, "epochs", 0, "show the first `N` epochs")
	c.MarkFlagsMutuallyExclusive("steps", "epochs")
	return c
}

func dataSplitCommand(p *program) *cobra.Command {
	var run uint64
	c := &cobra.Command{
		Use:   "split FILE",
		Short: "Show which examples of an experiment train, validate and test",
		Long: `Show which examples of an experiment train, validate and test, as CSV: a line for each row of the data, numbered as
steepest data batches has them, with its part: train, validation, test, or unused if subset leaves it out.`,
		Example: "  steepest data split experiments/quickstart.toml --seed 3",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, data, tree, err := p.opened(cmd, args[0], run)
			if err != nil {
				return err
			}
			train, validation, test := data.Rows(tree)
			_ = dataset.WriteParts(p.stdout, data.Examples(), train, validation, test) // standard output tells what is wrong with it
			return nil
		},
	}
	seedFlag(c, &run)
	return c
}

func seedFlag(c *cobra.Command, run *uint64) {
	c.Flags().Uint64Var(run, "seed", 0, "of the run with this seed `N` (default: the experiment's first)")
}

// opened reads an experiment whose problem has data, and the seed tree of one of its runs.
func (p *program) opened(cmd *cobra.Command, file string, run uint64) (*config.Experiment, problem.Batched, seed.Tree, error) {
	var built problem.Problem
	e, err := regular.Until(cmd.Context(), func() (*config.Experiment, error) {
		e, err := config.Load(p.path(file))
		if err != nil {
			return nil, err
		}
		if !cmd.Flags().Changed("seed") {
			run = e.Seeds[0]
		}
		e.Seeds, e.Variables = []uint64{run}, p.variables // an order is checked against its split
		built = e.Build()
		return e, e.Errors()
	})
	switch {
	case cmd.Context().Err() != nil:
		return nil, nil, seed.Tree{}, interrupted("interrupted")
	case err != nil:
		return nil, nil, seed.Tree{}, usage("%w", err)
	}
	data, ok := built.(problem.Batched)
	if !ok {
		return nil, nil, seed.Tree{}, usage("the problem %q has no data; every step sees the whole function", e.Problem.Kind)
	}
	report.Warn(p.stderr, e)
	return e, data, seed.New(run), nil
}
