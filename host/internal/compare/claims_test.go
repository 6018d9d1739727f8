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
