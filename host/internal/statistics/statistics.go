// Package statistics makes statistics of plain numbers: one statistic a file, its formula and source first, the code in
// the same letters. It knows nothing of runs, files or text.
//
// Less is better, unless something else is said. Infinite values are legal: a run that diverged is infinitely bad. NaN as
// a loss is as bad as infinity. Values are never changed, whatever their order. What a reader must know beside a number is
// a [Warning].
package statistics

import (
	"fmt"
	"math"
	"strconv"
)

// Interval is a closed range that covers what is estimated with at least the probability Coverage; its ends may be infinite.
type Interval struct {
	Low, High   float64
	Level       float64 // of confidence that was asked for, in (0,1)
	Coverage    float64 // that the interval has: above Level as a rule, below it where there are too few values
	Approximate bool    // Coverage holds for many values, and only about for few
}

// Largest is the largest difference, in either direction, that an interval of differences does not exclude: what could
// still hide where two look alike. It is infinite if any could.
func (i Interval) Largest() float64 { return math.Max(math.Abs(i.Low), math.Abs(i.High)) }

// Estimate is a number with its uncertainty.
type Estimate struct {
	N        int // values or pairs that it is of
	Value    float64
	Interval Interval
	Warnings []Warning
}

// none is the estimate from no values.
func none(level float64) Estimate {
	nan := math.NaN()
	return Estimate{Value: nan, Interval: Interval{Low: nan, High: nan, Level: level}}
}

// Warning is what a reader must know beside a number.
type Warning struct {
	Concern    Concern
	Have, Need int     // values that there are, and that there should be
	Level      float64 // of confidence, or of significance for TooFewToDecide
}

// Concern is what a warning is about.
type Concern int

const (
	TooFewForInterval  Concern = iota + 1 // no interval of this level exists for so few values
	TooFewToDecide                        // even the clearest outcome of so many pairs would have a larger p
	TooFewForBootstrap                    // intervals of bootstrap over so few seeds cover less than they say
	Undefined                             // in Have of Need resamples the statistic has no value: it may be anything there
)

func (w Warning) String() string {
	switch w.Concern {
	case TooFewForInterval:
		return fmt.Sprintf("an interval of %s needs %d values, there are %d", percent(w.Level), w.Need, w.Have)
	case TooFewToDecide:
		return fmt.Sprintf("too few seeds to decide at a level of %s: it takes %d pairs that are not tied, there are %d",
			percent(w.Level), w.Need, w.Have)
	case TooFewForBootstrap:
		return fmt.Sprintf("bootstrap over %d seeds is too narrow, it takes %d", w.Have, w.Need)
	case Undefined:
		return fmt.Sprintf("undefined in %d of %d resamples", w.Have, w.Need)
	}
	return "unknown"
}

func percent(p float64) string { return strconv.FormatFloat(100*p, 'g', 4, 64) + " %" }
