package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
)

// Workload is an experiment on one of its problems: what is minimised, for how long, up to which target, and the optimizers as they are
// there.
type Workload struct {
	*Experiment `json:"-"`
	// Name is that of the problem; empty if the file has one problem and does not name it.
	Name       string          `json:"name,omitempty"`
	Choices    []Choice        `json:"choices,omitempty"` // from the sets in [problem]
	Problem    Problem         `json:"problem"`
	Budget     Budget          `json:"budget"`
	Target     *measure.Target `json:"target,omitempty"`
	Stop       measure.Stop    `json:"stop,omitzero"`
	Optimizers []Optimizer     `json:"optimizers"`

	// Built is the problem itself, and Steps are those of a run. They are there after Build.
	Built problem.Problem `json:"-"`
	Steps int             `json:"steps"`
	// Random tells whether anything but an optimizer follows from the seed of a run. It is there after Build.
	Random bool `json:"-"`

	*document     `json:"-"` // as this workload sees it
	targetPath    string     // of its value
	stopPath      string     // of its table
	stepsPerEpoch int
	proposed      map[string]*Proposed // by the name of the optimizer
}

// maxWorkloads is the most problems of an experiment, those that sets make included.
const maxWorkloads = 1000

// readWorkloads reads what there is a choice of: problems and optimizers.
func (e *Experiment) readWorkloads(t *table) {
	var problems, optimizers []variant
	for _, sub := range t.alternatives(problemRoot) {
		problems = append(problems, e.problemVariants(sub)...)
	}
	gradient, _ := t.sub("gradient")
	readGradient(&table{document: t.document, path: gradient.path, keys: gradient.withoutSets().keys}) // though none may need it
	for _, sub := range t.subs(optimizerRoot) {
		optimizers = append(optimizers, e.optimizerVariants(sub, gradient)...)
	}
	if len(problems) == 0 {
		problems = []variant{{}} // what can be judged without
	}
	if e.Search.Kind != "" && !slices.ContainsFunc(optimizers, func(v variant) bool { return v.trial > 0 || v.space != nil }) && len(t.errors) == 0 {
		e.Warn("search", "[search] does nothing: no optimizer has a set of values", "write one, such as lr = { grid = [0.01, 0.1] }, or remove [search]")
	}
	problems, optimizers = e.bounded(t, problems, optimizers)
	excludes := e.readExcludes(t, problems, optimizers)
	for i, p := range problems {
		view := *e.document
		view.moves = map[string][]move{problemRoot: p.moves(problemRoot)}
		left := excludes.without(i, optimizers)
		for i, o := range left {
			view.moves[o.root(i)] = o.moves(o.root(i))
		}
		w := &Workload{Experiment: e, Choices: p.choices, document: &view}
		w.read(&table{document: &view, keys: t.keys}, p, left)
		if len(left) > 0 || len(optimizers) == 0 {
			e.Workloads = append(e.Workloads, w)
		}
	}
	if len(e.Workloads) == 0 {
		t.fault(t.at("exclude"), "[[exclude]] leaves nothing to run", "exclude less")
	}
	e.nameWorkloads()
	e.nameFolders()
}

// bounded are some of the problems and optimizers if there are too many, which is reported.
func (e *Experiment) bounded(t *table, problems, optimizers []variant) (p, o []variant) {
	if len(problems) > maxWorkloads {
		t.fault(t.place("problem"), fmt.Sprintf("there are %d problems, those that sets make included", len(problems)),
			fmt.Sprintf("choose at most %d", maxWorkloads))
		problems = problems[:1]
	}
	if n := len(e.Seeds) * len(optimizers) * len(problems); n > maxRuns {
		text := fmt.Sprintf("%d seeds of %d optimizers", len(e.Seeds), len(optimizers))
		if len(problems) > 1 {
			text += fmt.Sprintf(" on %d problems", len(problems))
		}
		remedy := fmt.Sprintf("choose fewer values, so that there are at most %d runs", maxRuns)
		if count := maxRuns / len(optimizers) / len(problems); count > 0 {
			remedy = fmt.Sprintf("choose a count of at most %d, so that there are at most %d runs", count, maxRuns)
		} else {
			optimizers, problems = optimizers[:1], problems[:1]
		}
		t.fault(t.at("seeds.count"), fmt.Sprintf("%s are %d runs", text, n), remedy)
	}
	held := 0
	for _, o := range optimizers {
		if held += len(problems) * len(o.keys); held > maxWeight {
			t.fault(t.place("optimizer"), fmt.Sprintf("%d optimizers on %d problems, each with its keys, are too much to hold", len(optimizers), len(problems)),
				"choose fewer values, or divide the file into several experiments")
			return problems[:1], optimizers[:1]
		}
	}
	return problems, optimizers
}

