package picture

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
)

var sensitivityKind = Kind{Name: "sensitivity", Help: "a measure against a hyperparameter that was swept", Each: sensitivity}

func sensitivity(p Problem, o Options) (figure.Figure, error) {
	m, q, err := p.measured(o.Measure)
	if err != nil {
		return nil, err
	}
	key, err := p.swept(o.Against)
	if err != nil {
		return nil, err
	}
	f := figure.Sensitivity{Title: p.title(), X: figure.Axis{Label: key}, Band: "quartiles over the seeds"}
	at := map[string]int{}
	var xs, ys [][]float64
	missing := 0
	for _, v := range p.Variants {
		x, rest, is := along(v.Optimizer, key)
		if !is {
			continue
		}
		if _, seen := at[rest]; !seen {
			at[rest] = len(f.Lines)
			f.Lines = append(f.Lines, figure.Response{Series: figure.Series{Name: rest, Look: figure.Look{Place: v.Look.Place}}})
		}
		line := &f.Lines[at[rest]]
		values, left, err := p.values(m, v)
		if err != nil {
			return nil, err
		}
		missing += left
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
	}
	toned(f.Lines)
	for i := range f.Lines {
		ascending(&f.Lines[i])
		xs, ys = append(xs, f.Lines[i].X), append(ys, f.Lines[i].Median)
	}
	if missing > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("Not in it, failed, pruned or not ended: %d of the runs.", missing))
	}
	f.Start = p.start(q.Name)
	f.X.Log, f.Y = spansDecades(xs...), axis(q, m, append(ys, []float64{f.Start})...)
	return f, nil
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

// along is the value of a key of an optimizer, and what distinguishes it from others apart from that.
func along(o *config.Optimizer, key string) (x float64, rest string, is bool) {
	parts := []string{Base(o)}
	for _, c := range o.Choices {
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
