// Package claim has what an experiment says must come out, and judges it by what did: [[expect]] of the experiment language, whose manual is
// docs/claims.md.
package claim

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/measure"
)

// Claim is a statement about a number of runs, one for each seed: how it compares with a number, with an interval or with that of another
// optimizer, or how it changes with something that was swept. Exactly one of LessThan, GreaterThan and Between is there, and none where
// Trend says it all.
type Claim struct {
	Text      string          `json:"claim,omitempty"` // in words of the author
	Measure   measure.Measure `json:"measure"`
	Over      measure.Over    `json:"over,omitzero"`       // seeds
	Optimizer string          `json:"optimizer,omitempty"` // or a variant of one; empty is each
	Problem   string          `json:"problem,omitempty"`   // empty is each

	LessThan    *Limit      `json:"less_than,omitempty"`
	GreaterThan *Limit      `json:"greater_than,omitempty"`
	Between     *[2]float64 `json:"between,omitempty"` // both ends included
	Factor      float64     `json:"factor,omitempty"`  // of the other optimizer's number; 0 is 1

	Trend   Trend  `json:"trend,omitempty"`
	Against string `json:"against,omitempty"` // the key of what is swept, such as lr or problem.batch
	Scale   Scale  `json:"scale,omitempty"`

	Confidence float64 `json:"confidence"` // of the interval by which it is judged
}

// Limit is a number, or the name of the optimizer whose number it is.
type Limit struct {
	Number    float64
	Optimizer string
}

// MarshalJSON writes it as the file has it.
func (l Limit) MarshalJSON() ([]byte, error) {
	if l.Optimizer != "" {
		return json.Marshal(l.Optimizer)
	}
	return json.Marshal(l.Number)
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (l *Limit) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &l.Optimizer)
	}
	return json.Unmarshal(b, &l.Number)
}

// Trend is a number that says how a measure changes with what was swept.
type Trend string

// The trends.
const (
	Slope       Trend = "slope"       // of the straight line through all points by least squares
	Correlation Trend = "correlation" // Spearman's, of ranks
	Increasing  Trend = "increasing"  // from each value to the next
	Decreasing  Trend = "decreasing"
)

// Trends are all of them.
var Trends = []string{string(Slope), string(Correlation), string(Increasing), string(Decreasing)}

// Monotone tells whether the trend is itself the claim, with nothing to compare.
func (t Trend) Monotone() bool { return t == Increasing || t == Decreasing }

// Scale is what a slope is measured on.
type Scale string

// The scales. On the logarithmic one both axes are: the slope is the exponent of a power law.
const (
	Linear Scale = "linear"
	Log    Scale = "log"
)

// Scales are all of them.
var Scales = []string{string(Linear), string(Log)}

// Interval is where the number must lie by the claim, apart from another optimizer's. Its ends belong to it if it is closed.
func (c Claim) Interval() (low, high float64, closed bool) {
	switch {
	case c.Between != nil:
		return c.Between[0], c.Between[1], true
	case c.LessThan != nil:
		return math.Inf(-1), c.LessThan.Number, false
	case c.GreaterThan != nil:
		return c.GreaterThan.Number, math.Inf(1), false
	}
	return 0, math.Inf(1), false // of the least step from one value to the next
}

// Rival is the name of the optimizer that the claim compares with; empty if it is none.
func (c Claim) Rival() string {
	for _, l := range []*Limit{c.LessThan, c.GreaterThan} {
		if l != nil && l.Optimizer != "" {
			return l.Optimizer
		}
	}
	return ""
}

// Times is by what the other optimizer's number is multiplied.
func (c Claim) Times() float64 {
	if c.Factor == 0 {
		return 1
	}
	return c.Factor
}

// String is the claim in words: the author's, or else what its keys say.
func (c Claim) String() string {
	if c.Text != "" {
		return c.Text
	}
	subject := c.Measure.String()
	if c.Over != measure.Median {
		subject = c.Over.String() + " of " + subject
	}
	if c.Optimizer != "" {
		subject += " of " + c.Optimizer
	}
	if c.Problem != "" {
		subject += " on " + c.Problem
	}
	switch {
	case c.Trend.Monotone():
		return fmt.Sprintf("%s is %s in %s", subject, c.Trend, c.Against)
	case c.Trend != "" && c.Scale == Log:
		subject = fmt.Sprintf("logarithmic %s of %s against %s", c.Trend, subject, c.Against)
	case c.Trend != "":
		subject = fmt.Sprintf("%s of %s against %s", c.Trend, subject, c.Against)
	}
	return subject + " " + c.compared()
}

func (c Claim) compared() string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
	limit := func(l *Limit) string {
		switch {
		case l.Optimizer == "":
			return number(l.Number)
		case c.Times() != 1:
			return number(c.Factor) + " x that of " + l.Optimizer
		}
		return "that of " + l.Optimizer
	}
	switch {
	case c.Between != nil:
		return "is between " + number(c.Between[0]) + " and " + number(c.Between[1])
	case c.LessThan != nil:
		return "is less than " + limit(c.LessThan)
	}
	return strings.TrimSpace("is greater than " + limit(c.GreaterThan))
}

// Names tells whether the name of a problem in a claim is that of one of all: its own, or what it begins with before what was chosen of
// its sets.
func Names(given, name string, all []string) bool {
	return given == name || !slices.Contains(all, given) && strings.HasPrefix(name, given+" ")
}
