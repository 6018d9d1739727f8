package statistics

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// SignTest is the sign test of paired differences, of which m are not zero:
//
//	T = number of dᵢ > 0,  T ~ Binomial(m, 1/2)
//
// exactly, if a difference above zero is as probable as one below. It asks nothing of how large they are, so it is the
// test where pairs are censored (see [TimeDifferences]). Ties are left out.
// Source: Dixon and Mood 1946, J. Am. Stat. Assoc. 41:557.
func SignTest(differences []float64, alternative Alternative) Test {
	below, above := signs(differences)
	n, m := len(differences), below+above
	t := Test{Alternative: alternative, N: n, Ties: n - m, Statistic: float64(above), Smallest: smallest(m, alternative)}
	// Fair coins know no sides: P(T ≥ t) = P(T ≤ m - t).
	t.P = alternative.p(heads(m, above), heads(m, below))
	return t
}

// Wins is the share of pairs in which the first is less (differences below zero) among those that are not tied, with the
// interval of Clopper and Pearson: it covers at least level, whatever the share is,
//
//	low = Beta(α/2; w, m-w+1),  high = Beta(1-α/2; w+1, m-w)
//
// w being the wins among m pairs, Beta the quantile and α = 1 - level. Of no such pairs nothing is known: from 0 to 1.
// Source: Clopper and Pearson 1934, Biometrika 26:404.
func Wins(differences []float64, level float64) Estimate {
	wins, losses := signs(differences)
	w, l, α := float64(wins), float64(losses), 1-level
	e := Estimate{N: wins + losses, Value: w / (w + l), Interval: Interval{Low: 0, High: 1, Level: level, Coverage: level}}
	if wins > 0 {
		e.Interval.Low = distuv.Beta{Alpha: w, Beta: l + 1}.Quantile(α / 2)
	}
	if losses > 0 {
		e.Interval.High = distuv.Beta{Alpha: w + 1, Beta: l}.Quantile(1 - α/2)
	}
	if e.N == 0 {
		e.Value, e.Interval.Coverage = math.NaN(), 1
	}
	return e
}

func signs(differences []float64) (below, above int) {
	for _, d := range differences {
		switch {
		case d < 0:
			below++
		case d > 0:
			above++
		}
	}
	return below, above
}
