package landscape

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// End are the weights at the end of a run.
type End struct {
	Name    string
	Weights []float64
}

// Between is the straight line from the weights to those of another run, 0 here and 1 there, or the plane of three: its axes are orthogonal and of one length, from
// these weights to the first of the others, so that distances can be compared (Garipov et al. 2018, appendix A.1).
func (a Around) Between(name string, others ...End) (Plane, error) {
	p := Plane{origin: a.Weights}
	p.Along = AlongRuns
	u := difference(others[0].Weights, a.Weights)
	length := floats.Norm(u, 2)
	if length == 0 {
		return p, fmt.Errorf("%s ends where %s does; there is no line between them: name another", others[0].Name, name)
	}
	p.Marks = []Mark{{Name: name}, {Name: others[0].Name, X: 1}}
	p.Axes = []Axis{{Label: fmt.Sprintf("from %s (0) to %s (1)", name, others[0].Name), Length: Number(length), direction: u, from: -0.25, to: 1.25}}
	if len(others) == 1 {
		return p, nil
	}
	v := difference(others[1].Weights, a.Weights)
	x := floats.Dot(v, u) / length / length
	floats.AddScaled(v, -x, u)
	height := floats.Norm(v, 2)
	if height <= 1e-12*length {
		return p, errors.New("the ends of the three runs lie on a line, not on a plane; name two of them")
	}
	y := height / length
	floats.Scale(1/y, v)
	p.Marks = append(p.Marks, Mark{Name: others[1].Name, X: Number(x), Y: Number(y)})
	p.Axes[0].from, p.Axes[0].to = widened(0, 1, x)
	p.Axes = append(p.Axes, Axis{Label: fmt.Sprintf("across, towards %s", others[1].Name), Length: Number(length), direction: v})
	p.Axes[1].from, p.Axes[1].to = widened(0, y)
	return p, nil
}

// widened is the range of values with a quarter more at each end.
func widened(values ...float64) (from, to float64) {
	from, to = floats.Min(values), floats.Max(values)
	by := (to - from) / 4
	if by == 0 {
		by = 1
	}
	return from - by, to + by
}

// Way is the plane, or the line, in which most of the way of a run lies: that of the principal components of its weights at some steps, through those looked at, with the way
// projected onto it (Li et al. 2018, section 7.2). The directions have length 1.
func (a Around) Way(steps []int, weights [][]float64, dimensions int) (Plane, error) {
	p := Plane{origin: a.Weights}
	p.Along = AlongTrajectory
	components, shares := principal(weights, dimensions)
	if len(components) < dimensions {
		return p, fmt.Errorf("the way lies in %d dimensions; choose --dimensions 1, or a later step", len(components))
	}
	way, total := &Path{Steps: steps}, 0.0
	for i, c := range components {
		share := Number(shares[i])
		total += shares[i]
		at := make([]float64, len(weights))
		for k, w := range weights {
			at[k] = floats.Dot(w, c) - floats.Dot(a.Weights, c)
		}
		x := Axis{Label: fmt.Sprintf("principal component %d (%.3g %% of the variance)", i+1, 100*shares[i]), Length: 1, Share: &share, direction: c}
		x.from, x.to = widened(at...)
		p.Axes = append(p.Axes, x)
		if i == 0 {
			way.X, way.Y = losses(at), make([]Number, len(at))
		} else {
			way.Y = losses(at)
		}
	}
	way.Share = Number(total)
	p.Path = way
	return p, nil
}

// principal are the first principal components of some points, each with its share of their variance: eigenvectors of the matrix of their products, which is as large as
// there are points. Fewer come out where the points have no more dimensions. The last point lies on the positive side of each.
func principal(points [][]float64, most int) (components [][]float64, shares []float64) {
	n := len(points)
	mean := make([]float64, len(points[0]))
	for _, x := range points {
		floats.AddScaled(mean, 1/float64(n), x)
	}
	centred := make([][]float64, n)
	products := mat.NewSymDense(n, nil)
	for i, x := range points {
		centred[i] = difference(x, mean)
		for j := range i + 1 {
			products.SetSym(i, j, floats.Dot(centred[i], centred[j]))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(products, true) {
		return nil, nil
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	trace := mat.Trace(products)
	for i := range min(most, n) {
		at := n - 1 - i
		if !(values[at] > 1e-14*trace) {
			break
		}
		c := make([]float64, len(mean))
		for k := range n {
			floats.AddScaled(c, vectors.At(k, at)/math.Sqrt(values[at]), centred[k])
		}
		floats.Scale(math.Copysign(1/floats.Norm(c, 2), floats.Dot(c, centred[n-1])), c)
		components, shares = append(components, c), append(shares, values[at]/trace)
	}
	return components, shares
}

// difference is a - b.
func difference(a, b []float64) []float64 {
	d := make([]float64, len(a))
	floats.SubTo(d, a, b)
	return d
}
