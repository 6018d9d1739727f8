package compare

import (
	"fmt"
	"math"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/statistics"
)

// Pair is how a row differs from another over the seeds that both have, which share weights and batches.
type Pair struct {
	Row     string    `json:"row"`
	Against string    `json:"against"`
	Measure string    `json:"measure"`
	N       int       `json:"n"`
	Ties    int       `json:"ties"`
	Test    string    `json:"test"`                 // signed_rank or sign
	P       Number    `json:"p"`                    // two-sided, exact up to 200 pairs
	Holm    Number    `json:"p_holm"`               // adjusted for all tests of the measure on the problem
	Effect  *Estimate `json:"effect,omitempty"`     // Hodges and Lehmann's, of the row minus the other; of the signed-rank test
	Wins    Estimate  `json:"wins"`                 // share of pairs that are not tied in which the row is better
	Hides   *Number   `json:"could_hide,omitempty"` // the largest difference that an indistinguishable pair does not exclude
	Verdict string    `json:"verdict"`              // better, worse, indistinguishable, or undecidable
	Words   string    `json:"words"`

	test statistics.Test
	unit string // of the effect, as it is recorded
}

// The verdicts.
const (
	Better            = "better"
	Worse             = "worse"
	Indistinguishable = "indistinguishable"
	Undecidable       = "undecidable" // whatever so few seeds had shown
)

var pairs = statistic{name: "pairs", each: pair, table: pairsTable}

func pair(c *Comparison, p *Problem) {
	if len(p.Rows) < 2 {
		return
	}
	var couples [][2]*Entry
	for i, a := range p.Rows {
		for _, b := range p.Rows[:i] {
			if c.all {
				couples = append(couples, [2]*Entry{a, b})
			}
		}
		if base := p.row(p.Baseline); !c.all && base != nil && a != base {
			couples = append(couples, [2]*Entry{a, base})
		}
	}
	p.Pairs = c.test(couples, p.Measure, func(a, b *Entry) Pair { return p.difference(a, b, c) })
	if p.target != nil && !isToTarget(p.measure.Quantity) {
		p.Pairs = append(p.Pairs, c.test(couples, measure.StepsToTarget, func(a, b *Entry) Pair { return timeDifference(a, b, 0, c) })...)
	}
}

// row is the row of a name.
func (p *Problem) row(name string) *Entry {
	for _, r := range p.Rows {
		if r.Name == name {
			return r
		}
	}
	return nil
}

func isToTarget(quantity string) bool { return targetPlace(quantity) >= 0 }

func targetPlace(quantity string) int {
	for i, name := range toTargets {
		if name == quantity {
			return i
		}
	}
	return -1
}

// difference compares two rows by the measure.
func (p *Problem) difference(a, b *Entry, c *Comparison) Pair {
	if i := targetPlace(p.measure.Quantity); i >= 0 {
		return timeDifference(a, b, i, c)
	}
	var xs, ys []float64
	for _, seed := range a.seeds {
		if x, y := a.units[seed], b.units[seed]; y != nil && x.counts && y.counts {
			xs, ys = append(xs, x.loss), append(ys, y.loss)
		}
	}
	d := statistics.Differences(xs, ys)
	e := Pair{Test: "signed_rank", unit: p.Unit, test: statistics.SignedRank(d, statistics.TwoSided)}
	if len(d) > 0 {
		effect := estimate(statistics.HodgesLehmann(d, c.Confidence), p.sign)
		e.Effect = &effect
	}
	return e.count(d, c)
}

// timeDifference compares two rows by what they spent until they met the target.
func timeDifference(a, b *Entry, i int, c *Comparison) Pair {
	var xs, ys []statistics.Time
	for _, seed := range a.seeds {
		if x, y := a.units[seed], b.units[seed]; y != nil && x.known[i] && y.known[i] {
			xs, ys = append(xs, x.times[i]), append(ys, y.times[i])
		}
	}
	d := statistics.TimeDifferences(xs, ys)
	e := Pair{Test: "sign", test: statistics.SignTest(d, statistics.TwoSided)}
	return e.count(d, c)
}

func (e Pair) count(d []float64, c *Comparison) Pair {
	e.N, e.Ties, e.P = e.test.N, e.test.Ties, Number(e.test.P)
	e.Wins = estimate(statistics.Wins(d, c.Confidence), 1)
	if e.N == 0 {
		e.P = Number(math.NaN())
	}
	return e
}

