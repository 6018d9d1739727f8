package figure

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func written(ticks []tick) string {
	var all []string
	for _, t := range ticks {
		if t.text != "" {
			all = append(all, strings.TrimSuffix(t.text+"^"+t.power, "^"))
		}
	}
	return strings.Join(all, " ") + " "
}

func TestLinearTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		most      int
		want      string
		exponent  int
	}{
		{0, 1, 6, "0 0.2 0.4 0.6 0.8 1.0 ", 0},
		{0, 900, 6, "0 200 400 600 800 ", 0},
		{0, 100_000, 6, "0 20k 40k 60k 80k 100k ", 0},
		{0, 2_000_000, 5, "0 0.5 1.0 1.5 2.0 ", 6},
		{-1.5, 1.2, 7, "−1.5 −1.0 −0.5 0 0.5 1.0 ", 0},
		{0.00012, 0.00031, 5, "1.5 2.0 2.5 3.0 ", -4},
		{12.3, 12.4, 4, "12.30 12.35 12.40 ", 0},
		{-3e8, -1e8, 4, "−3 −2 −1 ", 8},
	} {
		ticks, exponent := linearTicks(c.low, c.high, c.most)
		if got := written(ticks); got != c.want || exponent != c.exponent {
			t.Errorf("from %v to %v: %q, 10 to the power of %d, not %q, %d", c.low, c.high, got, exponent, c.want, c.exponent)
		}
	}
}

func TestLogTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		most      int
		want      string
	}{
		{1, 100, 8, "1 2 5 10 20 50 100 "},
		{0.5, 1000, 8, "1 10 100 1000 "},
		{1e-4, 1e2, 7, "10^−4 10^−3 10^−2 10^−1 10^0 10^1 10^2 "},
		{1e-30, 1e3, 6, "10^−30 10^−24 10^−18 10^−12 10^−6 10^0 "},
		{1e-300, 1e300, 7, "10^−300 10^−200 10^−100 10^0 10^100 10^200 10^300 "},
		{5e-324, math.MaxFloat64, 8, "10^−300 10^−200 10^−100 10^0 10^100 10^200 10^300 "},
		{1e-60, 1e3, 5, "10^−60 10^−40 10^−20 10^0 "},
		{2e-6, 8e-6, 5, "2×10^−6 5×10^−6 "},
		{0.0025, 0.12, 8, "0.005 0.01 0.02 0.05 0.1 "},
		{3, 4, 5, "3.0 3.5 4.0 "},
		{0.011, 0.019, 6, "0.012 0.014 0.016 0.018 "},
	} {
		if got := written(logTicks(c.low, c.high, c.most)); got != c.want {
			t.Errorf("from %v to %v: %q, not %q", c.low, c.high, got, c.want)
		}
	}
}

// TestWidestAxis: no quotient of what a number can be at all overflows.
func TestWidestAxis(t *testing.T) {
	s := scaled(true, 0.04, []float64{5e-324, 1, math.MaxFloat64})
	for _, v := range []float64{5e-324, 1e-300, 1, 1e300, math.MaxFloat64} {
		part, can := s.at(v)
		if back := s.value(part); !can || !(part >= 0 && part <= 1) || math.Abs(math.Log2(back)-math.Log2(v)) > 1e-9 {
			t.Errorf("%g lies at %g of %v, where %g is", v, part, s, back)
		}
	}
	if half, _ := s.at(1); math.Abs(half-0.51) > 0.02 {
		t.Errorf("1 lies at %g of 632 decades", half)
	}
}

// TestTicksDiffer: over ranges of all sizes there are at least two numbers, hardly more than asked for, no two the same,
// none wrong.
func TestTicksDiffer(t *testing.T) {
	for exponent := -12; exponent <= 12; exponent++ {
		for _, width := range []float64{1.01, 1.3, 2, 7, 90, 1e4, 1e9} {
			low := 1.37 * math.Pow10(exponent)
			for most := 3; most <= 8; most++ {
				linear, power := linearTicks(low, low*width, most)
				for kind, ticks := range map[string][]tick{"linear": linear, "log": logTicks(low, low*width, most)} {
					seen, numbers := map[string]bool{}, 0
					for _, k := range ticks {
						if k.text == "" {
							continue
						}
						numbers++
						name := fmt.Sprintf("%s axis from %g to %g, at most %d, number %s^%s", kind, low, low*width, most, k.text, k.power)
						if seen[k.text+"^"+k.power] {
							t.Errorf("%s is there twice", name)
						}
						seen[k.text+"^"+k.power] = true
						if v := parsed(t, k); kind == "log" && math.Abs(v/k.value-1) > 1e-9 {
							t.Errorf("%s stands at %g", name, k.value)
						} else if !strings.HasSuffix(k.text, "k") && kind == "linear" && math.Abs(v*math.Pow10(power)/k.value-1) > 1e-9 {
							t.Errorf("%s stands at %g", name, k.value)
						}
					}
					if numbers < 2 || kind == "linear" && numbers > max(most, 5) {
						t.Errorf("%s axis from %g to %g, at most %d, has %d numbers", kind, low, low*width, most, numbers)
					}
				}
			}
		}
	}
}

func parsed(t *testing.T, k tick) (v float64) {
	t.Helper()
	s := strings.ReplaceAll(k.text, "−", "-")
	if k.power != "" {
		s = strings.TrimSuffix(strings.TrimSuffix("1×"+s, "10"), "×")
		parts := strings.Split(s, "×")
		s = parts[len(parts)-1] + "e" + strings.ReplaceAll(k.power, "−", "-")
	}
	s = strings.Replace(s, "k", "e3", 1)
	if _, err := fmt.Sscan(s, &v); err != nil {
		t.Fatalf("%s^%s: %v", k.text, k.power, err)
	}
	return v
}
