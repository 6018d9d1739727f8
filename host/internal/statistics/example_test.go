package statistics_test

import (
	"fmt"
	"math"

	"github.com/steepest/steepest/host/internal/statistics"
)

// Two optimizers share five seeds; one run of the second diverged.
func Example() {
	a := []float64{0.11, 0.13, 0.12, 0.15, 0.11}
	b := []float64{0.14, 0.15, 0.18, 0.19, math.Inf(1)}

	m := statistics.Median(b, 0.95)
	fmt.Printf("median %v, [%v, %v] at %v %%\n", m.Value, m.Interval.Low, m.Interval.High, 100*m.Interval.Coverage)
	fmt.Println(m.Warnings[0])

	d := statistics.Differences(a, b)
	test := statistics.SignedRank(d, statistics.Less)
	effect := statistics.HodgesLehmann(d, 0.90)
	fmt.Printf("p %v, better by %.3g, [%.3g, %.3g] at %v %%\n",
		test.P, -effect.Value, -effect.Interval.High, -effect.Interval.Low, 100*effect.Interval.Coverage)

	d = d[:4]
	test = statistics.SignedRank(d, statistics.Less)
	fmt.Println("p", test.P, test.Warnings(0.05)[0])
	more, _ := statistics.MorePairs(d, statistics.SignedRank, statistics.Less, 0.05, 0.8, 50, 1)
	fmt.Println(more, "more would probably decide")
	// Output:
	// median 0.18, [0.14, +Inf] at 93.75 %
	// an interval of 95 % needs 6 values, there are 5
	// p 0.03125, better by 0.045, [0.02, +Inf] at 93.75 %
	// p 0.0625 too few seeds to decide at a level of 5 %: it takes 5 pairs that are not tied, there are 4
	// 1 more would probably decide
}
