package compare

import (
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/statistics"
	"github.com/steepest/steepest/host/internal/store"
)

// Number is a number of a comparison, NaN and the infinities among them.
type Number = store.Float

// Comparison has every number that is said of the runs of several experiments. Tables, and all else that people see, are drawings of what is exported
// here, so that they could be made from its JSON;
// docs/compare.md is its manual.
type Comparison struct {
	Confidence  float64      `json:"confidence"` // of intervals; one minus it is the level of tests
	By          string       `json:"by"`
	Experiments []Experiment `json:"experiments"`
	Problems    []*Problem   `json:"problems"`
	Across      *Across      `json:"across,omitempty"` // nil of one problem
	Warnings    []Warning    `json:"warnings"`

	all bool // pairs
}

// Experiment is a results folder that takes part.
type Experiment struct {
	Name      string `json:"name"`
	Directory string `json:"directory"`
	Runs      int    `json:"runs"`
}

// Problem is what is said of the runs on one problem.
type Problem struct {
	Name        string     `json:"problem"`
	Measure     string     `json:"measure"`
	Unit        string     `json:"unit,omitempty"` // of its values
	Better      string     `json:"better"`         // less or more
	Target      string     `json:"target,omitempty"`
	Baseline    string     `json:"baseline,omitempty"`
	BestMedian  bool       `json:"baseline_has_best_median,omitempty"` // nobody named it
	Rows        []*Entry   `json:"rows"`
	Pairs       []Pair     `json:"pairs,omitempty"`
	Sensitivity []Response `json:"sensitivity,omitempty"`
	Tuning      []Tuning   `json:"tuning,omitempty"`

	sign         float64 // by which values are multiplied, so that less is better
	quantity     record.Quantity
	measure      measure.Measure
	target       *measure.Target
	trials       []*Entry // of which tuning chose; the chosen ones too
	schema       record.Schema
	mixedTargets bool
}

// Entry is what is compared: the runs of one variant of an optimizer, or what else --by says, over its seeds.
type Entry struct {
	Name      string      `json:"row"`
	Base      string      `json:"optimizer"` // without what was chosen from sets
	Variants  int         `json:"variants"`  // of which it has runs
	Runs      int         `json:"runs"`
	Seeds     int         `json:"seeds"`
	Finished  int         `json:"finished"`
	Diverged  int         `json:"diverged"`
	Stopped   int         `json:"stopped"` // on a plateau
	Pruned    int         `json:"pruned"`  // by successive halving: in no number
	Failed    int         `json:"failed"`
	Partial   int         `json:"partial"` // did not end
	Missing   int         `json:"missing"` // ended without a value of the measure
	Value     *Summary    `json:"value,omitempty"`
	Finals    []Final     `json:"finals,omitempty"`
	ToTarget  []ToTarget  `json:"to_target,omitempty"`
	Time      []StepPart  `json:"time,omitempty"`
	Diagnosed []Diagnosed `json:"diagnosed,omitempty"`

	all   []*member
	seeds []uint64           // of runs that are in numbers, in order
	units map[uint64]*member // by seed: of several variants the median
}

// Estimate is a number with its interval, and the probability with which such intervals hold it.
type Estimate struct {
	N           int    `json:"n"`
	Value       Number `json:"value"`
	Low         Number `json:"low"`
	High        Number `json:"high"`
	Coverage    Number `json:"coverage"`
	Approximate bool   `json:"approximate,omitempty"`
}

// estimate is one whose values were multiplied by a sign.
func estimate(e statistics.Estimate, sign float64) Estimate {
	low, high := sign*e.Interval.Low, sign*e.Interval.High
	if sign < 0 {
		low, high = high, low
	}
	return Estimate{e.N, Number(sign * e.Value), Number(low), Number(high), Number(e.Interval.Coverage), e.Interval.Approximate}
}

// Warning is what a reader must know beside the numbers.
type Warning struct {
	Concern string `json:"concern"` // docs/compare.md has all
	Problem string `json:"problem,omitempty"`
	Text    string `json:"text"`
}

// Options say what is compared.
type Options struct {
	By         string  // ByVariant, ByOptimizer, or a key of optimizers
	Measure    string  // empty is the validation loss at the end, or else the train loss
	Baseline   string  // the name of a row, or of its optimizer; empty is that with the best median
	AllPairs   bool    // every row with every other
	Confidence float64 // 0 is 0.95
	Schema     record.Schema
}

// What rows can be by, beside a key.
const (
	ByVariant   = "variant"
	ByOptimizer = "optimizer"
)

// level is that of significance.
func (c *Comparison) level() float64 { return 1 - c.Confidence }
