package compare

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/store"
)

// Read compares the runs of some results, in the order of the files of their experiments. Their points are read only where the measure is about them. Faults are of runs whose records are
// damaged.
func Read(ctx context.Context, results []*store.Results, o Options) (c *Comparison, faults []error, err error) {
	c = &Comparison{Confidence: cmp.Or(o.Confidence, 0.95), By: cmp.Or(o.By, ByVariant), Warnings: []Warning{}, all: o.AllPairs}
	l := loader{seen: map[[2]string]*member{}, variants: map[variantKey][2]string{}}
	for i, r := range results {
		chosen, err := tunedOf(ctx, r)
		if err != nil {
			return nil, nil, err
		}
		before := len(l.members)
		l.order = r.Order()
		for rec, err := range r.Runs(ctx) {
			if _, damaged := errors.AsType[*store.Damaged](err); damaged {
				faults = append(faults, err)
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			l.add(i, rec, chosen)
		}
		slices.SortStableFunc(l.members[before:], func(a, b *member) int { return a.place - b.place })
		c.Experiments = append(c.Experiments, Experiment{cmp.Or(r.Name, filepath.Base(r.Dir)), r.Dir, len(l.members) - before})
	}
	if len(faults) > 0 {
		c.warn("damaged", "", "the records of %d runs are damaged; they are in no number", len(faults))
	}
	if l.again > 0 {
		c.warn("same_run", "", "%d runs are in several of the folders; each counts once", l.again)
	}
	if err := c.problems(l.members, o); err != nil {
		return nil, nil, err
	}
	c.lineUp()
	for _, s := range parts {
		if s.across != nil && c.Across != nil {
			s.across(c)
		}
	}
	return c, faults, nil
}

type loader struct {
	members  []*member
	order    store.Order           // of the folder that is read
	seen     map[[2]string]*member // by name and identity
	again    int
	variants map[variantKey][2]string
}

// variantKey is what runs of a variant have in common that identities follow from.
type variantKey struct {
	experiment                         int
	config, problem, optimizer, plugin string
	steps                              int
}

// add takes a run, if the same is not there yet.
func (l *loader) add(experiment int, r *store.Record, t *tuned) {
	m := &member{Record: r, experiment: experiment, place: l.order.Of(r), name: r.Optimizer.Name, answers: true}
	if r.Imported != nil {
		m.name += " (imported)"
	} else if t != nil {
		m.answers, m.trial = t.answers[filepath.Base(r.Dir)], t.has(r)
	}
	if first := l.seen[[2]string{m.name, r.Identity}]; first != nil {
		l.again++
		if !first.Status.Ended() && m.Status.Ended() { // it went on elsewhere
			first.Record = r
		}
		first.answers, first.trial = first.answers || m.answers, first.trial || m.trial
		return
	}
	l.seen[[2]string{m.name, r.Identity}] = m
	key := variantKey{experiment, r.ConfigHash, r.Called, m.name, r.PluginSums(), r.Steps}
	ids, known := l.variants[key]
	if !known || r.Imported != nil {
		asked := r.Asked()
		asked.Seed = 0
		ids = [2]string{asked.Identity(), plan.Asked{Problem: *r.Problem}.Identity()}
		l.variants[key] = ids
	}
	m.variant, m.problem = ids[0], ids[1]
	l.members = append(l.members, m)
}
