package claim

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/statistics"
)

// Judge says what a claim is worth by what was measured. It depends on nothing else: whoever judges again finds the same.
func (c Claim) Judge(k Case) Verdict {
	nan := math.NaN()
	v := Verdict{Claim: c, On: k.Problem, Of: k.Optimizer, Value: nan, Low: nan, High: nan, P: nan}
	v.LeftOut, _ = k.count(func(s Sample) bool { return s.Value.State() == measure.LeftOut })
	v.Warnings = k.damages()
	open, all := k.count(isOpen)
	first := k.Own
	if c.Trend != "" && len(k.Levels) > 0 {
		first = k.Levels[0].Samples
	}
	v.N = len(seeds(first))
	switch {
	case all == 0 || c.Rival() != "" && len(k.Rival) == 0:
		return v.inconclusive("there are no such runs")
	case open == all:
		return v.inconclusive("no run has ended")
	case open > 0:
		return v.inconclusive("%d of %s did not end", open, counted(all, "run"))
	case v.LeftOut == all:
		return v.inconclusive("all runs were pruned")
	}
	if why := k.unsure(c.Measure); why != "" && c.Over == measure.IQR { // which is neither least nor largest where the numbers are
		return v.inconclusive("%s", why)
	}
	if v.LeftOut > 0 {
		v.Warnings = append(v.Warnings, fmt.Sprintf("%d of %s were pruned and are left out", v.LeftOut, counted(all, "run")))
	}
	if k.Pruned > 0 {
		v.Warnings = append(v.Warnings, fmt.Sprintf("%s pruned: of what was pruned there is no verdict", were(k.Pruned, "other variant")))
	}
	if k.Chose > 0 {
		v.Warnings = append(v.Warnings, fmt.Sprintf("%s also chose what is judged, which is no independent evidence: on others it probably does worse",
			counted(k.Chose, "seed")))
	}
	var findings []finding
	switch {
	case c.Trend != "":
		findings = c.trends(k)
	case c.Rival() != "":
		var pairs int
		findings, pairs = c.paired(k)
		v.N = pairs
	default:
		for _, e := range []end{best, worst} {
			f := c.number(k, k.numbers(k.Own, e))
			if c.Over == measure.All && k.violated(c.relation()) {
				f.side = 0 // whatever the others are
			}
			findings = append(findings, f)
		}
		if findings[0].as >= 0 {
			findings[0].as, findings[1].as = k.inside(c.relation())
		}
	}
	return v.put(findings, k.unsure(c.Measure))
}

// relation is where a number, or an interval of numbers, lies by what is claimed.
type relation struct {
	low, high float64
	closed    bool // the ends belong to it
}

func (c Claim) relation() relation {
	low, high, closed := c.Interval()
	return relation{low, high, closed}
}

// inside tells whether a number is as claimed, and on which side it lies if it is not. What is no number is never as claimed.
func (r relation) inside(x float64) (ok bool, side int) {
	switch {
	case math.IsNaN(x):
		return false, 0
	case x < r.low || x == r.low && !r.closed && !math.IsInf(x, 0):
		return false, -1
	case x > r.high || x == r.high && !r.closed && !math.IsInf(x, 0):
		return false, 1
	}
	return true, 0
}

// directional tells whether the relation has one end.
func (r relation) directional() bool { return math.IsInf(r.low, -1) || math.IsInf(r.high, 1) }

// tail is how improbable it must be that an interval misses on one side.
func (c Claim) tail(r relation) float64 {
	if r.directional() {
		return 1 - c.Confidence
	}
	return (1 - c.Confidence) / 2
}

// judge compares an interval with the relation.
func (r relation) judge(low, high float64) (Result, int) {
	belowOK, below := r.inside(low)
	aboveOK, above := r.inside(high)
	switch {
	case math.IsNaN(low) || math.IsNaN(high):
		return Inconclusive, 0
	case belowOK && aboveOK:
		return Pass, 0
	case !belowOK && !aboveOK && below == above:
		return Fail, below
	}
	return Inconclusive, 0
}

// exactly is what follows from a number that is no estimate.
func (r relation) exactly(x float64, statistic, why string) finding {
	f := found()
	f.value, f.statistic, f.exact, f.why = x, statistic, true, why
	f.result, f.side = r.judge(x, x)
	if math.IsNaN(x) {
		f.why = "it is not a number"
	}
	return f
}

const sameForAll = "nothing depends on the seed: one run says all"

// number judges one number of each run.
func (c Claim) number(k Case, xs []float64) finding {
	r := c.relation()
	switch {
	case k.exact():
		return r.exactly(xs[0], "", sameForAll)
	case c.Over == measure.All:
		return r.each(xs, "seed")
	case c.Over == measure.IQR:
		return c.bootstrapped("interquartile range", len(xs), r, func(pick []int) float64 { return interquartile(statistics.Pick(xs, pick)) })
	case c.Over == measure.Mean:
		return c.bootstrapped("mean", len(xs), r, func(pick []int) float64 {
			sum := 0.0
			for _, i := range pick {
				sum += xs[i]
			}
			return sum / float64(len(pick))
		})
	}
	return c.quantile(xs, r)
}

