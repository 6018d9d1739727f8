package train

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/transform"
)

func TestClipping(t *testing.T) {
	for name, c := range map[string]struct {
		transform.Transform
		gradient, want []float64
	}{
		"norm above":   {transform.ClipNorm(2.5), []float64{3, -4}, []float64{1.5, -2}},
		"norm below":   {transform.ClipNorm(5.5), []float64{3, -4}, []float64{3, -4}},
		"norm at zero": {transform.ClipNorm(1), []float64{0, 0}, []float64{0, 0}},
		"value":        {transform.ClipValue(0.5), []float64{3, -4, 0.2, -0.5}, []float64{0.5, -0.5, 0.2, -0.5}},
	} {
		g := slices.Clone(c.gradient)
		if c.Transform(g, floats.Norm(g, 2)); !slices.Equal(g, c.want) {
			t.Errorf("%s: %v becomes %v, want %v", name, c.gradient, g, c.want)
		}
	}
}

// TestClippingKeepsNaN: torch's clip_grad_norm_ makes every component NaN if one is, its clip_grad_value_ leaves each as it
// is.
func TestClippingKeepsNaN(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	g := []float64{1, nan}
	if transform.ClipNorm(10)(g, nan); !math.IsNaN(g[0]) || !math.IsNaN(g[1]) {
		t.Errorf("by norm: %v", g)
	}
	g = []float64{1, inf}
	if transform.ClipNorm(10)(g, inf); g[0] != 0 || !math.IsNaN(g[1]) {
		t.Errorf("by an infinite norm: %v", g)
	}
	g = []float64{9, nan, -inf}
	if transform.ClipValue(2)(g, nan); g[0] != 2 || !math.IsNaN(g[1]) || g[2] != -2 {
		t.Errorf("by value: %v", g)
	}
}

// TestTransformAndValues: the optimizer gets the clipped gradient and this step's values; the record has the norm before.
func TestTransformAndValues(t *testing.T) {
	const limit = 1e-3
	r, points := newRun(descend(1), 3)
	r.Transform = transform.ClipNorm(limit)
	rate := []float64{0}
	r.Values = func(k int) []float64 { rate[0] = float64(k) / 10; return rate }
	r.Measurers = []Measurer{lastRate(rate)}
	var seen []float64
	open := r.Open
	r.Open = func(ctx context.Context, oracle optimizer.Oracle) (optimizer.Optimizer, error) {
		o, err := open(ctx, oracle)
		return scheduled{o, &seen}, err
	}
	if o := r.Do(t.Context()); o.Status != record.Finished {
		t.Fatalf("%+v", o)
	}
	for k, p := range (*points)[:3] {
		if used := p.Get(record.LearningRate); used != record.Measured(float64(k)/10) || used != record.Measured(seen[k]) {
			t.Errorf("step %d: learning rate %v recorded, %v used", k, used, seen[k])
		}
		before, norm := number(p.Get(record.GradientNorm)), number(p.Get(record.UpdateNorm))
		if before < 100 || math.Abs(norm-limit) > 1e-15 || Norm(p.Gradient) != before || Norm(p.Update) != norm {
			t.Errorf("step %d: gradient norm %v, update norm %v", k, before, norm)
		}
	}
	if last := (*points)[3]; last.Get(record.LearningRate) != (record.Value{}) || last.Update != nil {
		t.Errorf("the last point has the learning rate %v and the update %v", last.Get(record.LearningRate), last.Update)
	}
}

// lastRate are the values last asked for, of which the first is the learning rate.
type lastRate []float64

func (l lastRate) Measure(p *record.Sample) {
	if p.Update != nil {
		p.Set(record.LearningRate, l[0])
	}
}

// scheduled is an optimizer that keeps the first of its values.
type scheduled struct {
	optimizer.Optimizer
	seen *[]float64
}

func (s scheduled) Step(ctx context.Context, k int, values []float64, loss float64) (time.Duration, error) {
	*s.seen = append(*s.seen, values[0])
	return s.Optimizer.Step(ctx, k, values, loss)
}
