package plan

import (
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

// Study are the trials of an optimizer on a problem, of which one is chosen.
type Study struct {
	Problem, Base string
	Number        int // from 1, where the protocol has several
	Trials        []Trial
	Chosen        int      // among them; -1 as long as it is not decided, and if every trial failed or was infinitely bad
	Decided       bool     // whether nothing is left to wait for
	Edge          []string // the keys whose chosen value is the first or last of its grid
}

// Trial is one choice of values.
type Trial struct {
	config.Optimizer
	Seeds []uint64
	Steps int  // up to which it was to be run
	Runs  int  // that came there, or ended before
	Made  int  // the steps of all its runs together
	Known bool // whether all its runs ended there
	Value measure.Condensed
}

// Best is the chosen trial; ok is false if none is.
func (s Study) Best() (t Trial, ok bool) {
	if s.Chosen < 0 {
		return t, false
	}
	return s.Trials[s.Chosen], true
}

// Steps are those made in all runs of the trials together.
func (s Study) Steps() (n int) {
	for _, t := range s.Trials {
		n += t.Made
	}
	return n
}

// Eligible tells whether a trial can be chosen: all its runs ended, with a finite value.
func (t Trial) Eligible() bool { _, ok := t.number(); return ok }

// Chosen are the chosen values, such as "lr=0.1".
func (t Trial) Chosen() string { return strings.TrimSpace(strings.TrimPrefix(t.Name, t.Base)) }

// Score is the median over studies of the best trial of each.
type Score struct {
	Problem, Base string
	Quantity      record.Quantity
	Decided       bool
	Value         measure.Condensed
}

// Scores are those of the optimizers, each on each problem. Where no trial of a study reached a number, its best is as bad as the least bad.
func (p Plan) Scores(studies []Study) (all []Score) {
	m, _ := measure.Parse(p.Judge())
	q, _ := m.Find(p.Quantities())
	type key struct{ problem, base string }
	values, at := map[key][]measure.Value{}, map[key]int{}
	for _, s := range studies {
		k := key{s.Problem, s.Base}
		i, seen := at[k]
		if !seen {
			i = len(all)
			at[k], all = i, append(all, Score{Problem: s.Problem, Base: s.Base, Quantity: q, Decided: true})
		}
		all[i].Decided = all[i].Decided && s.Decided
		values[k] = append(values[k], s.value())
	}
	for i, s := range all {
		all[i].Value = measure.Median.Of(values[key{s.Problem, s.Base}], q.Better)
	}
	return all
}

// value is that of the chosen trial, or else of the first that has one.
func (s Study) value() measure.Value {
	if best, ok := s.Best(); ok {
		return best.Value.Value
	}
	for _, t := range s.Trials {
		if t.Value.Counts() {
			return t.Value.Value
		}
	}
	return measure.Value{}
}

// Budget is how many runs were made of an optimizer on a problem.
type Budget struct {
	Problem, Base string
	Runs          int
}

// Budgets are what tuning took of each optimizer on each problem, in the order of the studies.
func Budgets(studies []Study) (all []Budget) {
	for _, s := range studies {
		i := slices.IndexFunc(all, func(b Budget) bool { return b.Problem == s.Problem && b.Base == s.Base })
		if i < 0 {
			i, all = len(all), append(all, Budget{Problem: s.Problem, Base: s.Base})
		}
		for _, t := range s.Trials {
			all[i].Runs += t.Runs
		}
	}
	return all
}
