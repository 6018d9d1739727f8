package diagnose

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// definite tells by the factors of Cholesky, which exist of positive definite matrices alone.
var definite = Kind{
	Name:   "definite",
	Help:   "whether all eigenvalues of the Hessian of the training loss are positive; of random matrices, of how many they are",
	Source: "Goodfellow et al. 2016, section 4.3.1; Dean and Majumdar 2006 for random matrices",
	Cost:   "2 for each parameter, with all examples; 1 for each random matrix",
	Limits: fmt.Sprintf("at most %d parameters", curvature.MaxWhole),
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{{Name: "positive_definite", Title: "positive definite", Help: "Whether all eigenvalues of the Hessian of the training loss are positive, 1 or 0; of " +
			"random matrices the share of which they are.", Range: record.Share, Column: true}}
	},
	Refuses: func(_ model.Settings, p problem.Problem) (message, remedy string) {
		if n := problem.Size(p.Layout()); n > curvature.MaxWhole {
			return fmt.Sprintf("it has %d parameters, and whole Hessians are made of at most %d", n, curvature.MaxWhole), `name "hessian", whose smallest eigenvalue tells it`
		}
		return "", ""
	},
	Make: func(_ model.Settings, r *Run) Diagnostic { return definiteOf{r} },
}

type definiteOf struct{ run *Run }

func (d definiteOf) Measure(p *record.Sample, values, _ []record.Value) (cost float64) {
	var factors mat.Cholesky
	count, positive, undefined := 0.0, 0.0, 0.0
	judge := func(h *mat.SymDense) {
		if x := mat.Norm(h, 1); !finite(x) {
			undefined = math.NaN() // which has no eigenvalues
		}
		if count++; factors.Factorize(h) {
			positive++
		}
	}
	if ensemble, is := problem.As[problem.Ensemble](d.run.Objective()); is {
		ensemble.Hessians(p.Weights, judge)
		cost = count * record.GradientCost
	} else {
		h := mat.NewSymDense(len(p.Weights), nil)
		problem.Hessian(d.run.Curved(), p.Weights, h)
		judge(h)
		cost = float64(len(p.Weights)) * record.HessianVectorCost * d.run.batches()
	}
	values[0] = record.Measured(positive/count + undefined)
	return cost
}
