package diagnose

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// shares are those of values between dividers, by gonum; what is beyond counts to the bins at the ends.
func shares(values []float64, limit float64, bins int) []float64 {
	dividers := floats.Span(make([]float64, bins+1), -limit, limit)
	dividers[0], dividers[bins] = math.Inf(-1), math.Inf(1)
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	counts := stat.Histogram(nil, dividers, sorted, nil)
	floats.Scale(1/float64(len(values)), counts)
	return counts
}

// TestHistogram: all shares are those that gonum counts of the gradients of a batch's examples, of each tensor and with the weights, also where a limit leaves
// some beyond.
func TestHistogram(t *testing.T) {
	const b, step, bins, weightBins = 40, 3, 7, 3
	p := logistic(t, b)
	tree := seed.New(4)
	w := make([]float64, 31)
	o := p.Objective(tree)
	o.Initialize(w)
	g := make([]float64, len(w))
	o.Gradient(step, w, g)
	x, y := batchOf(p, tree, step)
	_, gradients, _ := logisticRows(w, x, y)
	all := gradients.RawMatrix().Data
	for _, limit := range []float64{0, 0.2} {
		s := model.Settings{"bins": bins, "weight_bins": weightBins, "limit": limit, "gradients": "examples", "tensors": true}
		names := histogram.Elements(s, p)
		values, elements := make([]record.Value, 2), make([]record.Value, len(names))
		histogram.Make(s, NewRun(p, tree)).Measure(&record.Sample{Step: step, Weights: w, Gradient: g}, values, elements)
		end := limit
		if limit == 0 {
			end = floats.Norm(all, math.Inf(1))
		}
		weightEnd := floats.Norm(w, math.Inf(1))
		for i, want := range []float64{end, weightEnd} {
			if x, _ := values[i].Get(); math.Abs(x-want) > 1e-14 {
				t.Errorf("limit %v: an end is %v, want %v", limit, x, want)
			}
		}
		var dense mat.Dense
		dense.CloneFrom(gradients.Slice(0, b, 0, 30))
		want := slices.Concat(shares(all, end, bins), shares(dense.RawMatrix().Data, end, bins), shares(mat.Col(nil, 30, gradients), end, bins))
		pairs := mat.NewDense(bins, weightBins, nil)
		for j := range w {
			column := mat.NewVecDense(bins, shares(mat.Col(nil, j, gradients), end, bins))
			var outer mat.Dense
			outer.Outer(1.0/31, column, mat.NewVecDense(weightBins, shares(w[j:j+1], weightEnd, weightBins)))
			pairs.Add(pairs, &outer)
		}
		want = append(want, pairs.RawMatrix().Data...)
		if len(want) != len(names) {
			t.Fatalf("%d elements, want %d", len(names), len(want))
		}
		for i, x := range want {
			if got, is := elements[i].Get(); !is || math.Abs(got-x) > 1e-12 {
				t.Errorf("limit %v: %s is %v, %t, want %v", limit, names[i].Name, got, is, x)
			}
		}
	}
}

// TestHistogramWithoutExamples: it is that of the gradient, and of one that is not a number there is none.
func TestHistogramWithoutExamples(t *testing.T) {
	p := quadratic(t, mat.NewDense(2, 2, []float64{1, 0, 0, 1}))
	for _, limit := range []float64{0, 1} {
		s := model.Settings{"bins": 4, "limit": limit, "gradients": "examples"}
		for _, c := range []struct {
			gradient []float64
			want     []record.Value
		}{
			{[]float64{-0.3, 1}, []record.Value{record.Measured(0), record.Measured(0.5), record.Measured(0), record.Measured(0.5)}},
			{[]float64{math.NaN(), 1}, make([]record.Value, 4)},
		} {
			values, elements := make([]record.Value, 2), make([]record.Value, 4)
			histogram.Make(s, NewRun(p, seed.New(1))).Measure(&record.Sample{Weights: []float64{1, 1}, Gradient: c.gradient}, values, elements)
			if !slices.Equal(elements, c.want) {
				t.Errorf("of %v: %v, want %v", c.gradient, elements, c.want)
			}
		}
	}
	if message, _ := histogram.Refuses(model.Settings{"bins": mostBins + 1}, p); message == "" {
		t.Errorf("there can be more than %d bins", mostBins)
	}
	if message, _ := density.Refuses(model.Settings{"bins": mostBins + 1}, p); message == "" {
		t.Errorf("a density can have more than %d bins", mostBins)
	}
}
