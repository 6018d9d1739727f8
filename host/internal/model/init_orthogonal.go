package model

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/mat"
)

// Orthogonal has orthonormal rows or columns, whichever are fewer, times the gain (Saxe et al. 2014).
type Orthogonal struct{ Gain float64 }

var orthogonalKind = InitializerKind{
	Name: "orthogonal",
	Keys: []Key{{Name: "gain", Type: Number, Default: 1.0}},
	Help: "orthonormal rows or columns times the gain: Saxe et al. 2014",
	Make: func(s Settings) Initializer { return Orthogonal{setting[float64](s, "gain")} },
}

// Random implements [Initializer].
func (Orthogonal) Random() bool { return true }

// fill takes the Q of a QR decomposition of a normal matrix, with the signs that make Q's distribution uniform.
func (f Orthogonal) fill(r *rand.Rand, w []float64, t tensor) {
	rows := t.shape[0]
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
