package diagnose

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// few is logistic regression on 7 examples, in batches, with a start at which their gradients differ.
func few(t *testing.T, batch int) (p *problem.Supervised, w []float64) {
	t.Helper()
	p = logistic(t, batch)
	p.Splitting = dataset.Splitting{Subset: dataset.Portion{Count: 7}}
	w = make([]float64, 31)
	p.Objective(seed.New(3)).Initialize(w)
	return p, w
}

// TestBatchesOfAll enumerates each batch of 3 of 7 examples that there can be, with replacement and without: the mean squared distance of their gradients, which
// are (p − y) x, from the mean of all is the expected variance, and that of the batches that are drawn comes near to it.
func TestBatchesOfAll(t *testing.T) {
	const b, samples = 3, 4000
	p, w := few(t, b)
	all := *p
	all.Batching = dataset.Batching{}
	x, y := batchOf(&all, seed.New(3), 0)
	_, gradients, _ := logisticRows(w, x, y)
	mean := func(rows ...int) []float64 {
		g := make([]float64, len(w))
		for _, i := range rows {
			floats.AddScaled(g, 1/float64(len(rows)), gradients.RawRowView(i))
		}
		return g
	}
	g := mean(0, 1, 2, 3, 4, 5, 6)
	for _, c := range []struct {
		replacement string
		run         bool // draws with replacement
		counts      func(i, j, k int) bool
	}{
		{"with", false, func(i, j, k int) bool { return true }},
		{"run", true, func(i, j, k int) bool { return true }},
		{"without", true, func(i, j, k int) bool { return i < j && j < k }},
		{"run", false, func(i, j, k int) bool { return i < j && j < k }},
	} {
		variance, count := 0.0, 0.0
		for n := range 7 * 7 * 7 {
			if i, j, k := n/49, n/7%7, n%7; c.counts(i, j, k) {
				variance += math.Pow(floats.Distance(mean(i, j, k), g, 2), 2)
				count++
			}
		}
		variance /= count
		p.Batching.Replace = c.run
		got := measured(t, &batches, model.Settings{"samples": samples, "replacement": c.replacement}, p, 0, w, nil, 0)
		near(t, got, 1e-12, map[string]float64{"expected_batch_variance": variance, "batch_variance_ratio": got["batch_variance"] / variance})
		if ratio := got["batch_variance_ratio"]; !(math.Abs(ratio-1) < 0.05) {
			t.Errorf("%+v: the variance is %v of what it must be", c, ratio)
		}
		if bias := got["batch_bias"]; !(bias > 0.1 && bias < 2.5) {
			t.Errorf("%+v: the bias is %v standard errors", c, bias)
		}
		if bias, is := got["epoch_bias"]; is == c.run || bias > 1e-14 {
			t.Errorf("%+v: the bias of an epoch, whose last batch has one example, is %v, %t", c, bias, is)
		}
	}
}

// TestBatchesBias: the squared bias in standard errors is 1 on average over steps, each of which draws batches of its own.
func TestBatchesBias(t *testing.T) {
	const steps = 400
	p, w := few(t, 2)
	d := batches.Make(model.Settings{"samples": 30}, NewRun(p, seed.New(3)))
	sum, values, last := 0.0, make([]record.Value, 5), -1.0
	for step := range steps {
		if d.Measure(&record.Sample{Step: step * 4, Weights: w}, values, nil); values[3] == record.Measured(last) {
			t.Fatalf("step %d has the batches of the step before", step)
		}
		last, _ = values[3].Get()
		sum += last * last
	}
	if mean := sum / steps; !(math.Abs(mean-1) < 0.1) {
		t.Errorf("the mean squared bias is %v, want 1", mean)
	}
}

// TestBatchesOfOneKind: the full batch has no scatter, and no bias to measure in it; an epoch that leaves examples out has no bias either.
func TestBatchesOfOneKind(t *testing.T) {
	s := model.Settings{"samples": 5, "replacement": "run"}
	p, w := few(t, 7)
	got := measured(t, &batches, s, p, 0, w, nil, 0)
	near(t, got, 0, map[string]float64{"expected_batch_variance": 0})
	if got["batch_variance"] > 1e-28 || got["epoch_bias"] > 1e-14 || len(got) != 3 {
		t.Errorf("of the full batch: %v", got)
	}
	p.Batching = dataset.Batching{Sizes: []int{9}, Replace: true} // more than there are, which without replacement are all
	if got = measured(t, &batches, model.Settings{"samples": 5, "replacement": "without"}, p, 0, w, nil, 0); got["batch_variance"] > 1e-28 || len(got) != 2 {
		t.Errorf("of more than there are: %v", got)
	}
	p.Batching = dataset.Batching{Sizes: []int{3}, DropLast: true}
	if got = measured(t, &batches, s, p, 0, w, nil, 0); len(got) != 4 {
		t.Errorf("of an epoch with two batches of three of seven: %v", got)
	}
}

// TestBatchesOfABiasedEpoch: an order that lists one example twice and another never is found out, by as much as they differ.
func TestBatchesOfABiasedEpoch(t *testing.T) {
	p, w := few(t, 3)
	rows, _, _ := p.Rows(seed.New(3))
	file := filepath.Join(t.TempDir(), "order.csv")
	text := fmt.Sprintf("%d,%d,%d\n%d,%d,%d\n%d\n", rows[0], rows[1], rows[2], rows[0], rows[3], rows[4], rows[5]) // and not rows[6]
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	order, _, err := dataset.ReadOrder(file)
	if err != nil {
		t.Fatal(err)
	}
	all := *p
	all.Batching = dataset.Batching{}
	x, y := batchOf(&all, seed.New(3), 0)
	_, gradients, _ := logisticRows(w, x, y)
	mean := make([]float64, len(w))
	for i := range 7 {
		floats.AddScaled(mean, 1.0/7, gradients.RawRowView(i))
	}
	want := floats.Distance(gradients.RawRowView(0), gradients.RawRowView(6), 2) / 7 / floats.Norm(mean, 2)
	p.Batching.Order, p.Batching.Reshuffle = order, false
	near(t, measured(t, &batches, model.Settings{"samples": 5}, p, 0, w, nil, 0), 1e-12, map[string]float64{"epoch_bias": want})
	p.Batching.Reshuffle = true
	p.Batching.Sizes[0] = 2 // an epoch has four batches, and the order three
	if got := measured(t, &batches, model.Settings{"samples": 5}, p, 0, w, nil, 0); len(got) != 4 {
		t.Errorf("of an order that ends in an epoch: %v", got)
	}
}

func TestBatchesRefuse(t *testing.T) {
	p, _ := few(t, 2)
	for name, p := range map[string]problem.Problem{"no data": problem.ConditionedQuadratic([]float64{1, 2}, 3, 1), "noise": problem.WithNoise(p, 0.1)} {
		if message, remedy := batches.Refuses(nil, p); message == "" || remedy == "" {
			t.Errorf("%s is not refused", name)
		}
	}
	if message, _ := batches.Refuses(nil, p); message != "" {
		t.Error(message)
	}
}

// TestBatchesEnd: a measurement that would take years ends with its context.
func TestBatchesEnd(t *testing.T) {
	p, w := few(t, 2)
	run := NewRun(p, seed.New(3))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	run.ctx = ctx
	batches.Make(model.Settings{"samples": math.MaxInt}, run).Measure(&record.Sample{Weights: w}, make([]record.Value, 5), nil)
}
