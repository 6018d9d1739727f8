package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/claim"
	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

// Figure is a figure that shows the answer: what `steepest plot` draws of the runs unless it is asked for another.
type Figure struct {
	Kind      string      `json:"kind"`
	Name      string      `json:"name,omitempty"`    // of its file
	Title     string      `json:"title,omitempty"`   // empty is the name of the experiment
	Caption   string      `json:"caption,omitempty"` // what there is to see
	Problem   string      `json:"problem,omitempty"` // empty is each
	Optimizer string      `json:"optimizer,omitempty"`
	Measure   string      `json:"measure,omitempty"`
	Also      string      `json:"also,omitempty"` // another measure
	Against   string      `json:"against,omitempty"`
	Together  bool        `json:"together,omitempty"` // the problems in one figure
	XScale    claim.Scale `json:"x_scale,omitempty"`  // empty is as the values are
	YScale    claim.Scale `json:"y_scale,omitempty"`
	Line      float64     `json:"line,omitempty"` // a value of the vertical axis; 0 is none
}

// CurveAxes are what curves can be drawn against.
var CurveAxes = []string{"step", "epoch", "gradient_evaluations", "seconds"}

// figureKind is a kind of figure, and the keys that not all kinds have.
type figureKind struct {
	name string
	keys func(*Figure) keys
}

// figureKinds are those of package picture.
var figureKinds = []figureKind{
	{"curves", func(f *Figure) keys {
		return keys{f.measureKey("a [quantity](measures.md#quantities) that is recorded of the steps"), f.alsoKey(), f.optimizerKey(),
			choiceKey(&f.Against, "against", "", CurveAxes, "the horizontal axis").or("`step`"), f.xScaleKey(), f.yScaleKey(), f.lineKey()}
	}},
	{"sensitivity", func(f *Figure) keys {
		return keys{f.measureKey("a [measure](measures.md) of the runs"), f.alsoKey(), f.optimizerKey(),
			stringKey(&f.Against, "against", "", "the key that was swept, such as `lr` or `problem.batch`").or("the first of the optimizers"), f.xScaleKey(), f.yScaleKey()}
	}},
	{"profile", func(f *Figure) keys { return keys{f.costKey()} }},
	{"ecdf", func(f *Figure) keys { return keys{f.costKey(), f.xScaleKey()} }},
	{"distribution", func(f *Figure) keys {
		return keys{f.measureKey("a [measure](measures.md) of the runs"), f.optimizerKey(), f.xScaleKey()}
	}},
	{"layers", func(f *Figure) keys {
		return keys{stringKey(&f.Measure, "measure", "", "what is drawn: what is [diagnosed](diagnostics.md) of each tensor or layer").or("the gradient norm of each layer"),
			f.optimizerKey(), f.xScaleKey()}
	}},
	{"parts", func(f *Figure) keys {
		return keys{stringKey(&f.Measure, "measure", "", "what is drawn: what is [diagnosed](diagnostics.md) of each part, such as `critical_loss_by_index`; `gradient_norm` where `record.layers` has it of each layer").
			needed(`write measure = "critical_loss_by_index", or another quantity that is measured of each part`),
			boolKey(&f.Together, "together", false, "one figure has a line for each problem"), f.optimizerKey(), f.xScaleKey(), f.yScaleKey()}
	}},
	{"trajectory", func(f *Figure) keys { return keys{f.optimizerKey()} }},
	{"budget", func(f *Figure) keys {
		return keys{f.measureKey("a [measure](measures.md) of the trials"), f.optimizerKey(), f.yScaleKey()}
	}},
	{"ranks", func(f *Figure) keys { return keys{f.measureKey("a [measure](measures.md) of the runs")} }},
	{"cockpit", func(f *Figure) keys { return keys{f.optimizerKey()} }},
}

// FigureKinds are the names of the kinds of figures that an experiment can ask for.
func FigureKinds() (names []string) {
	for _, k := range figureKinds {
		names = append(names, k.name)
	}
	return names
}

