// Package landscape looks at the loss around the weights of a run: along lines and planes, and at the spectrum of its Hessian. All of it is of the loss of all
// training examples, with the layers as they evaluate.
package landscape

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
)

// Found is what every result says of itself.
type Found struct {
	Kind     string   `json:"kind"`
	Run      string   `json:"run_id"`
	Identity string   `json:"identity"`               // of the run
	Step     int      `json:"step"`                   // after which its weights are looked at
	Seed     uint64   `json:"seed"`                   // of all that is drawn at random here; not that of the run
	Loss     Number   `json:"loss"`                   // at the weights
	Command  string   `json:"command"`                // that made it
	Weights  []string `json:"weights_from,omitempty"` // how they were found, if they are not on record
	Notes    []string `json:"notes,omitempty"`
}

// Around are the weights of a run, and what is needed to look around.
type Around struct {
	problem.Problem
	Tree    seed.Tree // of the run: the training examples follow from it
	Weights []float64
	Random  *rand.Rand
	// Progress is told how much is done.
	Progress func(what string, share float64)
}

// objective is a problem as a run meets it, until the context ends.
func objective(ctx context.Context, p problem.Problem, tree seed.Tree) (problem.Curved, error) {
	o, is := problem.As[problem.Curved](p.Objective(tree))
	if !is {
		return nil, errNoCurvature
	}
	if long, is := o.(problem.Interruptible); is {
		long.Until(ctx)
	}
	return o, nil
}

// hessian is that at the weights. When the context ends its products are NaN, by which what asks for them ends soon. made counts the products.
func (a Around) hessian(ctx context.Context, what string, expected int) (h curvature.Matrix, made *int, err error) {
	o, err := objective(ctx, a.Problem, a.Tree)
	if err != nil {
		return h, nil, err
	}
	made = new(int)
	return curvature.Matrix{N: len(a.Weights), Multiply: func(v, into []float64) {
		if ctx.Err() != nil {
			into[0] = math.NaN()
			return
		}
		o.HessianVector(problem.All, a.Weights, v, into)
		*made++
		a.Progress(what, min(float64(*made)/float64(expected), 1))
	}}, made, nil
}

// ended is an error, or rather that the context ended, by which it came about.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
