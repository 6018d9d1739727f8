package compare

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/claim"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// Claims judges what an experiment says must come out, by the runs in a folder that answer it. Their points are read only where a claim is
// about them.
func Claims(e *config.Experiment, f *store.Folder, runs []store.Run) (verdicts []claim.Verdict, err error) {
	c := collector{runs: runs, chose: deciding(e), points: func(r store.Run) measure.Columns { return f.Points(r.Job) }}
	for _, w := range e.Workloads {
		c.problems = append(c.problems, w.Name)
	}
	for _, x := range e.Expect {
		cases, err := c.cases(e, x)
		if err != nil {
			return nil, err
		}
		for _, k := range cases {
			verdicts = append(verdicts, x.Judge(k))
		}
	}
	return verdicts, nil
}

// collector finds what claims are judged by.
type collector struct {
	runs     []store.Run
	points   func(store.Run) measure.Columns
	problems []string // the names of all
	chose    []uint64 // seeds by which values were chosen
}

// deciding are the seeds of the runs by which an experiment chooses what it judges. A study of AlgoPerf has its choice in its number: what is
// judged are its trials, and each has a seed of its own.
func deciding(e *config.Experiment) []uint64 {
	switch {
	case e.Tune != nil:
		return e.Tune.Seeds
	case e.Halves() != nil:
		return e.Seeds
	}
	return nil
}

// chosen is how many seeds of runs whose values were chosen also chose them.
func (c *collector) chosen(runs ...store.Run) int {
	var seeds []uint64
	for _, r := range runs {
		if len(r.Optimizer.Choices) > 0 && r.Status != record.Pruned && slices.Contains(c.chose, r.Seed) {
			seeds = append(seeds, r.Seed)
		}
	}
	slices.Sort(seeds)
	return len(slices.Compact(seeds))
}

// cases are what a claim says something about: each optimizer that it means on each problem; of a trend, each combination of what else
// was swept.
func (c *collector) cases(e *config.Experiment, x claim.Claim) (cases []claim.Case, err error) {
	if x.Trend != "" {
		return c.trends(x)
	}
	for _, w := range e.Workloads {
		if !c.means(x, w) {
			continue
		}
		rival := c.rival(x, w)
		base := claim.Case{Problem: w.Name, Deterministic: deterministic(x, w)}
		base.Quantity, _ = x.Measure.Find(w.Quantities())
		if base.Rival, err = c.samples(x, rival); err != nil {
			return nil, err
		}
		variants := c.variants(x.Optimizer, w)
		left := slices.DeleteFunc(slices.Clone(variants), pruned)
		if len(left) > 0 {
			base.Pruned, variants = len(variants)-len(left), left
		}
		if len(rival) > 0 {
			variants = slices.DeleteFunc(variants, func(v []store.Run) bool { return v[0].Optimizer.Name == rival[0].Optimizer.Name })
		}
		for _, v := range variants {
			k := base
			k.Optimizer = v[0].Optimizer.Name
			if k.Own, err = c.samples(x, v); err != nil {
				return nil, err
			}
			k.Chose = c.chosen(slices.Concat(v, rival)...)
			cases = append(cases, k)
		}
		if len(variants) == 0 {
			base.Optimizer = x.Optimizer
			cases = append(cases, base)
		}
	}
	return cases, nil
}

// pruned tells whether a search gave up a variant, so that nothing can be said of it.
func pruned(runs []store.Run) bool {
	return !slices.ContainsFunc(runs, func(r store.Run) bool { return r.Status != record.Pruned })
}

// means tells whether a claim is about a problem.
func (c *collector) means(x claim.Claim, w *config.Workload) bool {
	return x.Problem == "" || claim.Names(x.Problem, w.Name, c.problems)
}

// variants are the runs of each optimizer on a problem that a name means: that of a variant, or of the table that it was made from. The empty
// name means all.
func (c *collector) variants(name string, w *config.Workload) (all [][]store.Run) {
	var names []string
	exact := slices.ContainsFunc(c.runs, func(r store.Run) bool { return r.Workload == w && r.Optimizer.Name == name })
	for _, r := range c.runs {
		o := r.Optimizer
		if r.Workload != w || name != "" && o.Name != name && (exact || o.Base != name) {
			continue
		}
		i := slices.Index(names, o.Name)
		if i < 0 {
			i = len(names)
			names, all = append(names, o.Name), append(all, nil)
		}
		all[i] = append(all[i], r)
	}
	return all
}

