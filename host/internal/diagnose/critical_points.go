package diagnose

import (
	"strconv"

	"gonum.org/v1/gonum/stat"

	"github.com/steepest/steepest/host/internal/landscape"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
)

var criticalPoints = Kind{
	Name:   "critical-points",
	Help:   "how many critical points of each kind there are of the training loss, by searches from many starts",
	Source: "Dauphin et al. 2014; the method of Levenberg and Marquardt on half the squared gradient norm: Nocedal and Wright 2006, section 10.3",
	Cost:   "of each start some 5 to 50 Hessians, of 2 for each parameter; it is measured once, and later points have the same",
	Limits: "problems of at most 2000 parameters, and of many more than 100 it takes long; what no start leads to is not found",
	Keys: []model.Key{
		{Name: "starts", Type: model.Whole, Default: 200, Help: "of which a function has them evenly in its domain, and another problem as it is initialised"},
	},
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "critical_minima", Title: "minima", Help: "Minima that were found: all eigenvalues of the Hessian are positive.", Range: record.Norm, Column: true},
			{Name: "critical_saddles", Title: "saddles", Help: "Saddles that were found: there are eigenvalues of both signs.", Range: record.Norm, Column: true},
			{Name: "critical_maxima", Title: "maxima", Help: "Maxima that were found: all eigenvalues are negative.", Range: record.Norm, Column: true},
			{Name: "critical_degenerate", Title: "degenerate points", Help: "Critical points that were found at which an eigenvalue is 0.", Range: record.Norm, Column: true},
			{Name: "critical_unconverged", Title: "searches without end", Help: "Starts that led to no critical point.", Range: record.Norm, Column: true},
			{Name: "critical_alternating_sum", Title: "alternating sum",
				Help: "Sum of 1 for each point of even index and -1 for each of odd, without degenerate ones: 1 if the loss grows in each direction and all are found.", Column: true},
			{Name: "critical_correlation", Title: "correlation of index and loss",
				Help: "Pearson's correlation of index and loss over the critical points that were found.", Column: true},
		}
	},
	Elements: func(_ model.Settings, p problem.Problem) (all []record.Quantity) {
		_, names := indexClasses(problem.Size(p.Layout()))
		for _, q := range []record.Quantity{
			{Name: "critical_points_by_index", Title: "critical points", Help: "Number of critical points whose index, the number of negative eigenvalues, is that or in that range.",
				Range: record.Norm, Column: true},
			{Name: "critical_loss_by_index", Title: "loss of critical points", Help: "Median loss of the critical points of an index, or of a range of it.", Column: true},
		} {
			for _, name := range names {
				part := q
				part.Name, part.Title = q.Name+"["+name+"]", q.Title+" of index "+name
				all = append(all, part)
			}
		}
		return all
	},
	Refuses: refusesSize,
	Make: func(s model.Settings, r *Run) Diagnostic {
		starts, _ := s["starts"].(int)
		return &criticalPointsOf{run: r, starts: starts}
	},
}

// mostIndexClasses is how many classes of the index there are at most: up to 40 parameters each index is one.
const mostIndexClasses = 41

// indexClasses are ranges of the index of as many values each, from 0 to the number of parameters, as names.
func indexClasses(parameters int) (width int, names []string) {
	width = (parameters + mostIndexClasses) / mostIndexClasses
	for low := 0; low <= parameters; low += width {
		name := strconv.Itoa(low)
		if high := min(low+width-1, parameters); high > low {
			name += "-" + strconv.Itoa(high)
		}
		names = append(names, name)
	}
	return width, names
}

func refusesSize(_ model.Settings, p problem.Problem) (message, remedy string) {
	if err := landscape.CheckSize(p); err != nil {
		return err.Error(), "take a smaller network, or leave the diagnostic out"
	}
	return "", ""
}

// criticalPointsOf has what was found when it has searched.
type criticalPointsOf struct {
	run    *Run
	starts int
	found  *landscape.CriticalPoints
}

func (d *criticalPointsOf) Measure(_ *record.Sample, values, elements []record.Value) (cost float64) {
	if d.found == nil {
		start, _ := landscape.Anywhere(d.run.Problem, d.run.tree.Branch("diagnose").Branch("critical-points"))
		found, err := landscape.Critical(d.run.ctx, d.run.Curved(), size(d.run), d.starts, start, nil)
		if err != nil {
			return 0 // it was interrupted
		}
		d.found = &found
		cost = d.run.searched(found.Gradients, found.Hessians)
	}
	f := d.found
	for i, n := range []int{f.Minima, f.Saddles, f.Maxima, f.Degenerate, f.Unconverged, f.Alternating} {
		values[i] = record.Measured(float64(n))
	}
	var index, loss []float64
	width, classes := indexClasses(size(d.run))
	losses := make([][]float64, len(classes))
	for _, p := range f.Points {
		index, loss = append(index, float64(p.Index)), append(loss, float64(p.Loss))
		losses[p.Index/width] = append(losses[p.Index/width], float64(p.Loss))
	}
	for i, of := range losses {
		elements[i] = record.Measured(float64(len(of)))
		if len(of) > 0 { // else there is none that has a loss
			elements[len(classes)+i] = record.Measured(quantile.Median(of))
		}
	}
	if c := stat.Correlation(index, loss, nil); finite(c) { // else all are alike
		values[6] = record.Measured(c)
	}
	return cost
}

// searched is what a search for critical points cost.
func (r *Run) searched(gradients, hessians int) float64 {
	return r.batches() * (float64(gradients) + float64(hessians)*float64(size(r))*record.HessianVectorCost)
}
