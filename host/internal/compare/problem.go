package compare

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

// problems sorts runs by what they solve, and finds all that is said of each.
func (c *Comparison) problems(members []*member, o Options) error {
	groups, order := map[string][]*member{}, []string{}
	put := func(id string, m *member) {
		if groups[id] == nil {
			order = append(order, id)
		}
		groups[id] = append(groups[id], m)
	}
	for _, m := range members {
		if m.Imported == nil {
			put(m.problem, m)
		}
	}
	for _, m := range members {
		if m.Imported != nil {
			put(home(m, order, groups), m)
		}
	}
	names := map[string]int{}
	for _, id := range order {
		own := groups[id]
		p := &Problem{Name: own[0].ProblemName(), sign: 1}
		if names[p.Name]++; names[p.Name] > 1 {
			_, change := first(groups, order, p.Name).Asked().Difference(own[0].Asked())
			p.Name += " (" + strconv.Itoa(names[p.Name]) + ")"
			c.warn("same_name", p.Name, "another problem has the same name: %s", change)
		}
		if err := p.choose(own, o); err != nil {
			return err
		}
		if err := p.measureAll(own); err != nil {
			return err
		}
		c.rows(p, own)
		c.Problems = append(c.Problems, p)
	}
	if o.Baseline != "" {
		if err := c.baseline(o.Baseline); err != nil {
			return err
		}
	}
	for _, p := range c.Problems {
		for _, s := range parts {
			if s.each != nil {
				s.each(c, p)
			}
		}
		c.doubt(p)
	}
	return nil
}

// first is the first run on the first problem of a name.
func first(groups map[string][]*member, order []string, name string) *member {
	for _, id := range order {
		if groups[id][0].ProblemName() == name {
			return groups[id][0]
		}
	}
	return nil
}

// home is the problem on which a run of another program is: that of its name, or else the first of its kind.
func home(m *member, order []string, groups map[string][]*member) string {
	for _, same := range []func(*member) bool{
		func(other *member) bool { return other.Called == m.Problem.Kind },
		func(other *member) bool { return other.Problem.Kind == m.Problem.Kind },
	} {
		for _, id := range order {
			if other := groups[id][0]; other.Imported == nil && same(other) {
				return id
			}
		}
	}
	return m.problem
}

// choose finds the measure and the target of a problem.
func (p *Problem) choose(own []*member, o Options) error {
	text := o.Measure
	if text == "" {
		text = record.Standard()[record.TrainLoss].Name
		if slices.ContainsFunc(own, func(m *member) bool { _, is := m.Outcome.Final.Of("validation_loss").Get(); return is }) {
			text = record.Standard()[record.ValidationLoss].Name
		}
	}
	same := true
	for _, m := range own {
		if m.Target == nil {
			continue
		}
		same = same && (p.target == nil || *p.target == *m.Target)
		p.target = m.Target
	}
	if p.target != nil {
		if q, ok := p.target.Measure.Find(o.Schema); ok {
			p.Target = fmt.Sprintf("%s %s %v", p.target.Measure, q.Better.Sign(), p.target.Value)
		}
	}
	if !same {
		p.target, p.Target = nil, "" // each was on another way
		p.mixedTargets = true
	}
	m, err := measure.ParseIn(text, measure.Setting{Schema: o.Schema, Target: p.target != nil})
	if err != nil {
		return &BadMeasure{err}
	}
	q, _ := m.Find(o.Schema)
	p.measure, p.quantity, p.Measure, p.Unit, p.schema = m, q, m.String(), q.Unit, o.Schema
	p.Better = "less"
	if q.Better == record.More {
		p.sign, p.Better = -1, "more"
	}
	return nil
}

// BadMeasure is the error of a measure that runs cannot have.
type BadMeasure struct{ Err error }

func (e *BadMeasure) Error() string { return e.Err.Error() }

// Unwrap is what is wrong.
func (e *BadMeasure) Unwrap() error { return e.Err }
