package landscape

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/problem"
)

// SpectrumKind is that of spectra among results.
const SpectrumKind = "spectrum"

// Spectrum is how the eigenvalues of the Hessian are distributed.
type Spectrum struct {
	Found
	Parameters int `json:"parameters"`
	// Exact tells that Values are all eigenvalues. Else they are the nodes of a quadrature, with estimates of the shares of the eigenvalues that are there:
	// stochastic Lanczos quadrature (Ubaru, Chen and Saad 2017).
	Exact     bool     `json:"exact"`
	Values    []Number `json:"values"`            // in ascending order
	Shares    []Number `json:"weights,omitempty"` // of the nodes; they add up to 1
	Smallest  []Pair   `json:"smallest"`          // in ascending order, as are the largest
	Largest   []Pair   `json:"largest"`
	Trace     Number   `json:"trace"`
	Error     *Number  `json:"trace_error,omitempty"` // the standard error, of an estimate
	Negative  float64  `json:"negative"`              // share of the eigenvalues that are below zero by more than rounding
	Condition *Number  `json:"condition,omitempty"`   // largest absolute eigenvalue in the smallest; of all alone
	Products  int      `json:"products"`              // of the Hessian with vectors
}

// Pair is an eigenvalue at an end of the spectrum, and a bound of its error: the norm of H v − value v.
type Pair struct {
	Value    Number `json:"value"`
	Residual Number `json:"residual"`
}

// Spectral says how a spectrum is found.
type Spectral struct {
	Pairs   int  // at each end
	Density bool // estimate it, though there are few enough parameters for all eigenvalues
	Starts  int  // of the quadrature, and its
	Steps   int
}

const (
	pairTolerance = 1e-8 // of extreme eigenvalues, relative to the largest
	pairProducts  = 500  // at most, for these
	traceProducts = 60
)

// Check refuses what cannot be asked for.
func (s Spectral) Check() error {
	for _, c := range []struct {
		flag  string
		value int
	}{{"pairs", s.Pairs}, {"starts", s.Starts}, {"lanczos", s.Steps}} {
		if c.value < 1 {
			return fmt.Errorf("--%s %d is out of range; give at least 1", c.flag, c.value)
		}
	}
	return nil
}

// Spectrum finds all eigenvalues of the Hessian where there are at most [curvature.MaxWhole] parameters, and else estimates their distribution.
func (a Around) Spectrum(ctx context.Context, s Spectral) (found Spectrum, err error) {
	found = Spectrum{Parameters: len(a.Weights), Exact: !s.Density && len(a.Weights) <= curvature.MaxWhole}
	found.Kind, found.Loss = SpectrumKind, a.loss(a.Objective(a.Tree), a.Weights)
	if found.Exact {
		return found, a.whole(ctx, s.Pairs, &found)
	}
	h, made, err := a.hessian(ctx, "eigenvalues", pairProducts+s.Starts*s.Steps+traceProducts)
	if err != nil {
		return found, err
	}
	ends, err := curvature.Extreme(h, s.Pairs, s.Pairs, pairTolerance, pairProducts, a.Random)
	if err != nil {
		return found, ended(ctx, err)
	}
	for _, p := range ends.Smallest {
		found.Smallest = append(found.Smallest, Pair{Number(p.Value), Number(p.Residual)})
	}
	for _, p := range ends.Largest {
		found.Largest = append(found.Largest, Pair{Number(p.Value), Number(p.Residual)})
	}
	if !ends.Converged {
		found.Notes = append(found.Notes, fmt.Sprintf("The eigenvalues at the ends are not found to %g of the largest after %d products: their residuals bound their errors.",
			pairTolerance, ends.Products))
	}
	d, err := curvature.SpectralDensity(h, s.Starts, s.Steps, a.Random)
	if err != nil {
		return found, ended(ctx, err)
	}
	trace := curvature.HutchPlusPlus(h, traceProducts, a.Random)
	if ctx.Err() != nil {
		return found, ctx.Err()
	}
	for i, x := range d.Nodes {
		found.Values, found.Shares = append(found.Values, Number(x)), append(found.Shares, Number(d.Weights[i]))
	}
	zero := curvature.Rounding(len(a.Weights), d.Nodes[0], d.Nodes[len(d.Nodes)-1])
	e := Number(trace.Error)
	found.Trace, found.Error, found.Negative, found.Products = Number(trace.Value), &e, d.Below(math.Nextafter(-zero, -1)), *made
	return found, nil
}

// whole finds all eigenvalues.
func (a Around) whole(ctx context.Context, pairs int, found *Spectrum) error {
	n := len(a.Weights)
	h := mat.NewSymDense(n, nil)
	o := a.Objective(a.Tree)
	if exact, is := problem.As[problem.Exact](o); is {
		exact.Hessian(a.Weights, h)
	} else {
		m, made, err := a.hessian(ctx, "the Hessian's columns", n)
		if err != nil {
			return err
		}
		problem.Columns(m.Multiply, h)
		found.Products = *made
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	values, vectors, err := curvature.Spectrum(h, true)
	if err != nil {
		return err
	}
	negative, least, zero := 0, math.Inf(1), curvature.Rounding(n, values[0], values[n-1])
	for _, x := range values {
		found.Values = append(found.Values, Number(x))
		if least = min(least, math.Abs(x)); x < -zero {
			negative++
		}
	}
	condition := Number(math.Inf(1))
	if least > zero {
		condition = Number(max(values[n-1], -values[0]) / least)
	}
	found.Trace, found.Negative, found.Condition = Number(floats.Sum(values)), float64(negative)/float64(n), &condition
	pair := func(i int) Pair {
		v, r := vectors.ColView(i), mat.NewVecDense(n, nil)
		r.MulVec(h, v)
		r.AddScaledVec(r, -values[i], v)
		return Pair{Number(values[i]), Number(mat.Norm(r, 2))}
	}
	for i := range min(pairs, n) {
		found.Smallest, found.Largest = append(found.Smallest, pair(i)), append(found.Largest, pair(n-min(pairs, n)+i))
	}
	return nil
}

// Distribution is that of the eigenvalues.
func (s Spectrum) Distribution() curvature.Density {
	values := Numbers(s.Values)
	if s.Exact {
		return curvature.Exactly(values)
	}
	return curvature.Density{Nodes: values, Weights: Numbers(s.Shares), Products: s.Products}
}

// Check refuses what is no spectrum: it may have been written by another version, or by hand.
func (s Spectrum) Check() error {
	if len(s.Values) == 0 || !s.Exact && len(s.Shares) != len(s.Values) {
		return errors.New("there are no eigenvalues, or shares that do not fit them; make it again")
	}
	return nil
}
