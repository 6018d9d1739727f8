package model

import (
	"math"

	parallel "github.com/steepest/steepest/host/internal/blas"
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

var batchNormKind = LayerKind{
	Name: "batch-norm",
	Keys: []Key{{Name: "epsilon", Type: Number, Default: 1e-5, In: "(0,inf)",
		Help: "γ (x − μ) / √(σ² + ε) + β for each feature, or channel of images; γ starts at 1 and β at 0"}, activationKey},
	Make: func(s Settings) Layer {
		return Activated{BatchNorm{Epsilon: setting[float64](s, "epsilon"), Scale: Constant{1}}, s.activation()}
	},
}

func (b BatchNorm) bind(in Shape) (bound, error) {
	c := in[len(in)-1]
	return bound{calibrates: true, normalized: in.Size() / c, out: in, tensors: []tensor{
		{"scale", []int{c}, v1.Role_ROLE_SCALE, b.Scale, 1, 1},
		{"bias", []int{c}, v1.Role_ROLE_BIAS, b.Bias, 1, 1},
	}, begin: func() stage { return newBatchNorm(c, b.Epsilon) }}, nil
}

// batchNorm cuts the rows of a batch, of which an image has one for each pixel, into parts, which threads share; see
// [parallel.Team].
type batchNorm struct {
	c             int
	epsilon       float64
	mean, inverse []float64 // of the batch or the calibration: μ and 1/√(σ² + ε)
	hat, y        []float64 // normalised, and scaled
	gradient      []float64 // Σ dy x̂, then Σ dy
	fixed         bool      // the mean and the variance are those of the calibration
	rhat, ry      []float64 // derivatives along a direction: of hat and y,
	rmean, rlog   []float64 // and of the mean and the logarithm of inverse
	others        []float64 // sums of the parts but the first

	addUp, addSquares, normalise, addGradient, turnBack *parallel.Team

	// arguments of the pass in flight
	parts    int
	w, x, dy []float64
}

// normGrain is the number of values that is worth a part of its own.
const normGrain = 1 << 16

func newBatchNorm(c int, epsilon float64) *batchNorm {
	b := &batchNorm{c: c, epsilon: epsilon, mean: make([]float64, c), inverse: make([]float64, c), gradient: make([]float64, 2*c),
		rmean: make([]float64, c), rlog: make([]float64, c)}
	b.addUp, b.addSquares = parallel.NewTeam(b.sumPart), parallel.NewTeam(b.squaresPart)
	b.normalise = parallel.NewTeam(b.normalisePart)
	b.addGradient, b.turnBack = parallel.NewTeam(b.gradientPart), parallel.NewTeam(b.backPart)
	return b
}

// part returns the places lo to hi of a part's values.
func (b *batchNorm) part(i int) (lo, hi int) {
	lo, hi = parallel.Range(len(b.x)/b.c, i, b.parts)
	return lo * b.c, hi * b.c
}

// into is where the sums of a part go.
func (b *batchNorm) into(i int, first []float64) []float64 {
	if i == 0 {
		return first
	}
	return b.others[(i-1)*len(first) : i*len(first)]
}

// add makes the sums of the whole batch.
func (b *batchNorm) add(team *parallel.Team, into []float64) {
	grow(&b.others, (b.parts-1)*len(into))
	team.Do(b.parts)
	addParts(into, b.others[:(b.parts-1)*len(into)])
}

func (b *batchNorm) forward(c *context, w, x []float64, _ int) []float64 {
	b.w, b.x, b.parts = w, x, parallel.Cut(len(x), normGrain)
	if b.fixed = c.mode == evaluate; !b.fixed {
		b.measure()
	}
	grow(&b.hat, len(x))
	y := grow(&b.y, len(x))
	b.normalise.Do(b.parts)
	return y
}

func (b *batchNorm) normalisePart(part, _ int) {
	scale, bias := b.w[:b.c], b.w[b.c:]
	for r, hi := b.part(part); r < hi; r += b.c {
		for i, v := range b.x[r : r+b.c] {
			h := (v - b.mean[i]) * b.inverse[i]
			b.hat[r+i], b.y[r+i] = h, scale[i]*h+bias[i]
		}
	}
}

// measure sets mean and inverse to those of x, in two passes, which loses no digits.
func (b *batchNorm) measure() {
	count := float64(len(b.x) / b.c)
	b.add(b.addUp, b.mean)
	for i := range b.mean {
		b.mean[i] /= count
	}
	b.add(b.addSquares, b.inverse)
	for i, square := range b.inverse {
		b.inverse[i] = 1 / math.Sqrt(square/count+b.epsilon)
	}
}

func (b *batchNorm) sumPart(part, _ int) {
	lo, hi := b.part(part)
	sumRows(b.x[lo:hi], b.into(part, b.mean), b.c)
}

func (b *batchNorm) squaresPart(part, _ int) {
	sum := b.into(part, b.inverse)
	clear(sum)
	for r, hi := b.part(part); r < hi; r += b.c {
		for i, v := range b.x[r : r+b.c] {
			sum[i] += (v - b.mean[i]) * (v - b.mean[i])
		}
	}
}

// backward is, with means over the batch,
//
//	dx = γ / √(σ² + ε) (dy - mean(dy) - x̂ mean(dy x̂))
//
// and without the means where μ and σ² are constants.
func (b *batchNorm) backward(w, x, dy, g []float64, _ int, first bool) []float64 {
	b.sum(w, x, dy, g)
	if first {
		return nil
	}
	b.turnBack.Do(b.parts)
	return dy
}

// sum makes the gradients of γ and β.
func (b *batchNorm) sum(w, x, dy, g []float64) {
	b.w, b.x, b.dy, b.parts = w, x, dy, parallel.Cut(len(dy), normGrain)
	b.add(b.addGradient, b.gradient)
	copy(g, b.gradient)
}

// count is the number of values that are normalised together; without end where μ and σ² are constants, on which none has an influence.
func (b *batchNorm) count() float64 {
	if b.fixed {
		return math.Inf(1)
	}
	return float64(len(b.dy) / b.c)
}

func (b *batchNorm) gradientPart(part, _ int) {
	sum := b.into(part, b.gradient)
	clear(sum)
	scale, bias := sum[:b.c], sum[b.c:]
	for r, hi := b.part(part); r < hi; r += b.c {
		for i, d := range b.dy[r : r+b.c] {
			scale[i] += d * b.hat[r+i]
			bias[i] += d
		}
	}
}

func (b *batchNorm) backPart(part, _ int) {
	count := b.count()
	scale, bias := b.gradient[:b.c], b.gradient[b.c:]
	for r, hi := b.part(part); r < hi; r += b.c {
		for i, d := range b.dy[r : r+b.c] {
			b.dy[r+i] = b.w[i] * b.inverse[i] * (d - bias[i]/count - b.hat[r+i]*scale[i]/count)
		}
	}
}

// forwardAlong is, with s = 1/√(σ² + ε) and means over the batch,
//
//	ry = γ rx̂ + vγ x̂ + vβ,   rx̂ = s (rx - mean(rx)) + x̂ rs/s,   rs/s = -s mean(x̂ rx)
//
// and without the means where μ and σ² are constants.
func (b *batchNorm) forwardAlong(w, v, x, rx []float64, _ int) []float64 {
	b.rhat = grow(&b.rhat, len(x))
	clear(b.rhat)
	clear(b.rmean)
	clear(b.rlog)
	if rx != nil {
		copy(b.rhat, rx)
	}
	if rx != nil && !b.fixed {
		for r := 0; r < len(x); r += b.c {
			for i, d := range rx[r : r+b.c] {
				b.rmean[i] += d
				b.rlog[i] += d * b.hat[r+i]
			}
		}
		count := float64(len(x) / b.c)
		for i, s := range b.inverse {
			b.rmean[i] /= count
			b.rlog[i] *= -s / count
		}
	}
	ry := grow(&b.ry, len(x))
	for r := 0; r < len(x); r += b.c {
		for i, s := range b.inverse {
			h := b.hat[r+i]
			b.rhat[r+i] = s*(b.rhat[r+i]-b.rmean[i]) + h*b.rlog[i]
			ry[r+i] = w[i]*b.rhat[r+i] + v[i]*h + v[b.c+i]
		}
	}
	return ry
}

// backwardAlong is
//
//	rdγ = Σ rdy x̂ + dy rx̂,   rdβ = Σ rdy
//	rdx = s (vγ + γ rs/s) (dy - mean(dy) - x̂ mean(dy x̂)) + s γ (rdy - rdβ/n - rx̂ mean(dy x̂) - x̂ rdγ/n)
func (b *batchNorm) backwardAlong(w, v, x, rx, dy, rdy, g, hv []float64, n int) ([]float64, []float64) {
	b.sum(w, x, dy, g)
	clear(hv)
	rscale, rbias := hv[:b.c], hv[b.c:]
	for r := 0; r < len(dy); r += b.c {
		for i, d := range rdy[r : r+b.c] {
			rscale[i] += d*b.hat[r+i] + dy[r+i]*b.rhat[r+i]
			rbias[i] += d
		}
	}
	if rx == nil {
		return nil, nil
	}
	count := b.count()
	for r := 0; r < len(dy); r += b.c {
		for i, s := range b.inverse {
			h, scale := b.hat[r+i], b.gradient[i]/count
			rdy[r+i] = s*(v[i]+w[i]*b.rlog[i])*(dy[r+i]-b.gradient[b.c+i]/count-h*scale) +
				s*w[i]*(rdy[r+i]-rbias[i]/count-b.rhat[r+i]*scale-h*rscale[i]/count)
		}
	}
	b.turnBack.Do(b.parts)
	return dy, rdy
}
