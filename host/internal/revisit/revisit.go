// Package revisit goes back to runs on record: to the problem that they were on, and to the weights that they had on their way. Weights that are not on
// record are made once more, with the same bits.
package revisit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/execute"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/prepare"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/train"
)

// Run is a run on record with its problem.
type Run struct {
	*store.Record
	problem.Problem
	Tree  seed.Tree
	Notes []string // what is worth to know of how its weights were found

	written map[string]any
	file    string
	with    With
}

// With is what runs are gone back to with.
type With struct {
	prepare.With // its Pool is made by Plugins
	// Plugins are the programs that the results in a folder began with, for runs that are made once more.
	Plugins func(ctx context.Context, results string, plugins []string) (*plugin.Pool, error)
	Execute execute.Settings
	// Progress is told how far a run is that is made once more.
	Progress func(what string, share float64)
}

// Open opens the run in a folder, and builds its problem from its experiment as that was when the run began, and from the data.
func Open(ctx context.Context, dir string, with With) (*Run, error) {
	r, err := store.OneRun(ctx, dir)
	if err != nil {
		return nil, err
	}
	if r.Imported != nil {
		return nil, fmt.Errorf("%s was imported: Steepest does not have its problem; name a run that Steepest made", r.Dir)
	}
	run := &Run{Record: r, Tree: seed.New(r.Seed), with: with}
	if run.written, run.file, err = r.Written(); err != nil {
		return nil, fmt.Errorf("the problem is not known: %w; run the experiment again", err)
	}
	e, err := with.Recorded(ctx, run.file, run.written, r.Called)
	if err != nil {
		return nil, err
	}
	if len(e.Workloads) != 1 {
		return nil, fmt.Errorf("%s: its experiment has no problem %q any more; run it again", r.Dir, r.Called)
	}
	now := e.Workloads[0].Problem
	if change := plan.Change(r.Manifest.Problem.WithoutPaths(), now.WithoutPaths()); change != "" {
		return nil, fmt.Errorf("%s was on another problem: %s; put back the data that it was made with", r.Dir, change)
	}
	run.Problem = e.Workloads[0].Built
	return run, nil
}

// Last is the step of the run's last weights.
func (r *Run) Last() (int, error) {
	if r.Status != "" {
		return r.Outcome.Steps, nil
	}
	last := -1
	err := r.Points(func(p *store.Point) error { last = p.Step; return nil })
	if err == nil && last < 0 {
		err = fmt.Errorf("%s has no points yet; wait until it has", r.Dir)
	}
	return last, err
}

// check refuses a step to which the run did not come.
func (r *Run) check(step int) error {
	last, err := r.Last()
	if err != nil {
		return err
	}
	if step < 0 || step > last {
		return fmt.Errorf("%s came to step %d, and not to %d; choose a step from 0 to %d", r.Dir, last, step, last)
	}
	return nil
}

// Weights are those after some numbers of steps, in ascending order. Those that are not on record are made once more.
func (r *Run) Weights(ctx context.Context, steps ...int) (all [][]float64, err error) {
	all = make([][]float64, len(steps))
	last := -1
	for i, step := range steps {
		if err := r.check(step); err != nil {
			return nil, err
		}
		switch all[i], err = r.at(step); {
		case errors.Is(err, fs.ErrNotExist):
			last = step
		case err != nil:
			return nil, err
		}
	}
	if last < 0 {
		return all, nil
	}
	err = r.replay(ctx, last, func(p *record.Sample) {
		if i, wanted := slices.BinarySearch(steps, p.Step); wanted {
			all[i] = slices.Clone(p.Weights)
		}
	})
	return all, err
}

// at are the weights after some steps as they are on record, or those at the start, which follow from the seed.
func (r *Run) at(step int) ([]float64, error) {
	if step == 0 {
		weights := make([]float64, problem.Size(r.Layout()))
		r.Objective(r.Tree).Initialize(weights)
		return weights, nil
	}
	return r.Record.Weights(step, r.Layout())
}

