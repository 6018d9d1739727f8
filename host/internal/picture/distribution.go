package picture

import (
	"fmt"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/statistics"
)

var distributionKind = Kind{Name: "distribution", Help: "a measure of every run, with the median of each optimizer and its interval", Each: distribution}

// confidence is that of intervals in figures.
const confidence = 0.95

func distribution(p Problem, o Options) (figure.Figure, error) {
	m, q, err := p.measured(o.Measure)
	if err != nil {
		return nil, err
	}
	f := figure.Distribution{Title: p.title()}
	var all [][]float64
	coverages := map[string]bool{}
	for _, v := range p.Variants {
		values, left, err := p.values(m, v)
		if err != nil {
			return nil, err
		}
		if left > 0 {
			f.Notes = append(f.Notes, fmt.Sprintf("%s: %d of %d runs failed, did not end or were pruned.", v.Series.Name, left, len(v.Runs)))
		}
		e := statistics.Median(values, confidence)
		f.Rows = append(f.Rows, figure.Spread{Series: v.Series, Values: values, Median: e.Value, Low: e.Interval.Low, High: e.Interval.High})
		all = append(all, values)
		if e.Interval.Coverage > 0 { // one run has none
			coverages[fmt.Sprintf("%.4g %%", 100*e.Interval.Coverage)] = true
		}
	}
	f.X = axis(q, m, all...)
	for c := range coverages {
		if f.Interval = c + " intervals of the median"; len(coverages) > 1 {
			f.Interval = "intervals of the median"
		}
	}
	return f, nil
}
