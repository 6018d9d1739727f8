// Package sweep turns an experiment into runs and executes them.
package sweep

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/proto"
)

// Run is one optimizer with one seed.
type Run struct {
	ID        string // unique within the experiment, and the name of its folder
	Optimizer config.Optimizer
	Seed      uint64
	Steps     int
}

// Plan lists the runs of an experiment: all optimizers with the first seed, then all with the second, ...
func Plan(e *config.Experiment, p problem.Problem) []Run {
	steps := e.Budget.Steps
	if e.Budget.Epochs > 0 {
		steps = problem.Steps(p, e.Budget.Epochs)
	}
	var runs []Run
	for _, s := range e.Seeds {
		for _, o := range e.Optimizers {
			runs = append(runs, Run{ID: fmt.Sprintf("%s-seed%d", config.Slug(o.Name), s), Optimizer: o, Seed: s, Steps: steps})
		}
	}
	return runs
}

// Recorder accompanies one run.
type Recorder interface {
	Observe(*train.Point) error
	// Log receives what the plugin prints.
	Log() io.Writer
	// End is called once. It returns the outcome as recorded: a run whose record is damaged has failed.
	End(train.Outcome) train.Outcome
}

// Result is a run with its outcome.
type Result struct {
	Run
	train.Outcome
}

// Execute makes all runs, up to jobs at once. begin is called at the start of each. When the context is cancelled, runs
// in flight end as interrupted; those that had not begun have an empty status.
func Execute(ctx context.Context, e *config.Experiment, p problem.Problem, pool *optimizer.Pool, runs []Run, jobs int,
	begin func(Run, *optimizer.Plugin) (Recorder, error)) []Result {
	results := make([]Result, len(runs))
	var group errgroup.Group
	group.SetLimit(jobs)
	for i, run := range runs {
		results[i] = Result{Run: run, Outcome: blank()}
		if ctx.Err() != nil {
			continue
		}
		group.Go(func() error {
			if ctx.Err() == nil {
				results[i].Outcome = execute(ctx, e, p, pool, run, begin)
			}
			return nil
		})
	}
	_ = group.Wait() // the outcomes carry the errors
	return results
}

// blank is the outcome of a run of which nothing is known.
func blank() train.Outcome {
	return train.Outcome{TrainLoss: math.NaN(), ValidationLoss: math.NaN(), ValidationAccuracy: math.NaN(),
		TestLoss: math.NaN(), TestAccuracy: math.NaN(), StepsToTarget: -1}
}

func execute(ctx context.Context, e *config.Experiment, p problem.Problem, pool *optimizer.Pool, run Run,
	begin func(Run, *optimizer.Plugin) (Recorder, error)) train.Outcome {
	failed := func(err error) train.Outcome {
		o := blank()
		o.Status, o.Err = train.Failed, err
		if ctx.Err() != nil {
			o.Status, o.Err = train.Interrupted, nil
		}
		return o
	}
	plugin, err := pool.Get(ctx, run.Optimizer.Plugin)
	if err != nil {
		return failed(err)
	}
	recorder, err := begin(run, plugin)
	if err != nil {
		return failed(err)
	}
	tree := seed.New(run.Seed)
	instance, err := plugin.Open(ctx, optimizer.Config{
		Instance: run.ID, Hyperparameters: run.Optimizer.Values(), Layout: p.Layout(),
		Seed: tree.Branch("plugin").Uint64(), Log: recorder.Log(),
	})
	if err != nil {
		return recorder.End(failed(err))
	}
	t := train.Run{
		Objective: p.Objective(tree), Optimizer: instance, Size: problem.Size(p.Layout()), LearningRate: math.NaN(),
		Steps: run.Steps, Validation: e.Problem.Validates(), Observe: recorder.Observe,
		Epoch: func(step int) (epoch, index int) { return problem.Epoch(p, step) },
	}
	for _, h := range proto.Schedulable(plugin.Description) {
		value := proto.Number(run.Optimizer.Values()[h.Name])
		t.Values = append(t.Values, value)
		if h.Name == "lr" {
			t.LearningRate = value
		}
	}
	if e.Target != nil {
		t.Reached = func(p train.Point) bool { return e.Target.Reached(metric(e.Target.Metric, p)) }
	}
	outcome := t.Do(ctx)
	// Even an interrupted run says goodbye; a plugin that died needs none.
	farewell, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := instance.Close(farewell); err != nil && outcome.Status == train.Finished {
		outcome.Status, outcome.Err = train.Failed, err
	}
	return recorder.End(outcome)
}

func metric(name string, p train.Point) float64 {
	switch name {
	case "train_loss":
		return p.TrainLoss
	case "validation_loss":
		return p.ValidationLoss
	case "validation_accuracy":
		return p.ValidationAccuracy
	case "gradient_norm":
		return p.GradientNorm
	}
	return math.NaN()
}
