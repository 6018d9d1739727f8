package claim

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

var (
	loss  = record.Standard()[record.TrainLoss]
	steps = measure.Measure{Quantity: measure.StepsToTarget}
)

func target() record.Quantity {
	q, _ := steps.Find(nil)
	return q
}

// known are runs that finished with these numbers, with the seeds from 1 on.
func known(xs ...float64) (all []Sample) {
	for i, x := range xs {
		all = append(all, Sample{Seed: uint64(i + 1), Value: measure.Known(x), Status: record.Finished})
	}
	return all
}

// toTarget are runs by the step at which each reached its target; -1 is one whose 100 steps ran out, -2 one that diverged, -3 one that
// failed, -4 one that was interrupted, -5 one that was pruned.
func toTarget(xs ...int) (all []Sample) {
	for i, x := range xs {
		o := record.Outcome{Status: record.Finished, Steps: 100, StepsToTarget: max(x, -1)}
		switch x {
		case -2:
			o.Status = record.Diverged
		case -3:
			o.Status, o.Steps = record.Failed, 10
		case -4:
			o.Status, o.Steps = record.Interrupted, 10
		case -5:
			o.Status = record.Pruned
		}
		all = append(all, Sample{Seed: uint64(i + 1), Value: steps.Begin(nil).End(o), Status: o.Status})
	}
	return all
}

func less(x float64) Claim {
	return Claim{Measure: measure.Measure{Quantity: loss.Name}, LessThan: &Limit{Number: x}, Confidence: 0.95}
}

func (c Claim) over(o measure.Over) Claim { c.Over = o; return c }

func (c Claim) of(m measure.Measure) Claim { c.Measure = m; return c }

func greater(x float64) Claim {
	c := less(x)
	c.LessThan, c.GreaterThan = nil, c.LessThan
	return c
}

func between(low, high float64) Claim {
	c := less(0)
	c.LessThan, c.Between = nil, &[2]float64{low, high}
	return c
}

func than(name string, factor float64) Claim {
	c := less(0)
	c.LessThan.Optimizer, c.Factor = name, factor
	return c
}

