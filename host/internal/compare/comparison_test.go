package compare

import (
	"math"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// ended are members with a loss at the end and steps to the target each: -1 is that the budget of 100 ran out, -2 that the run diverged, -3
// that it failed.
func ended(name string, losses []float64, steps []int) (all []*member) {
	for i := range losses {
		o := record.Outcome{Status: record.Finished, Steps: 100, StepsToTarget: steps[i], Final: record.Named(map[string]record.Value{"train_loss": record.Measured(losses[i])})}
		switch steps[i] {
		case -2:
			o.Status, o.StepsToTarget = record.Diverged, -1
		case -3:
			o.Status, o.StepsToTarget = record.Failed, -1
		}
		r := &store.Record{Outcome: o, Status: o.Status}
		r.Optimizer, r.Problem, r.Seed = config.Optimizer{Name: name, Base: name}, &config.Problem{Kind: "sphere"}, uint64(i+1)
		r.Target = &measure.Target{Measure: measure.Measure{Quantity: "train_loss"}, Value: 0.1}
		r.Identity = name + string(rune('a'+i))
		all = append(all, &member{Record: r, name: name, variant: plan.Asked{Plugin: name}.Identity(), problem: "p", answers: true})
	}
	return all
}

func comparison(t *testing.T, o Options, members ...[]*member) *Comparison {
	t.Helper()
	c := &Comparison{Confidence: 0.95, By: ByVariant, all: o.AllPairs}
	o.Schema = record.Standard()
	var all []*member
	for _, m := range members {
		all = append(all, m...)
	}
	if err := c.problems(all, o); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestLuckyRuns: 2 of 5 that got there after 5 steps are not better than 4 of 5 after 15.
func TestLuckyRuns(t *testing.T) {
	losses := []float64{1, 2, 3, 4, 5}
	p := comparison(t, Options{}, ended("lucky", losses, []int{5, 5, -1, -1, -1}), ended("steady", losses, []int{15, 15, 15, 15, -1})).Problems[0]
	lucky, steady := p.Rows[0].ToTarget[0], p.Rows[1].ToTarget[0]
	if !math.IsInf(float64(lucky.Median.Value), 1) || lucky.Words != "not reached by half of the runs [5, never]" || lucky.Reached != 2 || lucky.Censored != 3 {
		t.Errorf("%+v", lucky)
	}
	if steady.Median.Value != 15 || steady.Median.N != 5 || steady.Median.Coverage != 0.9375 || steady.Words != "15 [15, never]" {
		t.Errorf("%+v", steady)
	}
}

// TestPairsOfRows: the values of p are those of scipy.stats.wilcoxon(d, method="exact") and scipy.stats.binomtest.
func TestPairsOfRows(t *testing.T) {
	none := []int{-1, -1, -1, -1, -1, -1}
	a := []float64{1, 2, 3, 4, 5, 6}
	for name, c := range map[string]struct {
		a, b    []float64
		steps   []int
		p       float64
		verdict string
		words   string
	}{
		"all better":           {[]float64{0.5, 1.4, 2.3, 3.2, 4.1, 5}, a, none, 0.03125, Better, "better in 6 of 6 seeds"},
		"all worse":            {[]float64{1.5, 2.6, 3.7, 4.8, 5.9, 7}, a, none, 0.03125, Worse, "worse in 6 of 6 seeds"},
		"mixed":                {[]float64{1.5, 1.4, 3.7, 3.2, 5.9, 5}, a, none, 0.84375, Indistinguishable, "could still hide"},
		"too few":              {[]float64{0.5, 1.4, 2.3}, a[:3], none[:3], 0.25, Undecidable, "too few seeds to decide at this level: 3 of the 6 that it takes"},
		"one diverged":         {[]float64{0.5, 1.4, 2.3, 3.2, 4.1, 5}, a, []int{-2, -1, -1, -1, -1, -1}, 0.4375, Indistinguishable, "a difference of inf could still hide"},
		"a failed one is none": {[]float64{0.5, 1.4, 2.3, 3.2, 4.1, 5}, a, []int{-3, -1, -1, -1, -1, -1}, 0.0625, Undecidable, "5 of the 6"},
	} {
		p := comparison(t, Options{Baseline: "b"}, ended("a", c.a, c.steps), ended("b", c.b, none[:len(c.b)])).Problems[0]
		e := p.Pairs[0]
		if math.Abs(float64(e.P)-c.p) > 1e-12 || e.Verdict != c.verdict || !strings.Contains(e.Words, c.words) {
			t.Errorf("%s: p = %v, %s, %q; want %v, %s, %q", name, e.P, e.Verdict, e.Words, c.p, c.verdict, c.words)
		}
	}
}

// TestTiesOfTargets: where neither got there, nothing is known.
func TestTiesOfTargets(t *testing.T) {
	losses := make([]float64, 7)
	p := comparison(t, Options{Baseline: "b"}, ended("a", losses, []int{1, 2, 3, 4, 5, 6, -1}), ended("b", losses, []int{-1, -1, -2, -1, -1, 20, -1})).Problems[0]
	e := p.Pairs[1]
	if e.Measure != measure.StepsToTarget || e.Test != "sign" || e.Ties != 1 || e.P != 0.03125 || e.Verdict != Better {
		t.Errorf("%+v", e)
	}
}

// TestSameName: another setting under the same name is another row, and a warning says so; more is better where it is.
func TestSameName(t *testing.T) {
	none := []int{-1, -1, -1}
	first, second := ended("adam", []float64{1, 2, 3}, none), ended("adam", []float64{2, 3, 4}, none)
	for i, m := range second {
		m.variant, m.Plugin.SHA256, m.Identity = "other", "other", string(rune('x'+i))
	}
	c := comparison(t, Options{}, first, second)
	if rows := c.Problems[0].Rows; len(rows) != 2 || rows[1].Name != "adam (2)" || rows[0].Runs != 3 {
		t.Errorf("%d rows", len(rows))
	}
	said := false
	for _, w := range c.Warnings {
		said = said || w.Concern == "same_name" && strings.Contains(w.Text, "plugin binary")
	}
	if !said {
		t.Errorf("nobody is told: %v", c.Warnings)
	}
}
