package picture

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
)

var sensitivityKind = Kind{Name: "sensitivity", Help: "a measure against a hyperparameter, or a key of the problem, that was swept", Each: sensitivity, Across: sensitivityOfProblems}

func sensitivity(p Problem, o Options) (figure.Figure, error) {
	key, err := p.swept(o.Against)
	if err != nil {
		return nil, err
	}
	s := responses{f: figure.Sensitivity{Title: p.title(), X: figure.Axis{Label: key}}, at: map[string]int{}}
	for _, v := range p.Variants {
		x, rest, is := along(Base(v.Optimizer), v.Choices, key)
		if !is {
			continue
		}
		if err := s.add(p, v, o.Measure, x, rest); err != nil {
			return nil, err
		}
	}
	s.f.Start = p.start(s.q.Name)
	return s.figure(), nil
}

// problemKey is how the keys of the problem begin, by which problems differ and not optimizers.
const problemKey = "problem."

// sensitivityOfProblems draws each optimizer against a key of the problem.
func sensitivityOfProblems(r *Results, o Options) (figure.Figure, error) {
	key := strings.TrimPrefix(o.Against, problemKey)
	s := responses{f: figure.Sensitivity{Title: r.Name, X: figure.Axis{Label: config.Choice{Key: key}.Name()}}, at: map[string]int{}, apart: len(r.Problems) > 0 && len(r.Problems[0].Variants) == 1}
	swept := map[float64]bool{}
	for _, p := range r.Problems {
		x, rest, is := along(baseOf(p.Workload), p.Workload.Choices, key)
		if !is {
			continue
		}
		swept[x] = true
		p, err := p.of(o.Optimizer)
		if err != nil {
			return nil, err
		}
		for _, v := range p.Variants {
			if err := s.add(p, v, o.Measure, x, strings.TrimSuffix(v.Series.Name+", "+strings.TrimSpace(rest), ", ")); err != nil {
				return nil, err
			}
		}
	}
	if len(swept) < 2 {
		return nil, unfit("give it several values in [problem], such as batch = { grid = [8, 32, 128] }", "%q was not swept", o.Against)
	}
	return s.figure(), nil
}

// baseOf is the name of a problem without what was chosen of its sets.
func baseOf(w *config.Workload) string {
	if len(w.Choices) > 0 {
		if at := strings.Index(w.Name, w.Choices[0].Name()+"="); at >= 0 {
			return strings.TrimSpace(w.Name[:at])
		}
	}
	return w.Name
}

// responses are the lines of a sensitivity as they are made, a point at a time.
type responses struct {
	f       figure.Sensitivity
	at      map[string]int // which line has a name
	apart   bool           // whether each line has a colour of its own, and not that of its optimizer
	missing int
	m       measure.Measure
	q       record.Quantity
}

// add takes the runs of a variant as the point of a line.
func (s *responses) add(p Problem, v Variant, text string, x float64, name string) (err error) {
	if s.m, s.q, err = p.measured(text); err != nil {
		return err
	}
	if _, seen := s.at[name]; !seen {
		place := v.Look.Place
		if s.apart {
			place = len(s.f.Lines)
		}
		s.at[name] = len(s.f.Lines)
		s.f.Lines = append(s.f.Lines, figure.Response{Series: figure.Series{Name: name, Look: figure.Look{Place: place}}})
	}
	line := &s.f.Lines[s.at[name]]
	values, left, err := p.values(s.m, v)
	if err != nil {
		return err
	}
	s.missing += left
	diverged := 0
	for _, r := range v.Runs {
		if r.Status == record.Diverged {
			diverged++
		}
	}
	sorted := quantile.Sorted(values)
	line.X, line.Runs, line.Diverged = append(line.X, x), append(line.Runs, len(values)), append(line.Diverged, diverged)
	line.Median = append(line.Median, quantile.Of(sorted, 0.5))
	line.Low, line.High = append(line.Low, quantile.Of(sorted, 0.25)), append(line.High, quantile.Of(sorted, 0.75))
	return nil
}

