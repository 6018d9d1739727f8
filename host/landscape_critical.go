package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/landscape"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/revisit"
)

// criticalOptions are the flags of steepest landscape critical-points.
type criticalOptions struct {
	landscapeOptions
	starts int
	noise  float64
}

func landscapeCriticalCommand(p *program) *cobra.Command {
	o := &criticalOptions{landscapeOptions: landscapeOptions{program: p, size: "two-columns"}}
	c := &cobra.Command{
		Use:   "critical-points FILE|RUN",
		Short: "Search the points where the gradient is 0, and tell minima, saddles and maxima apart",
		Long: `Search the points where the gradient of the loss of all training examples is 0, and tell by the eigenvalues of the Hessian there which
are minima, saddles and maxima. Each search makes half the squared norm of the gradient smaller, and ends with Newton's method.

FILE   an experiment: of each of its problems, from starts spread evenly over the domain of a function, and else drawn as the weights are
       initialised
RUN    the folder of a run: from its weights, and from around them. What was found is kept in the run's folder, in landscape`,
		Example: `  steepest landscape critical-points experiments/lecture/05a-himmelblau.toml
  steepest landscape critical-points runs/moons/adam-seed1-* --starts 20`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.starts < 1 {
				return usage("--starts %d is out of range; give at least 1", o.starts)
			}
			if !(o.noise >= 0) {
				return usage("--noise %g is out of range; give 0 or more", o.noise)
			}
			if err := o.check(cmd, args); err != nil {
				return err
			}
			if info, err := os.Stat(o.path(args[0])); err == nil && info.IsDir() {
				return o.ofRun(cmd.Context(), args[0])
			}
			return o.ofFile(cmd.Context(), args[0])
		},
	}
	f := c.Flags()
	f.IntVar(&o.starts, "starts", 200, "search from `N` starts")
	f.Float64Var(&o.noise, "noise", 0.1, "of a run: add to the weights normally distributed noise of this `SHARE` of their root mean square")
	f.IntVar(&o.Step, "at", revisit.Last, "of a run: start from the weights after this `STEP` (default the last)")
	f.Uint64Var(&o.Seed, "seed", 1, "`SEED` of the starts")
	f.BoolVar(&o.json, "json", false, "write what was found as JSON; of a file a list, of each problem one")
	o.blas.flags(f)
	p.setFlag(c)
	return c
}

func (o *criticalOptions) ofRun(ctx context.Context, folder string) error {
	runs, err := o.open(ctx, []string{folder})
	if err != nil {
		return err
	}
	found, name, err := runs[0].Critical(ctx, o.Look, o.starts, o.noise)
	return o.found(ctx, runs[0], name, found, err, report.CriticalPoints(found), nil)
}

func (o *criticalOptions) ofFile(ctx context.Context, file string) error {
	binaries, err := o.plugins().Trusted(false)
	if err != nil {
		return usage("%w", err)
	}
	pool := plugin.NewPool(binaries)
	defer pool.Kill()
	plans, err := o.prepare(ctx, []string{file}, pool)
	if err != nil {
		return err
	}
	var all []landscape.CriticalPoints
	for _, w := range plans[0].Workloads {
		found, err := landscape.CriticalOf(ctx, w.Built, o.Seed, o.starts, o.progress.Show)
		o.progress.Clear()
		if ctx.Err() != nil {
			return interrupted("interrupted")
		}
		if err != nil {
			return usage("%s: %w", file, err)
		}
		found.Problem = cmp.Or(w.Name, w.Problem.Kind)
		if all = append(all, found); !o.json {
			_, _ = fmt.Fprintf(o.stdout, "%s\n\n", report.CriticalPoints(found))
		}
	}
	if o.json {
		e := json.NewEncoder(o.stdout)
		e.SetIndent("", "  ")
		_ = e.Encode(all) // what cannot be written is told at the end
	}
	return nil
}
