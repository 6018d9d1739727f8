package store

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/host/internal/transform"
)

// descent is gradient descent in this process.
type descent struct{ vectors optimizer.Vectors }

func (d *descent) Vectors() optimizer.Vectors { return d.vectors }

func (d *descent) Step(_ context.Context, _ int, values []float64, _ float64) (time.Duration, error) {
	for i, g := range d.vectors.Gradient {
		d.vectors.Update[i] = -values[0] * g
	}
	return 0, nil
}

func (*descent) Snapshot(context.Context) (s optimizer.Snapshot, err error) { return s, nil }
func (*descent) Restore(context.Context, optimizer.Snapshot) error          { return nil }
func (*descent) Close(context.Context) error                                { return nil }
func (*descent) Locate(context.Context, optimizer.Elsewhere, int, []float64) error {
	return errors.ErrUnsupported
}

// rate is a learning rate that is recorded.
type rate []float64

// Measure implements train.Measurer.
func (r rate) Measure(p *record.Sample) {
	if p.Update != nil {
		p.Set(record.LearningRate, r[0])
	}
}

// BenchmarkLoop makes and records steps that cost next to nothing themselves.
func BenchmarkLoop(b *testing.B) {
	for name, change := range map[string]transform.Transform{"plain": nil, "clipped": transform.ClipNorm(1e-3)} {
		b.Run(name, func(b *testing.B) {
			r, err := Create(filepath.Join(b.TempDir(), "run"), begunWith("one"), Extra{})
			if err != nil {
				b.Fatal(err)
			}
			values := rate{1e-6}
			rosenbrock, _ := problem.Functions.Find("rosenbrock")
			run := train.Run{
				Objective: rosenbrock.Problem(rosenbrock.Start(2)).Objective(seed.New(1)),
				Open: func(context.Context, optimizer.Oracle) (optimizer.Optimizer, error) {
					return &descent{optimizer.Vectors{Gradient: make([]float64, 2), Weights: make([]float64, 2), Update: make([]float64, 2)}}, nil
				},
				Values: func(int) []float64 { return values }, Transform: change, Steps: b.N, Schema: record.Standard(), Recorded: -1,
				Measurers: []train.Measurer{values}, Observers: []record.Observer{r},
			}
			b.ReportAllocs()
			b.ResetTimer()
			if o := run.Do(b.Context()); o.Status != record.Finished {
				b.Fatal(o)
			}
		})
	}
}
