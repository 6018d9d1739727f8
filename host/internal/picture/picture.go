// Package picture makes figures of runs on record: each kind of figure that can be asked for is a file that says what it takes from them.
package picture

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/conduct"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/store"
)

// Results are the runs of an experiment that answer it, problem by problem.
type Results struct {
	*config.Experiment
	Problems []Problem
	folder   *store.Folder
}

// Problem has the runs on one problem.
type Problem struct {
	*config.Workload
	Variants []Variant
	folder   *store.Folder
	known    map[curveKey]map[string]condensed // the curves that were read, by their axes
}

// Variant are the runs of one optimizer, one for each seed.
type Variant struct {
	*config.Optimizer
	figure.Series
	Runs []store.Run
}

// Open finds the experiment that was asked for last in a results folder, and its runs. Its file, its data and its plugins may be gone.
func Open(ctx context.Context, dir string) (*Results, error) {
	asked, there, err := store.Restore(ctx, dir)
	if err != nil {
		return nil, err
	}
	last, _, err := conduct.Look(ctx, asked, there)
	if err != nil {
		return nil, err
	}
	return Of(asked, there.Folder(), conduct.Answers(last, there.Folder().Standing())), nil
}

// Of are the runs of an experiment that answer it, and beside them those of other programs.
func Of(asked plan.Plan, folder *store.Folder, runs []store.Run) *Results {
	imported, _ := folder.Imported()
	runs = append(slices.Clip(runs), imported...)
	r := &Results{Experiment: asked.Experiment, folder: folder}
	var optimizers []*config.Optimizer
	for _, run := range runs {
		optimizers = append(optimizers, run.Optimizer)
	}
	looks, workloads := looksOf(optimizers), asked.Workloads
	for _, run := range runs {
		if !slices.Contains(workloads, run.Workload) {
			workloads = append(slices.Clip(workloads), run.Workload) // of imported runs alone
		}
	}
	for _, w := range workloads {
		p, at := Problem{Workload: w, folder: folder, known: map[curveKey]map[string]condensed{}}, map[string]int{}
		for _, run := range runs {
			if run.Problem != w.Name {
				continue
			}
			name := run.Optimizer.Name
			if _, seen := at[name]; !seen {
				at[name] = len(p.Variants)
				p.Variants = append(p.Variants, Variant{Optimizer: run.Optimizer, Series: figure.Series{Name: name, Look: looks[name]}})
			}
			v := &p.Variants[at[name]]
			v.Runs = append(v.Runs, run)
		}
		if len(p.Variants) > 0 {
			r.Problems = append(r.Problems, p)
		}
	}
	return r
}

// looksOf are the looks of all optimizers of an experiment.
func looksOf(optimizers []*config.Optimizer) map[string]figure.Look {
	var looks Looks
	looks.Meet(optimizers...)
	return looks.of
}

// Looks are those of the optimizers of an experiment: each has a colour by its place, in the order in which they are met, and its variants
// shades of it.
type Looks struct {
	bases []string
	of    map[string]figure.Look // by the names of variants
}

// LooksOf are those of what a plan asks for.
func LooksOf(p plan.Plan) (all Looks) {
	var optimizers []*config.Optimizer
	for _, w := range p.Workloads {
		for i := range w.Optimizers {
			optimizers = append(optimizers, &w.Optimizers[i])
		}
	}
	all.Meet(optimizers...)
	return all
}

// Meet gives looks to the variants that have none yet. What have looks keep them.
func (l *Looks) Meet(optimizers ...*config.Optimizer) {
	variants := map[string][]string{}
	for _, o := range optimizers {
		base := Base(o)
		if !slices.Contains(l.bases, base) {
			l.bases = append(l.bases, base)
		}
		if _, met := l.of[o.Name]; !met && !slices.Contains(variants[base], o.Name) {
			variants[base] = append(variants[base], o.Name)
		}
	}
	if l.of == nil {
		l.of = map[string]figure.Look{}
	}
	for place, base := range l.bases {
		for i, name := range variants[base] {
			l.of[name] = figure.Look{Place: place}.Toned(i, len(variants[base]))
		}
	}
}

// Of is the look of an optimizer.
func (l *Looks) Of(o *config.Optimizer) figure.Look {
	l.Meet(o)
	return l.of[o.Name]
}

// Base is the name of an optimizer without what was chosen of its sets.
func Base(o *config.Optimizer) string {
	if o.Base != "" {
		return o.Base
	}
	return o.Name
}

// Options say what a figure is to show. Each kind has a default where one is empty.
type Options = config.Figure