// TestNumbers: medians and other quantiles by order statistics, and each run.
func TestNumbers(t *testing.T) {
	inf := math.Inf(1)
	for name, x := range map[string]struct {
		claim Claim
		own   []Sample
		want  Result
		p     float64 // 0: none is held to
		why   string
	}{
		"five of five":                   {less(1), known(.1, .2, .3, .4, .5), Pass, 1. / 32, "5 of 5 seeds are as claimed"},
		"none of five":                   {less(.05), known(.1, .2, .3, .4, .5), Fail, 1. / 32, "0 of 5 seeds are as claimed"},
		"four of four are too few":       {less(1), known(.1, .2, .3, .4), Inconclusive, 1. / 16, "4 seeds cannot decide at this level, it takes at least 5"},
		"one diverged":                   {less(1), known(.1, .2, .3, .4, inf), Inconclusive, 6. / 32, "4 of 5"},
		"NaN is as bad":                  {less(1), known(.1, .2, .3, .4, math.NaN()), Inconclusive, 6. / 32, "4 of 5"},
		"one of eight diverged":          {less(1), known(.1, .2, .3, .4, .5, .6, .7, inf), Pass, 9. / 256, "7 of 8"},
		"at the limit is not less":       {less(.5), known(.1, .2, .3, .4, .5), Inconclusive, 6. / 32, "4 of 5"},
		"greater":                        {greater(0), known(.1, .2, .3, .4, .5), Pass, 1. / 32, "5 of 5"},
		"five cannot be between":         {between(0, 1), known(.1, .2, .3, .4, .5), Inconclusive, 0, "it takes at least 6"},
		"six can be between":             {between(.1, .6), known(.1, .2, .3, .4, .5, .6), Pass, 0, "6 of 6 seeds are between"},
		"six are not between":            {between(2, 3), known(.1, .2, .3, .4, .5, .6), Fail, 0, "0 of 6"},
		"six are partly between":         {between(.2, 3), known(.1, .2, .3, .4, .5, .6), Inconclusive, 0, "5 of 6"},
		"on either side of the interval": {between(.3, .4), known(.1, .1, .1, .6, .6, .6), Inconclusive, 0, "0 of 6"},
		"all":                            {less(1).over(measure.All), known(.1, .2), Pass, 0, "every one of 2 seeds is as claimed"},
		"not all":                        {less(1).over(measure.All), known(.1, .2, 1.5), Fail, 0, "1 of 3 seeds are not as claimed"},
		"one is not, and one failed":     {between(1, 2).over(measure.All), append(known(1.5, 3), failed(3)), Fail, 0, "2 of 3 seeds are not"},
		"one failed":                     {between(1, 2).over(measure.All), append(known(1.5, 1.6), failed(3)), Inconclusive, 0, "1 of 3 runs failed"},
		"the upper quartile":             {less(1).over(measure.Quantile(.75)), known(.1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .99), Pass, math.Pow(.75, 11), "11 of 11"},
		"too few for a quartile":         {less(1).over(measure.Quantile(.75)), known(.1, .2, .3, .4, .5), Inconclusive, math.Pow(.75, 5), "it takes at least 11"},
		"the lower quartile":             {less(1).over(measure.Quantile(.25)), known(.1, .2, .3, .4, 1.5), Pass, 1. / 64, "4 of 5"},
		"mean of few":                    {less(1).over(measure.Mean), known(.1, .2, .3, .4), Inconclusive, 0, "it takes at least 5"},
		"mean":                           {less(1).over(measure.Mean), known(.1, .2, .3, .4, .5), Pass, 0, "bootstrap over 5 seeds"},
		"mean above":                     {less(.05).over(measure.Mean), known(.1, .2, .3, .4, .5), Fail, 0, "bootstrap over 5 seeds"},
		"mean with a diverged one":       {less(1).over(measure.Mean), known(.1, .2, .3, .4, inf), Inconclusive, 0, "bootstrap"},
		"ran out, all the same":          {less(50).of(steps), toTarget(-1, -1, -1, -1, -1), Fail, 1. / 32, "0 of 5"},
		"ran out before the limit":       {less(200).of(steps), toTarget(10, 20, -1, -1, -1), Inconclusive, 0, "3 of 5 runs did not meet their target: it depends on how they would have gone on"},
		"ran out, but not many":          {less(50).of(steps), toTarget(10, 10, 10, 10, 10, 10, 10, -1), Pass, 9. / 256, "7 of 8"},
		"diverged never gets there":      {less(500).of(steps), toTarget(-2, -2, -2, -2, -2), Fail, 1. / 32, "0 of 5"},
		"failed":                         {less(50).of(steps), toTarget(10, 10, 10, -3, -3), Inconclusive, 0, "2 of 5 runs failed: it depends on how they would have gone on"},
		"failed, all the same":           {less(50).of(steps), toTarget(10, 10, 10, 10, 10, 10, 10, -3), Pass, 0, "of 8 seeds are as claimed"},
		"interrupted":                    {less(50).of(steps), toTarget(60, 60, 60, 60, -4), Inconclusive, 0, "1 of 5 runs did not end"},
		"nothing ended":                  {less(50).of(steps), toTarget(-4, -4), Inconclusive, 0, "no run has ended"},
		"pruned":                         {less(50).of(steps), toTarget(10, 10, 10, 10, 10, -5), Pass, 1. / 32, "5 of 5"},
		"all pruned":                     {less(50).of(steps), toTarget(-5, -5), Inconclusive, 0, "all runs were pruned"},
		"there are none":                 {less(50), nil, Inconclusive, 0, "there are no such runs"},
	} {
		k := Case{Quantity: loss, Own: x.own}
		if x.claim.Measure == steps {
			k.Quantity = target()
		}
		v := x.claim.Judge(k)
		if v.Result != x.want || x.p != 0 && !(math.Abs(v.P-x.p) < 1e-12) || !strings.Contains(v.Why, x.why) {
			t.Errorf("%s: %s, p = %v, %q; want %s, %v, %q", name, v.Result, v.P, v.Why, x.want, x.p, x.why)
		}
		if v.Result != Inconclusive && v.More != 0 {
			t.Errorf("%s: decided, and would be by %d more seeds", name, v.More)
		}
	}
}

