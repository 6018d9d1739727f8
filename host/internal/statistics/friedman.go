package statistics

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Friedman is a comparison of several optimizers over problems by ranks.
type Friedman struct {
	N          int       // problems
	Ranks      []float64 // mean rank R of each optimizer, 1 being the best
	ChiSquared float64   // Friedman's statistic, corrected for ties
	P          float64   // by its χ² distribution with k-1 degrees of freedom
	F          float64   // Iman and Davenport's statistic, which is less conservative
	PF         float64   // by its F distribution with k-1 and (k-1)(N-1) degrees of freedom

	// Two optimizers whose mean ranks differ by less than this are not told apart by Nemenyi's test at the level.
	CriticalDifference float64
	Cliques            [][]int // largest sets of two or more that are not told apart, each by rank, the best set first
}

// CompareRanks compares k optimizers over N problems, values[problem][optimizer] such as medians over seeds, at a level of
// significance α. Optimizers of a problem are ranked, with midranks for ties, which also all that diverged there are.
//
//	χ² = 12 N/(k(k+1)) Σⱼ (Rⱼ - (k+1)/2)² / (1 - Σ (t³-t) / (N k (k²-1)))
//	F  = (N-1) χ² / (N(k-1) - χ²)
//	CD = q/√2 √(k(k+1)/(6N)),  q = quantile 1-α of the studentized range of k
//
// t being the sizes of ties. All is NaN of fewer than two optimizers or no problem, and P where all values tie.
// Source: Friedman 1937; Iman and Davenport 1980; Nemenyi 1963; as in Demšar 2006, J. Mach. Learn. Res. 7:1, sections
// 3.2.2 and 3.2.3. The correction for ties is that of Hollander, Wolfe and Chicken 2014, equation 7.8, and R's
// friedman.test.
func CompareRanks(values [][]float64, level float64) Friedman {
	nan := math.NaN()
	f := Friedman{N: len(values), ChiSquared: nan, P: nan, F: nan, PF: nan, CriticalDifference: nan}
	if len(values) == 0 {
		return f
	}
	N, k := float64(len(values)), float64(len(values[0]))
	f.Ranks = make([]float64, len(values[0]))
	ties := 0.0
	for _, row := range values {
		ranks := Midranks(row)
		for j, r := range ranks {
			f.Ranks[j] += r / N
		}
		for _, t := range tieSizes(ranks) {
			ties += t*t*t - t
		}
	}
	if k < 2 {
		return f
	}
	sum := 0.0
	for _, r := range f.Ranks {
		sum += (r - (k+1)/2) * (r - (k+1)/2)
	}
	f.ChiSquared = 12 * N / (k * (k + 1)) * sum / (1 - ties/(N*k*(k*k-1)))
	f.P = distuv.ChiSquared{K: k - 1}.Survival(f.ChiSquared)
	if f.F = (N - 1) * f.ChiSquared / (N*(k-1) - f.ChiSquared); N*(k-1) <= f.ChiSquared { // all problems rank alike
		f.F = math.Inf(1)
	}
	switch {
	case math.IsInf(f.F, 1):
		f.PF = 0
	case N > 1:
		f.PF = distuv.F{D1: k - 1, D2: (k - 1) * (N - 1)}.Survival(f.F)
	}
	f.CriticalDifference = rangeQuantile(1-level, len(f.Ranks)) / math.Sqrt2 * math.Sqrt(k*(k+1)/(6*N))
	f.Cliques = cliques(f.Ranks, f.CriticalDifference)
	return f
}

func tieSizes(ranks []float64) []float64 {
	sizes := map[float64]float64{}
	for _, r := range ranks {
		sizes[r]++
	}
	var all []float64
	for _, s := range sizes {
		all = append(all, s)
	}
	return all
}

func cliques(ranks []float64, difference float64) (all [][]int) {
	order := make([]int, len(ranks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case ranks[i] < ranks[j]:
			return -1
		case ranks[i] > ranks[j]:
			return 1
		}
		return 0
	})
	end := 0
	for i := range order {
		j := i + 1
		for j < len(order) && ranks[order[j]]-ranks[order[i]] < difference {
			j++
		}
		if j > end && j-i > 1 { // else it is within the one before, or alone
			all = append(all, slices.Clone(order[i:j]))
			end = j
		}
	}
	return all
}