// Kind is a kind of figure of the runs on a problem, or, with Across, over all problems of an experiment. One that has both is drawn over the
// problems where they are asked for together, or against their keys.
type Kind struct {
	Name, Help string
	Each       func(Problem, Options) (figure.Figure, error)
	Across     func(*Results, Options) (figure.Figure, error)
	// Found tells that it is of what `steepest landscape` found around the runs later, which no experiment can ask for.
	Found bool
}

func (k Kind) String() string { return k.Name }

// Kinds are those that there are.
var Kinds = registry.List[Kind]{curvesKind, sensitivityKind, profileKind, ecdfKind, distributionKind, layersKind, partsKind, trajectoryKind, budgetKind, ranksKind, sliceKind, criticalKind, spectrumKind, cockpitKind}

// Unfit is the error of runs of which there is no figure of a kind; the rest of the text is the remedy.
type Unfit struct{ What, Remedy string }

func (e *Unfit) Error() string { return e.What + "; " + e.Remedy }

func unfit(remedy, what string, args ...any) error { return &Unfit{fmt.Sprintf(what, args...), remedy} }

// title is that of a figure of a problem: the names of the experiment and of the problem, since the axes say what is drawn.
func (p Problem) title() string {
	if p.Workload.Name == "" {
		return p.Experiment.Name
	}
	return p.Experiment.Name + ", " + p.Workload.Name
}

// quantity is one that is recorded of points, by its name; the validation loss, or else the train loss, if that is empty.
func (p Problem) quantity(name string) (q record.Quantity, err error) {
	schema := p.Quantities()
	for _, v := range p.Variants {
		schema = p.Schema(*v.Optimizer)
		break
	}
	if name == "" {
		name = schema[record.TrainLoss].Name
		if p.Workload.Problem.Has(record.ValidationExamples) {
			name = schema[record.ValidationLoss].Name
		}
	}
	i := schema.Index(name)
	if i < 0 && strings.Contains(name, "[") && p.recorded(name) {
		return record.Quantity{Name: name, Title: words(name), Column: true}, nil
	}
	if i < 0 || !schema[i].Column {
		var names []string
		for _, q := range schema {
			if q.Column {
				names = append(names, q.Name)
			}
		}
		return q, unfit("choose "+registry.Sentence(names, "or"), "%q is no quantity that is recorded of the steps", name)
	}
	return schema[i], nil
}

// recorded tells whether some run has a column of a part of a problem: what has its data anew may lack what it is built from.
func (p Problem) recorded(column string) bool {
	return slices.ContainsFunc(p.Variants, func(v Variant) bool {
		opened, err := p.folder.Record(v.Runs[0].Job)
		return err == nil && slices.Contains(opened.Quantities(), column)
	})
}

// measured is a measure of whole runs, by its text; the loss at the end if that is empty.
func (p Problem) measured(text string) (m measure.Measure, q record.Quantity, err error) {
	if text == "" {
		fallback, err := p.quantity("")
		if err != nil {
			return m, q, err
		}
		text = fallback.Name
	}
	setting := p.Setting()
	if m, err = measure.ParseIn(text, setting); err != nil {
		return m, q, err
	}
	q, _ = m.Find(setting.Schema)
	return m, q, nil
}

// values are those of a measure of the runs of a variant that count: one that missed, diverged or was stopped is infinite. Runs that failed or did not
// end are left out and counted.
func (p Problem) values(m measure.Measure, v Variant) (values []float64, left int, err error) {
	for _, r := range v.Runs {
		x, err := m.Of(p.Schema(*r.Optimizer), r.Outcome, p.folder.Points(r.Job))
		if err != nil && r.Status.Ended() {
			return nil, 0, fmt.Errorf("%s: %w", r.ID, err)
		}
		_, worst := x.Between()
		if err != nil || !x.Counts() {
			left++
			continue
		}
		values = append(values, worst)
	}
	return values, left, nil
}

// axis is that of a quantity, or of a measure of it, logarithmic where its values are positive and span more than a decade.
func axis(q record.Quantity, m measure.Measure, values ...[]float64) figure.Axis {
	a := figure.Axis{Label: strings.Replace(m.String(), q.Name, q.Title, 1)}
	if q.Unit != "" {
		a.Label += " (" + q.Unit + ")"
	}
	a.Log = q.Range != record.Share && spansDecades(values...)
	return a
}

// spansDecades tells whether the finite values are positive and span more than a decade.
func spansDecades(values ...[]float64) bool {
	low, high := 0.0, 0.0
	for _, list := range values {
		for _, x := range list {
			if x-x != 0 { // infinite or NaN
				continue
			}
			if x <= 0 {
				return false
			}
			if low == 0 || x < low {
				low = x
			}
			high = max(high, x)
		}
	}
	return low > 0 && high > 10*low
}
