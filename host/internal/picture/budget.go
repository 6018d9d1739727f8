package picture

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/statistics"
)

var budgetKind = Kind{Name: "budget", Help: "the best to be expected of a search after so many trials", Each: budget}

func budget(p Problem, o Options) (figure.Figure, error) {
	m, q, err := p.measured(o.Measure)
	if err != nil {
		return nil, err
	}
	f := figure.Budget{Title: p.title(), X: figure.Axis{Label: "trials"}}
	sign := 1.0
	if q.Better == record.More {
		sign = -1
	}
	trials, at, looks := map[string][]float64{}, []string{}, map[string]figure.Look{}
	missing, unknown := 0, 0
	for _, v := range p.Variants {
		values, left, err := p.values(m, v)
		if err != nil {
			return nil, err
		}
		missing += left
		if len(values) == 0 { // of this trial nothing is known
			unknown++
			continue
		}
		base := Base(v.Optimizer)
		if _, seen := trials[base]; !seen {
			at, looks[base] = append(at, base), figure.Look{Place: v.Look.Place}
		}
		trials[base] = append(trials[base], sign*quantile.Median(values))
	}
	var all [][]float64
	for _, base := range at {
		if len(trials[base]) < 2 {
			continue
		}
		line := figure.Curve{Series: figure.Series{Name: base, Look: looks[base]}}
		for k, x := range statistics.MedianBest(trials[base]) {
			line.X, line.Median = append(line.X, float64(k+1)), append(line.Median, sign*x)
		}
		f.Lines, all = append(f.Lines, line), append(all, line.Median)
	}
	if len(f.Lines) == 0 {
		return nil, unfit("sweep something, such as lr = { log_grid = [1e-3, 1.0, 7] }", "no optimizer has several trials")
	}
	if missing > 0 {
		note := fmt.Sprintf("Not in it, failed, pruned or not ended: %d of the runs", missing)
		if unknown > 0 {
			note += fmt.Sprintf(", all that there are of %d of the trials", unknown)
		}
		f.Notes = append(f.Notes, note+".")
	}
	f.Y = axis(q, m, all...)
	return f, nil
}
