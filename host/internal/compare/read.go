package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/conduct"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/statistics"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/proto"
)

// member is a run that takes part, or what stands for several of a seed.
type member struct {
	*store.Record
	experiment int
	name       string // of its optimizer
	variant    string // the identity of what is asked, but for the seed
	problem    string // likewise of its problem
	trial      bool   // tuning chose by it
	answers    bool   // its numbers are compared

	value  measure.Value
	counts bool
	loss   float64 // the value, of which less is better
	times  [len(toTargets)]statistics.Time
	known  [len(toTargets)]bool
}

// open is the record with its points, which a listing does not read.
func (m *member) open() (*store.Record, error) {
	records, faults, err := store.ReadRecords(context.Background(), m.Dir)
	switch {
	case err != nil:
		return nil, err
	case len(faults) > 0:
		return nil, faults[0]
	case len(records) == 0:
		return nil, fs.ErrNotExist
	}
	return records[0], nil
}

// Column reads what is on record of the points.
func (m *member) Column(name string, visit func(step int, wall time.Duration, x float64, measured bool) error) error {
	r, err := m.open()
	if err != nil {
		return err
	}
	return r.Column(name, visit)
}

// Read compares the runs of some results. Their points are read only where the measure is about them. Faults are of runs whose records are
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

// tuned are the runs of a folder in which tuning chose.
type tuned struct {
	answers map[string]bool // by the names of their folders
	trials  []store.Study
}

// tunedOf is nil if there was no tuning.
func tunedOf(ctx context.Context, r *store.Results) (*tuned, error) {
	studies, err := store.ReadStudies(r.Dir)
	if err != nil || studies == nil {
		return nil, err
	}
	asked, there, err := store.Restore(ctx, r.Dir)
	if err != nil {
		return nil, err
	}
	last, _, err := conduct.Look(ctx, asked, there)
	if err != nil {
		return nil, err
	}
	t := &tuned{map[string]bool{}, studies}
	for _, run := range conduct.Answers(last, there.Folder().Standing()) {
		t.answers[filepath.Base(run.Dir)] = true
	}
	return t, nil
}

// has tells whether tuning chose by a run.
func (t *tuned) has(r *store.Record) bool {
	for _, s := range t.trials {
		if s.Problem != r.Called {
			continue
		}
		for _, trial := range s.Trials {
			if trial.Optimizer == r.Optimizer.Name && slices.Contains(trial.Seeds, r.Seed) {
				return true
			}
		}
	}
	return false
}

type loader struct {
	members  []*member
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
	m := &member{Record: r, experiment: experiment, name: r.Optimizer.Name, answers: true}
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
	key := variantKey{experiment, r.ConfigHash, r.Called, m.name, r.Plugin.SHA256, r.Steps}
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
		if slices.ContainsFunc(own, func(m *member) bool { _, is := m.Outcome.Final["validation_loss"].Get(); return is }) {
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
	p.measure, p.quantity, p.Measure, p.schema = m, q, m.String(), o.Schema
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

func (p *Problem) measureAll(own []*member) (err error) {
	ways := [len(toTargets)]measure.Measure{}
	for i, name := range toTargets {
		ways[i] = measure.Measure{Quantity: name}
	}
	for _, m := range own {
		if m.Imported != nil && m.Target == nil && p.target != nil {
			r, err := m.open()
			if err == nil {
				err = r.Reach(p.target)
			}
			if err != nil {
				return err
			}
			m.Record = r
		}
		m.value, err = p.measure.Of(p.schema, m.Outcome, m)
		if err != nil && m.Status.Ended() {
			return fmt.Errorf("%s: %w", m.Dir, err)
		} else if err != nil {
			m.value = p.measure.Begin(p.schema).End(m.Outcome)
		}
		if m.counts = m.value.Counts(); m.counts {
			_, worst := m.value.Between()
			m.loss = p.sign * worst
		}
		if p.target == nil {
			continue
		}
		for i, way := range ways {
			v := way.Begin(p.schema).End(m.Outcome)
			best, _ := v.Between()
			switch m.known[i] = v.Counts(); v.State() {
			case measure.Measured:
				m.times[i] = statistics.Time{At: best, Reached: true}
			case measure.Censored:
				m.times[i] = statistics.Time{At: best}
			case measure.Infinite:
				m.times[i] = statistics.Time{At: math.Inf(1)}
			}
		}
	}
	return nil
}

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

// together is the median of the runs of one seed.
func together(own []*member) *member {
	if len(own) == 1 {
		return own[0]
	}
	u := &member{Record: own[0].Record}
	var xs []float64
	for _, m := range own {
		if m.counts {
			xs = append(xs, m.loss)
		}
	}
	if u.counts = len(xs) > 0; u.counts {
		u.loss = quantile.Median(xs)
	}
	for i := range toTargets {
		var at []float64
		least := math.Inf(1)
		for _, m := range own {
			switch {
			case !m.known[i]:
			case m.times[i].Reached:
				at = append(at, m.times[i].At)
			default:
				at, least = append(at, math.Inf(1)), min(least, m.times[i].At)
			}
		}
		if u.known[i] = len(at) > 0; u.known[i] {
			u.times[i] = statistics.Time{At: quantile.Median(at), Reached: true}
			if math.IsInf(u.times[i].At, 1) || u.times[i].At > least {
				u.times[i] = statistics.Time{At: least}
			}
		}
	}
	return u
}

// baseline finds the row that was named, on each problem.
func (c *Comparison) baseline(name string) error {
	var names []string
	found := false
	for _, p := range c.Problems {
		var own []string
		for _, r := range p.Rows {
			names = append(names, r.Name)
			if r.Name == name {
				own = []string{r.Name}
				break
			}
			if r.Base == name {
				own = append(own, r.Name)
			}
		}
		switch {
		case len(own) == 1:
			p.Baseline, found = own[0], true
		case len(own) > 1:
			return &NoBaseline{fmt.Sprintf("--baseline %q may be %s", name, strings.Join(own, ", ")), "name one of them"}
		}
	}
	if !found {
		return &NoBaseline{fmt.Sprintf("--baseline: there is no row %q", name), proto.DidYouMean(name, names)}
	}
	return nil
}

// NoBaseline is the error of a baseline that is no row, and the remedy.
type NoBaseline struct{ What, Remedy string }

func (e *NoBaseline) Error() string { return e.What + "; " + e.Remedy }
