package statistics

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/steepest/steepest/host/internal/quantile"
)

// SurvivalPoint is the estimate from the time At on, until the next point.
type SurvivalPoint struct {
	At                        float64
	AtRisk, Reached, Censored int     // runs still on their way just before, those that arrive then, and those last seen then
	Survival                  float64 // the share S of runs that take longer
	Low, High                 float64 // pointwise interval; NaN where S is 1 or 0 and its variance not known
}

// KaplanMeier is the product-limit estimate of the share S(t) of runs that take longer than t, from times of which some
// are censored:
//
//	S(t) = Π over tⱼ ≤ t of (1 - dⱼ/nⱼ)
//
// with dⱼ of nⱼ runs at risk arriving at tⱼ. Greenwood's variance makes an interval of level on the scale of log(-log S),
// z being the normal quantile:
//
//	σ² = Σ over tⱼ ≤ t of dⱼ / (nⱼ (nⱼ - dⱼ)) / (log S)²,  S^exp(±z σ)
//
// A run that is censored at the moment in which another arrives was still at risk. One that never arrives is at risk for
// ever and in no point. Points are in the order of time.
// Source: Kaplan and Meier 1958, J. Am. Stat. Assoc. 53:457; Kalbfleisch and Prentice 2002, section 1.4; R's survival,
// survfit(conf.type = "log-log").
func KaplanMeier(times []Time, level float64) []SurvivalPoint {
	sorted := slices.SortedFunc(slices.Values(times), func(a, b Time) int { return cmp.Compare(loss(a.At), loss(b.At)) })
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	var points []SurvivalPoint
	s, greenwood := 1.0, 0.0
	for i := 0; i < len(sorted) && !math.IsInf(loss(sorted[i].At), 1); {
		p := SurvivalPoint{At: sorted[i].At, AtRisk: len(sorted) - i, Low: math.NaN(), High: math.NaN()}
		for ; i < len(sorted) && sorted[i].At == p.At; i++ {
			if sorted[i].Reached {
				p.Reached++
			} else {
				p.Censored++
			}
		}
		d, n := float64(p.Reached), float64(p.AtRisk)
		s *= 1 - d/n
		greenwood += d / (n * (n - d))
		p.Survival = s
		if s > 0 && s < 1 {
			σ := math.Sqrt(greenwood) / math.Abs(math.Log(s))
			p.Low, p.High = math.Pow(s, math.Exp(z*σ)), math.Pow(s, math.Exp(-z*σ))
		}
		points = append(points, p)
	}
	return points
}

// KaplanMeierMedian is the median of times by [KaplanMeier], with Brookmeyer and Crowley's interval: those t at which the
// interval of S(t) holds 1/2. The median is where S falls to 1/2 or below; if it stays at 1/2 for a while, the middle of
// that while, as in R. It is +∞ where S never falls below 1/2, "not reached by half": also if it stays at 1/2 until the
// end, where R takes the middle to the last censored run. Where the data set no bound, it is 0 or +∞. The coverage is
// approximate.
// Source: Brookmeyer and Crowley 1982, Biometrics 38:29; R's quantile.survfit.
func KaplanMeierMedian(times []Time, level float64) Estimate {
	if len(times) == 0 {
		return none(level)
	}
	points := KaplanMeier(times, level)
	cross := func(of func(SurvivalPoint) float64) float64 {
		const tolerance = 1.5e-8 // as R has it, √ε: S is a product of rounded factors
		first := math.Inf(1)
		for _, p := range points {
			switch s := of(p); {
			case math.IsNaN(s) || s > 0.5+tolerance:
			case s < 0.5-tolerance:
				return p.At/2 + math.Min(first, p.At)/2
			default:
				first = math.Min(first, p.At)
			}
		}
		return math.Inf(1)
	}
	e := Estimate{N: len(times), Value: cross(func(p SurvivalPoint) float64 { return p.Survival })}
	e.Interval = Interval{Level: level, Coverage: level, Approximate: true}
	e.Interval.Low = cross(func(p SurvivalPoint) float64 { return p.Low })
	e.Interval.High = cross(func(p SurvivalPoint) float64 { return p.High })
	if e.Interval.Low > e.Value { // S falls to 0 at once, where it has no interval
		e.Interval.Low = 0
	}
	return e
}

// MedianTime is the median of times that may be censored. As long as none is censored before the last that was reached, as
// in runs of equal budgets, it is known of each on which side of every value it lies: then it is [Median], exact, with
// what was not reached beyond all others. Else it is [KaplanMeierMedian].
func MedianTime(times []Time, level float64) Estimate {
	last, censored := math.Inf(-1), math.Inf(1)
	values := make([]float64, len(times))
	for i, t := range times {
		if values[i] = math.Inf(1); t.reached() {
			values[i] = t.At
			last = math.Max(last, t.At)
		} else {
			censored = math.Min(censored, loss(t.At))
		}
	}
	if censored < last {
		return KaplanMeierMedian(times, level)
	}
	return median(quantile.Sorted(values), level)
}