// each judges numbers of which each must be as claimed: no inference, but what was measured.
func (r relation) each(xs []float64, of string) finding {
	f := found()
	f.exact, f.statistic = true, "all"
	f.result, f.low, f.high = Pass, xs[0], xs[0]
	out := 0
	for _, x := range xs {
		f.low, f.high = min(f.low, x), max(f.high, x)
		if ok, side := r.inside(x); !ok {
			f.result, f.side = Fail, side
			out++
		}
	}
	switch {
	case len(xs) == 1:
		f.why = "there is one " + of
	case out > 0:
		f.why = fmt.Sprintf("%d of %s are not as claimed", out, counted(len(xs), of))
	default:
		f.why = fmt.Sprintf("every one of %s is as claimed", counted(len(xs), of))
	}
	return f
}

// quantile judges a quantile of the distribution from which the numbers are, by order statistics: whatever that distribution is.
func (c Claim) quantile(xs []float64, r relation) finding {
	p, tail := c.Over.Quantile(), c.tail(r)
	f := found()
	f.statistic = c.Over.String()
	f.estimate(statistics.Quantile(xs, p, 1-2*tail))
	f.result, f.side = r.judge(f.low, f.high)
	if !r.directional() {
		f.counts(inside(xs, r), fmt.Sprintf("of %s are between %v and %v", counted(len(xs), "seed"), r.low, r.high))
		f.forecast(len(xs), mostMore, func(pick []int) bool {
			i := statistics.Quantile(statistics.Pick(xs, pick), p, 1-2*tail).Interval
			result, _ := r.judge(i.Low, i.High)
			return result != Inconclusive
		})
		return f.few(len(xs), statistics.FewestOf(p, tail))
	}
	q := p // the chance of a number that is as claimed, if the quantile is just not
	if math.IsInf(r.high, 1) {
		q = 1 - p
	}
	n, as := len(xs), inside(xs, r)
	f.p = statistics.AtLeast(as, n, q)
	if f.result == Fail {
		f.p = statistics.AtLeast(n-as, n, 1-q)
	}
	f.counts(as, fmt.Sprintf("of %s are as claimed", counted(n, "seed")))
	f.forecast(n, mostMore, func(pick []int) bool {
		as := inside(statistics.Pick(xs, pick), r)
		return statistics.AtLeast(as, len(pick), q) <= tail || statistics.AtLeast(len(pick)-as, len(pick), 1-q) <= tail
	})
	return f.few(n, statistics.Fewest(q, tail))
}

// estimate takes in a number with its interval.
func (f *finding) estimate(e statistics.Estimate) {
	f.value, f.low, f.high, f.coverage = e.Value, e.Interval.Low, e.Interval.High, e.Interval.Coverage
}

// The forecast of how many more seeds decide: with which chance they do, and how many are tried.
const (
	probably = 0.8
	mostMore = 100
)

// forecast is how many more seeds, at most, would probably decide.
func (f *finding) forecast(n, most int, decided func(pick []int) bool) {
	f.more = func() int {
		more, _ := statistics.MoreSeeds(n, most, probably, 1, decided)
		return more
	}
}

// few says that so few seeds could not have decided, whatever they had shown.
func (f finding) few(n, least int) finding {
	if n < least && f.result == Inconclusive {
		f.why += fmt.Sprintf("; %s cannot decide at this level, it takes at least %d", counted(n, "seed"), least)
		f.least = least - n
	}
	return f
}

func inside(xs []float64, r relation) (n int) {
	for _, x := range xs {
		if ok, _ := r.inside(x); ok {
			n++
		}
	}
	return n
}

// bootstrapped judges a statistic of runs, of which as many are picked again and again.
func (c Claim) bootstrapped(name string, n int, r relation, of func(pick []int) float64) finding {
	f, tail := found(), c.tail(r)
	e := statistics.Bootstrap(n, of, 1-2*tail, 1)
	f.statistic, f.value = name, e.Value
	if least := statistics.Fewest(0.5, tail); n < least {
		f.why = "no interval"
		return f.few(n, least)
	}
	f.estimate(e)
	f.result, f.side = r.judge(f.low, f.high)
	f.why = fmt.Sprintf("bootstrap over %s", counted(n, "seed"))
	for _, w := range e.Warnings {
		f.warnings = append(f.warnings, w.String())
	}
	f.more = func() int { return narrower(n, f, r, tail) }
	return f
}

// narrower is how many more seeds it takes until an interval probably no longer has an end of what is claimed in it. With σ the deviation of a
// seed, it is t(n) σ/√n long on a side, t being Student's; of m seeds, n of them known, the middle moves by σ √(m-n)/m from here.
func narrower(n int, f finding, r relation, tail float64) int {
	t := func(n int) float64 { return distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}.Quantile(1 - tail) }
	for more := 1; more <= mostMore; more++ {
		m, decides := n+more, true
		for _, limit := range []float64{r.low, r.high} {
			if math.IsInf(limit, 0) {
				continue
			}
			half := f.value - f.low
			if limit > f.value {
				half = f.high - f.value
			}
			σ := half * math.Sqrt(float64(n)) / t(n)
			long, moves := t(m)*σ/math.Sqrt(float64(m)), σ*math.Sqrt(float64(more))/float64(m)
			decides = decides && math.Abs(limit-f.value) > long+distuv.UnitNormal.Quantile(probably)*moves
		}
		if decides {
			return more
		}
	}
	return 0
}
