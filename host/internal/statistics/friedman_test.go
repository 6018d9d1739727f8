package statistics

import (
	"math"
	"reflect"
	"testing"
)

// TestFriedman compares with R's friedman.test and SciPy's friedmanchisquare, both with ties.
func TestFriedman(t *testing.T) {
	w := r(t).Friedman
	got := CompareRanks(w.Values, 0.05)
	near(t, "χ² of R", got.ChiSquared, w.Statistic, 1e-12)
	near(t, "p of R", got.P, w.P, 1e-12)
	near(t, "F of R's analysis of variance", got.F, w.F, 1e-10)
	near(t, "p of R's analysis of variance", got.PF, w.PF, 1e-10)
	s := scipy(t).Friedman
	got = CompareRanks(s.Values, 0.05)
	near(t, "χ² of SciPy", got.ChiSquared, s.Statistic, 1e-12)
	near(t, "p of SciPy", got.P, s.P, 1e-12)
}

// TestDemsar is the worked example of Demšar 2006, section 3.2.3: four variants of C4.5 on 14 data sets. His χ² = 9.28 is
// not corrected for ties, and of mean ranks that are rounded, so it is computed from ours without the correction.
func TestDemsar(t *testing.T) {
	accuracies := scipy(t).Friedman.Values
	losses := make([][]float64, len(accuracies))
	for p, row := range accuracies {
		for _, a := range row {
			losses[p] = append(losses[p], -a)
		}
	}
	f := CompareRanks(losses, 0.05)
	allNear(t, "mean ranks", f.Ranks, []float64{3.143, 2.000, 2.893, 1.964}, 2e-4)
	sum := 0.0
	for _, r := range f.Ranks {
		sum += r * r
	}
	χ := 12. * 14 / (4 * 5) * (sum - 4*5*5/4.)
	near(t, "χ²", χ, 9.28, 1e-3)
	near(t, "F", 13*χ/(14*3-χ), 3.69, 1e-3)
	near(t, "critical difference", f.CriticalDifference, 2.569*math.Sqrt(4*5/(6.*14)), 1e-3) // as printed: 1.25
	if want := [][]int{{3, 1, 2, 0}}; !reflect.DeepEqual(f.Cliques, want) {
		t.Errorf("cliques %v, not %v", f.Cliques, want)
	}
	// At 0.10 he has 2.291 √(4·5/(6·14)) = 1.12, so that the first and the last of each pair differ.
	f = CompareRanks(losses, 0.10)
	near(t, "critical difference", f.CriticalDifference, 1.12, 5e-3)
	if want := [][]int{{3, 1, 2}, {1, 2}}; !reflect.DeepEqual(f.Cliques[:1], want[:1]) {
		t.Errorf("cliques %v", f.Cliques)
	}
}

// TestRangeQuantile compares with R's qtukey and SciPy's studentized_range, and with the normal distribution for k = 2,
// whose range is √2 times the magnitude of a normal value. R states its accuracy as 1e-4 of the probability, SciPy's
// integral is truncated.
func TestRangeQuantile(t *testing.T) {
	for _, w := range append(r(t).Tukey, scipy(t).StudentizedRange...) {
		near(t, "quantile", rangeQuantile(w.P, w.K), w.Q, 1e-6)
	}
	near(t, "quantile of two", rangeQuantile(0.95, 2), math.Sqrt2*1.959963984540054, 1e-12)
	near(t, "quantile of a hundred", rangeCDF(rangeQuantile(0.99, 100), 100), 0.99, 1e-12)
}

func TestFriedmanOfRarities(t *testing.T) {
	one := CompareRanks([][]float64{{1, 2, inf}}, 0.05)
	if !reflect.DeepEqual(one.Ranks, []float64{1, 2, 3}) || !math.IsNaN(one.PF) && one.PF != 0 {
		t.Errorf("%+v of one problem", one)
	}
	if f := CompareRanks([][]float64{{inf, 1, math.NaN()}, {1, 1, 1}}, 0.05); !reflect.DeepEqual(f.Ranks, []float64{2.25, 1.5, 2.25}) {
		t.Errorf("%+v of two", f)
	}
	for _, values := range [][][]float64{nil, {{1}}, {{1, 1}, {2, 2}}} {
		if f := CompareRanks(values, 0.05); !math.IsNaN(f.P) {
			t.Errorf("%+v of %v", f, values)
		}
	}
	for _, c := range []struct {
		ranks []float64
		want  [][]int
	}{
		{[]float64{1, 2, 3, 4}, [][]int{{0, 1}, {1, 2}, {2, 3}}}, {[]float64{4, 1, 1.2, 3.9}, [][]int{{1, 2}, {3, 0}}},
		{[]float64{1, 3, 5}, nil}, {[]float64{2, 2, 2}, [][]int{{0, 1, 2}}},
	} {
		if got := cliques(c.ranks, 1.5); !reflect.DeepEqual(got, c.want) {
			t.Errorf("cliques of %v are %v, not %v", c.ranks, got, c.want)
		}
	}
}
