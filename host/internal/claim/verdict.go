package claim

import (
	"fmt"
	"math"
	"strings"
)

// Result is what a verdict says.
type Result string

// The results. A claim passes if all that is left possible, at its confidence, is as claimed, and fails if nothing of it is.
const (
	Pass         Result = "PASS"
	Fail         Result = "FAIL"
	Inconclusive Result = "INCONCLUSIVE"
)

// Verdict is what was found of a claim about one optimizer on one problem.
type Verdict struct {
	Claim
	On string // the name of the problem; empty if the experiment has one without
	Of string // whose runs they are: a variant, or of a trend what of it was not swept

	Result    Result
	Statistic string  // what Value is, such as "median"
	Value     float64 // NaN if it is not known
	Low, High float64 // the interval by which is judged; NaN if there is none
	Coverage  float64 // with which probability such an interval has the true value in it, at least; 0 if that is not known or there is none
	P         float64 // of what was measured, or of more, by chance alone if the contrary were true; NaN if there is none
	Exact     bool    // it is no inference: what was measured is all that there is
	N         int     // seeds
	LeftOut   int     // pruned runs
	Why       string
	Warnings  []string
	More      int // so many more seeds would probably decide; 0 if that is not known
}

// Any tells whether some verdict is the given one.
func Any(verdicts []Verdict, r Result) bool {
	for _, v := range verdicts {
		if v.Result == r {
			return true
		}
	}
	return false
}

// Subject is what the verdict is about: the optimizer, and the problem where there are several.
func (v Verdict) Subject() string {
	if v.On != "" {
		return strings.TrimSpace(v.Of + " on " + v.On)
	}
	return v.Of
}

// inconclusive is the verdict that nothing can be said.
func (v Verdict) inconclusive(format string, args ...any) Verdict {
	v.Result, v.Why = Inconclusive, fmt.Sprintf(format, args...)
	return v
}

// finding is what follows from certain numbers of all runs.
type finding struct {
	result              Result
	side                int // of one that fails: -1 if what was measured lies below what was claimed, 1 if above
	value, low, high, p float64
	coverage            float64
	as                  int    // so many are as claimed, with which why begins; -1 if it does not
	why                 string // or what stands behind that
	warnings            []string
	statistic           string
	exact               bool
	least               int        // so many more are needed at all
	more                func() int // so many more would probably decide; nil if nobody knows
}

func found() finding {
	nan := math.NaN()
	return finding{result: Inconclusive, value: nan, low: nan, high: nan, p: nan, as: -1}
}

// counts says how many are as claimed, and of what.
func (f *finding) counts(as int, of string) { f.as, f.why = as, of }

// put takes what was found at each end of what the numbers can be. It is the verdict if all agree.
func (v Verdict) put(all []finding, unsure string) Verdict {
	f := all[0]
	least, most := f.as, f.as
	agree := true
	for _, g := range all[1:] {
		agree = agree && g.result == f.result && g.side == f.side
		least, most = min(least, g.as), max(most, g.as)
		f.low, f.high = min(f.low, g.low), max(f.high, g.high) // NaN if one is
		if f.value != g.value {
			f.value = math.NaN()
		}
		if math.Abs(f.p-g.p) > 1e-12 {
			f.p = math.NaN()
		}
	}
	v.Result, v.Statistic, v.Value, v.Low, v.High, v.Coverage, v.P = f.result, f.statistic, f.value, f.low, f.high, f.coverage, f.p
	v.Exact, v.Why = f.exact, f.why
	switch {
	case least < 0:
	case least == most:
		v.Why = fmt.Sprintf("%d %s", least, f.why)
	default: // it is not known of all
		v.Why = fmt.Sprintf("%d to %d %s", least, most, f.why)
	}
	v.Warnings = append(v.Warnings, f.warnings...)
	if agree && v.Result == Inconclusive {
		if v.More = f.least; f.more != nil {
			v.More = max(v.More, f.more())
		}
	}
	switch {
	case !agree:
		v.P = math.NaN()
		return v.inconclusive("%s: it depends on how they would have gone on", unsure)
	case unsure != "" && v.Result != Inconclusive:
		v.Warnings = append(v.Warnings, unsure+"; however they would have gone on, the verdict is the same")
	case unsure != "":
		v.Why += "; " + unsure
	}
	return v
}