// TestPairs: another optimizer, seed by seed. The values of p are those of scipy.stats.wilcoxon(d, alternative="less", method="exact"), and of
// scipy.stats.binomtest where only signs count.
func TestPairs(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, x := range map[string]struct {
		claim      Claim
		own, rival []Sample
		want       Result
		p          float64
		why        string
	}{
		"always less":              {than("b", 0), known(1, 2, 3, 4, 5), known(2, 3.5, 5, 6.5, 8), Pass, 0.03125, "5 of 5 pairs are as claimed"},
		"always more":              {than("b", 0), known(2, 3.5, 5, 6.5, 8), known(1, 2, 3, 4, 5), Fail, 0.03125, "0 of 5"},
		"mixed":                    {than("b", 0), known(1, 2, 3, 4, 5, 6), known(1.5, 3, 4.5, 6, 4.9, 5.8), Inconclusive, 0.078125, "4 of 6"},
		"paired, not pooled":       {than("b", 0), known(10, 20, 30, 40, 50, 60), known(10.1, 20.2, 30.3, 40.4, 50.5, 60.6), Pass, 0.015625, "6 of 6"},
		"half":                     {than("b", .5), known(1, 1, 1, 1, 1), known(2.2, 2.4, 2.6, 2.8, 3), Pass, 0.03125, "5 of 5"},
		"not a third":              {than("b", .25), known(1, 1, 1, 1, 1), known(2.2, 2.4, 2.6, 2.8, 3), Fail, 0.03125, "0 of 5"},
		"equal":                    {than("b", 0), known(1, 2, 3, 4, 5), known(1, 2, 3, 4, 5), Inconclusive, 1, "5 are equal"},
		"each":                     {than("b", 0).over(measure.All), known(1, 2), known(2, 3), Pass, 0, "every one"},
		"not each":                 {than("b", 0).over(measure.All), known(1, 2), known(2, 1), Fail, 0, "1 of 2"},
		"too few":                  {than("b", 0), known(1, 2, 3), known(2, 3, 4), Inconclusive, 0.125, "it takes at least 5"},
		"the rival never did":      {than("b", 0).of(steps), toTarget(10, 20, 30, 40, 50), toTarget(-1, -1, -1, -1, -1), Pass, 0.03125, "5 of 5"},
		"never is never":           {than("b", 0).of(steps), toTarget(10, 20, 30, 40, -1), toTarget(-1, -1, -1, -1, -1), Inconclusive, 0.0625, "1 is equal"},
		"both diverged":            {than("b", 0).of(steps), toTarget(-2, -2, -2, -2, -2), toTarget(-2, -2, -2, -2, -2), Inconclusive, 1, "5 are equal"},
		"did not, the rival did":   {than("b", 0).of(steps), toTarget(-1, -1, -2, -1, -1), toTarget(10, 20, 30, 40, 50), Fail, 0.03125, "0 of 5"},
		"less than half of beyond": {than("b", .5).of(steps), toTarget(10, 20, 30, 40, 45), toTarget(-1, -1, -1, -1, -1), Pass, 0.03125, "5 of 5"},
		"maybe half of beyond":     {than("b", .5).of(steps), toTarget(60, 60, 60, 60, 60), toTarget(-1, -1, -1, -1, -1), Inconclusive, 0, "it depends"},
		"the rival failed":         {than("b", 0), known(1, 2, 3, 4, 5), append(known(2, 3, 4, 5), failed(5)), Inconclusive, 0, "1 of 10 runs failed"},
		"one pair was pruned":      {than("b", 0).of(steps), toTarget(1, 1, 1, 1, 1, -5), toTarget(2, 3, 4, 5, 6, 7), Pass, 0.03125, "5 of 5"},
		"NaN is never less":        {than("b", 0).over(measure.All), known(1, nan), known(2, nan), Fail, 0, "1 of 2 pairs"},
		"both infinitely bad":      {than("b", 0), known(1, 2, 3, 4, inf, nan), known(2, 3, 4, 5, inf, nan), Inconclusive, 0.0625, "4 of 6 pairs are as claimed, 2 are equal"},
		"half of infinite":         {than("b", .5), known(1, 1, 1, 1, nan), known(3, 3, 3, 3, inf), Inconclusive, 0.0625, "4 of 5 pairs are as claimed, 1 is equal"},
		"medians of a factor":      {than("b", .5), known(1, 1, 1, 1, 1), known(3, 3, 4, 5, 5), Pass, 0.03125, "; medians 1 against 0.5 x 4"},
		"no rival":                 {than("b", 0), known(1), nil, Inconclusive, 0, "there are no such runs"},
	} {
		k := Case{Quantity: loss, Own: x.own, Rival: x.rival}
		if x.claim.Measure == steps {
			k.Quantity = target()
		}
		v := x.claim.Judge(k)
		if v.Result != x.want || x.p != 0 && !(math.Abs(v.P-x.p) < 1e-12) || !strings.Contains(v.Why, x.why) {
			t.Errorf("%s: %s, p = %v, %q; want %s, %v, %q", name, v.Result, v.P, v.Why, x.want, x.p, x.why)
		}
	}
}

