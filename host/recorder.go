package main

import (
	"github.com/steepest/steepest/host/internal/execute"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/train"
)

// recorder hands the points of one run to all who want them: the run directory, the display, and the metrics through
// follower.
type recorder struct {
	*store.Recorder
	run   plan.Job
	meter *report.Meter
}

var _ execute.Recorder = (*recorder)(nil)

// Observe writes the record first: the live views may lag behind it, never run ahead of it.
func (r *recorder) Observe(p *record.Sample) error {
	err := r.Recorder.Observe(p)
	r.meter.Point(p)
	return err
}

// Checkpoints is the run directory.
func (r *recorder) Checkpoints() train.Checkpoints { return r.Recorder }

func (r *recorder) End(o record.Outcome) record.Outcome {
	if err := r.Recorder.End(o); err != nil && o.Err == nil {
		o.Status, o.Err = record.Failed, err
	}
	return o
}
