package measure

import (
	"errors"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/record"
)

func TestParseOver(t *testing.T) {
	for text, want := range map[string]Over{"median": Median, "mean": Mean, "all": All, "iqr": IQR, "quantile 0.25": Quantile(0.25), " quantile 1": Quantile(1)} {
		o, err := ParseOver(text)
		if again, e := ParseOver(o.String()); err != nil || e != nil || o != want || again != o {
			t.Errorf("%q: %v, %v, again %v, %v", text, o, err, again, e)
		}
	}
	for text, want := range map[string]string{"": "use one of median, mean, quantile P, iqr, all", "medain": `did you mean "median"`,
		"quantile": "such as quantile 0.9", "quantile 90": "write quantile 0.9", "quantile 90%": "write quantile 0.9",
		"quantile -1": "from 0 to 1", "quantile nan": "from 0 to 1", "median 2": `remove "2"`} {
		_, err := ParseOver(text)
		if e, is := errors.AsType[*Error](err); !is || !strings.Contains(e.Remedy, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestOver: no run is dropped because it did badly, and what is not known makes the result no better.
func TestOver(t *testing.T) {
	k := func(values ...float64) (all []Value) {
		for _, x := range values {
			all = append(all, Known(x))
		}
		return all
	}
	censored := func(x float64) Value { return Value{Censored, x, inf} }
	never, missing, out := infinite(record.Less), Value{}, Value{state: LeftOut}
	for name, c := range map[string]struct {
		over   Over
		better record.Better
		values []Value
		want   Condensed
	}{
		"median":                   {Median, record.Less, k(3, 1, 2), Condensed{Value: Known(2), N: 3, Best: 2, Worst: 2}},
		"mean":                     {Mean, record.Less, k(3, 1, 5), Condensed{Value: Known(3), N: 3, Best: 3, Worst: 3}},
		"quantile":                 {Quantile(0.25), record.Less, k(4, 1, 3, 2), Condensed{Value: Known(1.75), N: 4, Best: 1.75, Worst: 1.75}}, // numpy.quantile
		"all":                      {All, record.Less, k(3, 1, 2), Condensed{Value: Known(3), N: 3, Best: 3, Worst: 3}},
		"all of accuracies":        {All, record.More, k(3, 1, 2), Condensed{Value: Known(1), N: 3, Best: 1, Worst: 1}},
		"NaN is the worst":         {All, record.More, k(3, nan, 2), Condensed{Value: Known(nan), N: 3, Best: nan, Worst: nan}},
		"one censored of three":    {Median, record.Less, append(k(7, 9), censored(100)), Condensed{Value: Known(9), N: 3, Best: 9, Worst: 9}},
		"two censored of three":    {Median, record.Less, append(k(7), censored(100), censored(50)), Condensed{Value: censored(50), N: 3, Best: inf, Worst: inf}},
		"between":                  {Median, record.Less, append(k(7), censored(100)), Condensed{Value: censored(53.5), N: 2, Best: inf, Worst: inf}},
		"mean of a censored one":   {Mean, record.Less, append(k(10), censored(100)), Condensed{Value: censored(55), N: 2, Best: inf, Worst: inf}},
		"mean with one that never": {Mean, record.Less, append(k(10), censored(100), never), Condensed{Value: never, N: 3, Best: inf, Worst: inf}},
		"two that never":           {Median, record.Less, append(k(7), never, never), Condensed{Value: never, N: 3, Best: inf, Worst: inf}},
		"a diverged accuracy":      {Quantile(0), record.More, append(k(0.5), infinite(record.More)), Condensed{Value: infinite(record.More), N: 2, Best: -inf, Worst: -inf}},
		"missing and left out":     {Median, record.Less, append(k(7), missing, out, out), Condensed{Value: Known(7), N: 1, Missing: 1, LeftOut: 2, Best: 7, Worst: 7}},
		"one that did not end":     {Median, record.Less, append(k(7, 9), unknown(0, inf)), Condensed{Value: Known(8), N: 2, Unknown: 1, Best: 7, Worst: 9}},
		"none":                     {Median, record.Less, []Value{missing, unknown(1, inf)}, Condensed{Missing: 1, Unknown: 1, Best: 1, Worst: inf}},
	} {
		got := c.over.Of(c.values, c.better)
		if !equal(got.best, c.want.best) || !equal(got.worst, c.want.worst) || got.state != c.want.state || got.N != c.want.N || got.Missing != c.want.Missing ||
			got.LeftOut != c.want.LeftOut || got.Unknown != c.want.Unknown || !equal(got.Best, c.want.Best) || !equal(got.Worst, c.want.Worst) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