// failed is a run that failed.
func failed(seed uint64) Sample {
	o := record.Outcome{Status: record.Failed}
	return Sample{Seed: seed, Value: measure.Measure{Quantity: loss.Name}.Begin(record.Standard()).End(o), Status: o.Status}
}

// TestDeterministic: where nothing depends on the seed one run says all, unless the runs say otherwise.
func TestDeterministic(t *testing.T) {
	for name, x := range map[string]struct {
		claim      Claim
		own, rival []Sample
		want       Result
		exact      bool
	}{
		"one run":              {less(1), known(.5), nil, Pass, true},
		"at the limit":         {less(.5), known(.5), nil, Fail, true},
		"between":              {between(.5, .5), known(.5), nil, Pass, true},
		"several alike":        {less(1), known(.5, .5, .5), nil, Pass, true},
		"several that differ":  {less(1), known(.5, .6, .5), nil, Inconclusive, false},
		"a rival":              {than("b", 0), known(.5), known(.6), Pass, true},
		"a rival that is even": {than("b", 0), known(.5), known(.5), Fail, true},
		"diverged":             {less(1), known(math.Inf(1)), nil, Fail, true},
		"mean":                 {less(1).over(measure.Mean), known(.5), nil, Pass, true},
		"ran out":              {less(50).of(steps), toTarget(-1), nil, Fail, true},
		"ran out before":       {less(500).of(steps), toTarget(-1), nil, Inconclusive, true},
		"neither got there":    {than("b", 0).of(steps), toTarget(-1), toTarget(-1), Fail, true},
		"both are NaN":         {than("b", 0), known(math.NaN()), known(math.NaN()), Fail, true},
	} {
		k := Case{Quantity: loss, Own: x.own, Rival: x.rival, Deterministic: true}
		if x.claim.Measure == steps {
			k.Quantity = target()
		}
		if v := x.claim.Judge(k); v.Result != x.want || v.Exact != x.exact {
			t.Errorf("%s: %s, exact %v, %q", name, v.Result, v.Exact, v.Why)
		}
	}
	if v := less(1).Judge(Case{Quantity: loss, Own: known(.5)}); v.Result != Inconclusive || v.Exact {
		t.Errorf("one seed of several decides: %+v", v)
	}
}

func trend(t Trend, c Claim) Claim {
	c.Trend, c.Against = t, "lr"
	if t.Monotone() {
		c.LessThan = nil
	}
	return c
}

// levels are the runs of six seeds at 1, 2, 4 and 8: f of it and of a number of the seed's own.
func levels(f func(x float64, seed int) float64) (all []Level) {
	for _, x := range []float64{1, 2, 4, 8} {
		var ys []float64
		for seed := range 6 {
			ys = append(ys, f(x, seed))
		}
		all = append(all, Level{x, known(ys...)})
	}
	return all
}

