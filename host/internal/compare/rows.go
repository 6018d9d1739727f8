package compare

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

// rows makes the rows of a problem.
func (c *Comparison) rows(p *Problem, own []*member) {
	type key struct{ name, variant string }
	var order, tried []key
	groups, trials := map[key][]*member{}, map[key][]*member{}
	for _, m := range own {
		k := key{m.name, m.variant}
		switch c.By {
		case ByVariant:
		case ByOptimizer:
			k = key{name: base(m)}
		default:
			value, has := chosen(m, c.By)
			if !has {
				value = "none"
			}
			k = key{name: c.By + "=" + value}
		}
		if m.Imported != nil && c.By == ByVariant {
			k.variant = "" // what was asked of it is not known
		}
		if m.answers {
			if groups[k] == nil {
				order = append(order, k)
			}
			groups[k] = append(groups[k], m)
		}
		if m.trial {
			k = key{m.name, m.variant}
			if trials[k] == nil {
				tried = append(tried, k)
			}
			trials[k] = append(trials[k], m)
		}
	}
	if trials := slices.DeleteFunc(slices.Clone(own), func(m *member) bool { return m.answers }); len(trials) > 0 {
		c.warn("trials", p.Name, "%d runs were made to choose by, or are no longer asked for; they are in no row", len(trials))
	}
	named := map[string]*Entry{}
	for _, k := range order {
		e := newEntry(k.name, groups[k])
		if other := named[k.name]; other != nil {
			part, change := other.all[0].Asked().Difference(e.all[0].Asked())
			n := 2
			for named[e.Name] != nil {
				e.Name = fmt.Sprintf("%s (%d)", k.name, n)
				n++
			}
			c.warn("same_name", p.Name, "%s and %s have the same name, and another %s: %s", k.name, e.Name, part, change)
		}
		named[e.Name] = e
		p.Rows = append(p.Rows, e)
	}
	for _, k := range tried {
		p.trials = append(p.trials, newEntry(k.name, trials[k]))
	}
}

func base(m *member) string {
	if m.Imported != nil {
		return m.name
	}
	return cmp.Or(m.Optimizer.Base, m.name)
}

// chosen is the value of a key of the optimizer of a run.
func chosen(m *member, key string) (string, bool) {
	for _, choice := range m.Optimizer.Choices {
		if choice.Key == key || choice.Name() == key {
			return choice.String(), true
		}
	}
	v, has := m.Optimizer.Hyperparameters[key]
	return config.Choice{Key: key, Value: v}.String(), has
}

func newEntry(name string, all []*member) *Entry {
	e := &Entry{Name: name, Base: base(all[0]), Runs: len(all), all: all, units: map[uint64]*member{}}
	variants, seeds := map[string]bool{}, map[uint64][]*member{}
	for _, m := range all {
		variants[m.variant] = true
		switch m.Status {
		case record.Finished:
			e.Finished++
		case record.Diverged:
			e.Diverged++
		case record.Stopped:
			e.Stopped++
		case record.Pruned:
			e.Pruned++
		case record.Failed:
			e.Failed++
		default:
			e.Partial++
		}
		if m.Status.Ended() && m.value.State() == measure.Missing {
			e.Missing++
		}
		if m.Status != record.Pruned {
			seeds[m.Seed] = append(seeds[m.Seed], m)
		}
	}
	e.Variants = len(variants)
	for seed, own := range seeds {
		e.seeds, e.units[seed] = append(e.seeds, seed), together(own)
	}
	slices.Sort(e.seeds)
	for _, seed := range e.seeds {
		if u := e.units[seed]; u.counts || u.known[0] {
			e.Seeds++
		}
	}
	return e
}