// test makes all tests of a measure, and corrects for how many they are.
func (c *Comparison) test(couples [][2]*Entry, name string, of func(a, b *Entry) Pair) (all []Pair) {
	var ps []float64
	for _, couple := range couples {
		e := of(couple[0], couple[1])
		e.Row, e.Against, e.Measure = couple[0].Name, couple[1].Name, name
		all, ps = append(all, e), append(ps, float64(e.P))
	}
	tests := 0
	for _, x := range ps {
		if !math.IsNaN(x) {
			tests++
		}
	}
	for i, x := range statistics.Holm(ps) {
		all[i].Holm = Number(x)
		all[i].judge(c.level(), tests)
	}
	return all
}

// judge says in words what a test among several came to.
func (e *Pair) judge(level float64, tests int) {
	untied := e.N - e.Ties
	switch {
	case e.N == 0:
		e.Verdict, e.Words = Undecidable, "no seed in common"
	case float64(e.Holm) <= level && float64(e.Wins.Value) != 0.5:
		if e.Verdict = Worse; float64(e.Wins.Value) > 0.5 {
			e.Verdict = Better
		}
		e.Words = fmt.Sprintf("%s in %d of %d seeds", e.Verdict, e.of(untied), e.N)
	case untied > 0 && e.test.Smallest*float64(tests) > level:
		e.Verdict = Undecidable
		e.Words = fmt.Sprintf("too few seeds to decide at this level: %d of the %d that it takes", untied, needed(level, tests))
	default:
		e.Verdict, e.Words = Indistinguishable, "indistinguishable"
		if e.N == e.Ties {
			e.Words += ": all pairs are tied"
		}
		if e.Effect != nil {
			hides := Number(math.Max(math.Abs(float64(e.Effect.Low)), math.Abs(float64(e.Effect.High))))
			e.Hides = &hides
			e.Words += fmt.Sprintf("; a difference of %s could still hide", shownIn(e.unit, hides))
		} else {
			e.Words += fmt.Sprintf("; it may be better in %s to %s %% of pairs", shown(100*e.Wins.Low), shown(100*e.Wins.High))
		}
	}
}

// of is in how many pairs the verdict holds.
func (e *Pair) of(untied int) int {
	wins := int(math.Round(float64(e.Wins.Value) * float64(untied)))
	if e.Verdict == Worse {
		return untied - wins
	}
	return wins
}

// needed is how many pairs without ties a two-sided test among several takes to decide at all: the least n with m 2¹⁻ⁿ ≤ level.
func needed(level float64, tests int) int {
	for n := 1; ; n++ {
		if float64(tests)*math.Pow(2, 1-float64(n)) <= level {
			return n
		}
	}
}

func pairsTable(_ *Comparison, p *Problem) Table {
	t := Table{Title: "paired differences over seeds", Columns: []string{"", "against", "measure", "verdict", "pairs", "ties", "effect", "coverage", "better in", "p", "p by Holm"},
		Notes: []string{"Effect: median of the row minus the other (Hodges and Lehmann). p: two-sided; Wilcoxon's signed-rank test, of what can be censored the sign test; " +
			"by Holm for all tests of a measure on the problem."}}
	if p.BestMedian {
		t.Notes = append(t.Notes, fmt.Sprintf("%s was chosen as the baseline since its median is the best: p is smaller than it would be of one that was named before (--baseline).", p.Baseline))
	}
	for _, e := range p.Pairs {
		wins := Cell{Text: "-"}
		if e.N > e.Ties {
			wins = Cell{shown(100*e.Wins.Value) + " %", []Named{{"better_percent", 100 * e.Wins.Value}}}
		}
		ps, holm := Cell{Text: "-"}, Cell{Text: "-"}
		if e.N > 0 {
			ps, holm = number("p", e.P), number("p_holm", e.Holm)
		}
		verdict := Cell{Text: e.Words}
		if e.Hides != nil {
			verdict.Numbers = []Named{{"could_hide", *e.Hides}}
		}
		t.Rows = append(t.Rows, []Cell{{Text: e.Row}, {Text: e.Against}, {Text: e.Measure}, verdict, whole("pairs", e.N), whole("ties", e.Ties),
			ranged("effect", p.Unit, e.Effect), coverage("effect", e.Effect), wins, ps, holm})
	}
	return t
}
