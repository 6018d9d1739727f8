// Package execute makes the runs of an experiment.
package execute

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
	"github.com/steepest/steepest/host/internal/train"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Record is where a run is recorded, the first of its observers.
type Record interface {
	record.Observer
	train.Checkpoints
	// Keep writes weights that are asked for.
	Keep(step int, layout []*v1.Tensor, weights []float64) error
	// Log receives what the plugin prints.
	Log() io.Writer
	// Replays is the run on record that this one is made again for; nil if it is not.
	Replays() *train.Replay
	// Recorded is the last point that was recorded before this program began, -1 if none was, and how long the run had
	// taken until then.
	Recorded() (step int, wall time.Duration)
}

// Settings are how runs are executed, as opposed to what they compute.
type Settings struct {
	Jobs  int             // how many go on at once
	Plane optimizer.Plane // how vectors travel to the plugins
	// Begin is called at the start of each run, and says where it is recorded and who observes it besides. By ErrElsewhere the run is
	// left to others, and does not end here.
	// The processes are those of the run's plugins, its optimizer's first.
	Begin func(plan.Job, []*plugin.Process) (Record, []record.Observer, error)
	// Ended is called at the end of each run, also of one that could not begin.
	Ended func(plan.Job, record.Outcome)
	// Failures is what is done about runs that fail.
	Failures *Failures
	// Again is called when a run that failed is tried again.
	Again func(plan.Job, record.Outcome)
	// Share is told how many runs are in flight from now on, which have the cores.
	Share func(inFlight int)
}

// ErrElsewhere is the error of Begin of a run that another program makes, or has made.
var ErrElsewhere = errors.New("another program makes the run")

// Local makes all runs here. When the context is cancelled, or as many runs failed as may, runs in flight end as interrupted, and no
// other begins.
func Local(ctx context.Context, pool *plugin.Pool, runs []plan.Job, s Settings) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var group errgroup.Group
	group.SetLimit(s.Jobs)
	var left atomic.Int64
	left.Store(int64(len(runs)))
	s.Share(min(s.Jobs, len(runs)))
	for _, run := range runs {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error {
			if ctx.Err() == nil {
				outcome := persist(ctx, pool, run, s)
				s.Share(min(s.Jobs, int(left.Add(-1))))
				if errors.Is(outcome.Err, ErrElsewhere) {
					return nil
				}
				s.Ended(run, outcome)
				if outcome.Status == record.Failed && s.Failures.add() {
					stop()
				}
			}
			return nil
		})
	}
	_ = group.Wait() // the outcomes carry the errors
}

// Failures counts the runs of an experiment that failed, and knows what is done about that.
type Failures struct {
	config.Failures
	count atomic.Int64
}

// add notes one more, and tells whether it is one too many.
func (f *Failures) add() bool {
	f.count.Add(1)
	return f.TooMany() > 0
}

// TooMany is how many failed, if as many did as may: then no run goes on. Else it is 0.
func (f *Failures) TooMany() int {
	if n := int(f.count.Load()); f.Most > 0 && n >= f.Most {
		return n
	}
	return 0
}

// persist makes a run, again if its plugin died and that is wanted.
func persist(ctx context.Context, pool *plugin.Pool, run plan.Job, s Settings) record.Outcome {
	for try := 0; ; try++ {
		outcome := execute(ctx, pool, run, s)
		if try == s.Failures.Retries || ctx.Err() != nil || outcome.Status != record.Failed || !plugin.Lost(outcome.Err) {
			return outcome
		}
		s.Again(run, outcome)
	}
}

