package config

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/steepest/steepest/proto"
)

// External is a search whose trials another program chooses: it is asked for each, and told how good it was.
type External struct {
	Batch   int    `json:"batch"` // so many trials of an optimizer are asked for before the first of them is told
	Measure string `json:"measure,omitempty"`
}

// ExternalKind is its name.
const ExternalKind = "external"

var externalSearch = searchKind{
	name: ExternalKind,
	help: "another program chooses the values of a trial, knowing how good the earlier ones were: that of `steepest run --trials-from`; " +
		"see [Tuning](tuning.md#a-sampler-of-your-own)",
	draws: true,
	keys: func(s *Search) keys {
		s.External = &External{}
		x := s.External
		return keys{
			integerKey(&s.Trials, "trials", 1, 1, maxRuns, "how many trials each optimizer with sets gets").
				needed("add trials = 20, or another number of them"),
			integerKey(&x.Batch, "batch", 1, 1, maxRuns, "how many of them go on at once: the program chooses as many before it is told how good the first is"),
			stringKey(&x.Measure, "measure", "", "[measure](measures.md) of which it is told").or("that of `[tune]`, or `\"validation_loss\"`"),
		}
	},
}

// Axis is a set of values from which another program chooses.
type Axis struct {
	Key     string   `json:"key"`              // within its table, such as lr or lr.from
	Values  []any    `json:"values,omitempty"` // all there are; nil of an interval
	Low     *float64 `json:"low,omitempty"`    // of an interval; else nil
	High    *float64 `json:"high,omitempty"`
	Log     bool     `json:"log,omitempty"`     // whether the logarithm is even
	Integer bool     `json:"integer,omitempty"` // whether only whole numbers count
}

// space are the sets of an optimizer of which another program chooses a value each.
type space struct {
	sets []set
	// variant is the optimizer with a value of each set.
	variant func(row []element) variant
}

// externalVariant stands for all the trials of an optimizer that another program will choose, with values to check the rest of its table
// with. Without sets it is the one trial that there is.
func (e *Experiment) externalVariant(t *table, gradient *table) variant {
	_, own := t.keys["gradient"]
	if sites := sitesIn(gradient.keys, gradient.path, isSet); !own && len(sites) > 0 {
		e.fault(e.at(tablesIn(sites)[0].path), fmt.Sprintf("[gradient] cannot have sets in a search of the kind %q", ExternalKind),
			"give the optimizer a gradient table of its own, with the set in it")
		own = true
	}
	with := func(v variant) variant {
		if own || gradient.keys == nil {
			return v
		}
		return e.crossed([]variant{v}, gradient)[0]
	}
	v := with(t.withoutSets())
	if sets, ok := e.setsIn(t); ok && len(sets) > 0 && e.bearable(t, e.Search.combinations(sets), sets) {
		v.space = &space{sets, func(row []element) variant {
			return with(chosen([]variant{{keys: t.keys, path: t.path}}, sets, [][]element{row})[0])
		}}
	}
	return v
}

func (s *space) axes() (all []Axis) {
	for _, x := range s.sets {
		a := Axis{Key: x.key, Log: x.kind.name == "log_uniform", Integer: x.whole}
		if x.n == 0 {
			a.Low, a.High = &x.low, &x.high
		}
		for i := range x.n {
			a.Values = append(a.Values, x.at(i).value)
		}
		all = append(all, a)
	}
	return all
}

// row is a value of each set, from values as JSON has them.
func (s *space) row(values map[string]any) (row []element, err error) {
	var names []string
	for _, x := range s.sets {
		names = append(names, x.key)
	}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(names, key) {
			return nil, fmt.Errorf("%q has no set of values; %s", key, proto.DidYouMean(key, names))
		}
	}
	for _, x := range s.sets {
		v, given := values[x.key]
		if !given {
			return nil, fmt.Errorf("a value of %q is missing; give one for each of %s", x.key, strings.Join(names, ", "))
		}
		e, err := x.element(v)
		if err != nil {
			return nil, fmt.Errorf("%s = %s: %w", x.key, exact(v), err)
		}
		row = append(row, e)
	}
	return row, nil
}