// nameFolders gives the runs of each optimizer a folder's name of their own.
func (e *Experiment) nameFolders() {
	var names []string
	for _, w := range e.Workloads {
		for _, o := range w.Optimizers {
			names = append(names, strings.TrimSpace(w.Name+" "+o.Name))
		}
	}
	all := folders(names)
	for _, w := range e.Workloads {
		for i := range w.Optimizers {
			w.Optimizers[i].folder, all = all[0], all[1:]
		}
	}
}

func (w *Workload) read(t *table, p variant, optimizers []variant) {
	own := &table{document: w.document, path: problemRoot, keys: maps.Clone(p.keys)}
	if p.keys != nil {
		w.readProblem(own)
	}
	w.Name = p.name(w.Name)
	if sub, ok := t.ownOr(own, "budget"); ok {
		w.readBudget(sub)
	} else {
		t.required("budget", "add a table [budget], such as steps = 1000")
	}
	w.readOptimizers(optimizers)
	if sub, ok := t.ownOr(own, "target"); ok {
		w.readTarget(sub)
	}
	if sub, ok := t.ownOr(own, "stop"); ok {
		w.readStop(sub)
	}
}

// ownOr is the table of that name in a problem, or else that of the file; ok tells whether there is one.
func (t *table) ownOr(own *table, key string) (sub *table, ok bool) {
	if keys, ok := own.keys[key].(map[string]any); ok {
		return &table{document: own.document, path: join(own.path, key), keys: keys}, true
	}
	return t.sub(key)
}

func (w *Workload) readProblem(t *table) {
	p := &w.Problem
	w.Name = t.str("name", "")
	t.required("kind", "add kind = \"mlp\" or the name of a function, such as \"rosenbrock\" or \"quadratic\"")
	p.Kind = t.choice("kind", "", ProblemKinds())
	kind, ok := p.kind()
	if !ok {
		return // of an unknown kind no key can be judged
	}
	rest := *t // without the tables that [problem] can have in place of the file's
	rest.keys = maps.Clone(t.keys)
	for _, k := range ownKeys() {
		if _, isTable := t.keys[k.name].(map[string]any); isTable {
			delete(rest.keys, k.name)
		}
	}
	kind.read(w, &rest)
	for _, k := range ownKeys() {
		v, given := rest.keys[k.name]
		if given && !slices.Contains(rest.known, k.name) { // target is also a key of models
			t.fault(t.place(k.name), fmt.Sprintf("%s must be a table, not %s", k.name, describe(v)),
				fmt.Sprintf("write [problem.%s] on a line of its own and its keys below, or leave it to [%s]", k.name, k.name))
		}
		rest.known = append(rest.known, k.name)
	}
	rest.done()
}

// nameWorkloads completes the names of problems by what was chosen, and makes sure that they differ.
func (e *Experiment) nameWorkloads() {
	used := map[string]bool{}
	for _, w := range e.Workloads {
		switch {
		case w.Name == "" && len(e.Workloads) > 1:
			w.Fault(problemRoot, "one of several problems has no name", "give each [[problem]] a name of its own, such as name = \"digits\"")
		case used[w.Name]:
			w.Fault(problemRoot+".name", fmt.Sprintf("the name %q is that of another problem", w.Name), "give each [[problem]] a name of its own")
		}
		used[w.Name] = true
	}
}

// Build loads the data and makes the problems of all workloads. What is wrong is kept for Errors.
func (e *Experiment) Build() {
	for _, w := range e.Workloads {
		w.build()
	}
	e.checkBudgets()
	e.checkSeeds()
	e.checkDiagnose()
	e.checkFigureParts()
	e.checkExpect()
}

func (w *Workload) build() {
	kind, ok := w.Problem.kind()
	if !ok {
		return
	}
	built := kind.build(w)
	if built == nil {
		return
	}
	w.Built, w.stepsPerEpoch = built, built.StepsPerEpoch()
	w.Steps = w.Budget.steps(built)
	w.checkBudget()
	w.checkRecord()
	train := 0
	if data, ok := built.(problem.Batched); ok {
		rows, _, _ := data.Rows(seed.New(0)) // as many for every seed
		train = len(rows)
	}
	model, fitted := built.(*problem.Supervised)
	w.Random = fitted && model.Network.Random() || w.Problem.random(train)
	w.checkTarget()
	w.checkStop()
	for i := range w.Optimizers {
		w.Optimizers[i].selectTensors(w, built.Layout())
	}
	w.checkJudge()
	if n := problem.Size(built.Layout()); w.Record.Parameters && n > maxRecordedParameters {
		w.Fault("record.parameters", fmt.Sprintf("the model has %d parameters; more than %d are not recorded at each step",
			n, maxRecordedParameters), "remove record.parameters, or make the model smaller")
	}
}

// HasTarget tells whether some problem has a target.
func (e *Experiment) HasTarget() bool {
	return slices.ContainsFunc(e.Workloads, func(w *Workload) bool { return w.Target != nil })
}
