package config

import (
	"math"

	"github.com/steepest/steepest/host/internal/seed"
)

// haltonSearch draws as AlgoPerf does (its halton.py, after Bousquet et al., 2017, arXiv:1706.03200): the values of a
// set are a scrambled radical inverse in a prime base, a coordinate of Halton's sequence. Three things differ. A set's base and scrambling
// follow from its name, where AlgoPerf's follow from its place among the others, so that one more set changes none of the rest. Bases
// are the first primes, where AlgoPerf's are the largest below 1000: fewer trials than the base are drawn as good as independently, and
// a tuning has some tens. And the permutation of a digit follows from the digits above it, where AlgoPerf has one for all digits and
// shuffles the trials in the end: sets with the same base are so independent of each other, and a trial of how many there are.
var haltonSearch = searchKind{
	name: "halton",
	help: "as `random`, but the values of each set are spread evenly: a scrambled Halton sequence",
	keys: drawKeys, draws: true,
	trials: drawn(func(root seed.Tree) func(int) float64 {
		base := haltonBases[root.Uint64()%uint64(len(haltonBases))]
		permuted := scrambling(root, base)
		return func(trial int) float64 { return radicalInverse(trial, base, permuted) }
	}),
}

var haltonBases = []int{2, 3, 5, 7}

// radicalInverse mirrors the digits of i, each permuted, at the point: sum over j of permuted(d_j) base^-(j+1), with all the digits that
// a float64 tells apart. above are the digits of i above the j-th, as a number.
func radicalInverse(i, base int, permuted func(j, above, digit int) int) float64 {
	x, unit := 0.0, 1.0
	for j := range int(math.Ceil(53 / math.Log2(float64(base)))) {
		unit /= float64(base)
		x += float64(permuted(j, i/base, i%base)) * unit
		i /= base
	}
	return min(x, 1-0x1p-53)
}

// scrambling are permutations of digits, one for every place and number of the digits above it. As the lowest digits of i weigh most, and
// their permutation follows from the others, any base^m numbers in a row, from a multiple of base^m on, fall one each into the base^m
// equal parts of the interval, in an order of their own.
func scrambling(root seed.Tree, base int) func(j, above, digit int) int {
	known := map[[2]int][]int{}
	return func(j, above, digit int) int {
		at := [2]int{j, above}
		if known[at] == nil {
			known[at] = root.Index(j).Index(above).Rand().Perm(base)
		}
		return known[at][digit]
	}
}
