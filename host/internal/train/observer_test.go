package train

import (
	"errors"
	"testing"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/record"
)

// countdown measures 10 less the step, and counts how often.
type countdown struct{ quantity, times int }

func (c *countdown) Measure(p *record.Sample) {
	c.times++
	p.Set(c.quantity, float64(10-p.Step))
}

// witness keeps what it is told.
type witness struct {
	steps, gradients []int
	failures         []bool
	ends             int
	fail             error // of End
	unseen           error // of the third point
}

var _ record.FailureObserver = (*witness)(nil)

func (w *witness) Observe(p *record.Sample) error {
	w.steps, w.gradients = append(w.steps, p.Step), append(w.gradients, p.Gradients)
	if p.Step == 2 {
		return w.unseen
	}
	return nil
}

func (w *witness) End(record.Outcome) error {
	w.ends++
	return w.fail
}

func (w *witness) PluginFailed(_ error, again bool) { w.failures = append(w.failures, again) }

// TestRepeatedSteps: what is made again after the plugin's death is measured and counted again, and observed once.
func TestRepeatedSteps(t *testing.T) {
	died := false
	r, _ := newRun(func(k int, g, u []float64) error {
		if k == 5 && !died {
			died = true
			return &optimizer.Died{}
		}
		return descend(1e-3)(k, g, u)
	}, 10)
	r.Resume = true
	r.Schema = append(r.Schema, record.Quantity{Name: "countdown", Better: record.Less, Column: true, Final: true})
	c, w := &countdown{quantity: len(r.Schema) - 1}, &witness{}
	r.Measurers, r.Observers = []Measurer{c}, []record.Observer{w}
	r.Watch = reaches(func(p *record.Sample) bool { return number(p.Get(c.quantity)) <= 7 })
	o := r.Do(t.Context())
	if o.Status != record.Finished || o.Restarts != 1 || o.StepsToTarget != 3 || o.Final.Of("countdown") != record.Measured(0) {
		t.Errorf("%+v", o)
	}
	// Points 0 to 3 and the gradient of point 4, and from the start again.
	if o.Gradients != 16 || c.times != 4+11 {
		t.Errorf("%d gradients, %d measurements", o.Gradients, c.times)
	}
	for k, step := range w.steps {
		want := k + 1
		if k >= 4 {
			want += 5
		}
		if step != k || w.gradients[k] != want {
			t.Errorf("point %d: step %d with %d gradients, want %d", k, step, w.gradients[k], want)
		}
	}
	if len(w.steps) != 11 || len(w.failures) != 1 || !w.failures[0] || w.ends != 1 {
		t.Errorf("%+v", w)
	}
}

// TestEndOfAnObserver: a run of which the record is not whole has failed, and everybody hears of the end.
func TestEndOfAnObserver(t *testing.T) {
	full := errors.New("the disk is full")
	r, _ := newRun(descend(1e-3), 3)
	first, second := &witness{fail: full}, &witness{}
	r.Observers = []record.Observer{first, second}
	if o := r.Do(t.Context()); o.Status != record.Failed || !errors.Is(o.Err, full) || second.ends != 1 {
		t.Errorf("%+v, %+v", o, second)
	}
}

// TestUnrecordedPoint: what the first observer could not record nobody else sees, and everybody hears of the end.
func TestUnrecordedPoint(t *testing.T) {
	full := errors.New("the disk is full")
	r, _ := newRun(descend(1e-3), 5)
	first, second := &witness{unseen: full}, &witness{}
	r.Observers = []record.Observer{first, second}
	if o := r.Do(t.Context()); o.Status != record.Failed || !errors.Is(o.Err, full) || len(first.steps) != 3 || len(second.steps) != 2 ||
		second.ends != 1 {
		t.Errorf("%+v, %+v, %+v", o, first, second)
	}
}

// TestNothingIsKnownOfAnUnvisitedPoint: of the weights at which a run was interrupted only what is measured over all examples.
func TestNothingIsKnownOfAnUnvisitedPoint(t *testing.T) {
	r, _ := newRun(descend(1e-3), 10)
	r.Schema = append(r.Schema, record.Quantity{Name: "countdown", Column: true, Final: true})
	r.Measurers = []Measurer{&countdown{quantity: len(r.Schema) - 1}}
	broken := errors.New("broken")
	r.Checkpoints, r.EverySteps = failing{broken}, 3
	o := r.Do(t.Context())
	_, known := o.Final.Of("countdown").Get()
	if _, loss := o.Final.Of("train_loss").Get(); !errors.Is(o.Err, broken) || o.Steps != 3 || known || !loss {
		t.Errorf("%+v", o)
	}
}

// failing takes no checkpoint.
type failing struct{ err error }

func (f failing) Save(*Checkpoint) error   { return f.err }
func (failing) Load() (*Checkpoint, error) { return nil, nil }
