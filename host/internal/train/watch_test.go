package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/record"
)

// reaches is a watch with a target alone.
type reaches func(*record.Sample) bool

func (r reaches) Judge(p *record.Sample) (bool, record.Status, string) { return r(p), "", "" }
func (reaches) State() []float64                                       { return nil }
func (reaches) Restore([]float64) error                                { return nil }

// kept is where a checkpoint is kept in memory.
type kept struct{ last *Checkpoint }

func (k *kept) Save(c *Checkpoint) error {
	copied := *c
	copied.Weights, copied.Watch = slices.Clone(c.Weights), slices.Clone(c.Watch)
	k.last = &copied
	return nil
}

func (k *kept) Load() (*Checkpoint, error) { return k.last, nil }

// stopped is a run that descends on its way to a plateau, with a loss that goes up and down, and what it is to stop by.
func stopped(stop measure.Stop) (*Run, *[]record.Sample) {
	r, points := newRun(func(k int, g, u []float64) error {
		return descend(1e-3*(1+0.9*math.Sin(float64(k))))(k, g, u)
	}, 200)
	mean, _ := measure.Parse("train_loss mean over last 7")
	r.Watch = measure.NewWatch(r.Schema, &measure.Target{Measure: mean, Value: 3.85}, stop)
	return r, points
}

// rows are the points as a record has them.
func rows(points []record.Sample) (all []string) {
	for _, p := range points {
		all = append(all, fmt.Sprint(p.Step, p.Values, p.Weights))
	}
	return all
}

// TestCutOffAnywhere: a run that was cut off at any point, or whose plugin died there, stops where, and as, it would have stopped.
func TestCutOffAnywhere(t *testing.T) {
	loss, norm := measure.Measure{Quantity: "train_loss"}, measure.Measure{Quantity: "gradient_norm", When: measure.MeanOverLast, N: 4}
	for name, c := range map[string]struct {
		stop   measure.Stop
		status record.Status
	}{
		"never":      {measure.Stop{}, record.Finished},
		"target":     {measure.Stop{Target: true}, record.Finished},
		"plateau":    {measure.Stop{Plateau: &measure.Plateau{Measure: loss, Patience: 9, MinDelta: 0.05}}, record.Stopped},
		"mean":       {measure.Stop{Plateau: &measure.Plateau{Measure: norm, Patience: 2, StartFromStep: 20}}, record.Stopped},
		"divergence": {measure.Stop{Divergence: &measure.Divergence{Measure: norm, Above: 5}}, record.Diverged},
	} {
		r, points := stopped(c.stop)
		whole := r.Do(t.Context())
		if whole.Status != c.status || (whole.Steps < 200) != (c.stop != measure.Stop{}) || len(*points) != whole.Steps+1 || len(whole.Best) != 2 {
			t.Fatalf("%s: %s after %d steps (%s), %d points", name, whole.Status, whole.Steps, whole.Reason, len(*points))
		}
		want := rows(*points)
		for at := range len(want) {
			r, points := stopped(c.stop)
			store := &kept{}
			r.Checkpoints, r.EverySteps = store, 5
			ctx, cancel := context.WithCancel(t.Context())
			r.Observers = append(r.Observers, record.Each(func(p *record.Sample) error {
				if p.Step == at {
					cancel()
				}
				return nil
			}))
			o := r.Do(ctx)
			cancel()
			got := rows(*points)
			if o.Status == record.Interrupted {
				again, more := stopped(c.stop)
				again.Checkpoints, again.EverySteps, again.Recorded = store, 5, at
				if at%2 == 0 { // it was killed before there was a checkpoint
					store.last = nil
				}
				o = again.Do(t.Context())
				got = append(got, rows(*more)...)
			}
			if !slices.Equal(got, want) || o.Status != whole.Status || o.Steps != whole.Steps || o.Reason != whole.Reason ||
				o.StepsToTarget != whole.StepsToTarget || o.ToTarget.Spent != whole.ToTarget.Spent || o.ToTarget.Used > o.Used ||
				o.StepsToTarget > 0 && o.ToTarget.Used <= 0 || fmt.Sprint(o.Best) != fmt.Sprint(whole.Best) {
				t.Errorf("%s, cut off at %d: %s after %d steps (%s), target at %d, best %v; undisturbed %s after %d (%s), target at %d, best %v", name, at,
					o.Status, o.Steps, o.Reason, o.StepsToTarget, o.Best, whole.Status, whole.Steps, whole.Reason, whole.StepsToTarget, whole.Best)
			}
		}
		for at := range whole.Steps {
			r, points := stopped(c.stop)
			died := false
			inner := r.Open
			r.Open = func(ctx context.Context, oracle optimizer.Oracle) (optimizer.Optimizer, error) {
				opened, err := inner(ctx, oracle)
				rule := opened.(*local).rule
				opened.(*local).rule = func(k int, g, u []float64) error {
					if k == at+1 && !died {
						died = true
						return &optimizer.Died{}
					}
					return rule(k, g, u)
				}
				return opened, err
			}
			r.Checkpoints, r.EverySteps, r.Resume = &kept{}, 5, true
			o := r.Do(t.Context())
			if !slices.Equal(rows(*points), want) || o.Restarts != 1 || o.Status != whole.Status || o.StepsToTarget != whole.StepsToTarget ||
				fmt.Sprint(o.Best) != fmt.Sprint(whole.Best) {
				t.Errorf("%s, died at %d: %+v, undisturbed %+v", name, at, o, whole)
			}
		}
	}
}

// TestBest: the best of the recorded points, at the first of those that have it.
func TestBest(t *testing.T) {
	r, points := newRun(descend(1e-3), 10)
	o := r.Do(t.Context())
	least, at := math.Inf(1), 0
	for _, p := range *points {
		if x := number(p.Get(record.GradientNorm)); x < least {
			least, at = x, p.Step
		}
	}
	if b := o.Best.Of("gradient_norm"); number(b.Get()) != least || b.Step != at || len(o.Best) != 2 {
		t.Errorf("%v, want %v at %d", o.Best, least, at)
	}
}
