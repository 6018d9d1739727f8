package config

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/schedule"
)

func TestSchedules(t *testing.T) {
	met := map[string]bool{}
	for table, want := range map[string][3]float64{ // values at steps 0, 50 and 99
		`schedule = "constant", value = 3.0`:                                         {3, 3, 3},
		`schedule = "constant", value = 3, warmup = 60`:                              {0, 2.5, 3},
		`schedule = "step", from = 1.0, every = 50`:                                  {1, 0.1, 0.1},
		`schedule = "step", from = 1.0, every = 10, factor = 0.5, unit = "epochs"`:   {1, 1, 0.5},
		`schedule = "exponential", from = 1.0, factor = 0.25, every = 100`:           {1, 0.5, math.Pow(0.25, 0.99)},
		`schedule = "exponential", from = 1.0, to = 0.01`:                            {1, 0.1, math.Pow(0.01, 0.99)},
		`schedule = "polynomial", from = 1.0, power = 2`:                             {1, 0.25, 1e-4},
		`schedule = "linear", from = 1.0, to = 2.0, steps = 50`:                      {1, 2, 2},
		`schedule = "cosine", from = 1.0, to = 0.5`:                                  {1, 0.75, 0.75 - 0.25*math.Cos(math.Pi/100)},
		`schedule = "cosine", from = 1.0, restart = 20, restart_factor = 2`:          {1, (1 + math.Cos(math.Pi*0.75)) / 2, (1 + math.Cos(math.Pi*39/80)) / 2},
		`schedule = "one-cycle", peak = 1.0, rise = 0.51, to = 0.125`:                {0.04, 1, 0.125},
		`schedule = "inverse-sqrt", from = 2.0, scale = 25, warmup = 25`:             {0, 2 * math.Sqrt(0.5), 2 * math.Sqrt(25./99)},
		`schedule = "inverse-time", from = 1.0, scale = 50`:                          {1, 0.5, 50. / 149},
		`schedule = "piecewise", values = [1, 2, 3], at = [50, 99]`:                  {1, 2, 3},
		`schedule = "piecewise", values = [1, 3], at = [100], interpolate="linear"`:  {1, 2, 2.98},
		`schedule = "linear", from = 1.0, warmup = 50, warmup_from = 1.0, to = 1e-3`: {1, 1, 1e-3 + 0.999/50},
	} {
		e, _ := resolve(t, "[problem]\nkind = \"quadratic-deep\"\n[budget]\nsteps = 100\n[[optimizer]]\nplugin = \"o\"\nlr = { "+table+" }\n")
		if err := e.Errors(); err != nil {
			t.Errorf("%s:\n%v", table, err)
			continue
		}
		o := e.Workloads[0].Optimizers[0]
		for i, k := range []int{0, 50, 99} {
			if got := o.Schedule("lr").At(k); math.Abs(got-want[i]) > 1e-14 {
				t.Errorf("%s: %v at step %d, want %v", table, got, k, want[i])
			}
		}
		if s := o.Schedule("steps"); s.At(7) != 2 || o.Hyperparameters["steps"] != int64(2) {
			t.Errorf("the default of another hyperparameter is %v", s)
		}
		b, err := json.Marshal(o.Hyperparameters["lr"])
		if err != nil || !strings.Contains(string(b), `"schedule"`) || strings.Contains(string(b), "epochs") {
			t.Errorf("%s in the manifest: %s, %v", table, b, err)
		}
		met[strings.Split(table, `"`)[1]] = true
	}
	for _, name := range schedule.Kinds.Names() {
		if !met[name] {
			t.Errorf("%s is not tested", name)
		}
	}
}