// element is the value of the set that JSON has as v.
func (s set) element(v any) (element, error) {
	if s.n > 0 {
		for i := range s.n {
			if e := s.at(i); exact(e.value) == exact(v) {
				return e, nil
			}
		}
		return element{}, fmt.Errorf("it is none of the %d values of the %s; give one as it was told", s.n, s.kind.name)
	}
	x, isNumber := toFloat(v)
	switch {
	case !isNumber:
		return element{}, fmt.Errorf("it is %s; give a number from %v to %v", describe(v), s.low, s.high)
	case !(x >= s.low && x <= s.high):
		return element{}, fmt.Errorf("it is out of the %s; give a number from %v to %v", s.kind.name, s.low, s.high)
	case s.whole && x != math.Trunc(x):
		return element{}, fmt.Errorf("only whole numbers count; give one from %v to %v", s.low, s.high)
	case s.whole:
		return element{int64(x), s.path}, nil
	}
	return element{x, s.path}, nil
}

// Proposed are the trials of an optimizer that another program chose so far.
type Proposed struct {
	Trials []Optimizer
	Over   bool // whether it wants no more
}

// Proposed are the trials of an optimizer with a Space so far.
func (w *Workload) Proposed(o Optimizer) *Proposed {
	if w.proposed == nil {
		w.proposed = map[string]*Proposed{}
	}
	if w.proposed[o.Base] == nil {
		w.proposed[o.Base] = &Proposed{}
	}
	return w.proposed[o.Base]
}

// Trials is how many trials an optimizer with a Space is to get: as many as are asked for, or as there are.
func (w *Workload) Trials(o Optimizer) int {
	n := 1
	for _, a := range o.Space {
		if a.Values == nil {
			return w.Search.Trials
		}
		n = min(n*len(a.Values), w.Search.Trials)
	}
	return n
}

// Propose makes a trial of an optimizer with a Space, from a value for each of its keys as JSON has it, with the number that it had before, or 0
// for the next. The trial is checked as if its values stood in the file. again tells that it was proposed before; then that is the result.
func (w *Workload) Propose(o Optimizer, values map[string]any, number int) (trial Optimizer, again bool, err error) {
	row, err := o.space.row(values)
	if err != nil {
		return trial, false, err
	}
	p := w.Proposed(o)
	names, folder, last := map[string]bool{}, []string{}, 0
	for _, other := range w.Optimizers {
		names[norm.NFC.String(other.Name)] = other.Space == nil
	}
	for _, other := range p.Trials {
		same := true
		for i, c := range other.Choices {
			same = same && exact(c.Value) == exact(row[i].value)
		}
		if same {
			return other, true, nil
		}
		last = max(last, other.Trial)
	}
	index := len(w.Optimizers)
	for _, q := range w.proposed {
		index += len(q.Trials)
		for _, other := range q.Trials {
			names[norm.NFC.String(other.Name)] = true
		}
	}
	v := o.space.variant(row)
	if v.trial = number; number == 0 {
		v.trial = last + 1
	}
	w.moves[v.root(index)] = v.moves(v.root(index))
	before := len(w.errors)
	trial, _ = w.readOptimizer(index, v)
	for digits := 4; digits <= 17; digits++ {
		trial.Name = trial.Base
		for i := range trial.Choices {
			c := &trial.Choices[i]
			c.text = shortest(c.Value, digits)
			c.name = readableKey(v.keys, c.Key)
			trial.Name += " " + c.name + "=" + c.text
		}
		if !names[norm.NFC.String(trial.Name)] {
			break
		}
	}
	for _, other := range w.Experiment.Workloads {
		for _, q := range other.proposed {
			for _, t := range q.Trials {
				folder = append(folder, strings.TrimSpace(other.Name+" "+t.Name))
			}
		}
	}
	trial.Proposed = true
	folder = append(folder, strings.TrimSpace(w.Name+" "+trial.Name))
	trial.folder = folders(folder)[len(folder)-1]
	trial.selectTensors(w, w.Built.Layout())
	var q questions
	w.resolve(&trial, &q)
	q.ask(w.judges.validate)
	q.report()
	if wrong := w.errors[before:]; len(wrong) > 0 {
		err = Errors(slices.Clone(wrong))
		w.errors = w.errors[:before]
		return trial, false, err
	}
	p.Trials = append(p.Trials, trial)
	return trial, false, nil
}
