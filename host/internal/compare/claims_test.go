package compare

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/claim"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

const claimed = `
[[problem]]
name = "bowl"
kind = "quadratic"
gradient_noise = 0.1
dimension = { grid = [2, 4, 8] }
[[problem]]
name = "valley"
kind = "rosenbrock"
[budget]
steps = 10
[seeds]
count = 3
[[optimizer]]
plugin = "sgd"
lr = { grid = [0.1, 0.2] }
momentum = { grid = [0.5, 0.9] }
[[optimizer]]
plugin = "adam"
`

// points are on record of a run whose loss at step k is the run's own number plus k.
type points float64

func (p points) Column(_ string, visit func(int, time.Duration, float64, bool) error) error {
	for k := range 11 {
		if err := visit(k, 0, float64(p)+float64(k), true); err != nil {
			return err
		}
	}
	return nil
}

// collected are the cases of a claim in an experiment whose n-th run has the final loss n.
func collected(t *testing.T, text string, keep func(store.Run) bool) []claim.Case {
	t.Helper()
	e, err := config.Parse("x.toml", claimed+"[[expect]]\n"+text)
	if err != nil {
		t.Fatal(err)
	}
	c := collector{}
	number := map[string]float64{}
	for _, w := range e.Workloads {
		c.problems = append(c.problems, w.Name)
		w.Random = w.Name != "valley"
	}
	for i, j := range plan.Of(e, func(string) string { return "" }).Jobs {
		number[j.ID] = float64(i)
		r := store.Run{Job: j, Outcome: record.Outcome{Status: record.Finished, Steps: 10,
			Final: record.Named(map[string]record.Value{"train_loss": record.Measured(float64(i))})}}
		if keep == nil || keep(r) {
			c.runs = append(c.runs, r)
		}
	}
	c.points = func(r store.Run) measure.Columns { return points(number[r.ID]) }
	cases, err := c.cases(e, e.Expect[0])
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// brief has of each case whom it is about, and the values of its runs.
func brief(cases []claim.Case) string {
	var lines []string
	numbers := func(samples []claim.Sample) string {
		var all []string
		for _, s := range samples {
			all = append(all, s.Value.String())
		}
		return strings.Join(all, " ")
	}
	for _, k := range cases {
		line := strings.TrimSpace(k.Optimizer + " on " + k.Problem + ":")
		if k.Own != nil {
			line += " " + numbers(k.Own)
		}
		if k.Rival != nil {
			line += " than " + numbers(k.Rival)
		}
		for _, l := range k.Levels {
			line += fmt.Sprintf(" %v: %s;", l.At, numbers(l.Samples))
		}
		if k.Deterministic {
			line += " exactly"
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// TestCases: a claim is judged by the runs that it means, and by no others.
func TestCases(t *testing.T) {
	for text, want := range map[string]string{
		"measure = 'train_loss'\noptimizer = 'adam'\nproblem = 'valley'\nless_than = 1":           "adam on valley: 49 54 59 exactly",
		"measure = 'train_loss at step 3'\noptimizer = 'adam'\nproblem = 'valley'\nless_than = 1": "adam on valley: 52 57 62 exactly",
		"measure = 'wall_seconds'\noptimizer = 'adam'\nproblem = 'valley'\nless_than = 1":         "adam on valley: 0 0 0",
		"measure = 'train_loss'\noptimizer = 'adam'\nproblem = 'bowl'\nless_than = 1": "adam on bowl dimension=2: 4 9 14\n" +
			"adam on bowl dimension=4: 19 24 29\nadam on bowl dimension=8: 34 39 44",
		"measure = 'train_loss'\nproblem = 'bowl dimension=4'\nless_than = 'adam'": "sgd lr=0.1 momentum=0.5 on bowl dimension=4: 15 20 25 than 19 24 29\n" +
			"sgd lr=0.1 momentum=0.9 on bowl dimension=4: 16 21 26 than 19 24 29\n" +
			"sgd lr=0.2 momentum=0.5 on bowl dimension=4: 17 22 27 than 19 24 29\n" +
			"sgd lr=0.2 momentum=0.9 on bowl dimension=4: 18 23 28 than 19 24 29",
		"measure = 'train_loss'\noptimizer = 'sgd'\nproblem = 'valley'\ntrend = 'increasing'\nagainst = 'lr'": "" +
			"sgd momentum=0.5 on valley: 0.1: 45 50 55; 0.2: 47 52 57; exactly\nsgd momentum=0.9 on valley: 0.1: 46 51 56; 0.2: 48 53 58; exactly",
		"measure = 'train_loss'\noptimizer = 'adam'\ntrend = 'increasing'\nagainst = 'problem.dimension'": "adam on bowl: 2: 4 9 14; 4: 19 24 29; 8: 34 39 44;",
	} {
		if got := brief(collected(t, text, nil)); got != want {
			t.Errorf("%s\ngot\n%s\nwant\n%s", text, got, want)
		}
	}
	chosen := func(r store.Run) bool {
		return r.Optimizer.Base != "sgd" || r.Optimizer.Name == "sgd lr=0.2 momentum=0.5"
	}
	if got := brief(collected(t, "measure = 'train_loss'\noptimizer = 'sgd'\nproblem = 'valley'\nless_than = 'adam'", chosen)); got !=
		"sgd lr=0.2 momentum=0.5 on valley: 47 52 57 than 49 54 59 exactly" {
		t.Errorf("of what was chosen: %s", got)
	}
	none := func(store.Run) bool { return false }
	if got := brief(collected(t, "measure = 'train_loss'\noptimizer = 'sgd'\nproblem = 'valley'\nless_than = 'adam'", none)); got != "sgd on valley: exactly" {
		t.Errorf("of nothing: %s", got)
	}
}

// TestChosenBySeeds: of what was chosen by some of the seeds that judge it, each verdict knows how many these are.
func TestChosenBySeeds(t *testing.T) {
	const halving = "[search]\nkind = 'halving'\nsmallest = 2\nmeasure = 'train_loss'\n"
	for name, x := range map[string]struct {
		text string
		want map[string]int // by optimizer
	}{
		"no choice":           {"seeds.count = 3\n", map[string]int{"sgd lr=0.1": 0, "sgd lr=0.2": 0, "adam": 0}},
		"halving":             {"seeds.count = 3\n" + halving, map[string]int{"sgd lr=0.1": 3, "sgd lr=0.2": 3, "adam": 0}},
		"one of them":         {"seeds.count = 3\ntune = { protocol = 'deepobs', measure = 'train_loss', seeds = [2, 9] }\n", map[string]int{"sgd lr=0.1": 1, "sgd lr=0.2": 1, "adam": 0}},
		"none of them":        {"seeds.count = 3\ntune = { protocol = 'deepobs', measure = 'train_loss', seeds = [9] }\n", map[string]int{"sgd lr=0.1": 0, "sgd lr=0.2": 0, "adam": 0}},
		"a part of the study": {"tune = { protocol = 'algoperf', measure = 'train_loss', studies = 3 }\n", map[string]int{"sgd lr=0.1": 0, "sgd lr=0.2": 0, "adam": 0}},
	} {
		e, err := config.Parse("x.toml", "problem = { kind = 'sphere', gradient_noise = 0.1 }\nbudget.steps = 10\n"+
			"optimizer = [{ plugin = 'sgd', lr = { grid = [0.1, 0.2] } }, { plugin = 'adam' }]\n"+
			x.text+"[[expect]]\nmeasure = 'train_loss'\nless_than = 1\n[[expect]]\nmeasure = 'train_loss'\noptimizer = 'sgd'\nless_than = 'adam'\n"+
			"[[expect]]\nmeasure = 'train_loss'\noptimizer = 'sgd'\ntrend = 'decreasing'\nagainst = 'lr'")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		w := e.Workloads[0]
		c := collector{chose: deciding(e), points: func(store.Run) measure.Columns { return points(0) }}
		for i, lr := range []float64{0.1, 0.2, 0} {
			o := config.Optimizer{Name: []string{"sgd lr=0.1", "sgd lr=0.2", "adam"}[i], Base: []string{"sgd", "sgd", "adam"}[i]}
			if lr > 0 {
				o.Choices = []config.Choice{{Key: "lr", Value: lr}}
			}
			for seed := range uint64(3) {
				c.runs = append(c.runs, store.Run{Job: plan.Job{Workload: w, Optimizer: &o, Seed: seed + 1, Problem: w.Name},
					Outcome: record.Outcome{Status: record.Finished}})
			}
		}
		for i, x2 := range e.Expect {
			cases, err := c.cases(e, x2)
			if err != nil || len(cases) == 0 {
				t.Fatal(name, i, err)
			}
			for _, k := range cases {
				want := x.want[k.Optimizer]
				if x2.Trend != "" {
					want = x.want["sgd lr=0.1"]
				}
				if k.Chose != want {
					t.Errorf("%s: claim %d: %d seeds chose %s, not %d", name, i, k.Chose, k.Optimizer, want)
				}
			}
		}
	}
}

// TestPrunedWhole: of a variant that was pruned whole there is no verdict unless a claim names it, and a trend of which one value is left says so.
func TestPrunedWhole(t *testing.T) {
	const lost = "sgd lr=0.2 momentum=0.9"
	prune := func(text string, is func(store.Run) bool) []claim.Case {
		e, err := config.Parse("x.toml", claimed+"[[expect]]\n"+text)
		if err != nil {
			t.Fatal(err)
		}
		c := collector{points: func(store.Run) measure.Columns { return points(0) }}
		for _, w := range e.Workloads {
			c.problems = append(c.problems, w.Name)
		}
		for _, j := range plan.Of(e, func(string) string { return "" }).Jobs {
			r := store.Run{Job: j, Outcome: record.Outcome{Status: record.Finished, Steps: 10,
				Final: record.Named(map[string]record.Value{"train_loss": record.Measured(1)})}}
			if is(r) {
				r.Status = record.Pruned
			}
			c.runs = append(c.runs, r)
		}
		cases, err := c.cases(e, e.Expect[0])
		if err != nil {
			t.Fatal(err)
		}
		return cases
	}
	named := func(r store.Run) bool { return r.Optimizer.Name == lost }
	cases := prune("measure = 'train_loss'\noptimizer = 'sgd'\nproblem = 'valley'\nless_than = 2", named)
	if len(cases) != 3 || cases[0].Pruned != 1 {
		t.Errorf("%s", brief(cases))
	}
	x := claim.Claim{Measure: measure.Measure{Quantity: "train_loss"}, LessThan: &claim.Limit{Number: 2}, Confidence: 0.95}
	cases = prune("measure = 'train_loss'\noptimizer = '"+lost+"'\nproblem = 'valley'\nless_than = 2", named)
	if len(cases) != 1 || x.Judge(cases[0]).Why != "all runs were pruned" {
		t.Errorf("%s", brief(cases))
	}
	x = claim.Claim{Measure: x.Measure, Trend: claim.Decreasing, Against: "lr", Confidence: 0.95}
	cases = prune("measure = 'train_loss'\noptimizer = 'sgd'\nproblem = 'valley'\ntrend = 'decreasing'\nagainst = 'lr'", named)
	if len(cases) != 2 || x.Judge(cases[1]).Why != "there are runs at 1 value of lr; a trend takes two" {
		t.Errorf("%s\n%+v", brief(cases), x.Judge(cases[len(cases)-1]))
	}
}
