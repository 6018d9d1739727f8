package execute

import (
	"cmp"
	"context"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/train"
)

// Replay makes a run that is on record once more, up to a step, and records nothing. visit is shown every point on the way; its error ends the run. It fails if
// the weights are others than those on record.
func Replay(ctx context.Context, pool *plugin.Pool, j plan.Job, s Settings, as train.Replay, until int, visit func(*record.Sample) error) (outcome record.Outcome) {
	w, e := *j.Workload, *j.Workload.Experiment
	if w.Target == nil && w.Stop == (measure.Stop{}) {
		e.Diagnose = nil // nothing follows from what they measure
	}
	e.Record.Weights = record.Weights{}
	for _, d := range as.Weights {
		e.Record.Weights.Steps = append(e.Record.Weights.Steps, d.Step)
	}
	w.Experiment, j.Workload, j.ID = &e, &w, "replay of "+j.ID
	if j.Until = 0; until < cmp.Or(as.Steps, j.Steps) {
		j.Until = until
	}
	s.Jobs, s.Failures = 1, &Failures{}
	s.Begin = func(plan.Job, []*plugin.Process) (Record, []record.Observer, error) {
		return again{&scratch{row: func(*record.Sample) int { return 0 }}, &as}, []record.Observer{record.Each(visit)}, nil
	}
	s.Again = func(plan.Job, record.Outcome) {}
	s.Ended = func(_ plan.Job, o record.Outcome) { outcome = o }
	Local(ctx, pool, []plan.Job{j}, s)
	if outcome.Status == "" {
		outcome.Status = record.Interrupted
	}
	return outcome
}

// again is the record of a run that is made once more: it has what must come out.
type again struct {
	*scratch
	as *train.Replay
}

func (a again) Replays() *train.Replay { return a.as }
