package schedule

import (
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
)

// TestAgainstTorchAndOptax compares every step of testdata/reference.csv, which testdata/reference.py made. The file has 12
// digits; torch multiplies its way from step to step, which costs some more.
func TestAgainstTorchAndOptax(t *testing.T) {
	const tolerance = 2e-11 // relative to the value, or absolute below 1e-4
	f, err := os.Open("testdata/reference.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 1001 {
		t.Fatal(len(rows), err)
	}
	schedules := map[string]Schedule{
		"torch.StepLR":                                Step{0.1, 0.5, 30},
		"torch.MultiStepLR":                           Piecewise{[]float64{0.1, 0.01, 0.001, 0.0001}, []int{100, 400, 900}, false},
		"torch.ExponentialLR":                         Exponential{0.1, 0.99, 1, 0},
		"torch.PolynomialLR":                          Polynomial{0.1, 0, 2, 800},
		"torch.LinearLR":                              Polynomial{0.1, 0.02, 1, 700},
		"torch.CosineAnnealingLR":                     Cosine{0.1, 0.001, 1000},
		"torch.CosineAnnealingWarmRestarts":           CosineRestarts{0.1, 0.001, 100, 2},
		"torch.CosineAnnealingWarmRestarts(T_mult=1)": CosineRestarts{0.1, 0, 150, 1},
		"torch.OneCycleLR":                            OneCycle{0.1 / 25, 0.1, 0.1 / 25 / 1e4, 0.3, 1000, false},
		"torch.OneCycleLR(linear)":                    OneCycle{0.02, 0.2, 0.0002, 0.4, 1000, true},
		"torch.LambdaLR(inverse square root)":         Warmup{0, 100, InverseSqrt{0.1, 100}},
		"torch.LambdaLR(1/k)":                         InverseTime{0.1, 50},
		"torch.SequentialLR(LinearLR, ExponentialLR)": Warmup{0.001, 50, Exponential{0.1, 0.995, 1, 0}},
		"optax.constant_schedule":                     Constant(0.1),
		"optax.exponential_decay":                     Exponential{0.1, 0.3, 300, 0},
		"optax.polynomial_schedule":                   Polynomial{0.1, 0.01, 3, 900},
		"optax.linear_schedule":                       Polynomial{0.1, 0.3, 1, 600},
		"optax.cosine_decay_schedule":                 Cosine{0.1, 0.005, 900},
		"optax.warmup_cosine_decay_schedule":          Warmup{0, 100, Cosine{0.1, 0.001, 900}},
		"optax.piecewise_constant_schedule":           Piecewise{[]float64{0.1, 0.05, 0.01}, []int{250, 500}, false},
		"optax.piecewise_interpolate_schedule":        Piecewise{[]float64{0.1, 0.3, 0.03}, []int{100, 700}, true},
	}
	if len(schedules) != len(rows[0]) {
		t.Errorf("%d schedules, %d columns", len(schedules), len(rows[0]))
	}
	for column, name := range rows[0] {
		s, ok := schedules[name]
		if !ok {
			t.Errorf("%s is not compared", name)
			continue
		}
		for k, row := range rows[1:] {
			want, err := strconv.ParseFloat(row[column], 64)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.At(k); !(math.Abs(got-want) <= tolerance*max(math.Abs(want), 1e-4)) {
				t.Errorf("%s at step %d is %.15g, want %.15g", name, k, got, want)
				break
			}
		}
	}
}

// TestEnds: values beyond the last step stay where they are, and what was asked for is met exactly.
func TestEnds(t *testing.T) {
	for name, c := range map[string]struct {
		Schedule
		k    int
		want float64
	}{
		"linear":               {Polynomial{0.1, 0.3, 1, 10}, 11, 0.3},
		"cosine":               {Cosine{0.1, 0.3, 10}, 1000, 0.3},
		"exponential to":       {Exponential{0.1, 0.5, 10, 10}, 99, 0.05},
		"one-cycle":            {OneCycle{1, 2, 0.5, 0.5, 10, false}, 9, 0.5},
		"one-cycle, after":     {OneCycle{1, 2, 0.5, 0.5, 10, false}, 10, 0.5},
		"one-cycle, peak":      {OneCycle{1, 2, 0.5, 0.5, 10, false}, 4, 2},
		"restart":              {CosineRestarts{1, 0, 10, 3}, 40, 1},
		"interpolated, at":     {Piecewise{[]float64{1, 2, 3}, []int{5, 9}, true}, 5, 2},
		"interpolated, after":  {Piecewise{[]float64{1, 2, 3}, []int{5, 9}, true}, 12, 3},
		"warm-up ends":         {Warmup{0, 4, Cosine{1, 0, 10}}, 4, 1},
		"warm-up of no length": {Warmup{7, 0, Constant(1)}, 0, 1},
	} {
		if got := c.At(c.k); got != c.want {
			t.Errorf("%s: v_%d is %v, want %v", name, c.k, got, c.want)
		}
	}
}

func TestSchedulesAllocateNothing(t *testing.T) {
	all := []Schedule{Warmup{0, 10, CosineRestarts{1, 0, 7, 2}}, OneCycle{1, 2, 0.5, 0.5, 10, false},
		Piecewise{[]float64{1, 2}, []int{5}, true}}
	k := 0
	if n := testing.AllocsPerRun(100, func() {
		for _, s := range slices.Backward(all) {
			s.At(k)
		}
		k++
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
