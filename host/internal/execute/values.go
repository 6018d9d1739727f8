package execute

import (
	"math"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/schedule"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// values returns the schedulable hyperparameters of the step after k, in the plugin's order, and for the record the learning
// rate among them, nil without one, and those of o.Scheduled. A slice is valid until the next call.
func values(about *v1.DescribeResponse, o config.Optimizer) (all func(k int) []float64, rate func(k int) float64,
	scheduled func(k int) []float64) {
	var names []string
	for _, h := range proto.Schedulable(about) {
		names = append(names, h.Name)
		if h.Name == config.LearningRate {
			rate = o.Schedule(h.Name).At
		}
	}
	return at(o, names), rate, at(o, o.Scheduled())
}

// at returns the values of some hyperparameters at the step after k. Those of whole numbers are rounded, as plugins do.
func at(o config.Optimizer, names []string) func(k int) []float64 {
	var schedules []schedule.Schedule
	var whole []bool
	for _, name := range names {
		_, integer := o.Values()[name].Kind.(*v1.Value_Integer)
		schedules, whole = append(schedules, o.Schedule(name)), append(whole, integer)
	}
	row := make([]float64, len(schedules))
	return func(k int) []float64 {
		for i, s := range schedules {
			if row[i] = s.At(k); whole[i] {
				row[i] = math.Round(row[i])
			}
		}
		return row
	}
}

// transform is nil if the gradient stays as it is.
func transform(g config.Gradient) train.Transform {
	switch {
	case g.ClipNorm > 0:
		return train.ClipNorm(g.ClipNorm)
	case g.ClipValue > 0:
		return train.ClipValue(g.ClipValue)
	}
	return nil
}
