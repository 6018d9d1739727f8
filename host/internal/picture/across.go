package picture

import (
	"slices"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/statistics"
)

// shared are the optimizers that have runs on every problem, in the order of the first.
func (r *Results) shared() (all []figure.Series, err error) {
	if len(r.Problems) < 2 {
		return nil, unfit("write several [[problem]], or choose another kind of figure", "there is one problem, and nothing to be drawn over problems")
	}
	for _, v := range r.Problems[0].Variants {
		if !slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.variant(v.Series.Name) == nil }) {
			all = append(all, v.Series)
		}
	}
	if len(all) < 2 {
		return nil, unfit("give each problem the same optimizers", "%d optimizers have runs on every problem; it takes two", len(all))
	}
	return all, nil
}

// variant is that of a name; nil if there is none.
func (p Problem) variant(name string) *Variant {
	if i := slices.IndexFunc(p.Variants, func(v Variant) bool { return v.Series.Name == name }); i >= 0 {
		return &p.Variants[i]
	}
	return nil
}

// of are the values of a measure of each optimizer's runs on each problem, the less the better. Without a measure it is the steps to the target.
func (r *Results) of(text string, optimizers []figure.Series) (values [][][]float64, m measure.Measure, q record.Quantity, err error) {
	if text == "" {
		text = measure.StepsToTarget
	}
	values = make([][][]float64, len(optimizers))
	for _, p := range r.Problems {
		if m, q, err = p.measured(text); err != nil {
			return nil, m, q, unfit("choose a measure that every problem has with --measure, such as train_loss, or give it a target", "on %s: %v", p.Workload.Name, err)
		}
		for i, o := range optimizers {
			own, _, err := p.values(m, *p.variant(o.Name))
			if err != nil {
				return nil, m, q, err
			}
			if q.Better == record.More {
				for k := range own {
					own[k] = -own[k]
				}
			}
			values[i] = append(values[i], own)
		}
	}
	return values, m, q, nil
}

// medians are those of the runs of each optimizer on each problem.
func medians(values [][][]float64) [][]float64 {
	all := make([][]float64, len(values))
	for i, problems := range values {
		for _, runs := range problems {
			all[i] = append(all[i], quantile.Median(runs))
		}
	}
	return all
}

// stairs is a staircase that rises from zero.
func stairs(of figure.Series, s statistics.Staircase) figure.Stairs {
	if len(s.X) == 0 {
		return figure.Stairs{Series: of}
	}
	return figure.Stairs{Series: of, X: append([]float64{s.X[0]}, s.X...), Y: append([]float64{0}, s.Y...)}
}
