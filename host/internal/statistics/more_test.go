package statistics

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestMorePairs: what is known by hand. One more seed that goes as all four did decides a directional claim (1/32), two a
// claim of any difference (2/64); what is decided needs none; ties decide nothing.
func TestMorePairs(t *testing.T) {
	four := []float64{-1, -2, -3, -4}
	for _, c := range []struct {
		d    []float64
		a    Alternative
		more int
		ok   bool
	}{
		{four, Less, 1, true}, {four, TwoSided, 2, true}, {four, Greater, 0, false},
		{append(four, -5), Less, 0, true}, {[]float64{0, 0, 0}, TwoSided, 0, false}, {nil, Less, 0, false},
	} {
		for name, test := range map[string]func([]float64, Alternative) Test{"rank": SignedRank, "sign": SignTest} {
			more, ok := MorePairs(c.d, test, c.a, 0.05, 0.8, 50, 1)
			if more != c.more || ok != c.ok {
				t.Errorf("%s test of %v: %d more, %v; not %d, %v", name, c.d, more, ok, c.more, c.ok)
			}
		}
	}
}

// TestMorePairsForecast: with as many more as it says, drawn from where the measured ones come from, about as many tests
// decide as it promises. The measured ones show the effect in its true size.
func TestMorePairsForecast(t *testing.T) {
	d := []float64{-1.9, -1.4, -1.2, -1, -0.9, -0.6, -0.3, 0.2, 0.6, 1} // mean -0.55, standard deviation 0.9
	more, ok := MorePairs(d, SignedRank, TwoSided, 0.05, 0.8, 100, 2)
	if !ok || more < 2 || more > 30 {
		t.Fatalf("%d more, %v", more, ok)
	}
	random := rand.New(rand.NewPCG(3, 0))
	decided := 0
	const runs = 500
	for range runs {
		all := slices.Clone(d)
		for range more {
			all = append(all, -0.55+0.9*random.NormFloat64())
		}
		if SignedRank(all, TwoSided).Decides(0.05) {
			decided++
		}
	}
	if share := float64(decided) / runs; share < 0.7 || share > 0.95 {
		t.Errorf("%d more decide in %v", more, share)
	}
	again, _ := MorePairs(d, SignedRank, TwoSided, 0.05, 0.8, 100, 2)
	if again != more {
		t.Errorf("%d, then %d", more, again)
	}
}

func BenchmarkMorePairs(b *testing.B) {
	d := []float64{-1.9, -1.4, -1.2, -1, -0.9, -0.6, 0.5, 0.9, 0.6, 1}
	for b.Loop() {
		MorePairs(d, SignedRank, TwoSided, 0.05, 0.8, 100, 2)
	}
}
