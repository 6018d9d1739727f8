package conduct

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// planOf is the plan of an experiment with three trials, each of at most 27 steps.
func planOf(t *testing.T, more string) plan.Plan {
	t.Helper()
	e, err := config.Parse("x.toml", "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 27\n[[optimizer]]\nplugin = \"sgd\"\nlr = { grid = [1, 2, 3] }\n"+more)
	if err != nil {
		t.Fatal(err)
	}
	e.Build()
	e.Resolve([]string{"sgd"}, func(name string) (*v1.DescribeResponse, error) {
		return &v1.DescribeResponse{Name: name, Hyperparameters: []*v1.Hyperparameter{{Name: "lr", Schedulable: true,
			Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT, Default: &v1.Value{Kind: &v1.Value_Float{Float: 0.1}}}}}, nil
	}, func(string, map[string]*v1.Value) ([]*v1.Diagnostic, error) { return nil, nil })
	if err := e.Errors(); err != nil {
		t.Fatal(err)
	}
	return plan.Of(e, func(string) string { return "sum" })
}

// loss is that of a trial, by its learning rate: until step 9 that of 2 is the least, afterwards that of 3.
func loss(j plan.Job, step int) float64 {
	best := 3.0
	if step <= 9 {
		best = 2
	}
	lr, _ := strconv.ParseFloat(j.Optimizer.Choices[0].String(), 64)
	return 10 + math.Abs(lr-best) - float64(step)/100
}

// made records runs: up to which step by the learning rate, and how they ended there.
func made(t *testing.T, dir string, jobs []plan.Job, ends map[string]record.Outcome) {
	t.Helper()
	for _, j := range jobs {
		o, is := ends[j.Optimizer.Choices[0].String()]
		if !is {
			continue
		}
		schema := j.Workload.Schema(*j.Optimizer)
		m := store.Manifest{Run: j.ID, Execution: "before", Identity: j.Identity, Problem: &j.Workload.Problem, Optimizer: *j.Optimizer, Seed: j.Seed,
			Steps: j.Steps, Record: j.Workload.Record, Started: time.Now()}
		m.Plugin.SHA256, m.Numerics = "sum", store.NumericsMet()
		r, err := store.Create(filepath.Join(dir, store.FolderOf(j)), m, store.Extra{Schema: schema})
		if err != nil {
			t.Fatal(err)
		}
		for k := range o.Steps + 1 {
			p := &record.Sample{Step: k, Epoch: -1, Row: k == 0 || k == o.Steps || j.Workload.Record.Points.Has(k), Values: make([]record.Value, len(schema))}
			p.Set(record.TrainLoss, loss(j, k))
			if k < o.Steps {
				p.Set(record.UpdateNorm, 1)
			}
			if err := r.Observe(p); err != nil {
				t.Fatal(err)
			}
		}
		o.StepsToTarget, o.Final = -1, record.Named(map[string]record.Value{"train_loss": record.Measured(loss(j, o.Steps))})
		if err := r.End(o); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLook: what is left, and what is decided, follows from the plan and from what was measured, whichever search made the runs.
func TestLook(t *testing.T) {
	const (
		halving = "[search]\nkind = \"halving\"\nsmallest = %d\nmeasure = \"train_loss\"\n"
		sparse  = "[record]\nevery = 10\n"
	)
	three, nine := fmt.Sprintf(halving, 3), fmt.Sprintf(halving, 9)
	finished, pruned := record.Outcome{Status: record.Finished, Steps: 27}, record.Outcome{Status: record.Pruned, Steps: 3}
	paused, later := record.Outcome{Status: record.Paused, Steps: 9}, record.Outcome{Status: record.Pruned, Steps: 9}
	all := map[string]record.Outcome{"1": finished, "2": finished, "3": finished}
	halved := map[string]record.Outcome{"1": pruned, "2": finished, "3": pruned}
	for name, c := range map[string]struct {
		more   string
		there  map[string]record.Outcome
		left   []string // rates and where they pause
		chosen string
	}{
		"the same again":            {three, halved, nil, "sgd lr=2"},
		"all of a grid":             {three, all, nil, "sgd lr=2"},
		"a grid that was cut short": {three, map[string]record.Outcome{"1": finished}, []string{"2 until 3", "3 until 3"}, ""},
		"paused further on":         {three, map[string]record.Outcome{"1": paused, "2": paused, "3": paused}, []string{"2 until 0"}, ""},
		"pruned further on":         {three, map[string]record.Outcome{"1": pruned, "2": later, "3": pruned}, []string{"2 until 3"}, ""},
		"pruned before":             {nine, halved, []string{"1 until 9", "3 until 9"}, ""},
		"pruned, and now a grid":    {"", halved, []string{"1 until 0", "3 until 0"}, ""},
		"not measured at the rung":  {three + sparse, all, []string{"1 until 3", "2 until 3", "3 until 3"}, ""},
		"nothing":                   {three, nil, []string{"1 until 3", "2 until 3", "3 until 3"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, dir := planOf(t, c.more), t.TempDir()
			made(t, dir, p.Jobs, c.there)
			there, err := store.Place{Out: dir}.Survey(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			stage, _, err := Look(t.Context(), p, there)
			if err != nil {
				t.Fatal(err)
			}
			var left []string
			for _, j := range stage.Jobs {
				left = append(left, fmt.Sprintf("%s until %d", j.Optimizer.Choices[0], j.Until))
			}
			if !slices.Equal(left, c.left) {
				t.Errorf("left are %q, want %q", left, c.left)
			}
			chosen := ""
			for _, s := range stage.Studies {
				best, _ := s.Best()
				chosen = best.Name
				for i, trial := range s.Trials {
					x, _ := trial.Value.Number()
					if want := loss(p.Jobs[i], trial.Steps); trial.Known && x != want {
						t.Errorf("%s is judged by %v after %d steps, want %v", trial.Name, x, trial.Steps, want)
					}
				}
			}
			if chosen != c.chosen {
				t.Errorf("%q was chosen, want %q", chosen, c.chosen)
			}
		})
	}
}
