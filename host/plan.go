package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/conduct"
	"github.com/steepest/steepest/host/internal/execute"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/store"
)

// planOptions are the flags of steepest plan.
type planOptions struct {
	*program
	out        string
	jobs       int
	all, probe bool
	json       bool
	blas       blasOptions
}

func planCommand(p *program) *cobra.Command {
	o := planOptions{program: p}
	c := &cobra.Command{
		Use:   "plan FILE...",
		Short: "Show what run would do",
		Long: `Show what run would do, and do none of it: the variants that sets of values make, how many runs there are, which of them exist
already and are kept, what was changed in the file since, about how long the others take and how much they write, and what is
hardly meant. For the time a few steps are made of one run of each optimizer on each problem, and forgotten.`,
		Example: `  steepest plan experiments/quickstart.toml
  steepest plan --all --set seeds.count=20 experiments/quickstart.toml
  steepest plan --json experiments/quickstart.toml | jq .runs.new`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error { return o.show(cmd.Context(), files) },
	}
	f := c.Flags()
	f.StringVarP(&o.out, "out", "o", "", "look for the results in `FOLDER`, as run does with the same flag")
	f.IntVarP(&o.jobs, "jobs", "j", runtime.NumCPU(), "how many runs would go on at once")
	f.BoolVar(&o.all, "all", false, "show all variants, however many")
	f.BoolVar(&o.probe, "probe", true, "make a few steps to estimate the time")
	f.BoolVar(&o.json, "json", false, "write JSON, a line for each file")
	o.blas.flags(f)
	p.setFlag(c)
	p.refreshFlag(c)
	return c
}

func (o planOptions) show(ctx context.Context, files []string) error {
	if o.jobs < 1 {
		return usage("--jobs %d is out of range; give at least 1", o.jobs)
	}
	if err := o.blas.use(); err != nil {
		return err
	}
	place := store.Place{Out: o.path(o.out), Parent: o.path(store.Runs)}
	if len(files) > 1 && o.out != "" {
		place = store.Place{Parent: o.path(o.out)}
	}
	plans, done, err := o.frozen(ctx, files, place, false)
	defer done()
	if err != nil {
		return err
	}
	for i, e := range plans {
		there, err := place.Survey(ctx, e.Plan)
		if err != nil {
			return beforeStart(ctx, err)
		}
		there.Notes = append(e.notes, there.Notes...)
		stage, jobs, err := conduct.Look(ctx, e.Plan, there)
		if err != nil {
			return beforeStart(ctx, err)
		}
		planned := report.NewPlanned(e.Plan, there, stage, jobs)
		if todo := stage.Jobs; o.probe && len(todo) > 0 {
			planned.Probed = o.estimate(ctx, e.pool, todo)
		}
		if ctx.Err() != nil {
			return interrupted("interrupted")
		}
		if i > 0 && !o.json {
			_, _ = fmt.Fprintln(o.stdout)
		}
		planned.Show(o.stdout, o.json, o.all)
	}
	return nil
}

// estimate makes a few steps of some of the runs.
func (o planOptions) estimate(ctx context.Context, pool *plugin.Pool, todo []plan.Job) *report.Probed {
	costs, err := execute.Probe(ctx, pool, todo, optimizer.Auto, o.blas.prepare, func(j plan.Job, p *record.Sample) int {
		return store.RowSize(p, j)
	})
	probed := &report.Probed{Err: err, AtOnce: o.jobs}
	probed.Time, probed.Bytes, probed.Known = execute.Estimate(costs, todo, o.jobs)
	return probed
}