// TestTrends: slopes, correlations and order, by whole seeds.
func TestTrends(t *testing.T) {
	logSlope := trend(Slope, between(-1.1, -.9))
	logSlope.Scale = Log
	inverse := func(x float64, seed int) float64 { return (1 + .1*float64(seed)) / x }
	line := func(x float64, seed int) float64 { return float64(10*seed) + 2*x } // each seed has its own height
	hill := func(x float64, seed int) float64 { return -math.Abs(x-3) + .01*float64(seed) }
	diverging := func(x float64, seed int) float64 {
		if x > 4 {
			return math.Inf(1)
		}
		return -1 / x
	}
	for name, x := range map[string]struct {
		claim  Claim
		levels []Level
		want   Result
		value  float64
		why    string
	}{
		"power law":              {logSlope, levels(inverse), Pass, -1, "bootstrap over 6 seeds"},
		"another power":          {logSlope, levels(func(x float64, s int) float64 { return math.Pow(inverse(x, s), 2) }), Fail, -2, "bootstrap"},
		"line":                   {trend(Slope, greater(1.9)), levels(line), Pass, 2, "bootstrap"},
		"line that is too flat":  {trend(Slope, greater(2.1)), levels(line), Fail, 2, "bootstrap"},
		"falling":                {trend(Decreasing, less(0)), levels(inverse), Pass, .15, "bootstrap"},
		"not rising":             {trend(Increasing, less(0)), levels(inverse), Fail, -.6, "bootstrap"},
		"neither":                {trend(Increasing, less(0)), levels(hill), Fail, -4, "bootstrap"},
		"flat is not increasing": {trend(Increasing, less(0)), levels(func(x float64, s int) float64 { return float64(s) }), Fail, 0, "bootstrap"},
		"ranks":                  {trend(Correlation, less(-.8)), levels(inverse), Pass, -.97, "bootstrap"},
		"ranks of what diverges": {trend(Correlation, greater(.9)), levels(diverging), Pass, 1, "bootstrap"},
		"line through infinity":  {trend(Slope, greater(0)), levels(diverging), Inconclusive, math.NaN(), "6 runs are infinitely bad"},
		"logarithm of nothing":   {logSlope, levels(hill), Inconclusive, math.NaN(), "are not above 0"},
		"all alike":              {trend(Correlation, less(0)), levels(func(float64, int) float64 { return 1 }), Inconclusive, math.NaN(), "alike"},
	} {
		v := x.claim.Judge(Case{Quantity: loss, Levels: x.levels})
		if v.Result != x.want || !(math.Abs(v.Value-x.value) < .04) && !math.IsNaN(v.Value+x.value) || !strings.Contains(v.Why, x.why) {
			t.Errorf("%s: %s, %v in [%v, %v], %q", name, v.Result, v.Value, v.Low, v.High, v.Why)
		}
	}
	swept := levels(inverse)
	swept[0].At = 0
	if v := logSlope.Judge(Case{Quantity: loss, Levels: swept}); v.Result != Inconclusive || !math.IsNaN(v.Value) ||
		v.Why != "1 of 4 values of lr are not above 0, and have no logarithm" {
		t.Errorf("a logarithmic slope against 0: %+v", v)
	}
	one := []Level{{1, known(1)}, {2, known(2)}, {3, known(2)}}
	for name, x := range map[string]struct {
		deterministic bool
		claim         Claim
		want          Result
	}{
		"exact order": {true, trend(Increasing, less(0)), Fail}, "exact slope": {true, trend(Slope, between(.5, .5)), Pass},
		"one seed": {false, trend(Slope, between(.5, .5)), Inconclusive},
	} {
		if v := x.claim.Judge(Case{Quantity: loss, Levels: one, Deterministic: x.deterministic}); v.Result != x.want {
			t.Errorf("%s: %s, %q", name, v.Result, v.Why)
		}
	}
	broken := levels(inverse)
	broken[3].Samples[4] = failed(5)
	if v := trend(Decreasing, less(0)).Judge(Case{Quantity: loss, Levels: broken}); v.Result == Fail {
		t.Errorf("a run that failed fails the claim: %+v", v)
	}
}

