package opttest

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/steepest/steepest/sdk"
)

// SameBits holds a kernel (see [sdk.KernelIf]) to the readable step: for the given hyperparameters, tensors of every short
// length and of some longer ones, and gradients with zeros, infinities and NaN, both must give the same updates and
// states to the last bit. Any NaN equals any other: which of several operands' NaN comes out is the processor's choice.
func SameBits[H, S any](t *testing.T, step, kernel func(H, *S, sdk.Tensor), hypers ...H) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	for _, h := range hypers {
		for n := range 140 {
			if n > 70 {
				n = n*37 - 2000
			}
			var readable, vectorised S
			for k := 1; k <= 4; k++ {
				x := sdk.Tensor{K: k, Grad: make([]float64, n), Weights: make([]float64, n), Update: make([]float64, n)}
				for i := range x.Grad {
					x.Grad[i], x.Weights[i] = unusual(random), random.NormFloat64()
				}
				y := x
				y.Update = make([]float64, n)
				for i := range y.Update {
					y.Update[i] = 1e300 // a kernel must overwrite what was there
				}
				if k == 1 {
					begin(h, &readable, x)
					begin(h, &vectorised, x)
				}
				gradient, weights := slices.Clone(x.Grad), slices.Clone(x.Weights)
				step(h, &readable, x)
				kernel(h, &vectorised, y)
				if !same(reflect.ValueOf(x.Grad), reflect.ValueOf(gradient)) ||
					!same(reflect.ValueOf(x.Weights), reflect.ValueOf(weights)) {
					t.Fatalf("%+v, n = %d: step %d wrote to Grad or Weights, which can only be read", h, n, k)
				}
				if !same(reflect.ValueOf(x.Update), reflect.ValueOf(y.Update)) {
					t.Fatalf("%+v, n = %d: the updates of step %d differ:\n%v\n%v", h, n, k, x.Update, y.Update)
				}
				if a, b := reflect.ValueOf(readable), reflect.ValueOf(vectorised); !same(a, b) {
					t.Fatalf("%+v, n = %d: the states after step %d differ:\n%+v\n%+v", h, n, k, readable, vectorised)
				}
			}
		}
	}
}

// begin makes the state of x's tensor as it is before the first step.
func begin[H, S any](h H, s *S, x sdk.Tensor) {
	allocate(reflect.ValueOf(s).Elem(), len(x.Grad))
	if first, ok := any(s).(interface{ Init(H, sdk.Tensor) }); ok {
		x.K, x.Update = 0, nil
		first.Init(h, x)
	}
}

func allocate(v reflect.Value, n int) {
	for _, f := range v.Fields() {
		if f.Type() == reflect.TypeFor[sdk.Vec]() {
			f.Set(reflect.ValueOf(make(sdk.Vec, n)))
		} else if f.Kind() == reflect.Struct {
			allocate(f, n)
		}
	}
}

// unusual draws a number of any magnitude, one in ten being special.
func unusual(random *rand.Rand) float64 {
	special := []float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64,
		math.MaxFloat64}
	if random.IntN(10) == 0 {
		return special[random.IntN(len(special))]
	}
	return random.NormFloat64() * math.Exp(20*random.NormFloat64())
}

// same compares numbers, slices and structs of them bit by bit.
func same(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Float64:
		x, y := a.Float(), b.Float()
		return math.Float64bits(x) == math.Float64bits(y) || math.IsNaN(x) && math.IsNaN(y)
	case reflect.Slice:
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return a.Len() == b.Len()
	case reflect.Struct:
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return a.Interface() == b.Interface()
}