// replay makes the run once more up to a step. What it meets must be what is on record, bit for bit: the losses of the batches, and the weights that are known.
func (r *Run) replay(ctx context.Context, until int, visit func(*record.Sample)) error {
	pool, err := r.with.Plugins(ctx, filepath.Dir(r.Dir), r.Optimizer.Plugins())
	if err != nil {
		return err
	}
	defer pool.Kill()
	with := r.with.With
	with.Pool = pool
	e, err := with.Recorded(ctx, r.file, r.written, r.Called)
	if err != nil {
		return r.cannot(err)
	}
	w := e.Workloads[0]
	of, err := r.variant(w)
	if err != nil {
		return r.cannot(err)
	}
	programs := map[string]string{}
	for _, name := range r.Optimizer.Plugins() {
		process, err := pool.Get(ctx, name, "")
		if err != nil {
			return r.cannot(err)
		}
		programs[name] = hex.EncodeToString(process.Checksum)
	}
	asked := plan.Of(e, func(name string) string { return programs[name] })
	job := asked.Job(w, of, r.Seed)
	if job.Identity != r.Identity {
		part, change := r.Asked().Difference(asked.Asked(w, of, r.Seed))
		return r.cannot(fmt.Errorf("its %s is another now: %s", part, change))
	}
	losses := map[int]float64{}
	err = r.Column("train_loss", func(step int, _ time.Duration, x float64, measured bool) error {
		if measured && step <= until {
			losses[step] = x
		}
		return nil
	})
	if err != nil {
		return err
	}
	met := r.Met()
	numerics := met[len(met)-1].Difference(store.NumericsMet())
	as := train.Replay{Weights: r.Outcome.Weights, Numerics: numerics}
	if r.Status == record.Finished {
		as.Steps = r.Outcome.Steps
	}
	differs := func(step int) error {
		why := "the plugin or the host is not deterministic"
		if numerics != "" {
			why = "it met another " + numerics
		}
		return fmt.Errorf("at step %d the loss is not the one on record: %s", step, why)
	}
	o := execute.Replay(ctx, pool, job, r.with.Execute, as, until, func(p *record.Sample) error {
		x, _ := p.Get(record.TrainLoss).Get()
		if loss, known := losses[p.Step]; known && math.Float64bits(loss) != math.Float64bits(x) {
			return differs(p.Step)
		}
		visit(p)
		r.with.Progress("making the run once more", float64(p.Step)/float64(max(until, 1)))
		return nil
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case o.Err != nil:
		return r.cannot(o.Err)
	case o.Steps < until:
		return r.cannot(fmt.Errorf("it was %s after %d steps", o.Status, o.Steps))
	}
	r.Notes = append(r.Notes, fmt.Sprintf("The weights of %s are not on record: it was made once more up to step %d, with the same bits.", r.Manifest.Run, until))
	return nil
}

// variant is the run's optimizer among those of its experiment, or the trial that another program chose.
func (r *Run) variant(w *config.Workload) (*config.Optimizer, error) {
	for i, o := range w.Optimizers {
		if o.Space == nil && o.Name == r.Optimizer.Name {
			return &w.Optimizers[i], nil
		}
		if o.Space == nil || o.Base != r.Optimizer.Base {
			continue
		}
		values := map[string]any{}
		for _, c := range r.Optimizer.Choices {
			values[c.Key] = c.Value
			if n, is := c.Value.(json.Number); is {
				x, err := n.Float64()
				if err != nil {
					return nil, err
				}
				values[c.Key] = x
			}
		}
		if trial, _, err := w.Propose(o, values, r.Optimizer.Trial); err != nil || trial.Name == r.Optimizer.Name {
			return &trial, err
		}
	}
	return nil, fmt.Errorf("its experiment has no optimizer %q", r.Optimizer.Name)
}

// cannot is the error of a run that cannot be made once more.
func (r *Run) cannot(err error) error {
	return fmt.Errorf("%s has not recorded its weights, and cannot be made once more: %w; choose a step whose weights are on record, or let the runs keep them with [record] weights = \"end\"",
		r.Dir, err)
}
