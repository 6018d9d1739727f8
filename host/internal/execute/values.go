package execute

import (
	"math"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/schedule"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// values are the schedulable hyperparameters of a run, in the plugin's order, and then those of each group of tensors; likewise those of
// its other plugins. Those of whole numbers are rounded, as plugins do.
type values struct {
	schedules []schedule.Schedule
	whole     []bool
	row       []float64  // of the step last asked for
	recorded  []recorded // among them
}

// recorded is a hyperparameter and the quantity that it is.
type recorded struct{ value, quantity int }

var _ train.Measurer = (*values)(nil)

func newValues(parts []config.Part, processes []*plugin.Process, schema record.Schema) *values {
	v := &values{}
	for i, p := range parts {
		for _, s := range p.Sets {
			for _, h := range proto.Schedulable(processes[i].Description) {
				for _, group := range s.Names {
					if at := quantity(schema, group, h.Name); at >= 0 {
						v.recorded = append(v.recorded, recorded{len(v.schedules), at})
					}
				}
				_, integer := s.Values()[h.Name].Kind.(*v1.Value_Integer)
				v.schedules, v.whole = append(v.schedules, s.Schedule(h.Name)), append(v.whole, integer)
			}
		}
	}
	v.row = make([]float64, len(v.schedules))
	return v
}

// quantity is which quantity a hyperparameter of a group is, or of the tensors in none; -1 if it is not recorded.
func quantity(schema record.Schema, group, name string) int {
	switch {
	case group != "":
		name = config.Group{Name: group}.Recorded(name)
	case name == config.LearningRate:
		return record.LearningRate
	}
	return schema.Index(record.Hyperparameter(name).Name)
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