func TestScheduleDiagnostics(t *testing.T) {
	for line, want := range map[string]string{
		`lr = {}`:                                                             `6: lr lacks "schedule"`,
		`lr = [0.1]`:                                                          `6: lr must be a single value or a schedule, not an array of 1`,
		`lr = { schedule = "cosin", from = 1 }`:                               `19: unknown schedule "cosin"`,
		`lr = { schedule = "cosine", form = 1 }`:                              `29: unknown key "form" in lr`,
		`lr = { schedule = "cosine" }`:                                        `6: lr lacks "from"`,
		`lr = { schedule = "cosine", from = -1 }`:                             `6: lr = -1 at step 0 is out of range`,
		`lr = { schedule = "linear", from = 1, to = -1 }`:                     `6: lr = -0.020000000000000018 at step 51 is out of range`,
		`lr = { schedule = "cosine", from = nan }`:                            `36: from = nan is out of range`,
		`lr = { schedule = "cosine", from = 1, steps = 0 }`:                   `47: steps = 0 is out of range`,
		`lr = { schedule = "cosine", from = 1, steps = "x" }`:                 `47: steps must be a whole number`,
		`lr = { schedule = "cosine", from = 1, warmup = 100 }`:                `48: the warm-up takes 100 steps, but the run has 100`,
		`lr = { schedule = "cosine", from = 1, warmup_from = 1 }`:             `53: warmup_from does nothing without warmup`,
		`lr = { schedule = "cosine", from = 1, restart = 5, steps = 5 }`:      `60: steps and restart exclude each other`,
		`lr = { schedule = "cosine", from = 1, restart_factor = 2 }`:          `56: restart_factor does nothing without restart`,
		`lr = { schedule = "step", from = 1 }`:                                `6: lr lacks "every"`,
		`lr = { schedule = "step", from = 1, every = 1, unit = "epochs" }`:    `55: the problem "beale" has no data`,
		`lr = { schedule = "exponential", from = 1 }`:                         `6: an exponential schedule needs either`,
		`lr = { schedule = "exponential", from = 1, factor = 0.9, to = 0.1 }`: `6: an exponential schedule needs either`,
		`lr = { schedule = "exponential", from = 1, to = 0 }`:                 `49: no exponential leads from 1 to 0`,
		`lr = { schedule = "polynomial", from = 1, power = 0 }`:               `51: power = 0 is out of range`,
		`lr = { schedule = "one-cycle", peak = 1, rise = 0.001 }`:             `6: a rise of 0.001 of 100 steps`,
		`lr = { schedule = "piecewise", values = [1], at = [1] }`:             `41: there are 1 values and 1 places`,
		`lr = { schedule = "piecewise", values = [1, 2, 3], at = [9, 9] }`:    `57: the places are not in ascending order`,
		`lr = { schedule = "piecewise", values = ["a", 2], at = [9] }`:        `42: values holds the string "a"`,
		`nesterov = { schedule = "constant", value = 1 }`:                     `12: nesterov has no schedule; only numbers do`,
		`steps = { schedule = "linear", from = 10, to = 0 }`:                  `9: steps = 0.9999999999999998 at step 90 is out of range`,
		`gradient = { clip = 1 }`:                                             `14: unknown key "clip" in gradient`,
	} {
		e, _ := resolve(t, "[problem]\nkind = \"beale\"\n[budget]\nsteps = 100\n[[optimizer]]\nplugin = \"o\"\n"+line+"\n")
		err := e.Errors()
		if err == nil || !strings.Contains(err.Error(), "f.toml:7:"+want) {
			t.Errorf("%s: got\n%v\nwant f.toml:7:%s", line, err, want)
			continue
		}
		for _, d := range err.(Errors) {
			if d.Remedy == "" || len(err.(Errors)) > 2 {
				t.Error(fmt.Errorf("%s: %w", line, err))
			}
		}
	}
}

// TestEpochsOfAChangingBatch: what is counted in epochs must not mean another number of steps in the middle of the run.
func TestEpochsOfAChangingBatch(t *testing.T) {
	e, _ := resolve(t, "[problem]\nkind = \"mlp\"\ndataset = \"breast-cancer\"\n"+
		"batch = { sizes = [16, 32], milestones = [2] }\n"+
		"[budget]\nepochs = 4\n[[optimizer]]\nplugin = \"o\"\nlr = { schedule = \"cosine\", from = 1, steps = 3, unit = \"epochs\" }\n")
	if err := e.Errors(); err == nil || !strings.Contains(err.Error(), "f.toml:9:57: the batch size changes") {
		t.Error(err)
	}
	if want := 29 + 29 + 15 + 15; e.Workloads[0].Steps != want { // batches of 455 examples
		t.Errorf("the run has %d steps, want %d", e.Workloads[0].Steps, want)
	}
}

// FuzzSchedule: whatever stands in a schedule's table, it is refused with a remedy or all its values are in range.
func FuzzSchedule(f *testing.F) {
	for _, table := range []string{
		`schedule = "cosine", from = 1.0, restart = 20, restart_factor = 2, warmup = 3`,
		`schedule = "one-cycle", peak = 1.0, rise = 0.5, to = 0.125, shape = "linear"`,
		`schedule = "exponential", from = 1.0, to = 0.01, steps = 7`,
		`schedule = "polynomial", from = 1e300, to = -1e300, power = 1e-9, unit = "epochs"`,
		`schedule = "piecewise", values = [1, 3], at = [100], interpolate = "linear"`,
		`schedule = "inverse-sqrt", from = 2.0, scale = 2147483647, warmup_from = 1`,
	} {
		f.Add(table)
	}
	f.Fuzz(func(t *testing.T, table string) {
		src := "[problem]\nkind = \"beale\"\n[budget]\nsteps = 50\n[[optimizer]]\nplugin = \"o\"\n[optimizer.lr]\n" +
			strings.ReplaceAll(table, ",", "\n")
		if e, _ := Parse("f.toml", src); e == nil || e.Workloads[0].Problem.Kind != "beale" || e.Errors() != nil {
			return
		}
		e, _ := resolve(t, src)
		if errs, ok := e.Errors().(Errors); ok {
			for _, d := range errs {
				if d.Line < 1 || d.Message == "" || d.Remedy == "" {
					t.Errorf("incomplete: %+v", d)
				}
			}
			return
		}
		for k := range e.Workloads[0].Steps {
			if x := e.Workloads[0].Optimizers[0].Schedule("lr").At(k); !(x >= 0) || math.IsInf(x, 0) {
				t.Errorf("%v at step %d", x, k)
			}
		}
	})
}
