package model

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Initializer draws the starting values of a tensor.
type Initializer struct {
	Name string // one of InitializerNames; "" is zeros
	// Value is that of constant, Mean and StdDev those of normal and truncated-normal, Low and High those of uniform, Gain
	// the factor of orthogonal.
	Value, Mean, StdDev, Low, High, Gain float64
	Normal                               bool      // glorot and he draw from a normal distribution instead of a uniform one
	Values                               []float64 // of file: the tensor itself
}

// InitializerNames are the ways to start that an experiment can name.
var InitializerNames = []string{"zeros", "constant", "normal", "truncated-normal", "uniform", "glorot", "he", "orthogonal"}

// DefaultWeight is Glorot's uniform distribution, or He's before a rectifier.
func DefaultWeight(a Activation) Initializer {
	if a.Rectifier {
		return Initializer{Name: "he"}
	}
	return Initializer{Name: "glorot"}
}

// fill writes the starting values of a tensor of the given shape and number of inputs and outputs of each unit.
//
//   - truncated-normal draws again what is more than two standard deviations from the mean (TensorFlow's definition).
//   - glorot has variance 2/(in + out): uniform in ±√(6/(in+out)) (Glorot and Bengio 2010, equation 16) or normal.
//   - he has variance 2/in: uniform in ±√(6/in) or normal (He et al. 2015, equation 10).
//   - orthogonal has orthonormal rows or columns, whichever are fewer, times the gain (Saxe et al. 2014).
func (f Initializer) fill(r *rand.Rand, w []float64, t tensor) {
	in, both := float64(t.fanIn), float64(t.fanIn+t.fanOut)
	switch f.Name {
	case "", "zeros":
		clear(w)
	case "constant":
		draw(w, func() float64 { return f.Value })
	case "normal":
		draw(w, func() float64 { return f.Mean + f.StdDev*r.NormFloat64() })
	case "truncated-normal":
		draw(w, func() float64 {
			for {
				if x := r.NormFloat64(); math.Abs(x) <= 2 {
					return f.Mean + f.StdDev*x
				}
			}
		})
	case "uniform":
		draw(w, func() float64 { return f.Low + (f.High-f.Low)*r.Float64() })
	case "glorot":
		f.scaled(r, w, 2/both)
	case "he":
		f.scaled(r, w, 2/in)
	case "orthogonal":
		f.orthogonal(r, w, t.shape[0])
	case "file":
		copy(w, f.Values)
	default:
		panic("model: no initialiser " + f.Name)
	}
}

func draw(w []float64, x func() float64) {
	for i := range w {
		w[i] = x()
	}
}

// scaled draws with mean 0 and the given variance.
func (f Initializer) scaled(r *rand.Rand, w []float64, variance float64) {
	if f.Normal {
		draw(w, func() float64 { return math.Sqrt(variance) * r.NormFloat64() })
		return
	}
	bound := math.Sqrt(3 * variance)
	draw(w, func() float64 { return bound * (2*r.Float64() - 1) })
}

// orthogonal takes the Q of a QR decomposition of a normal matrix, with the signs that make Q's distribution uniform.
func (f Initializer) orthogonal(r *rand.Rand, w []float64, rows int) {
	columns := len(w) / rows
	tall, narrow := max(rows, columns), min(rows, columns)
	a := mat.NewDense(tall, narrow, nil)
	draw(a.RawMatrix().Data, r.NormFloat64)
	var qr mat.QR
	qr.Factorize(a)
	var q, upper mat.Dense
	qr.QTo(&q)
	qr.RTo(&upper)
	for i := range rows {
		for j := range columns {
			long, short := i, j
			if rows < columns {
				long, short = j, i
			}
			w[i*columns+j] = f.Gain * math.Copysign(1, upper.At(short, short)) * q.At(long, short)
		}
	}
}
