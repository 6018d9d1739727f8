package picture

import (
	"fmt"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// Course is how far a run is.
type Course struct {
	Rows []store.Sampled // some of those that it has on record, in their order
	// Status is how it ended; empty if it did not.
	Status record.Status
}

// Way are the courses of the runs of a variant.
type Way struct {
	*config.Optimizer
	Runs []Course
}

const (
	glancePoints = 120 // of a line that is looked at in passing
	glanceLines  = 12  // that can be told apart there
)

// SoFar are curves of a quantity, of which less is better, of runs that may go on: at each step the median over the runs of a variant that got there. One
// that diverged is infinitely bad from there on; one that failed or was pruned is in it as far as it went. Of too many variants it shows the
// best of each optimizer. There are none before anything is recorded.
func SoFar(title string, q record.Quantity, ways []Way) (figure.Curves, bool) {
	c := figure.Curves{Title: title, X: figure.Axis{Label: axisLabels["step"]}}
	var optimizers []*config.Optimizer
	for _, w := range ways {
		optimizers = append(optimizers, w.Optimizer)
	}
	looks := looksOf(optimizers)
	behind, seeds := false, 0
	var places []int // of the lines, among the ways
	for i, w := range ways {
		line, left := w.line(looks[w.Name])
		if len(line.X) == 0 {
			continue
		}
		places = append(places, i)
		c.Lines, behind, seeds = append(c.Lines, line), behind || left, max(seeds, line.Runs)
	}
	if len(c.Lines) > glanceLines {
		c.Notes = append(c.Notes, fmt.Sprintf("Of %d variants the one of each optimizer that is lowest now.", len(c.Lines)))
		c.Lines = lowest(c.Lines, func(i int) string { return Base(ways[places[i]].Optimizer) })
	}
	var all [][]float64
	for _, l := range c.Lines {
		all = append(all, l.Median, l.Low, l.High)
	}
	if seeds > 1 {
		c.Band = fmt.Sprintf("quartiles over up to %d seeds", seeds)
	}
	note := "Of each run a part of its points"
	if behind {
		note += "; at each step, of the runs that got there"
	}
	c.Notes = append(c.Notes, note+".")
	c.Y = axis(q, measure.Measure{Quantity: q.Name}, all...)
	return c, len(c.Lines) > 0
}

// line is the curve of the runs, and whether some did not get to its end.
func (w Way) line(look figure.Look) (line figure.Curve, behind bool) {
	line = figure.Curve{Series: figure.Series{Name: w.Name, Look: look}}
	end := 0
	for _, r := range w.Runs {
		if n := len(r.Rows); n > 0 {
			line.Runs++
			end = max(end, r.Rows[n-1].Step)
		}
	}
	if line.Runs == 0 {
		return line, false
	}
	for i := range glancePoints + 1 {
		step := int(math.Round(float64(end) * float64(i) / glancePoints))
		if n := len(line.X); n > 0 && line.X[n-1] == float64(step) {
			continue
		}
		var values []float64
		for _, r := range w.Runs {
			if x, there := r.at(step); there {
				values = append(values, x)
			}
		}
		if len(values) == 0 {
			continue
		}
		behind = behind || len(values) < line.Runs
		sorted := quantile.Sorted(values)
		line.X, line.Median = append(line.X, float64(step)), append(line.Median, quantile.Of(sorted, 0.5))
		if line.Runs > 1 {
			line.Low, line.High = append(line.Low, quantile.Of(sorted, 0.25)), append(line.High, quantile.Of(sorted, 0.75))
		}
	}
	return line, behind
}

// at is the last value up to a step that the run got to.
func (r Course) at(step int) (x float64, there bool) {
	n := len(r.Rows)
	if n == 0 || step > r.Rows[n-1].Step {
		return math.Inf(1), n > 0 && r.Status == record.Diverged
	}
	i, found := slices.BinarySearchFunc(r.Rows, step, func(s store.Sampled, step int) int { return s.Step - step })
	if !found {
		i--
	}
	for ; i >= 0; i-- {
		if x, measured := r.Rows[i].Value.Get(); measured {
			if math.IsNaN(x) {
				x = math.Inf(1)
			}
			return x, true
		}
	}
	return 0, false
}

// lowest are, of the lines of each name, that with the least last median, in the full colour; at most as many as can be told apart.
func lowest(lines []figure.Curve, name func(i int) string) (best []figure.Curve) {
	at := map[string]int{}
	for i, l := range lines {
		l.Look.Tone = 0
		k, seen := at[name(i)]
		switch {
		case !seen && len(best) < glanceLines:
			at[name(i)], best = len(best), append(best, l)
		case seen && l.Median[len(l.Median)-1] < best[k].Median[len(best[k].Median)-1]:
			best[k] = l
		}
	}
	return best
}