// TestMore: what would probably decide does, if the seeds go on as they were.
func TestMore(t *testing.T) {
	eight := known(.1, .2, .3, .4, .5, .6, 2, 2)
	v := less(1).Judge(Case{Quantity: loss, Own: eight})
	if v.Result != Inconclusive || v.More < 1 || v.More > 20 {
		t.Fatalf("%s, %d more seeds", v.Result, v.More)
	}
	// Three quarters of all seeds are as claimed.
	var more []float64
	for i := range len(eight) + v.More {
		x := .5
		if i%4 == 3 {
			x = 2
		}
		more = append(more, x)
	}
	if got := less(1).Judge(Case{Quantity: loss, Own: known(more...)}); got.Result != Pass {
		t.Errorf("with %d more seeds: %s, p = %v", v.More, got.Result, got.P)
	}
	if v := less(1).Judge(Case{Quantity: loss, Own: known(.1, .2, 2, 2)}); v.More != 1 { // nothing but their number is known to be too few
		t.Errorf("half of the seeds are as claimed, and %d more are said to decide", v.More)
	}
}

// TestPartlyKnown: where the number of a run is not known, the words count it neither as one that is as claimed nor as one that is not.
func TestPartlyKnown(t *testing.T) {
	unread := failed(3)
	unread.Damage = "x is damaged"
	for name, x := range map[string]struct {
		claim      Claim
		own, rival []Sample
		why        string
	}{
		"seeds":   {less(1), append(known(.1, .2), unread), nil, "2 to 3 of 3 seeds are as claimed; "},
		"none is": {less(.05), append(known(.1, .2), unread), nil, "0 to 1 of 3 seeds are as claimed; "},
		"between": {between(0, 1), append(known(.1, .2), unread), nil, "2 to 3 of 3 seeds are between 0 and 1; "},
		"pairs":   {than("b", 0), append(known(1, 2), unread), known(2, 3, 4), "2 to 3 of 3 pairs are as claimed; "},
	} {
		v := x.claim.Judge(Case{Quantity: loss, Own: x.own, Rival: x.rival})
		if v.Result != Inconclusive || !strings.HasPrefix(v.Why, x.why) || !strings.Contains(v.Why, "cannot be read") {
			t.Errorf("%s: %s, %q", name, v.Result, v.Why)
		}
	}
}

// TestChose: a verdict by seeds that decided what is judged says so.
func TestChose(t *testing.T) {
	v := less(1).Judge(Case{Quantity: loss, Own: known(.1, .2, .3, .4, .5), Chose: 1})
	if v.Result != Pass || len(v.Warnings) != 1 || !strings.HasPrefix(v.Warnings[0], "1 seed also chose what is judged") {
		t.Errorf("%s %q", v.Result, v.Warnings)
	}
}

// TestMoreByBootstrap: so many more seeds, each of which turns out as one did of those that there are, decide about as often as is promised,
// four times in five.
func TestMoreByBootstrap(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	random := rand.New(rand.NewPCG(11, 0))
	var xs []float64
	for range 20 {
		xs = append(xs, random.NormFloat64())
	}
	for _, c := range []Claim{less(.3).over(measure.Mean), greater(-.35).over(measure.Mean), between(-.35, .9).over(measure.Mean)} {
		v := c.Judge(Case{Quantity: loss, Own: known(xs...)})
		if v.Result != Inconclusive || v.More < 3 || v.More > 60 {
			t.Fatalf("%s: %s, %v in [%v, %v], %d more seeds", c, v.Result, v.Value, v.Low, v.High, v.More)
		}
		const futures = 200
		decided := 0
		for range futures {
			all := slices.Clone(xs)
			for range v.More {
				all = append(all, xs[random.IntN(len(xs))])
			}
			if c.Judge(Case{Quantity: loss, Own: known(all...)}).Result != Inconclusive {
				decided++
			}
		}
		if share := float64(decided) / futures; share < .7 || share > .9 { // of 0.8 the standard error is 0.03
			t.Errorf("%s: %d more seeds decide %.2f of all times", c, v.More, share)
		}
	}
}
