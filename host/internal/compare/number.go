package compare

import (
	"fmt"
	"math"
	"strconv"
)

// shown is a number as people read it.
func shown(x Number) string {
	switch f := float64(x); {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	default:
		return strconv.FormatFloat(f, 'g', 4, 64)
	}
}

// unit is what numbers are shown in: its name, and its size in what they are recorded in.
type unit struct {
	name string
	size float64
}

// seconds are units of numbers that are recorded in seconds, each fit below the next.
var seconds = []unit{{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}}

// unitOf is the unit that fits a number of a quantity with the unit of its records.
func unitOf(recorded string, x Number) unit {
	if recorded != "seconds" || math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
		return unit{"", 1}
	}
	for i, u := range seconds[:len(seconds)-1] {
		next := seconds[i+1].size / u.size
		if rounded, _ := strconv.ParseFloat(u.bare(x), 64); math.Abs(rounded) < next {
			return u
		}
	}
	return seconds[len(seconds)-1]
}

// bare is a number in the unit, without its name.
func (u unit) bare(x Number) string { return shown(x / Number(u.size)) }

func (u unit) with(text string) string {
	if u.name == "" {
		return text
	}
	return text + " " + u.name
}

// shownIn is a number of a quantity as people read it.
func shownIn(recorded string, x Number) string {
	u := unitOf(recorded, x)
	return u.with(u.bare(x))
}

// none is a cell without a number.
var none = Cell{Text: "-"}

func whole(name string, n int) Cell { return Cell{strconv.Itoa(n), []Named{{name, Number(n)}}} }

func number(name string, x Number) Cell { return Cell{shown(x), []Named{{name, x}}} }

// valued is a number of a quantity.
func valued(name, recorded string, x Number) Cell {
	return Cell{shownIn(recorded, x), []Named{{name, x}}}
}

// ranged is an estimate of a quantity with its interval, which is in the same unit.
func ranged(name, recorded string, e *Estimate) Cell {
	if e == nil || e.N == 0 {
		return none
	}
	if e.N == 1 { // its interval covers nothing
		return valued(name, recorded, e.Value)
	}
	return Cell{interval(recorded, e, shown), []Named{{name, e.Value}, {name + "_low", e.Low}, {name + "_high", e.High}}}
}

// interval is an estimate with its interval; bound is how the ends of that are shown.
func interval(recorded string, e *Estimate, bound func(Number) string) string {
	u := unitOf(recorded, e.Value)
	return fmt.Sprintf("%s [%s, %s]", u.with(u.bare(e.Value)), bound(e.Low/Number(u.size)), bound(e.High/Number(u.size)))
}

// coverage is that of an interval, in percent.
func coverage(name string, e *Estimate) Cell {
	if e == nil || e.N < 2 {
		return none
	}
	text := shown(100*e.Coverage) + " %"
	if e.Approximate {
		text = "about " + text
	}
	return Cell{text, []Named{{name + "_coverage_percent", 100 * e.Coverage}}}
}
