package statistics

import (
	"math"
	"math/rand/v2"
	"slices"
)

// MoreSeeds estimates how many seeds beside the n measured ones would probably decide: the least number with which, in a
// share power of simulated futures, decided says so of them all. A future seed is taken to be like a measured one, drawn
// with replacement; decided gets the measured indices 0 ... n-1 and after them those drawn. Numbers are tried one by one
// up to 8, then in steps of about a quarter, up to most. ok is false if none of these would do. It is 0 if the
// measured ones decide.
//
// That is a forecast and no promise: few seeds say little of what others will be like. A test repeated after adding seeds
// because it had not decided has a larger size than its level.
// Source: the predictive power of Spiegelhalter, Freedman and Blackburn 1986, Controlled Clinical Trials 7:8, from the
// empirical distribution (Efron and Tibshirani 1993, section 25.4).
func MoreSeeds(n, most int, power float64, seed uint64, decided func(indices []int) bool) (more int, ok bool) {
	if n == 0 {
		return 0, false
	}
	measured := sequence(n)
	if decided(measured) {
		return 0, true
	}
	const futures = 200
	needed := int(math.Ceil(power * futures))
	random := rand.New(rand.NewPCG(seed, 0))
	for more = 1; more <= most; more += max(1, more/4) {
		yes, no := 0, 0
		for yes < needed && no <= futures-needed {
			indices := slices.Grow(slices.Clone(measured), more)
			for range more {
				indices = append(indices, random.IntN(n))
			}
			if decided(indices) {
				yes++
			} else {
				no++
			}
		}
		if yes == needed {
			return more, true
		}
	}
	return 0, false
}

// MorePairs is [MoreSeeds] for a test of paired differences, such as [SignedRank] or [SignTest], at a level of significance.
func MorePairs(differences []float64, test func([]float64, Alternative) Test, alternative Alternative, level, power float64,
	most int, seed uint64) (more int, ok bool) {
	return MoreSeeds(len(differences), most, power, seed, func(indices []int) bool {
		return test(Pick(differences, indices), alternative).Decides(level)
	})
}

// Pick are the values at the indices, as a bootstrap draws them.
func Pick(values []float64, indices []int) []float64 {
	picked := make([]float64, len(indices))
	for i, k := range indices {
		picked[i] = values[k]
	}
	return picked
}

func sequence(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}