// rival are the runs of the optimizer with which a claim compares, if it does.
func (c *collector) rival(x claim.Claim, w *config.Workload) []store.Run {
	if x.Rival() == "" {
		return nil
	}
	all := c.variants(x.Rival(), w)
	if len(all) != 1 { // it is not chosen yet
		return nil
	}
	return all[0]
}

// trends are the runs of each combination of what else was swept, by what a trend is against.
func (c *collector) trends(x claim.Claim) (cases []claim.Case, err error) {
	var keys []string
	var groups [][]store.Run
	for _, r := range c.runs {
		if !c.means(x, r.Workload) || x.Optimizer != "" && x.Optimizer != r.Optimizer.Base && x.Optimizer != r.Optimizer.Name {
			continue
		}
		at, others, swept := split(x.Against, r)
		if !swept {
			continue
		}
		s, err := c.samples(x, []store.Run{r})
		if err != nil {
			return nil, err
		}
		i := slices.Index(keys, others.key)
		if i < 0 {
			i = len(keys)
			k := claim.Case{Problem: others.problem, Optimizer: others.optimizer, Deterministic: true}
			k.Quantity, _ = x.Measure.Find(r.Workload.Quantities())
			keys, cases, groups = append(keys, others.key), append(cases, k), append(groups, nil)
		}
		groups[i] = append(groups[i], r)
		k := &cases[i]
		k.Deterministic = k.Deterministic && deterministic(x, r.Workload)
		level, found := slices.BinarySearchFunc(k.Levels, at, func(l claim.Level, at float64) int { return cmp.Compare(l.At, at) })
		if !found {
			k.Levels = slices.Insert(k.Levels, level, claim.Level{At: at})
		}
		k.Levels[level].Samples = append(k.Levels[level].Samples, s...)
	}
	for i, runs := range groups {
		cases[i].Chose = c.chosen(runs...)
	}
	if len(cases) == 0 {
		cases = []claim.Case{{Problem: x.Problem, Optimizer: x.Optimizer}}
	}
	return cases, nil
}

// combination is what was chosen for a run beside what a trend is against.
type combination struct{ key, problem, optimizer string }

// split is what was chosen for a run of a key of which numbers were swept, and the rest; ok is false if it has no such number.
func split(against string, r store.Run) (at float64, rest combination, ok bool) {
	rest.problem, rest.optimizer = r.Problem, r.Optimizer.Name
	var key []string
	take := func(prefix, base string, choices []config.Choice) (name string, here bool) {
		names := []string{base}
		for _, c := range choices {
			if prefix+c.Key == against {
				at, ok = c.Number()
				here = true
				continue
			}
			if c.String() != base { // else it is called after it
				names = append(names, c.Key+"="+c.String())
			}
			b, _ := json.Marshal(c.Value)
			key = append(key, prefix+c.Key+"="+string(b))
		}
		return strings.Join(names, " "), here
	}
	problem, _, _ := strings.Cut(r.Problem, "=")
	if i := strings.LastIndexByte(problem, ' '); i >= 0 && problem != r.Problem { // what it is called before what was chosen
		problem = problem[:i]
	} else if problem != r.Problem {
		problem = ""
	}
	if name, here := take("problem.", problem, r.Workload.Choices); here {
		rest.problem = strings.TrimSpace(name)
	}
	if name, here := take("", r.Optimizer.Base, r.Optimizer.Choices); here {
		rest.optimizer = name
	}
	rest.key = strings.Join(append(key, problem, r.Optimizer.Base), "\n")
	return at, rest, ok
}

// samples are the values of a measure; nil of no runs.
func (c *collector) samples(x claim.Claim, runs []store.Run) ([]claim.Sample, error) {
	if len(runs) == 0 {
		return nil, nil
	}
	all := make([]claim.Sample, len(runs))
	return all, atOnce(runs, func(i int, r store.Run) error {
		v, err := evaluate(x.Measure, r.Workload.Schema(*r.Optimizer), r.Outcome, c.points(r))
		if err != nil {
			return fmt.Errorf("%s, which a claim is about: %w", r.ID, err)
		}
		all[i] = claim.Sample{Seed: r.Seed, Status: r.Status, Value: v}
		if damage, is := errors.AsType[*store.Damaged](r.Err); is {
			all[i].Damage = damage.Error()
		}
		return nil
	})
}

// deterministic tells whether a measure is the same for every seed, unless an optimizer draws numbers itself.
func deterministic(x claim.Claim, w *config.Workload) bool {
	q, _ := x.Measure.Find(w.Quantities())
	return !w.Random && w.Budget.Time == 0 && q.Unit != "seconds"
}
