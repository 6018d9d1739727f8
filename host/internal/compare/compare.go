// Package compare condenses runs of the same optimizer into numbers that can be set side by side.
package compare

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/statistics"
	"github.com/steepest/steepest/host/internal/store"
)

// Spread is a median with the interquartile range over N values. NaN is worse than infinite, so that it cannot improve a
// median.
//
// Runs that failed or did not end are no values. Best is what the median would be if each of them had ended as well as is
// possible, Worst if it had ended infinitely badly: whatever they would have done, the median lies between the two.
type Spread struct {
	N                 int
	Low, Median, High float64
	Best, Worst       float64
}

// Row is one optimizer on a problem over its seeds.
type Row struct {
	Problem   string // its name; empty if the experiment has one without
	Optimizer string
	Runs      int // planned
	Finished  int
	Diverged  int
	Stopped   int // on a plateau
	Pruned    int // by successive halving: in no number
	Failed    int
	Damaged   int // of them: their records cannot be read
	Partial   int // interrupted, paused or never begun

	// Final is over the finished, diverged and stopped runs in which a quantity was measured at the end, by its name. A diverged run is
	// infinitely bad.
	Final map[string]Spread

	// StepsToTarget is over all finished, diverged and stopped runs. A run that reached the target has reached it at that step,
	// even if it diverged later. One that did not is infinite: it diverged or was stopped, or it is censored, since its steps ran
	// out before. A quantile between a run that reached the target and one that did not is infinite.
	StepsToTarget Spread
	Reached       int // of them
	Censored      int // likewise

	// GradientsToTarget is likewise, in evaluations of gradients, those that optimizers asked for among them. N is 0 where they were not counted.
	GradientsToTarget Spread

	Time StepTime
}

// StepTime is how long the parts of a step took, in seconds, over the medians of the ended runs that made one.
type StepTime struct{ Gradient, Optimizer, Transport Spread }

// Rows makes a row for each optimizer on each problem, in the order of their first run, with the quantities that are known at the end.
func Rows(results []store.Run, quantities record.Schema) []Row {
	type key struct{ problem, optimizer string }
	var order []key
	groups := map[key][]*store.Run{}
	for i := range results {
		r := &results[i]
		k := key{r.Problem, r.Optimizer.Name}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], r)
	}
	var rows []Row
	for _, k := range order {
		r := row(groups[k], quantities)
		r.Problem, r.Optimizer = k.problem, k.optimizer
		rows = append(rows, r)
	}
	return rows
}

func row(results []*store.Run, quantities record.Schema) Row {
	out := Row{Runs: len(results), Final: map[string]Spread{}}
	for _, r := range results {
		switch r.Status {
		case record.Finished:
			out.Finished++
		case record.Diverged:
			out.Diverged++
		case record.Stopped:
			out.Stopped++
		case record.Pruned:
			out.Pruned++
		case record.Failed:
			out.Failed++
			if _, is := errors.AsType[*store.Damaged](r.Err); is {
				out.Damaged++
			}
		default:
			out.Partial++
		}
	}
	for _, q := range quantities.Finals() {
		out.Final[q.Name] = spread(values(results, measure.Measure{Quantity: q.Name}, quantities), q.Better)
	}
	out.StepsToTarget, out.Reached, out.Censored = target(results, measure.StepsToTarget)
	out.GradientsToTarget, _, _ = target(results, measure.GradientsToTarget)
	out.Time = StepTime{
		Gradient:  duration(results, func(t record.StepTime) time.Duration { return t.Gradient }),
		Optimizer: duration(results, func(t record.StepTime) time.Duration { return t.Optimizer }),
		Transport: duration(results, func(t record.StepTime) time.Duration { return t.Transport }),
	}
	return out
}

// sample is what becomes a Spread: values, of which less is better, and the best and the worst that each run which is none
// might have been.
type sample struct{ values, best, worst []float64 }

// spread is that of a measure over runs. If more is better, values are negated meanwhile.
func spread(values []measure.Value, better record.Better) Spread {
	sign := 1.0
	if better == record.More {
		sign = -1
	}
	var s sample
	for _, v := range values {
		best, worst := v.Between()
		switch {
		case v.Counts():
			s.values = append(s.values, sign*worst)
		case v.State() == measure.Unknown:
			s.best, s.worst = append(s.best, sign*best), append(s.worst, sign*worst)
		}
	}
	spread := s.spread()
	if sign < 0 {
		spread = Spread{spread.N, -spread.High, -spread.Median, -spread.Low, -spread.Best, -spread.Worst}
	}
	return spread
}

// values are those of a measure that outcomes say enough of.
func values(results []*store.Run, m measure.Measure, quantities record.Schema) (all []measure.Value) {
	for _, r := range results {
		all = append(all, m.Begin(quantities).End(r.Outcome))
	}
	return all
}

func target(results []*store.Run, quantity string) (s Spread, reached, censored int) {
	steps := values(results, measure.Measure{Quantity: quantity}, nil)
	var times []statistics.Time
	for _, v := range steps {
		at, _ := v.Between()
		switch v.State() {
		case measure.Measured:
			reached++
			times = append(times, statistics.Time{At: at, Reached: true})
		case measure.Censored:
			censored++
			times = append(times, statistics.Time{At: at})
		case measure.Infinite:
			times = append(times, statistics.Time{At: math.Inf(1)})
		}
	}
	if s = spread(steps, record.Less); len(times) > 0 {
		s.Median = statistics.MedianTime(times, 0.95).Value // as a comparison has it
	}
	return s, reached, censored
}

func duration(results []*store.Run, of func(record.StepTime) time.Duration) Spread {
	var s sample
	for _, r := range results {
		if r.Status.Ended() && r.Time != (record.StepTime{}) {
			s.values = append(s.values, of(r.Time).Seconds())
		}
	}
	return s.spread()
}

func (s sample) spread() Spread {
	if len(s.values) == 0 {
		return Spread{0, math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()}
	}
	all := quantile.Sorted(s.values)
	return Spread{len(all), quantile.Of(all, 0.25), quantile.Of(all, 0.5), quantile.Of(all, 0.75),
		quantile.Median(slices.Concat(s.values, s.best)), quantile.Median(slices.Concat(s.values, s.worst))}
}
