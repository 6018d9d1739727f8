package statistics

import "math"

// AlgoPerfLimit is up to which ratio AlgoPerf's score looks.
const AlgoPerfLimit = 4

// Ratios are the performance ratios of solvers on problems, from costs[solver][problem] such as the steps to a target, +∞
// where it was not reached:
//
//	r = t[s][p] / min over s of t[s][p]
//
// +∞ also for a problem that none solved. A cost of zero has the ratio 1, and any other beside it +∞.
// Source: Dolan and Moré 2002, Math. Program. 91:201.
func Ratios(costs [][]float64) [][]float64 {
	ratios := make([][]float64, len(costs))
	for s, row := range costs {
		ratios[s] = make([]float64, len(row))
		for p, t := range row {
			least := math.Inf(1)
			for _, other := range costs {
				least = math.Min(least, loss(other[p]))
			}
			switch t = loss(t); {
			case math.IsInf(t, 1):
				ratios[s][p] = t
			case t == least:
				ratios[s][p] = 1
			default:
				ratios[s][p] = t / least
			}
		}
	}
	return ratios
}

// Profiles are the performance profiles of solvers: the share of problems that each solves at no more than τ times the
// cost of the best,
//
//	ρₛ(τ) = |{p : r[s][p] ≤ τ}| / |P|
//
// Other solvers than these may change them, and the order of two (Gould and Scott 2016, ACM Trans. Math. Softw. 43:15).
func Profiles(costs [][]float64) []Staircase {
	ratios := Ratios(costs)
	profiles := make([]Staircase, len(ratios))
	for s, r := range ratios {
		profiles[s] = ECDF(r)
	}
	return profiles
}

// AlgoPerfScores are the scores of solvers in the AlgoPerf benchmark: the normalised area under the profile,
//
//	B = 1/(r - 1) ∫₁ʳ ρ(τ) dτ  =  mean over p of max(0, r - max(1, r[s][p])) / (r - 1),  r = 4
//
// from 0 to 1, more is better. τ is linear, not logarithmic, as in AlgoPerf's scoring (min_tau = 1, max_tau = 4, scale =
// "linear", normalize = True); that sums trapezoids over 100 points, here the integral is exact.
// Source: Dahl et al. 2023, "Benchmarking Neural Network Training Algorithms", arXiv:2306.07179, section 4;
// mlcommons/algorithmic-efficiency, scoring/performance_profile.py and score_submissions.py.
func AlgoPerfScores(costs [][]float64) []float64 {
	ratios := Ratios(costs)
	scores := make([]float64, len(ratios))
	for s, row := range ratios {
		for _, r := range row {
			scores[s] += math.Max(0, AlgoPerfLimit-r) / (AlgoPerfLimit - 1) / float64(len(row))
		}
	}
	return scores
}
