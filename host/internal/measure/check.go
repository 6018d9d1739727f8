package measure

import (
	"fmt"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/proto"
)

// Setting is what runs can be measured by.
type Setting struct {
	Schema record.Schema
	Has    func(record.Needs) bool // whether the problem has what a quantity needs; nil if it has everything
	Target bool                    // whether there is one
	Steps  int                     // of a run; 0 if that is not known
}

// Check returns an [Error] for a measure that no run has.
func (m Measure) Check(s Setting) error { return m.check(m.String(), s) }

// ParseIn is [Parse] for a text that must be a measure of the runs of a setting.
func ParseIn(text string, s Setting) (Measure, error) {
	m, err := Parse(text)
	if err != nil {
		return m, err
	}
	return m, m.check(text, s)
}

func (m Measure) check(text string, s Setting) error {
	p := &parser{text: text, words: split(text)}
	q, known := m.Find(s.Schema)
	_, isDerived := derivedQuantities.Find(m.Quantity)
	number := len(p.words) - 1 // the place of N, if there is one
	points := s.Steps + 1
	var err *Error
	switch {
	case !known:
		err = p.fault(0, fmt.Sprintf("there is no quantity %q", m.Quantity), proto.DidYouMean(m.Quantity, s.names(nil)))
	case !s.has(q.Needs):
		err = p.fault(0, "the problem has no "+s.lacks(q.Needs), "name "+registry.Sentence(s.names(func(o record.Quantity) bool {
			return o.Better != record.Neither && (o.Column || o.Final)
		}), "or"))
	case needsTarget(q) && !s.Target:
		err = p.fault(0, "there is no target", "add a table [target], such as train_loss = 0.1")
	case isDerived && m.When != Final:
		err = p.fault(1, fmt.Sprintf("%s is one number of a run", q.Name), fmt.Sprintf("write %q alone", q.Name))
	case !q.Column && m.When != Final && !isDerived:
		err = p.fault(1, q.Name+" is measured at the end alone", fmt.Sprintf("write %q", q.Name))
	case m.When == Best && q.Better == record.Neither:
		err = p.fault(1, fmt.Sprintf("no value of %s is better than another", q.Name), "write final, at step N or mean over last N")
	case m.When == AtStep && s.Steps > 0 && m.N > s.Steps:
		err = p.fault(number, fmt.Sprintf("the runs have %d steps", s.Steps), fmt.Sprintf("choose a step of at most %d", s.Steps))
	case m.When == MeanOverLast && s.Steps > 0 && m.N > points:
		err = p.fault(number, fmt.Sprintf("the runs have %d points", points), fmt.Sprintf("choose a number of at most %d", points))
	}
	if err != nil {
		return err
	}
	return nil
}

// Online returns an [Error] for a measure, of those of a setting, that is not known at the points of a run while it trains.
func (m Measure) Online(text string, s Setting) error {
	p := &parser{text: text, words: split(text)}
	q, _ := m.Find(s.Schema)
	switch {
	case !q.Column:
		return p.fault(0, fmt.Sprintf("%s is known when the run has ended", q.Name), "name "+registry.Sentence(s.Schema.Targets().Names(), "or"))
	case m.When == AtStep:
		return p.fault(1, "it is judged at every step", fmt.Sprintf("write %q, or %s mean over last N", q.Name, q.Name))
	}
	return nil
}

func (s Setting) has(n record.Needs) bool { return s.Has == nil || s.Has(n) }

// lacks names what a problem does not have.
func (s Setting) lacks(n record.Needs) string {
	for _, part := range []struct {
		need record.Needs
		name string
	}{{record.ValidationExamples, "validation examples"}, {record.TestExamples, "test examples"}, {record.Classes, "classes"}} {
		if n&part.need != 0 && !s.has(part.need) {
			return part.name
		}
	}
	return "such quantity"
}

// names are those of the quantities that runs have, of which ok holds if it is given.
func (s Setting) names(ok func(record.Quantity) bool) (names []string) {
	for _, q := range append(slices.Clip(s.Schema), Derived()...) {
		if s.has(q.Needs) && q.Needs&record.EvaluationWeights == 0 && (ok == nil || ok(q)) && (!needsTarget(q) || s.Target) {
			names = append(names, q.Name)
		}
	}
	return names
}

// Limit judges a number to which values of a quantity are compared: ok tells whether there can be such values, and want says in words
// which there are.
func Limit(q record.Quantity, x float64) (want string, ok bool) {
	want = "a finite number"
	switch q.Range {
	case record.Share:
		want = "a number from 0 to 1"
		if x > 1 && x <= 100 {
			want += fmt.Sprintf(", which accuracies are; write %.12g for %v %%", x/100, x)
		}
	case record.Norm:
		want = "a number of at least 0, which norms are"
	case record.Count:
		want = "a number of at least 0"
	}
	least, most := q.Range.Bounds()
	return want, x >= least && x <= most && !math.IsInf(x, 0)
}
