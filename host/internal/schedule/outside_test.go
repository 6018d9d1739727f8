package schedule

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestFirstOutside compares with a look at every step, over all shapes and intervals that end among their values.
func TestFirstOutside(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	value := func() float64 { return math.Round(8*r.Float64()-2) / 2 }
	steps := func() int { return 1 + r.IntN(40) }
	shapes := map[string]func() Schedule{
		"constant":    func() Schedule { return Constant(value()) },
		"step":        func() Schedule { return Step{value(), 2 * r.Float64(), steps()} },
		"exponential": func() Schedule { return Exponential{value(), 2 * r.Float64(), steps(), r.IntN(2) * steps()} },
		"polynomial":  func() Schedule { return Polynomial{value(), value(), 3 * r.Float64(), steps()} },
		"cosine":      func() Schedule { return Cosine{value(), value(), steps()} },
		"restarts":    func() Schedule { return CosineRestarts{value(), value(), steps(), 1 + r.IntN(3)} },
		"one-cycle": func() Schedule {
			return OneCycle{value(), value(), value(), 0.5 + r.Float64()/3, 3 + steps(), r.IntN(2) == 0}
		},
		"inverse-sqrt": func() Schedule { return InverseSqrt{value(), float64(steps())} },
		"inverse-time": func() Schedule { return InverseTime{value(), float64(steps())} },
		"piecewise": func() Schedule {
			at := steps()
			return Piecewise{[]float64{value(), value(), value()}, []int{at, at + steps()}, r.IntN(2) == 0}
		},
	}
	for name, shape := range shapes {
		outside := 0
		for range 2000 {
			s, n := shape(), r.IntN(100)
			if r.IntN(2) == 0 {
				s = Warmup{value(), steps(), s}
			}
			a, b := s.At(r.IntN(n+1)), s.At(r.IntN(n+1))
			low, high := min(a, b), max(a, b)
			open := r.IntN(2) == 0
			inside := func(x float64) bool { return x > low && x < high || !open && (x == low || x == high) }
			want := -1
			for k := range n {
				if !inside(s.At(k)) {
					want = k
					break
				}
			}
			if got := FirstOutside(s, n, inside); got != want {
				t.Fatalf("%s: %+v leaves [%v, %v] (open: %v) at step %d of %d, want %d", name, s, low, high, open, got, n, want)
			}
			if want > 0 {
				outside++
			}
		}
		if name != "constant" && outside < 50 {
			t.Errorf("%s: only %d cases leave the interval after the start", name, outside)
		}
	}
}

// counted counts how often a schedule is asked.
type counted struct {
	Schedule
	calls *int
}

func (c counted) At(k int) float64 { *c.calls++; return c.Schedule.At(k) }

// TestLongRunsAreChecked at a few steps of 10¹².
func TestLongRunsAreChecked(t *testing.T) {
	const n = 1_000_000_000_000
	for _, s := range []Schedule{Warmup{0, 1000, Cosine{1, 0, n}}, CosineRestarts{1, 0, 2, 1}, CosineRestarts{1, 0, 1, 2},
		OneCycle{0, 1, 0, 0.3, n, false}, Step{1, 0.5, 1}, Piecewise{[]float64{1, 0, 1}, []int{10, n / 2}, true}} {
		calls := 0
		if k := FirstOutside(counted{s, &calls}, n, func(x float64) bool { return x >= 0 && x <= 1 }); k >= 0 || calls > 200 {
			t.Errorf("%+v: step %d after %d values", s, k, calls)
		}
	}
}
