package sweep

import (
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/schedule"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// values returns the schedulable hyperparameters of the step after k, in the plugin's order and valid until the next call,
// and the learning rate among them; nil without one.
func values(about *v1.DescribeResponse, o config.Optimizer) (all func(k int) []float64, rate func(k int) float64) {
	var schedules []schedule.Schedule
	for _, h := range proto.Schedulable(about) {
		s := o.Schedule(h.Name)
		schedules = append(schedules, s)
		if h.Name == "lr" {
			rate = s.At
		}
	}
	row := make([]float64, len(schedules))
	return func(k int) []float64 {
		for i, s := range schedules {
			row[i] = s.At(k)
		}
		return row
	}, rate
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