func (f *Figure) measureKey(help string) key {
	return stringKey(&f.Measure, "measure", "", "what is drawn: "+help).or("the validation loss, or else the train loss")
}

func (f *Figure) alsoKey() key {
	return stringKey(&f.Also, "also", "", "another one on the same axes, such as what was predicted beside what came").or("none")
}

func (f *Figure) lineKey() key {
	return numberKey(&f.Line, "line", 0, "(-inf,inf)", "a value other than 0 at which a dotted line is drawn across, such as a bound").or("a target of the measure, if there is one")
}

func (f *Figure) costKey() key {
	return stringKey(&f.Measure, "measure", "", "what is drawn: a [measure](measures.md) of the runs").or("`steps_to_target`")
}

func (f *Figure) optimizerKey() key {
	return stringKey(&f.Optimizer, "optimizer", "", "whose runs alone, by the name of the optimizer or of one variant").or("all")
}

func (f *Figure) xScaleKey() key {
	return choiceKey(&f.XScale, "x_scale", "", claim.Scales, "the horizontal axis").or("as the values are")
}

func (f *Figure) yScaleKey() key {
	return choiceKey(&f.YScale, "y_scale", "", claim.Scales, "the vertical axis").or("as the values are")
}

// figureKeys are those of a table [[figure]] of some kind.
func figureKeys(f *Figure, k figureKind) keys {
	list := keys{
		choiceKey(&f.Kind, "kind", "", FigureKinds(), "which [kind](figures.md)").ofKind("string").needed("name it"),
		stringKey(&f.Name, "name", "", "what distinguishes its file from those of the other figures"),
		stringKey(&f.Title, "title", "", "what stands above it").or("the name of the experiment"),
		stringKey(&f.Caption, "caption", "", "what there is to see; below it in the [report](report.md)"),
	}
	if k.name != "" && !slices.Contains(acrossProblems, k.name) {
		list = append(list, stringKey(&f.Problem, "problem", "", "of several problems this one alone").or("each has a figure"))
	}
	if k.keys != nil {
		list = append(list, k.keys(f)...)
	}
	return list
}

// acrossProblems are the kinds that are drawn over several problems.
var acrossProblems = []string{"profile", "ecdf", "ranks"}

// readFigures reads the figures that show the answer. The problems and optimizers were read before.
func (e *Experiment) readFigures(t *table) {
	for _, sub := range t.subs("figure") {
		sub.required("kind", fmt.Sprintf("add kind = %q or another of %s", figureKinds[0].name, quoted(FigureKinds()[1:])))
		name := sub.choice("kind", "", FigureKinds())
		i := slices.IndexFunc(figureKinds, func(k figureKind) bool { return k.name == name })
		if i < 0 {
			continue // no other key can be judged
		}
		f, before := Figure{}, len(e.errors)
		sub.read(figureKeys(&f, figureKinds[i]))
		e.checkFigure(sub, &f)
		if len(e.errors) == before {
			e.Figures, e.figurePaths = append(e.Figures, f), append(e.figurePaths, sub.path)
		}
	}
}

// checkFigure reports what no runs of the experiment can have a figure of.
func (e *Experiment) checkFigure(t *table, f *Figure) {
	on := e.claimed(t, f.Problem, f.Optimizer)
	for _, other := range e.Figures {
		if strings.EqualFold(other.Name, f.Name) {
			t.fault(t.at(join(t.path, "name")), fmt.Sprintf("two figures have the name %q", f.Name), `give each a name of its own, such as name = "norms"`)
			return
		}
	}
	if checkFigureName(f.Name) {
		t.fault(t.place("name"), fmt.Sprintf("%q cannot be part of a file's name", f.Name), "write letters, digits and hyphens")
	}
	switch {
	case len(on) == 0:
		return
	case f.Together && f.Problem != "":
		t.fault(t.place("together"), "the figure is of one problem", "leave out problem, or together")
	case slices.Contains(acrossProblems, f.Kind) && len(on) < 2:
		t.fault(t.place("kind"), f.Kind+" is drawn over several problems, and there is one", "write several [[problem]], or choose another kind")
	case f.Kind == "parts" || f.Kind == "layers" && f.Measure != "":
		return // checked when the problems are built
	case f.Kind == "layers" && !e.Record.Layers:
		t.fault(t.place("kind"), "the gradients of the layers are not recorded", "write record.layers = true")
	case f.Kind == "trajectory" && !e.Record.Parameters:
		t.fault(t.place("kind"), "the weights are not recorded", "write record.parameters = true")
	case f.Kind == "cockpit" && len(e.Diagnose) == 0:
		t.fault(t.place("kind"), "nothing is diagnosed", `write [[diagnose]] name = "alpha" and others of docs/diagnostics.md`)
	case f.Kind == "sensitivity":
		e.checkFigureSwept(t, f, on)
	}
	for _, w := range on {
		if !f.checkMeasure(t, w, "measure", f.Measure) || !f.checkMeasure(t, w, "also", f.Also) {
			return
		}
	}
}

