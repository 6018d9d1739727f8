// Package model has the parametric functions that optimizers fit: layers with forward and backward passes, losses and
// initialisers. Weights are slices of one flat vector.
package model

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/seed"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// MLP is a multilayer perceptron: dense layers, an activation after each but the last, one logit as output. Without
// hidden layers it is a linear model. It has no state and may be shared; a [Pass] holds the buffers.
type MLP struct {
	widths     []int // input, hidden..., 1
	activation Activation
	layers     []dense
	size       int
}

// dense is y = x Wᵀ + b, with W of shape out x in, torch's convention.
type dense struct {
	in, out      int
	weight, bias int // offsets
}

// NewMLP makes a perceptron for the given number of features.
func NewMLP(features int, hidden []int, activation Activation) *MLP {
	m := &MLP{activation: activation}
	m.widths = append(append([]int{features}, hidden...), 1)
	for i, out := range m.widths[1:] {
		in := m.widths[i]
		m.layers = append(m.layers, dense{in: in, out: out, weight: m.size, bias: m.size + in*out})
		m.size += in*out + out
	}
	return m
}

// Layout names the tensors of the weight vector: layer1.weight (out x in), layer1.bias (out), layer2.weight, ...
func (m *MLP) Layout() []*v1.Tensor {
	var tensors []*v1.Tensor
	for i, l := range m.layers {
		tensors = append(tensors, &v1.Tensor{
			Name: fmt.Sprintf("layer%d.weight", i+1), Shape: []int64{int64(l.out), int64(l.in)},
			Role: v1.Role_ROLE_WEIGHT, Offset: int64(l.weight), Length: int64(l.in * l.out),
		}, &v1.Tensor{
			Name: fmt.Sprintf("layer%d.bias", i+1), Shape: []int64{int64(l.out)},
			Role: v1.Role_ROLE_BIAS, Offset: int64(l.bias), Length: int64(l.out),
		})
	}
	return tensors
}

// Size is the number of parameters.
func (m *MLP) Size() int { return m.size }

// Initialize draws weights uniformly from ±√(6/(in+out)) (Glorot and Bengio 2010, equation 16), or from ±√(6/in) before
// a rectifier (He et al. 2015, equation 10 as a uniform distribution); biases are 0. Each layer has a branch of its own.
func (m *MLP) Initialize(branch seed.Tree, w []float64) {
	for i, l := range m.layers {
		bound := math.Sqrt(6 / float64(l.in+l.out))
		if m.activation.Rectifier && i < len(m.layers)-1 {
			bound = math.Sqrt(6 / float64(l.in))
		}
		random := branch.Index(i).Rand()
		for j := range l.in * l.out {
			w[l.weight+j] = bound * (2*random.Float64() - 1)
		}
		clear(w[l.bias : l.bias+l.out])
	}
}

// Pass holds the buffers of forward and backward passes of up to a number of examples. It is for one goroutine.
type Pass struct {
	m         *MLP
	pre, post [][]float64 // of each layer, examples x out: before and after the activation
	delta     [][]float64 // derivative of the loss with respect to pre
}

// NewPass makes buffers for up to n examples.
func (m *MLP) NewPass(n int) *Pass {
	p := &Pass{m: m}
	for _, l := range m.layers {
		p.pre = append(p.pre, make([]float64, n*l.out))
		p.post = append(p.post, make([]float64, n*l.out))
		p.delta = append(p.delta, make([]float64, n*l.out))
	}
	return p
}

func matrix(rows, columns int, data []float64) blas64.General {
	return blas64.General{Rows: rows, Cols: columns, Stride: columns, Data: data[:rows*columns]}
}

// Forward returns the logits of the examples x (n x features) at weights w. The slice is valid until the next call.
func (p *Pass) Forward(w []float64, x *mat.Dense) []float64 {
	n, _ := x.Dims()
	input := x.RawMatrix()
	last := len(p.m.layers) - 1
	for i, l := range p.m.layers {
		out := matrix(n, l.out, p.pre[i])
		bias := w[l.bias : l.bias+l.out]
		for r := range n {
			copy(out.Data[r*l.out:(r+1)*l.out], bias)
		}
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, input, matrix(l.out, l.in, w[l.weight:]), 1, out)
		if i == last {
			return out.Data
		}
		post := p.post[i][:n*l.out]
		for j, z := range out.Data {
			post[j] = p.m.activation.F(z)
		}
		input = matrix(n, l.out, post)
	}
	panic("unreachable: a perceptron has at least one layer")
}

// Gradient returns the mean binary cross-entropy of the examples and writes its gradient with respect to w into g.
func (p *Pass) Gradient(w []float64, x *mat.Dense, y, g []float64) float64 {
	n, _ := x.Dims()
	logits := p.Forward(w, x)
	last := len(p.m.layers) - 1
	loss := BinaryCrossEntropy(logits, y, p.delta[last][:n])
	for i := last; i >= 0; i-- {
		l := p.m.layers[i]
		delta := matrix(n, l.out, p.delta[i])
		input := x.RawMatrix()
		if i > 0 {
			input = matrix(n, l.in, p.post[i-1])
		}
		blas64.Gemm(blas.Trans, blas.NoTrans, 1, delta, input, 0, matrix(l.out, l.in, g[l.weight:]))
		bias := g[l.bias : l.bias+l.out]
		clear(bias)
		for r := range n {
			for c, d := range delta.Data[r*l.out : (r+1)*l.out] {
				bias[c] += d
			}
		}
		if i == 0 {
			break
		}
		back := matrix(n, l.in, p.delta[i-1])
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, delta, matrix(l.out, l.in, w[l.weight:]), 0, back)
		for j := range back.Data {
			back.Data[j] *= p.m.activation.D(p.pre[i-1][j], p.post[i-1][j])
		}
	}
	return loss
}
