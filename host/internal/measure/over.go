package measure

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/proto"
)

// Over is how the values of several runs, one for each seed, become one.
type Over struct {
	kind kind
	p    float64 // of a quantile
}

type kind int

const (
	median kind = iota
	mean
	quantileOf
	spread
	all
)

// What there is; a quantile is made by [Quantile]. The zero Over is the median.
var (
	Median = Over{}
	Mean   = Over{kind: mean}
	IQR    = Over{kind: spread} // the interquartile range: how far the values scatter
	All    = Over{kind: all}    // the worst value: what holds for it holds for every run
)

// Quantile is the quantile p, from 0 to 1, of the values in their order, whichever end of it is the better one.
func Quantile(p float64) Over { return Over{quantileOf, p} }

// String is how it is written.
func (o Over) String() string {
	switch o.kind {
	case mean:
		return "mean"
	case spread:
		return "iqr"
	case quantileOf:
		return "quantile " + strconv.FormatFloat(o.p, 'g', -1, 64)
	case all:
		return "all"
	}
	return "median"
}

// ParseOver reads "median", "mean", "quantile 0.9", "iqr" or "all". The error is an [Error].
func ParseOver(text string) (Over, error) {
	p := &parser{text: text, words: split(text), next: 1}
	var o Over
	var err *Error
	switch word := p.word(0); word {
	case "median":
	case "mean":
		o = Mean
	case "iqr":
		o = IQR
	case "all":
		o = All
	case "quantile":
		x, bad := strconv.ParseFloat(p.word(1), 64)
		if o = Quantile(x); bad != nil || !(x >= 0 && x <= 1) {
			remedy := "write a number from 0 to 1, such as quantile 0.9"
			if percent, e := strconv.ParseFloat(strings.TrimSuffix(p.word(1), "%"), 64); e == nil && percent > 1 && percent <= 100 {
				remedy = "write quantile " + strconv.FormatFloat(percent/100, 'g', -1, 64)
			}
			err = p.fault(1, fmt.Sprintf("%q is no quantile", p.word(1)), remedy)
		}
		p.next++
	default:
		err = p.fault(0, fmt.Sprintf("%q is no way to condense runs", word),
			proto.DidYouMean(word, []string{"median", "mean", "quantile P", "iqr", "all"}))
	}
	if err == nil && p.next < len(p.words) {
		err = p.fault(p.next, fmt.Sprintf("nothing can follow %q", o), fmt.Sprintf("remove %q", p.words[p.next].text))
	}
	if err != nil {
		return Over{}, err
	}
	return o, nil
}

// Condensed is one value of several runs.
type Condensed struct {
	Value
	N       int // runs that it is of
	Missing int // runs without a value: what was asked for was not measured
	LeftOut int // pruned runs
	Unknown int // runs that did not end; Value says nothing of them
	// Best and Worst are the numbers that there would be had those ended as well, or as badly, as is possible.
	Best, Worst float64
}

// Of condenses values of a quantity. If one that matters is censored, so is the result, and its number is what it exceeds; if one that
// matters is infinitely bad, the result is. It is missing if no run counts.
func (o Over) Of(values []Value, better record.Better) Condensed {
	var c Condensed
	var counted []Value
	var atBest, atWorst []float64
	for _, v := range values {
		best, worst := v.Between()
		switch v.State() {
		case Missing:
			c.Missing++
			continue
		case LeftOut:
			c.LeftOut++
			continue
		case Unknown:
			c.Unknown++
		default:
			c.N++
			counted = append(counted, v)
			best = worst
		}
		atBest, atWorst = append(atBest, best), append(atWorst, worst)
	}
	c.Best, c.Worst = o.number(atBest, better), o.number(atWorst, better)
	if c.N > 0 {
		c.Value = o.value(counted, better)
	}
	return c
}

// number condenses numbers; NaN of none.
func (o Over) number(values []float64, better record.Better) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	switch o.kind {
	case mean:
		sum := 0.0
		for _, x := range values {
			sum += x
		}
		return sum / float64(len(values))
	case spread:
		sorted := quantile.Sorted(values)
		return quantile.Of(sorted, 0.75) - quantile.Of(sorted, 0.25)
	}
	p := 0.5
	switch o.kind {
	case quantileOf:
		p = o.p
	case all:
		if p = 1; better == record.More && !slices.ContainsFunc(values, math.IsNaN) {
			p = 0
		}
	}
	return quantile.Of(quantile.Sorted(values), p)
}

// value condenses values of which each counts. A censored one may be anything beyond its number: the result is no less than it would be
// with these numbers, and is censored there if it has no end.
func (o Over) value(values []Value, better record.Better) Value {
	var bounds, worsts []float64
	infinitely := false
	for _, v := range values {
		bounds, worsts = append(bounds, v.best), append(worsts, v.worst)
		infinitely = infinitely || v.state == Infinite
	}
	x, bound := o.number(worsts, better), o.number(bounds, better)
	switch {
	case math.IsInf(x, 1) && bound < x:
		return Value{Censored, bound, x}
	case infinitely && x == worst(better):
		return infinite(better)
	}
	return Known(x)
}

// MarshalText is how it is written.
func (o Over) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (o *Over) UnmarshalText(text []byte) (err error) {
	*o, err = ParseOver(string(text))
	return err
}

// Quantile is which quantile it is; half of a median.
func (o Over) Quantile() float64 {
	if o.kind == quantileOf {
		return o.p
	}
	return 0.5
}