// checkMeasure reports a measure that the runs on a problem cannot have, or that the kind of figure does not draw; and tells whether it is right.
func (f *Figure) checkMeasure(t *table, w *Workload, key, text string) bool {
	if text == "" {
		return true
	}
	m, err := measure.ParseIn(text, w.Setting())
	if err != nil {
		t.faultMeasure(join(t.path, key), err)
		return false
	}
	if q, _ := m.Find(w.Quantities()); f.Kind == figureKinds[0].name && (!q.Column || text != q.Name) {
		t.fault(t.place(key), fmt.Sprintf("%q is no quantity that is recorded of the steps", text), "write the name of one, such as train_loss or gradient_norm")
		return false
	}
	return true
}

// checkFigureParts reports figures of what no part of a problem has a column of, once it is known what the problems are built from.
func (e *Experiment) checkFigureParts() {
	var names []string
	if e.Record.Layers {
		names = append(names, record.Standard()[record.GradientNorm].Name)
	}
	for _, w := range e.Workloads {
		if w.Built == nil {
			return // nothing is known of its parts
		}
		for _, q := range diagnose.Elements(e.Diagnose, w.Built) {
			if name, _, _ := strings.Cut(q.Name, "["); !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for i, f := range e.Figures {
		if f.Kind != "layers" && f.Kind != "parts" || f.Measure == "" || slices.Contains(names, f.Measure) {
			continue
		}
		remedy := "write [[diagnose]] with what measures it"
		if len(names) > 0 {
			remedy = "choose one of " + quoted(names) + ", or " + remedy
		}
		e.Fault(join(e.figurePaths[i], "measure"), fmt.Sprintf("%q is not measured of each part, such as a tensor or layer", f.Measure), remedy)
	}
}

// checkFigureName tells whether a name cannot be part of a file's name.
func checkFigureName(name string) bool {
	return strings.ContainsAny(name, `/\:*?"<>|`) || strings.ContainsFunc(name, ignorable) || strings.HasPrefix(name, ".")
}

// checkFigureSwept reports a key of which there are not at least two numbers.
func (e *Experiment) checkFigureSwept(t *table, f *Figure, on []*Workload) {
	numbers := sweptNumbers(on, f.Optimizer)
	names := slices.Sorted(maps.Keys(numbers))
	names = slices.DeleteFunc(names, func(name string) bool { return len(numbers[name]) < 2 })
	switch {
	case len(names) == 0:
		t.fault(t.place("kind"), "no number was swept", "give a key several values, such as lr = { grid = [0.01, 0.1] }")
	case f.Against != "" && !slices.Contains(names, f.Against):
		t.fault(t.place("against"), fmt.Sprintf("%q was not swept", f.Against), "choose one of "+quoted(names))
	}
}

// figureNode is [[figure]], by its kind.
func figureNode() node {
	common := figureKeys(&Figure{}, figureKind{})
	var sorts []sort
	for _, k := range figureKinds {
		sorts = append(sorts, sort{[]string{k.name}, figureKeys(&Figure{}, k)[len(common):].object()})
	}
	return common.sorted(sorts)
}
