package claim

import (
	"fmt"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/quantile"
)

// interquartile is the range of some numbers between their quartiles.
func interquartile(xs []float64) float64 {
	sorted := quantile.Sorted(xs)
	return quantile.Of(sorted, 0.75) - quantile.Of(sorted, 0.25)
}

// spreads judges how the interquartile range over the seeds changes with what was swept.
func (c Claim) spreads(k Case, t table) finding {
	if k.exact() {
		f := found()
		f.why = "nothing depends on the seed: nothing scatters"
		return f
	}
	all := make([]int, len(t.of))
	for j := range all {
		all[j] = j
	}
	for i, x := range t.spread(all).of[0] {
		if math.IsInf(x, 0) {
			f := found()
			f.why = fmt.Sprintf("at %s %v so many runs are infinitely bad that there is no interquartile range", c.Against, t.at[i])
			return f
		}
	}
	name, one := string(c.Trend), []int{0}
	statistic := func(s table) float64 { return s.correlation(one) }
	switch {
	case c.Trend == Slope && c.Scale == Log:
		name = "logarithmic slope"
		statistic = func(s table) float64 {
			if at, of := s.logarithms(); at+of > 0 {
				return math.NaN()
			}
			return s.slope(one)
		}
	case c.Trend == Slope:
		statistic = func(s table) float64 { return s.slope(one) }
	case c.Trend.Monotone():
		name, statistic = "least step", func(s table) float64 { return s.leastStep(one, c.Trend == Decreasing) }
	}
	f := c.bootstrapped(name+" of the interquartile range", len(t.of), c.relation(), func(pick []int) float64 { return statistic(t.spread(pick)) })
	if math.IsNaN(f.value) {
		f.why = "it is not a number"
	}
	return f
}

// spread has in place of the numbers of some seeds their interquartile ranges: infinite where a quartile is, and NaN, which is left out, of no runs alone.
func (t *table) spread(pick []int) table {
	s := table{at: slices.Clone(t.at), of: [][]float64{nil}}
	for i := range t.at {
		var ys []float64
		for _, j := range pick {
			if y := t.of[j][i]; !math.IsNaN(y) {
				ys = append(ys, y)
			}
		}
		x := math.NaN()
		if len(ys) > 0 {
			if x = interquartile(ys); math.IsNaN(x) {
				x = math.Inf(1)
			}
		}
		s.of[0] = append(s.of[0], x)
	}
	return s
}