func execute(ctx context.Context, pool *plugin.Pool, run plan.Job, s Settings) record.Outcome {
	w, p := run.Workload, run.Workload.Built
	failed := func(err error) record.Outcome {
		if ctx.Err() != nil {
			return record.Outcome{Status: record.Interrupted, StepsToTarget: -1}
		}
		return record.Outcome{Status: record.Failed, Err: err, StepsToTarget: -1}
	}
	tree, parts := seed.New(run.Seed), run.Optimizer.Parts(p.Layout())
	var processes []*plugin.Process
	for _, part := range parts {
		process, err := pool.Start(ctx, part.Plugin)
		if err != nil {
			return failed(err)
		}
		processes = append(processes, process)
		defer func() { pool.Release(part.Plugin, run.ID) }()
	}
	files, others, err := s.Begin(run, processes)
	if err != nil {
		return failed(err)
	}
	schema := w.Schema(*run.Optimizer)
	hyperparameters := newValues(parts, processes, schema)
	t := train.Run{
		Objective: p.Objective(tree), Fresh: func() problem.Objective { return problem.Fresh(p, tree) },
		Open: opener(pool, run, parts, processes, files.Log(), s.Plane), Values: hyperparameters.at, Steps: run.Steps, Until: run.Until, Validation: w.Problem.Validates(),
		Schema: schema, Measurers: []train.Measurer{hyperparameters}, Observers: append([]record.Observer{files}, others...),
		Epoch:    func(step int) (epoch, index int) { return problem.Epoch(p, step) },
		Validate: w.Record.Validation, Rows: w.Record.Points,
		EverySteps: w.Checkpoint.Steps, EveryTime: w.Checkpoint.Interval,
		Resume: run.Optimizer.OnFailure == config.ResumeOnFailure,
	}
	for _, d := range diagnose.Begin(w.Diagnose, diagnose.NewRun(p, tree), schema, w.Record.Points) {
		t.Diagnostics = append(t.Diagnostics, d)
	}
	if w.Problem.HasEpochs() {
		t.Examples = func(steps int) int { return problem.ExampleGradients(p, steps) }
	}
	replay := files.Replays()
	switch {
	case run.Steps == config.MaxSteps && replay != nil: // it has no limit but the step with which it finished
		t.Steps = cmp.Or(replay.Steps, t.Steps)
	case run.Steps == config.MaxSteps:
		t.Limit = w.Budget.Time
	}
	t.Costs = w.Budget.Costs()
	t.NoGradient = !slices.ContainsFunc(processes, func(p *plugin.Process) bool { return !p.Description.Capabilities.NoGradient })
	t.Keeping = train.Keeping{Weights: w.Record.Weights,
		Write: func(step int, weights []float64) error { return files.Keep(step, p.Layout(), weights) }}
	if replay != nil {
		t.Keeping.Replay, t.Keeping.Numerics = replay.Weights, replay.Numerics
	}
	t.Recorded, t.Wall = files.Recorded()
	if !slices.ContainsFunc(processes, func(p *plugin.Process) bool { return !p.Description.Capabilities.Snapshot }) {
		t.Checkpoints = files
	}
	t.Elsewhere = train.Elsewhere{
		Result: slices.ContainsFunc(processes, func(p *plugin.Process) bool { return p.Description.Capabilities.EvaluationWeights }),
		Start:  run.Optimizer.Initialization == config.PluginInitialization, EndsSoon: w.Stop != (measure.Stop{})}
	t.Transform = run.Optimizer.Gradient.Transform()
	if w.Target != nil || w.Stop != (measure.Stop{}) {
		t.Watch = measure.NewWatch(schema, w.Target, w.Stop)
	}
	return t.Do(ctx)
}

// opener opens the optimizer of a run, again after one of its plugins died.
func opener(pool *plugin.Pool, run plan.Job, parts []config.Part, processes []*plugin.Process, log io.Writer,
	plane optimizer.Plane) func(context.Context, optimizer.Oracle) (optimizer.Optimizer, error) {
	layout, steps := run.Workload.Built.Layout(), run.Steps
	asks := slices.ContainsFunc(processes, func(p *plugin.Process) bool { return p.Description.Capabilities.Asks })
	if steps == config.MaxSteps || asks && run.Workload.Budget.Costs() != (record.Spent{}) { // its budget is a time, or what is asked counts in it
		steps = 0
	}
	// After the first death the run goes on in processes of its own: there nobody else's fault can end it, nor its fault
	// others.
	own := ""
	return func(ctx context.Context, oracle optimizer.Oracle) (optimizer.Optimizer, error) {
		which := own
		own = run.ID
		var all []optimizer.Part
		for i, part := range parts {
			again, err := pool.Get(ctx, part.Plugin, which)
			if err != nil {
				return nil, err
			}
			if !bytes.Equal(again.Checksum, processes[i].Checksum) {
				return nil, fmt.Errorf("plugin %q: the program %s changed while the run was going on", part.Plugin, again.Binary.Path)
			}
			chance := seed.New(run.Seed).Branch("plugin")
			if i > 0 {
				chance = chance.Branch(part.Plugin)
			}
			all = append(all, optimizer.Part{Plugin: &again.Plugin, Tensors: part.Tensors, Config: optimizer.Config{
				Instance: run.ID, Hyperparameters: part.Sets[0].Values(), Layout: part.Layout(layout), Groups: part.Members(),
				Seed: chance.Uint64(), Steps: steps, Log: log, Plane: plane, Timeout: run.Optimizer.StepTimeout,
				Oracle: oracle, MaxAsks: run.Optimizer.MaxAsks,
			}})
		}
		return optimizer.Compose(ctx, layout, all)
	}
}
