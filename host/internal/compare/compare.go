// Package compare condenses runs of the same optimizer into numbers that can be set side by side.
package compare

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/sweep"
	"github.com/steepest/steepest/host/internal/train"
)

// Spread is a median with the interquartile range over N values. NaN is worse than infinite, so that it cannot improve a
// median.
type Spread struct {
	N                 int
	Low, Median, High float64
}

// Row is one optimizer over its seeds.
type Row struct {
	Optimizer string
	Runs      int // planned
	Finished  int
	Diverged  int
	Failed    int
	Partial   int // interrupted or never begun

	// Over the finished and diverged runs in which they were measured.
	TrainLoss          Spread
	ValidationLoss     Spread
	ValidationAccuracy Spread

	Reached       int    // runs that reached the target
	StepsToTarget Spread // over those

	Time train.StepTime // medians over runs
}

// Rows makes a row for each optimizer, in the order of their first run.
func Rows(results []sweep.Result) []Row {
	var order []string
	groups := map[string][]sweep.Result{}
	for _, r := range results {
		name := r.Optimizer.Name
		if groups[name] == nil {
			order = append(order, name)
		}
		groups[name] = append(groups[name], r)
	}
	var rows []Row
	for _, name := range order {
		rows = append(rows, row(name, groups[name]))
	}
	return rows
}

func row(name string, results []sweep.Result) Row {
	out := Row{Optimizer: name, Runs: len(results)}
	var trainLoss, validationLoss, accuracy, steps []float64
	var times [3][]time.Duration
	for _, r := range results {
		switch r.Status {
		case train.Finished:
			out.Finished++
		case train.Diverged:
			out.Diverged++
		case train.Failed:
			out.Failed++
			continue
		default:
			out.Partial++
			continue
		}
		add := func(values []float64, v record.Value, sign float64) []float64 {
			x, measured := v.Get()
			if !measured {
				return values
			}
			if r.Status == train.Diverged {
				return append(values, math.Inf(1))
			}
			return append(values, sign*x)
		}
		trainLoss, validationLoss = add(trainLoss, r.TrainLoss, 1), add(validationLoss, r.ValidationLoss, 1)
		accuracy = add(accuracy, r.ValidationAccuracy, -1)
		if r.StepsToTarget >= 0 {
			out.Reached++
			steps = append(steps, float64(r.StepsToTarget))
		}
		for i, d := range [3]time.Duration{r.Time.Gradient, r.Time.Optimizer, r.Time.Transport} {
			times[i] = append(times[i], d)
		}
	}
	out.TrainLoss, out.ValidationLoss, out.StepsToTarget = NewSpread(trainLoss), NewSpread(validationLoss), NewSpread(steps)
	a := NewSpread(accuracy) // negated: NaN must be the worst
	out.ValidationAccuracy = Spread{a.N, -a.High, -a.Median, -a.Low}
	out.Time = train.StepTime{Gradient: median(times[0]), Optimizer: median(times[1]), Transport: median(times[2])}
	return out
}

// NewSpread computes the quartiles by linear interpolation of the empirical distribution (Hyndman and Fan 1996, type 7).
func NewSpread(values []float64) Spread {
	if len(values) == 0 {
		return Spread{0, math.NaN(), math.NaN(), math.NaN()}
	}
	sorted := slices.SortedFunc(slices.Values(values), func(a, b float64) int { return -cmp.Compare(-a, -b) }) // NaN at last
	return Spread{len(sorted), quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)}
}

// quantile interpolates; an interpolation towards infinity is infinite, one towards NaN is NaN.
func quantile(sorted []float64, p float64) float64 {
	h := p * float64(len(sorted)-1)
	low, high := sorted[int(math.Floor(h))], sorted[int(math.Ceil(h))]
	if low == high || math.IsInf(high, 1) {
		return high
	}
	return low + (h-math.Floor(h))*(high-low)
}

func median(d []time.Duration) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[len(d)/2]
}
