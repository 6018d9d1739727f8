package execute

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/train"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Cost is what a run costs here, by a probe of a few steps of it.
type Cost struct {
	Step time.Duration // median
	Rest time.Duration // of the run: begin, evaluation, end
	Row  int           // bytes of a point on record, on average
}

// probeSteps is how many steps a probe makes at most: enough for a median, few enough for a large model.
const probeSteps = 20

// Probe makes a few steps of one run of each optimizer on each problem, one after another, and records nothing. row returns how many bytes
// a point has on record. The costs are by the problem and the name of the [[optimizer]]; of one whose run fails there is none, and the
// error says why.
func Probe(ctx context.Context, pool *plugin.Pool, jobs []plan.Job, plane optimizer.Plane, share func(int),
	row func(plan.Job, *record.Sample) int) (costs map[[2]string]Cost, err error) {
	var probes []plan.Job
	bytes := map[string]*scratch{}
	for _, j := range jobs {
		key := j.Problem + "\x00" + j.Optimizer.Base
		if bytes[key] != nil {
			continue
		}
		j.ID, j.Steps = "probe of "+j.ID, min(j.Steps, probeSteps)
		bytes[key] = &scratch{row: func(p *record.Sample) int { return row(j, p) }}
		probes = append(probes, j)
	}
	costs = map[[2]string]Cost{}
	var mu sync.Mutex
	Local(ctx, pool, probes, Settings{Jobs: 1, Plane: plane, Share: share, Failures: &Failures{},
		Begin: func(j plan.Job, _ []*plugin.Process) (Record, []record.Observer, error) {
			return bytes[j.Problem+"\x00"+j.Optimizer.Base], nil, nil
		},
		Ended: func(j plan.Job, o record.Outcome) {
			mu.Lock()
			defer mu.Unlock()
			if err = errors.Join(err, o.Err); o.Err != nil {
				return
			}
			s := bytes[j.Problem+"\x00"+j.Optimizer.Base]
			step := o.Time.Gradient + o.Time.Optimizer + o.Time.Transport
			costs[[2]string{j.Problem, j.Optimizer.Base}] = Cost{step, max(o.Wall-time.Duration(o.Steps)*step, 0), s.bytes / max(s.points, 1)}
		}})
	return costs, err
}

// scratch is a record that keeps nothing but its size.
type scratch struct {
	row           func(*record.Sample) int
	points, bytes int
}

var _ Record = (*scratch)(nil)

func (s *scratch) Observe(p *record.Sample) error {
	s.points++
	s.bytes += s.row(p)
	return nil
}

func (*scratch) Keep(int, []*v1.Tensor, []float64) error { return nil }
func (*scratch) End(record.Outcome) error                { return nil }
func (*scratch) Save(*train.Checkpoint) error            { return nil }
func (*scratch) Load() (*train.Checkpoint, error)        { return nil, nil }
func (*scratch) Log() io.Writer                          { return io.Discard }
func (*scratch) Replays() *train.Replay                  { return nil }
func (*scratch) Recorded() (int, time.Duration)          { return -1, 0 }
