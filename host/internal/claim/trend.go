package claim

import (
	"fmt"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/statistics"
)

// trends judges how a measure changes with what was swept, for each way in which what is not known may bend it.
func (c Claim) trends(k Case) (all []finding) {
	all = append(all, c.trend(k, func(int) end { return worst }))
	if k.unsure(c.Measure) == "" {
		return all
	}
	half := len(k.Levels) / 2
	for _, at := range []func(level int) end{
		func(int) end { return best },
		func(level int) end { return ends[level < half] },
		func(level int) end { return ends[level >= half] },
	} {
		all = append(all, c.trend(k, at))
	}
	return all
}

var ends = map[bool]end{false: best, true: worst}

// table has the numbers of each seed, by what was swept; NaN where a run was pruned.
type table struct {
	at []float64
	of [][]float64 // by seed
}

func (c Claim) trend(k Case, at func(level int) end) finding {
	var every []Sample
	for _, l := range k.Levels {
		every = append(every, l.Samples...)
	}
	rows, t := seeds(every), table{}
	t.of = make([][]float64, len(rows))
	infinite := 0
	for i, l := range k.Levels {
		t.at = append(t.at, l.At)
		for j, seed := range rows {
			x := math.NaN()
			for _, s := range l.Samples {
				if s.Seed == seed && s.Value.State() != measure.LeftOut {
					if x = k.number(s, at(i)); math.IsInf(x, 0) {
						infinite++
					}
				}
			}
			t.of[j] = append(t.of[j], x)
		}
	}
	if n := len(t.at) - t.missing(); n < 2 {
		f := found()
		f.why = fmt.Sprintf("there are runs at %s of %s; a trend takes two", counted(n, "value"), c.Against)
		return f
	}
	if c.Over == measure.IQR {
		return c.spreads(k, t)
	}
	name, statistic := string(c.Trend), t.correlation
	switch c.Trend {
	case Slope:
		if c.Scale == Log {
			name = "logarithmic slope"
			if at, of := t.logarithms(); at > 0 {
				f := found()
				f.why = fmt.Sprintf("%d of %s of %s are not above 0, and have no logarithm", at, counted(len(t.at), "value"), c.Against)
				return f
			} else if of > 0 && infinite == 0 {
				f := found()
				f.why = fmt.Sprintf("%s are not above 0, and have no logarithm", counted(of, "number"))
				return f
			}
		}
		if infinite > 0 {
			f := found()
			f.why = fmt.Sprintf(`%s are infinitely bad, through which goes no line; trend = "correlation" knows their ranks`, counted(infinite, "run"))
			return f
		}
		statistic = t.slope
	case Increasing, Decreasing:
		name, statistic = "least step", func(pick []int) float64 { return t.leastStep(pick, c.Trend == Decreasing) }
	}
	r := c.relation()
	if k.exact() {
		return r.exactly(statistic([]int{0}), name, sameForAll)
	}
	f := c.bootstrapped(name, len(rows), r, statistic)
	if math.IsNaN(f.value) {
		f.why = "the runs are all alike: it is not a number"
	}
	return f
}

// missing is at how many values of what was swept there is no run.
func (t *table) missing() (n int) {
	for i := range t.at {
		if !slices.ContainsFunc(t.of, func(row []float64) bool { return !math.IsNaN(row[i]) }) {
			n++
		}
	}
	return n
}

// logarithms takes those of all numbers, and tells how many have none: of what was swept, and of the runs.
func (t *table) logarithms() (at, of int) {
	for i, x := range t.at {
		if t.at[i] = math.Log(x); !(x > 0) {
			at++
		}
	}
	for _, row := range t.of {
		for i, y := range row {
			if row[i] = math.Log(y); !math.IsNaN(y) && !(y > 0) {
				of++
			}
		}
	}
	return at, of
}

// points are those of some seeds.
func (t *table) points(pick []int) (x, y []float64) {
	for _, j := range pick {
		for i, v := range t.of[j] {
			if !math.IsNaN(v) {
				x, y = append(x, t.at[i]), append(y, v)
			}
		}
	}
	return x, y
}

// slope is that of the straight line of least squares.
func (t *table) slope(pick []int) float64 {
	x, y := t.points(pick)
	return statistics.Slope(x, y)
}

// correlation is Spearman's.
func (t *table) correlation(pick []int) float64 {
	x, y := t.points(pick)
	return statistics.Spearman(x, y)
}

// leastStep is the least difference from the median at one value of what was swept to that at the next, downwards if that is claimed.
// Between two that are infinite there is none.
func (t *table) leastStep(pick []int, down bool) float64 {
	var medians []float64
	for i := range t.at {
		var ys []float64
		for _, j := range pick {
			if y := t.of[j][i]; !math.IsNaN(y) {
				ys = append(ys, y)
			}
		}
		if len(ys) > 0 {
			medians = append(medians, quantile.Median(ys))
		}
	}
	if len(medians) < 2 {
		return math.NaN()
	}
	if down {
		slices.Reverse(medians)
	}
	return statistics.Monotone(medians)
}
