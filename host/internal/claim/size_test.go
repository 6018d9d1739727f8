package claim

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/steepest/steepest/host/internal/measure"
)

// result is that of the verdict, without what a forecast takes.
func (c Claim) result(k Case) Result {
	if c.Rival() != "" {
		all, _ := c.paired(k)
		return all[0].result
	}
	return c.number(k, k.numbers(k.Own, worst)).result
}

// TestSize: a claim that is just not true passes with at most the chance that its confidence leaves, whatever the number of seeds and the
// distribution, and a claim that is just true fails no more often. Of 4000 experiments the share may exceed it by three standard errors.
func TestSize(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	random := rand.New(rand.NewPCG(7, 0))
	normal := func(n int) (xs []float64) {
		for range n {
			xs = append(xs, random.NormFloat64())
		}
		return xs
	}
	heavy := func(n int) (xs []float64) { // a Cauchy distribution that is not symmetric, with the median 0
		for range n {
			x := math.Tan(math.Pi * (random.Float64() - 0.5))
			if x > 0 {
				x *= 10
			}
			xs = append(xs, x)
		}
		return xs
	}
	const experiments = 4000
	for name, x := range map[string]struct {
		claim Claim
		at    func() Case
	}{
		"median of 5":      {less(0), func() Case { return Case{Own: known(normal(5)...)} }},
		"median of 12":     {greater(0), func() Case { return Case{Own: known(heavy(12)...)} }},
		"upper quartile":   {less(0.6744897501960817).over(measure.Quantile(0.75)), func() Case { return Case{Own: known(normal(20)...)} }},
		"between, at once": {between(-9, 0), func() Case { return Case{Own: known(normal(9)...)} }},
		"pairs of 6":       {than("b", 0), func() Case { return Case{Own: known(normal(6)...), Rival: known(normal(6)...)} }},
		"pairs of 15":      {than("b", 0), func() Case { return Case{Own: known(heavy(15)...), Rival: known(heavy(15)...)} }},
	} {
		passed, failed := 0, 0
		tail := x.claim.tail(x.claim.relation())
		for range experiments {
			k := x.at()
			k.Quantity = loss
			switch x.claim.result(k) {
			case Pass:
				passed++
			case Fail:
				failed++
			}
		}
		most := experiments*tail + 3*math.Sqrt(experiments*tail*(1-tail))
		if float64(passed) > most || float64(failed) > most || passed == 0 {
			t.Errorf("%s: of %d experiments %d pass and %d fail, at most %.0f should", name, experiments, passed, failed, most)
		}
	}
}
