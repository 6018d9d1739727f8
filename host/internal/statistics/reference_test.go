package statistics

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// fromR are the values that testdata/reference.R prints with R 4.2.2, survival 3.5-3 and coin 1.4-2; null is NA there.
type fromR struct {
	SignedRank struct {
		X, Y  []float64
		Tests map[string]struct{ V, P float64 }

		Intervals []struct{ Level, Estimate, Low, High float64 }
	} `json:"signed_rank"`
	Pratt       byAlternative
	KaplanMeier map[string]struct {
		Time       []float64
		Status     []int
		At         []float64
		Risk       []int
		Survival   []float64
		Low, High  []*float64
		Median     *float64
		MedianLow  *float64 `json:"median_low"`
		MedianHigh *float64 `json:"median_high"`
	} `json:"kaplan_meier"`
	Friedman struct {
		Values              [][]float64
		Statistic, P, F, PF float64
	}
	Tukey []rangePoint
	Holm  struct{ P, Adjusted []float64 }
	Sign  []struct {
		Wins, N          int
		Level, Low, High float64
		TwoSided         float64 `json:"two.sided"`
		Less, Greater    float64
	}
	Trend struct {
		X, Y              []float64
		Slope             float64
		LogSlope          float64 `json:"log_slope"`
		Pearson, Spearman float64
	}
}

// fromSciPy are the values that testdata/reference.py prints with SciPy 1.17.1.
type fromSciPy struct {
	SignedRank       []byAlternative `json:"signed_rank"`
	StudentizedRange []rangePoint    `json:"studentized_range"`
	Friedman         struct {
		Values       [][]float64
		Statistic, P float64
	}
	Best  struct{ Values, Expected []float64 }
	Order []struct {
		N, K     int
		Coverage float64
	}
}

type byAlternative struct {
	D []float64
	P map[string]float64
}

type rangePoint struct {
	P float64
	K int
	Q float64
}

// alternatives are ours by the names of both.
var alternatives = map[string]Alternative{"two.sided": TwoSided, "two-sided": TwoSided, "less": Less, "greater": Greater}

func read[T any](t *testing.T, file string) (values T) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &values); err != nil {
		t.Fatal(err)
	}
	return values
}

func r(t *testing.T) fromR         { return read[fromR](t, "reference_R.json") }
func scipy(t *testing.T) fromSciPy { return read[fromSciPy](t, "reference_scipy.json") }

// near fails if got is farther from want than the tolerance, relative to one or to want if that is larger.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	switch {
	case got == want || math.IsNaN(got) && math.IsNaN(want):
	case !(math.Abs(got-want) <= tolerance*math.Max(1, math.Abs(want))):
		t.Errorf("%s is %v, not %v", what, got, want)
	}
}

func allNear(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, not %v", what, got, want)
	}
	for i := range got {
		near(t, what, got[i], want[i], tolerance)
	}
}

// coverage is the share of simulations in which an interval holds the truth.
func coverage(runs int, truth float64, simulate func(run int) Interval) float64 {
	held := 0
	for run := range runs {
		if i := simulate(run); i.Low <= truth && truth <= i.High {
			held++
		}
	}
	return float64(held) / float64(runs)
}

var inf = math.Inf(1)