// figure is the figure of all that was added.
func (s *responses) figure() figure.Figure {
	f := s.f
	toned(f.Lines)
	var xs, ys [][]float64
	for i := range f.Lines {
		ascending(&f.Lines[i])
		xs, ys = append(xs, f.Lines[i].X), append(ys, f.Lines[i].Median)
	}
	f.Band = "quartiles over the seeds"
	if s.missing > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("Not in it, failed, pruned or not ended: %d of the runs.", s.missing))
	}
	if f.Start != 0 {
		ys = append(ys, []float64{f.Start})
	}
	f.X.Log, f.Y = spansDecades(xs...), axis(s.q, s.m, ys...)
	return f
}

// toned gives lines of one optimizer, of which something else was swept too, shades of its colour.
func toned(lines []figure.Response) {
	of, seen := map[int]int{}, map[int]int{}
	for _, l := range lines {
		of[l.Look.Place]++
	}
	for i := range lines {
		look := &lines[i].Look
		*look = look.Toned(seen[look.Place], of[look.Place])
		seen[look.Place]++
	}
}

// swept is the key of which numbers were swept: the one that is named, or the first.
func (p Problem) swept(named string) (string, error) {
	var keys []string
	values := map[string]map[float64]bool{}
	for _, v := range p.Variants {
		for _, c := range v.Choices {
			if x, is := c.Number(); is {
				if values[c.Key] == nil {
					values[c.Key] = map[float64]bool{}
				}
				if values[c.Key][x] = true; len(values[c.Key]) == 2 {
					keys = append(keys, c.Key)
				}
			}
		}
	}
	switch {
	case len(keys) == 0:
		return "", unfit("sweep one, such as lr = { log_grid = [1e-3, 1.0, 7] }", "no number of an optimizer was swept")
	case named == "":
		return keys[0], nil
	case !slices.Contains(keys, named):
		return "", unfit("choose "+registry.Sentence(keys, "or"), "%q was not swept", named)
	}
	return named, nil
}

// along is the value of a key among what was chosen, and what distinguishes it from others apart from that.
func along(base string, choices []config.Choice, key string) (x float64, rest string, is bool) {
	parts := []string{base}
	for _, c := range choices {
		if c.Key == key {
			x, is = c.Number()
			continue
		}
		if c.Key != "plugin" {
			parts = append(parts, c.Key+"="+c.String())
		}
	}
	return x, strings.Join(parts, " "), is
}

// ascending sorts what belongs to swept values by these.
func ascending(l *figure.Response) {
	order := make([]int, len(l.X))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case l.X[a] < l.X[b]:
			return -1
		case l.X[a] > l.X[b]:
			return 1
		}
		return 0
	})
	sorted := figure.Response{Series: l.Series}
	for _, i := range order {
		sorted.X, sorted.Median = append(sorted.X, l.X[i]), append(sorted.Median, l.Median[i])
		sorted.Low, sorted.High = append(sorted.Low, l.Low[i]), append(sorted.High, l.High[i])
		sorted.Runs, sorted.Diverged = append(sorted.Runs, l.Runs[i]), append(sorted.Diverged, l.Diverged[i])
	}
	*l = sorted
}

// start is the median over the seeds of a quantity before training; 0 if it is not known.
func (p Problem) start(quantity string) float64 {
	var values []float64
	for _, r := range p.Variants[0].Runs {
		opened, err := p.folder.Record(r.Job)
		if err != nil {
			continue
		}
		_ = opened.Column(quantity, func(_ int, _ time.Duration, x float64, measured bool) error {
			if measured {
				values = append(values, x)
			}
			return errFirst
		})
	}
	if len(values) == 0 {
		return 0
	}
	return quantile.Median(values)
}

// errFirst ends the reading of a column after its first row.
var errFirst = errors.New("the first row is enough")
