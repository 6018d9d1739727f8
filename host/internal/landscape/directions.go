package landscape

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/problem"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// What slices are along.
const (
	AlongEigenvectors = "eigenvectors"
	AlongRandom       = "random"
	AlongRuns         = "runs"
	AlongTrajectory   = "trajectory"
)

// Alongs are all of them.
var Alongs = []string{AlongRandom, AlongEigenvectors, AlongRuns, AlongTrajectory}

// RandomDirections are one or two directions drawn at random, normalised by filters: each row of a weight, what makes one neuron or one filter, is as long as that of the weights,
// and biases and batch normalisation stay as they are (Li et al. 2018, section 4, and their code with `--xnorm filter --xignore biasbn`). Variables of a function are no
// filters: there the directions have length 1.
func (a Around) RandomDirections(dimensions int) Plane {
	p := Plane{origin: a.Weights}
	p.Along = AlongRandom
	for i := range dimensions {
		d := make([]float64, len(a.Weights))
		for j := range d {
			d[j] = a.Random.NormFloat64()
		}
		normalise(d, a.Weights, a.Layout())
		p.Axes = append(p.Axes, Axis{Label: fmt.Sprintf("random direction %d", i+1), Length: Number(floats.Norm(d, 2)), direction: d, from: -1, to: 1})
	}
	p.angle()
	return p
}

// normalise makes each filter of a direction as long as that of the weights.
func normalise(d, weights []float64, layout []*v1.Tensor) {
	for _, t := range layout {
		d, w := d[t.Offset:t.Offset+t.Length], weights[t.Offset:t.Offset+t.Length]
		switch {
		case t.Role == v1.Role_ROLE_POINT:
			floats.Scale(1/floats.Norm(d, 2), d)
		case t.Role != v1.Role_ROLE_WEIGHT || len(t.Shape) < 2:
			clear(d)
		default:
			size := int(t.Length / t.Shape[0])
			for from := 0; from < len(d); from += size {
				d, w := d[from:from+size], w[from:from+size]
				floats.Scale(floats.Norm(w, 2)/floats.Norm(d, 2), d)
			}
		}
	}
}

// angle notes that between the directions of a plane.
func (p *Plane) angle() {
	if len(p.Axes) == 2 {
		cos := floats.Dot(p.Axes[0].direction, p.Axes[1].direction) / float64(p.Axes[0].Length) / float64(p.Axes[1].Length)
		angle := Number(math.Acos(max(-1, min(cos, 1))) * 180 / math.Pi)
		p.Angle = &angle
	}
}

// Eigenvectors are those of the Hessian with the largest eigenvalues, of length 1, by the algorithm of Lanczos. What sign they have means nothing: the first element that
// is not small is positive.
func (a Around) Eigenvectors(ctx context.Context, dimensions int) (Plane, error) {
	p := Plane{origin: a.Weights}
	p.Along = AlongEigenvectors
	if n := len(a.Weights); n < dimensions {
		return p, fmt.Errorf("there are %d eigenvectors; choose --dimensions %d", n, n)
	}
	h, _, err := a.hessian(ctx, "eigenvectors", pairProducts)
	if err != nil {
		return p, err
	}
	ends, err := curvature.Extreme(h, 0, dimensions, pairTolerance, pairProducts, a.Random)
	if err != nil {
		return p, ended(ctx, err)
	}
	if !ends.Converged {
		p.Notes = append(p.Notes, fmt.Sprintf("The eigenvectors are not found to %g of the largest eigenvalue after %d products: the residuals say how far they are.",
			pairTolerance, ends.Products))
	}
	g := make([]float64, len(a.Weights))
	a.Objective(a.Tree).Gradient(problem.All, a.Weights, g)
	for i := range dimensions {
		e := ends.Largest[len(ends.Largest)-1-i]
		v := e.Vector
		for _, x := range v {
			if math.Abs(x) > 1e-8 {
				floats.Scale(math.Copysign(1, x), v)
				break
			}
		}
		value, residual, slope := Number(e.Value), Number(e.Residual), Number(floats.Dot(g, v))
		p.Axes = append(p.Axes, Axis{Label: fmt.Sprintf("eigenvector %d (λ = %.4g)", i+1, e.Value), Length: 1, Value: &value, Residual: &residual, Slope: &slope,
			direction: v, from: -1, to: 1})
	}
	return p, nil
}
