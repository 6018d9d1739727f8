package model

import (
	"math"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// BatchNorm normalises each feature, or each channel of images, over the batch (Ioffe and Szegedy 2015, algorithm 1):
//
//	y = γ (x - μ) / √(σ² + ε) + β
//
// with the batch's own mean μ and variance σ² in training. In evaluation they are those of [Pass.Calibrate], measured at
// the present weights, rather than running means over past steps: so loss and gradient stay functions of the weights.
// γ starts at 1 and β at 0.
type BatchNorm struct {
	Epsilon     float64
	Scale, Bias Initializer
}

func (b BatchNorm) bind(in Shape) (bound, error) {
	c := in[len(in)-1]
	return bound{calibrates: true, out: in, tensors: []tensor{
		{"scale", []int{c}, v1.Role_ROLE_SCALE, b.Scale, 1, 1},
		{"bias", []int{c}, v1.Role_ROLE_BIAS, b.Bias, 1, 1},
	}, begin: func() stage {
		return &batchNorm{c: c, epsilon: b.Epsilon, mean: make([]float64, c), inverse: make([]float64, c),
			sumDy: make([]float64, c), sumDyX: make([]float64, c)}
	}}, nil
}

type batchNorm struct {
	c             int
	epsilon       float64
	mean, inverse []float64 // of the batch or the calibration: μ and 1/√(σ² + ε)
	hat, y        []float64 // normalised, and scaled
	sumDy, sumDyX []float64
}

func (b *batchNorm) forward(c *context, w, x []float64, _ int) []float64 {
	if c.mode != evaluate {
		b.measure(x)
	}
	hat, y := grow(&b.hat, len(x)), grow(&b.y, len(x))
	scale, bias := w[:b.c], w[b.c:]
	for r := 0; r < len(x); r += b.c {
		for i, v := range x[r : r+b.c] {
			h := (v - b.mean[i]) * b.inverse[i]
			hat[r+i], y[r+i] = h, scale[i]*h+bias[i]
		}
	}
	return y
}

// measure sets mean and inverse to those of x, in two passes, which loses no digits.
func (b *batchNorm) measure(x []float64) {
	count := float64(len(x) / b.c)
	sumRows(x, b.mean, b.c)
	for i := range b.mean {
		b.mean[i] /= count
	}
	clear(b.inverse)
	for r := 0; r < len(x); r += b.c {
		for i, v := range x[r : r+b.c] {
			b.inverse[i] += (v - b.mean[i]) * (v - b.mean[i])
		}
	}
	for i, square := range b.inverse {
		b.inverse[i] = 1 / math.Sqrt(square/count+b.epsilon)
	}
}

// backward is, with means over the batch,
//
//	dx = γ / √(σ² + ε) (dy - mean(dy) - x̂ mean(dy x̂))
func (b *batchNorm) backward(w, _, dy, g []float64, _ int, first bool) []float64 {
	sumRows(dy, b.sumDy, b.c)
	clear(b.sumDyX)
	for r := 0; r < len(dy); r += b.c {
		for i, d := range dy[r : r+b.c] {
			b.sumDyX[i] += d * b.hat[r+i]
		}
	}
	copy(g[:b.c], b.sumDyX)
	copy(g[b.c:], b.sumDy)
	if first {
		return nil
	}
	count := float64(len(dy) / b.c)
	for r := 0; r < len(dy); r += b.c {
		for i, d := range dy[r : r+b.c] {
			dy[r+i] = w[i] * b.inverse[i] * (d - b.sumDy[i]/count - b.hat[r+i]*b.sumDyX[i]/count)
		}
	}
	return dy
}
