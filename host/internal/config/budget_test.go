package config

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/record"
)

// TestBudgets: whatever a budget counts, it is as many steps as do not exceed it.
func TestBudgets(t *testing.T) {
	const function, published, fitted = "kind = \"rosenbrock\"", "kind = \"quadratic-deep\"", // 7 batches of 128 rows in an epoch
		"kind = \"mlp\"\ndataset = \"breast-cancer\"\nvalidation = 69\ntest = 0\nbatch = 150" // 500 train: batches of 150, 150, 150 and 50
	for _, c := range []struct {
		problem, budget string
		steps           int
		wrong           string
	}{
		{function, "steps = 0", 0, ""}, {function, "steps = 7", 7, ""}, {function, "gradient_evaluations = 7", 7, ""},
		{function, "gradient_equivalents = 7.9", 7, ""}, {function, "time = \"1m\"", MaxSteps, ""},
		{published, "epochs = 3", 21, ""}, {published, "example_gradients = 128", 1, ""}, {published, "example_gradients = 1000", 7, ""},
		{published, "example_gradients = 127", 0, "127 examples do not suffice for the first batch, which has 128"},
		{published, "epochs = 2147483647", 0, "shorten the budget to at most 2147483647"},
		{fitted, "epochs = 2", 8, ""}, {fitted, "example_gradients = 499", 3, ""}, {fitted, "example_gradients = 500", 4, ""},
		{fitted, "example_gradients = 649", 4, ""}, {fitted, "example_gradients = 1300", 10, ""},
		{strings.Replace(fitted, "150", "{ sizes = [50, \"full\"], milestones = [1] }", 1), "example_gradients = 1600", 12, ""},
	} {
		e, _ := resolve(t, "[problem]\n"+c.problem+"\n[budget]\n"+c.budget+"\n[[optimizer]]\nplugin = \"o\"\n")
		err := e.Errors()
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: got %v, want %s", c.budget, err, c.wrong)
			}
			continue
		}
		if err != nil || e.Workloads[0].Steps != c.steps {
			t.Errorf("%s: %d steps, want %d: %v", c.budget, e.Workloads[0].Steps, c.steps, err)
		}
		var back Budget
		b, err := json.Marshal(e.Workloads[0].Budget)
		if err != nil || json.Unmarshal(b, &back) != nil || back != e.Workloads[0].Budget {
			t.Errorf("%s: read back from %s as %+v: %v", c.budget, b, back, err)
		}
	}
}

// TestScheduleOfABudget: a schedule takes as long as the run, whatever the budget counts; of a time nobody knows how long that is.
func TestScheduleOfABudget(t *testing.T) {
	file := func(budget, more string) string {
		return "[problem]\nkind = \"quadratic-deep\"\n[budget]\n" + budget + "\n[[optimizer]]\nplugin = \"o\"\nlr = { schedule = \"linear\", from = 1.0" +
			more + " }\n"
	}
	e, _ := resolve(t, file("example_gradients = 12900", ""))
	if err := e.Errors(); err != nil {
		t.Fatal(err)
	}
	if got := e.Workloads[0].Optimizers[0].Schedule("lr").At(50); got != 0.5 {
		t.Errorf("%v in the middle of 100 steps", got)
	}
	e, _ = resolve(t, file("time = \"1s\"", ", to = 0.1, steps = 100"))
	if err := e.Errors(); err != nil {
		t.Error(err)
	}
	e, _ = resolve(t, file("time = \"1s\"", ""))
	if err := e.Errors(); err == nil || !strings.Contains(err.Error(), "7:6: the schedule takes as long as the run, of which only the time is given") ||
		!strings.Contains(err.Error(), "add steps = 1000") {
		t.Error(err)
	}
	e, _ = resolve(t, file("steps = 0", ""))
	if err := e.Errors(); err != nil {
		t.Error(err)
	}
}

// TestRecord reads what is to be recorded, and reports what no run has, once for all problems.
func TestRecord(t *testing.T) {
	file := func(keys string) string {
		return "[[problem]]\nname = \"a\"\nkind = \"rosenbrock\"\n[[problem]]\nname = \"b\"\nkind = \"quadratic-deep\"\n[budget]\nsteps = 9\n[record]\n" + keys +
			"\n[[optimizer]]\nplugin = \"o\"\n"
	}
	for keys, want := range map[string]Record{
		"":                                  {},
		"parameters = true\nevery = 3":      {Parameters: true, Points: record.Points{Every: 3}},
		"steps = [0, 9]\nweights = \"end\"": {Points: record.Points{Steps: []int{0, 9}}, Weights: record.Weights{End: true}},
		"steps = []\nweights = [0, 4]":      {Points: record.Points{Steps: []int{}}, Weights: record.Weights{Steps: []int{0, 4}}},
		"validation = { epochs = 2 }":       {Validation: record.Cadence{Epochs: 2}},
		"every = 2\nvalidation.every = 3":   {Points: record.Points{Every: 2}, Validation: record.Cadence{Points: record.Points{Every: 3}}},
		"validation = { steps = [] }":       {Validation: record.Cadence{Points: record.Points{Steps: []int{}}}},
	} {
		e, _ := resolve(t, file(keys))
		if err := e.Errors(); err != nil || !reflect.DeepEqual(e.Record, want) {
			t.Errorf("%q: %+v, want %+v: %v", keys, e.Record, want, err)
		}
		var back Record
		b, err := json.Marshal(e.Record)
		if err != nil || json.Unmarshal(b, &back) != nil || !reflect.DeepEqual(back, want) {
			t.Errorf("%q: read back from %s as %+v: %v", keys, b, back, err)
		}
		if keys == "" && string(b) != `{"parameters":false}` {
			t.Errorf("a record without settings is %s", b)
		}
	}
	for keys, want := range map[string]string{
		"steps = [3, 10]":                 "10:13: there is no step 10; the runs have 9",
		"weights = [0, 100]":              "10:15: there is no step 100",
		"validation = { steps = [4, 10]}": "10:28: there is no step 10",
	} {
		e, _ := resolve(t, file(keys))
		list, _ := e.Errors().(Errors)
		if len(list) != 1 || !strings.Contains(list.Error(), want) {
			t.Errorf("%q: got %v, want %s", keys, e.Errors(), want)
		}
	}
}

// TestTimeIsNoNumberOfSteps: what is asked for a time is no step that the record could not have.
func TestTimeIsNoNumberOfSteps(t *testing.T) {
	e, _ := resolve(t, "[problem]\nkind = \"rosenbrock\"\n[budget]\ntime = \"2s\"\n[record]\nweights = [1000000]\n[[optimizer]]\nplugin = \"o\"\n")
	if err := e.Errors(); err != nil || e.Workloads[0].Budget.Time != 2*time.Second {
		t.Errorf("%+v, %v", e.Workloads[0].Budget, err)
	}
}
