package picture

import (
	"math"

	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
)

// Best is the problem with one variant of each optimizer: that with the best median at the end, in the full colour. One of which no run counts is
// never better.
func (p Problem) Best() (Problem, error) {
	m, q, err := p.measured("")
	if err != nil {
		return p, err
	}
	at, score := map[string]int{}, map[string]float64{}
	var best []Variant
	for _, v := range p.Variants {
		values, _, err := p.values(m, v)
		if err != nil {
			return p, err
		}
		x := math.Inf(1)
		if len(values) > 0 {
			if x = quantile.Median(values); q.Better == record.More {
				x = -x
			}
		}
		base := Base(v.Optimizer)
		v.Look.Tone = 0
		if i, seen := at[base]; !seen {
			at[base], score[base], best = len(best), x, append(best, v)
		} else if x < score[base] {
			best[i], score[base] = v, x
		}
	}
	p.Variants = best
	return p, nil
}
