package statistics

import (
	"math"
	"slices"
	"sort"
)

// Staircase is a share that rises with x: from X[i] on it is Y[i], and zero before the first. X rise.
type Staircase struct{ X, Y []float64 }

// At is the share at x.
func (s Staircase) At(x float64) float64 {
	i := sort.Search(len(s.X), func(i int) bool { return s.X[i] > x })
	if i == 0 {
		return 0
	}
	return s.Y[i-1]
}

// ECDF is the empirical distribution of values: the share of them that are at most x. Those that are infinite or NaN count
// among them and are never reached.
//
// As the runtime distribution of COCO, a value is the budget after which a run on a problem first met a target (see
// [FirstHits]), with all pairs of problem and target together. COCO restarts runs that missed their target in simulation;
// here they miss it.
// Source: Hansen et al. 2021, Optimization Methods and Software 36:114, section 4; Moré and Wild 2009 call it a data
// profile.
func ECDF(values []float64) Staircase {
	sorted := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return math.IsInf(v, 1) || math.IsNaN(v) })
	slices.Sort(sorted)
	var s Staircase
	for i, v := range sorted {
		share := float64(i+1) / float64(len(values))
		if i > 0 && v == sorted[i-1] {
			s.Y[len(s.Y)-1] = share
			continue
		}
		s.X, s.Y = append(s.X, v), append(s.Y, share)
	}
	return s
}

// FirstHits are the budgets at which a run's values first were at most each target; +∞ where they never were. Budgets
// rise. It panics if there are not as many values.
func FirstHits(budgets, values, targets []float64) []float64 {
	best := make([]float64, len(budgets)) // so far
	lowest := math.Inf(1)
	for i := range budgets {
		lowest = math.Min(lowest, loss(values[i]))
		best[i] = lowest
	}
	hits := make([]float64, len(targets))
	for i, t := range targets {
		if k := sort.Search(len(best), func(k int) bool { return best[k] <= t }); k < len(best) {
			hits[i] = budgets[k]
		} else {
			hits[i] = math.Inf(1)
		}
	}
	return hits
}

// LogTargets are n targets from easy to hard with equal ratios, both ends among them, such as COCO's 51 from 10² to 10⁻⁸.
// Both are above zero.
func LogTargets(easy, hard float64, n int) []float64 {
	if n == 1 {
		return []float64{hard}
	}
	targets := make([]float64, n)
	for i := range targets {
		w := float64(i) / float64(n-1)
		targets[i] = math.Exp((1-w)*math.Log(easy) + w*math.Log(hard))
	}
	targets[0], targets[n-1] = easy, hard
	return targets
}
