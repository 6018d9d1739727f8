package claim

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

// Sample is what is known of the measure of one run.
type Sample struct {
	Seed   uint64
	Value  measure.Value
	Status record.Status // how the run ended; empty if it did not
	Damage string        // what is wrong with its record, of which nothing is known then
}

// Level are the runs with one value of what was swept.
type Level struct {
	At      float64
	Samples []Sample
}

// Case is what a claim about one optimizer on one problem is judged by. Samples are paired by their seeds.
type Case struct {
	Problem, Optimizer string
	Quantity           record.Quantity
	Own                []Sample // of a claim without a trend
	Rival              []Sample // of one that compares with another optimizer
	Levels             []Level  // of a trend, in ascending order
	Pruned             int      // other variants that it is about, none of whose runs is left
	Chose              int      // of the seeds: so many also decided what is judged
	// Deterministic tells that nothing of it depends on the seed, unless an optimizer draws numbers itself.
	Deterministic bool
}

// groups are the samples of each variant.
func (k Case) groups() (all [][]Sample) {
	for _, l := range k.Levels {
		all = append(all, l.Samples)
	}
	if k.Own != nil {
		all = append(all, k.Own)
	}
	if k.Rival != nil {
		all = append(all, k.Rival)
	}
	return all
}

// count is how many runs there are, and of how many something holds.
func (k Case) count(holds func(Sample) bool) (n, all int) {
	for _, samples := range k.groups() {
		for _, s := range samples {
			if all++; holds(s) {
				n++
			}
		}
	}
	return n, all
}

// isOpen tells whether a run did not end, and can be gone on with.
func isOpen(s Sample) bool { return !s.Status.Over() && s.Status != record.Failed }

// unsure says of how many runs the number is not known, and why; empty if there are none.
func (k Case) unsure(m measure.Measure) string {
	var parts []string
	for _, reason := range []struct {
		what  string
		holds func(Sample) bool
	}{
		{"failed", func(s Sample) bool {
			return s.Status == record.Failed && s.Damage == "" && s.Value.State() == measure.Unknown
		}},
		{"cannot be read", func(s Sample) bool { return s.Damage != "" }},
		{"did not meet their target", func(s Sample) bool { return s.Value.State() == measure.Censored }},
		{"have no " + m.String(), func(s Sample) bool { return s.Value.State() == measure.Missing }},
	} {
		if n, all := k.count(reason.holds); n > 0 {
			parts = append(parts, fmt.Sprintf("%d of %s %s", n, counted(all, "run"), reason.what))
		}
	}
	return strings.Join(parts, ", ")
}

// exact tells whether one run says all: nothing depends on the seed, and nothing did.
func (k Case) exact() bool {
	for _, samples := range k.groups() {
		for _, s := range samples {
			x, ok := s.Value.Number()
			first, _ := samples[0].Value.Number()
			if s.Value != samples[0].Value && !(ok && math.IsNaN(x) && math.IsNaN(first)) {
				return false
			}
		}
	}
	return k.Deterministic
}

// seeds are those of which a run counts, in their order.
func seeds(samples []Sample) (all []uint64) {
	for _, s := range samples {
		if s.Value.State() != measure.LeftOut {
			all = append(all, s.Seed)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}

// end is one end of what the numbers of runs can be.
type end int

const (
	best end = iota
	worst
)

func (e end) other() end { return 1 - e }

// number is that of a sample at an end. NaN is as bad as is possible.
func (k Case) number(s Sample, e end) float64 {
	low, high := k.Quantity.Range.Bounds()
	good, bad := low, math.Inf(1)
	if k.Quantity.Better == record.More {
		good, bad = high, math.Inf(-1)
	}
	x, y := s.Value.Between()
	if s.Value.State() == measure.Missing {
		x, y = good, bad
	}
	if e == worst {
		x = y
	}
	if math.IsNaN(x) {
		return bad
	}
	return x
}

// numbers are those of samples at an end, without runs that were pruned.
func (k Case) numbers(samples []Sample, e end) (all []float64) {
	for _, s := range samples {
		if s.Value.State() != measure.LeftOut {
			all = append(all, k.number(s, e))
		}
	}
	return all
}

// inside is how many runs are as claimed for sure, and how many may be, which can lie between their ends.
func (k Case) inside(r relation) (sure, possible int) {
	for _, s := range k.Own {
		if s.Value.State() == measure.LeftOut {
			continue
		}
		x, y := k.number(s, best), k.number(s, worst)
		x, y = min(x, y), max(x, y)
		low, _ := r.inside(x)
		high, _ := r.inside(y)
		if low && high {
			sure++
		}
		if low || high || x < r.low && y > r.high {
			possible++
		}
	}
	return sure, possible
}

// violated tells whether a number that is known is not as claimed.
func (k Case) violated(r relation) bool {
	return slices.ContainsFunc(k.Own, func(s Sample) bool {
		x := k.number(s, best)
		ok, _ := r.inside(x)
		return !ok && x == k.number(s, worst) && s.Value.State() != measure.LeftOut
	})
}

// mostDamage is of how many runs a verdict says what is wrong with their records.
const mostDamage = 3

// damages say which records cannot be read.
func (k Case) damages() (warnings []string) {
	for _, samples := range k.groups() {
		for _, s := range samples {
			if s.Damage != "" {
				warnings = append(warnings, s.Damage)
			}
		}
	}
	if n := len(warnings); n > mostDamage {
		warnings = append(warnings[:mostDamage], fmt.Sprintf("%d more records are damaged", n-mostDamage))
	}
	return warnings
}

// were is a number of things to which something happened.
func were(n int, what string) string {
	if n == 1 {
		return counted(n, what) + " was"
	}
	return counted(n, what) + " were"
}

// counted is a number of things, such as "2 runs".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
