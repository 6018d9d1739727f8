package claim

import (
	"fmt"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/statistics"
)

// paired judges the differences between a number and that of another optimizer, times a factor, with the same seeds: the same start and
// the same batches. It returns how many pairs there are.
func (c Claim) paired(k Case) (all []finding, pairs int) {
	r := c.difference()
	var ds [2][]float64
	tied := false
	for _, own := range k.Own {
		for _, other := range k.Rival {
			if own.Seed != other.Seed || own.Value.State() == measure.LeftOut || other.Value.State() == measure.LeftOut {
				continue
			}
			pairs++
			for _, e := range []end{best, worst} {
				x, y := k.number(own, e), c.Times()*k.number(other, e.other())
				d := x - y
				if never(own.Value) && never(other.Value) || x == y && math.IsInf(x, 0) { // equally bad: neither is infinitely better
					d, tied = 0, true
				}
				ds[e] = append(ds[e], d)
			}
		}
	}
	if pairs == 0 {
		f := found()
		f.why = "no seed has a run of both"
		return []finding{f}, 0
	}
	for _, e := range []end{best, worst} {
		f := c.differences(k, ds[e], r, tied)
		f.why += c.multiplied(k)
		all = append(all, f)
	}
	return all, pairs
}

// multiplied are the medians of which one is multiplied before it is compared: the difference alone does not say how they compare.
func (c Claim) multiplied(k Case) string {
	own, other := quantile.Median(k.numbers(k.Own, worst)), quantile.Median(k.numbers(k.Rival, worst))
	if c.Times() == 1 || k.unsure(c.Measure) != "" || math.IsInf(own, 0) || math.IsInf(other, 0) {
		return ""
	}
	return fmt.Sprintf("; medians %.4g against %v x %.4g", own, c.Times(), other)
}

// never tells whether a run did not get there, as far as it went.
func never(v measure.Value) bool {
	return v.State() == measure.Censored || v.State() == measure.Infinite
}

// difference is what is claimed of a number minus that of the other.
func (c Claim) difference() relation {
	if c.LessThan != nil {
		return relation{math.Inf(-1), 0, false}
	}
	return relation{0, math.Inf(1), false}
}

// differences judges differences of pairs. Where some are infinite, or tied since neither run got there, only their signs count.
func (c Claim) differences(k Case, ds []float64, r relation, tied bool) finding {
	switch {
	case k.exact():
		return r.exactly(ds[0], "difference", sameForAll)
	case c.Over == measure.All:
		f := r.each(ds, "pair")
		f.statistic = "every difference"
		return f
	}
	signs := tied || slices.ContainsFunc(ds, func(d float64) bool { return math.IsInf(d, 0) })
	test := statistics.SignedRank
	f, tail := found(), c.tail(r)
	f.statistic = "median difference"
	if signs {
		test = statistics.SignTest
		f.estimate(statistics.Median(ds, 1-2*tail))
		f.warnings = append(f.warnings, "some numbers are infinite or not known, so that only the signs of the differences count")
	} else {
		f.estimate(statistics.HodgesLehmann(ds, 1-2*tail))
	}
	claimed, contrary := statistics.Less, statistics.Greater
	if c.GreaterThan != nil {
		claimed, contrary = contrary, claimed
	}
	forClaim, against := test(ds, claimed), test(ds, contrary)
	f.p = forClaim.P
	f.counts(inside(ds, r), fmt.Sprintf("of %s are as claimed", counted(len(ds), "pair")))
	switch n := forClaim.Ties; {
	case n == 1:
		f.why += ", 1 is equal"
	case n > 1:
		f.why += fmt.Sprintf(", %d are equal", n)
	}
	switch {
	case forClaim.Decides(tail):
		f.result = Pass
	case against.Decides(tail):
		f.result, f.p, f.side = Fail, against.P, 1
	}
	f.forecast(len(ds), mostMorePairs, func(pick []int) bool {
		picked := statistics.Pick(ds, pick)
		return test(picked, claimed).Decides(tail) || test(picked, contrary).Decides(tail)
	})
	return f.few(len(ds), statistics.Fewest(0.5, tail))
}

// mostMorePairs is how many are tried: each has a test that takes the cube of their number.
const mostMorePairs = 40
