package sdk

import (
	"testing"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// BenchmarkAdvance is what the SDK adds to a rule in each step.
func BenchmarkAdvance(b *testing.B) {
	type hyper struct {
		LR float64 `hyper:"lr,1e-3"`
	}
	o := New("x", func(h hyper, _ *none, x Tensor) {
		for i, g := range x.Grad {
			x.Update[i] = -h.LR * g
		}
	})
	in, err := o.open(&v1.OpenRequest{Tensors: []*v1.Tensor{{Name: "x", Shape: []int64{2}, Length: 2}}})
	if err != nil {
		b.Fatal(err)
	}
	in.use(make([]float64, 2), nil, make([]float64, 2))
	in.hyperparameters()[0] = 1e-3
	b.ReportAllocs()
	k := uint64(0)
	for b.Loop() {
		k++
		if _, err := in.advance(k, 0, 1); err != nil {
			b.Fatal(err)
		}
	}
}
