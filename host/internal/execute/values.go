package execute

import (
	"math"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/schedule"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// values are the schedulable hyperparameters of a run, in the plugin's order, and then those of each group of tensors. Those of whole
// numbers are rounded, as plugins do.
type values struct {
	schedules []schedule.Schedule
	whole     []bool
	row       []float64  // of the step last asked for
	recorded  []recorded // among them
}

// recorded is a hyperparameter and the quantity that it is.
type recorded struct{ value, quantity int }

var _ train.Measurer = (*values)(nil)

func newValues(about *v1.DescribeResponse, o config.Optimizer, schema record.Schema) *values {
	v := &values{}
	add := func(s config.Settings, quantity func(name string) int) {
		for _, h := range proto.Schedulable(about) {
			if at := quantity(h.Name); at >= 0 {
				v.recorded = append(v.recorded, recorded{len(v.schedules), at})
			}
			_, integer := s.Values()[h.Name].Kind.(*v1.Value_Integer)
			v.schedules, v.whole = append(v.schedules, s.Schedule(h.Name)), append(v.whole, integer)
		}
	}
	add(o.Settings, func(name string) int {
		if name == config.LearningRate {
			return record.LearningRate
		}
		return schema.Index(record.Hyperparameter(name).Name)
	})
	for _, g := range o.Groups {
		add(g.Settings, func(name string) int { return schema.Index(record.Hyperparameter(g.Recorded(name)).Name) })
	}
	v.row = make([]float64, len(v.schedules))
	return v
}

// at returns the values of the step after k, which are valid until the next call.
func (v *values) at(k int) []float64 {
	for i, s := range v.schedules {
		if v.row[i] = s.At(k); v.whole[i] {
			v.row[i] = math.Round(v.row[i])
		}
	}
	return v.row
}

// Measure notes the values with which the update was made.
func (v *values) Measure(p *record.Sample) {
	if p.Update == nil {
		return
	}
	for _, r := range v.recorded {
		p.Set(r.quantity, v.row[r.value])
	}
}
