package measure

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/record"
)

var inf, nan = math.Inf(1), math.NaN()

// setting is a problem without classes and 100 steps, some of whose runs have a schedule of beta1.
func setting() Setting {
	return Setting{Schema: append(record.Standard(), record.Hyperparameter("beta1")), Steps: 100,
		Has: func(n record.Needs) bool { return n&record.Classes == 0 }}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]Measure{
		"train_loss":                            {"train_loss", Final, 0},
		"train_loss final":                      {"train_loss", Final, 0},
		"validation_loss best":                  {"validation_loss", Best, 0},
		"  gradient_norm  at\tstep 100 ":        {"gradient_norm", AtStep, 100},
		"train_loss at step 0":                  {"train_loss", AtStep, 0},
		"train_loss mean over last 50":          {"train_loss", MeanOverLast, 50},
		"train_loss mean over last 101":         {"train_loss", MeanOverLast, 101},
		"steps_to_target":                       {"steps_to_target", Final, 0},
		"wall_seconds final":                    {"wall_seconds", Final, 0},
		"hyperparameter.beta1 at step 3":        {"hyperparameter.beta1", AtStep, 3},
		"learning_rate mean over last 2":        {"learning_rate", MeanOverLast, 2},
		"test_loss":                             {"test_loss", Final, 0},
		"update_norm":                           {"update_norm", Final, 0},
		"hyperparameter.beta1 mean over last 7": {"hyperparameter.beta1", MeanOverLast, 7},
	} {
		s := setting()
		s.Target = true
		m, err := ParseIn(text, s)
		if err != nil || m != want {
			t.Errorf("%q: %+v, %v", text, m, err)
		}
		if again, err := Parse(m.String()); err != nil || again != m {
			t.Errorf("%q is written as %q and read as %+v: %v", text, m, again, err)
		}
	}
}

// TestRefused: each error says where in the text, what, and the nearest that is right.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{ // the part that is wrong, what, and the remedy
		"":                               "|there is no measure|train_loss",
		"train_los":                      `train_los|there is no quantity "train_los"|did you mean "train_loss"`,
		"hyperparameter.beta2":           `hyperparameter.beta2|there is no quantity|did you mean "hyperparameter.beta1"`,
		"train loss":                     `loss|"loss" says not when|write train_loss`,
		"train_loss bst":                 `bst|"bst" says not when|did you mean "best"`,
		"train_loss last":                `last|"last" says not when|write final`,
		"train_loss average over last 5": `average|"average" says not when|write mean over last N`,
		"train_loss later":               `later|"later" says not when|final, best, at step N, mean over last N`,
		"train_loss final best":          `best|nothing can follow "train_loss"|remove "best"`,
		"train_loss at step 5 steps":     `steps|nothing can follow "train_loss at step 5"|remove "steps"`,
		"train_loss at 5":                `5|the word "step" must stand here|write at step N`,
		"train_loss at step":             `|N is a whole number of at least 0, not ""|such as at step 100`,
		"train_loss at step -1":          `-1|N is a whole number of at least 0|write at step N`,
		"train_loss at step 101":         "101|the runs have 100 steps|at most 100",
		"train_loss mean over last 1e3":  "1e3|N is a whole number of at least 1|mean over last 100",
		"train_loss mean over last 0":    "0|N is a whole number of at least 1|mean over last N",
		"train_loss mean over last 102":  "102|the runs have 101 points|at most 101",
		"train_loss mean of last 5":      `of|the word "over" must stand here|write mean over last N`,
		"validation_accuracy best":       "validation_accuracy|the problem has no classes|name train_loss, gradient_norm, validation_loss or test_loss",
		"learning_rate best":             "best|no value of learning_rate is better than another|mean over last N",
		"hyperparameter.beta1 best":      "best|no value of hyperparameter.beta1 is better|final",
		"steps_to_target":                "steps_to_target|there is no target|[target]",
		"wall_seconds best":              `best|wall_seconds is one number of a run|write "wall_seconds" alone`,
		"test_loss at step 5":            `at|test_loss is measured at the end alone|write "test_loss"`,
		"Größe  ×":                       `×|"×" says not when|final`,
	} {
		_, err := ParseIn(text, setting())
		e, is := errors.AsType[*Error](err)
		if !is {
			t.Errorf("%q: %v", text, err)
			continue
		}
		runes := []rune(text)
		parts := strings.Split(want, "|")
		if got := string(runes[e.At : e.At+e.Length]); got != parts[0] || !strings.Contains(e.Message, parts[1]) ||
			!strings.Contains(e.Remedy, parts[2]) {
			t.Errorf("%q: at %q: %s; %s", text, got, e.Message, e.Remedy)
		}
	}
	functions := setting()
	functions.Has = func(n record.Needs) bool { return n == 0 }
	if _, err := ParseIn("validation_loss best", functions); err == nil || !strings.Contains(err.Error(),
		"the problem has no validation examples; name train_loss or gradient_norm") {
		t.Error(err)
	}
}

func TestLimit(t *testing.T) {
	s := record.Standard()
	for _, c := range []struct {
		quantity int
		x        float64
		want     string // part of what is said of a refused one
	}{
		{record.ValidationAccuracy, 97, "write 0.97 for 97 %"}, {record.ValidationAccuracy, 0.97, ""}, {record.ValidationAccuracy, -0.1, "from 0 to 1"},
		{record.GradientNorm, -1, "at least 0, which norms are"}, {record.GradientNorm, 0, ""}, {record.TrainLoss, -1, ""},
		{record.TrainLoss, inf, "a finite number"}, {record.TrainLoss, nan, "a finite number"},
	} {
		if want, ok := Limit(s[c.quantity], c.x); ok != (c.want == "") || !strings.Contains(want, c.want) {
			t.Errorf("%s %v: %v, %q", s[c.quantity].Name, c.x, ok, want)
		}
	}
}

// points is a record with one column.
type points []record.Value

func (p points) Column(_ string, visit func(int, time.Duration, float64, bool) error) error {
	for step, v := range p {
		x, measured := v.Get()
		if err := visit(step, 0, x, measured); err != nil {
			return err
		}
	}
	return nil
}

// TestValues: what a measure of a run is, by its points and by how it ended.
func TestValues(t *testing.T) {
	m, none := record.Measured, record.Value{}
	final := func(x float64) record.ByName[record.Value] {
		return record.Named(map[string]record.Value{"train_loss": m(x)})
	}
	finished := record.Outcome{Status: record.Finished, Steps: 4, StepsToTarget: -1, Final: final(0.5), Wall: 3 * time.Second,
		Effort: record.Effort{Spent: record.SpentBy(12, -1, true, record.Asked{}), Used: 2 * time.Second}}
	diverged := finished
	diverged.Status = record.Diverged
	failed, stopped, pruned, reached, paused := finished, finished, finished, finished, finished
	failed.Status, stopped.Status, pruned.Status, reached.StepsToTarget, paused.Status = record.Failed, record.Stopped, record.Pruned, 2, record.Paused
	reached.ToTarget = record.Effort{Spent: record.SpentBy(2, 64, true, record.Asked{}), Used: time.Second}
	cutOff, earlier, missed := reached, reached, finished
	cutOff.Status, earlier.ToTarget, missed.Effort = record.Failed, record.Effort{}, record.Effort{}
	losses := points{m(5), m(3), none, m(nan), m(4)}
	for _, c := range []struct {
		text    string
		outcome record.Outcome
		points  points
		want    Value
	}{
		{"train_loss", finished, losses, Known(0.5)}, // over all examples, not that of the last batch
		{"train_loss", diverged, losses, Value{Infinite, inf, inf}},
		{"train_loss", stopped, losses, Known(0.5)},
		{"train_loss", pruned, losses, Value{state: LeftOut}},
		{"train_loss", failed, losses, Value{Unknown, -inf, inf}},
		{"train_loss", paused, losses, Value{Unknown, -inf, inf}},
		{"train_loss best", finished, losses, Known(3)},
		{"train_loss best", diverged, losses, Value{Infinite, inf, inf}},
		{"train_loss at step 0", finished, losses, Known(5)},
		{"train_loss at step 2", finished, losses, Value{}},
		{"train_loss at step 3", finished, losses, Known(nan)},
		{"train_loss at step 1", diverged, losses, Known(3)}, // before it did
		{"train_loss at step 9", diverged, losses, Value{Infinite, inf, inf}},
		{"train_loss at step 9", stopped, losses, Value{}},
		{"train_loss at step 1", failed, losses, Value{Unknown, 3, 3}},
		{"train_loss mean over last 2", finished, points{m(5), m(3), none, m(4)}, Known(3.5)},
		{"train_loss mean over last 4", finished, losses, Known(nan)},
		{"train_loss mean over last 5", finished, losses, Value{}},
		{"train_loss mean over last 5", diverged, losses, Value{Infinite, inf, inf}},
		{"gradient_norm", finished, losses, Known(4)},
		{"update_norm", finished, points{m(1), m(2), none}, Known(2)},
		{"update_norm", diverged, points{m(1), m(inf)}, Known(inf)}, // no value of it is better than another
		{"validation_accuracy", diverged, nil, Value{}},             // it was not measured of any run
		{"validation_accuracy best", diverged, points{m(0.5)}, Value{Infinite, -inf, -inf}},
		{"validation_accuracy best", failed, points{m(0.5)}, Value{Unknown, 1, -inf}},
		{"validation_accuracy best", finished, points{none, m(0.5), m(0.7), m(0.6)}, Known(0.7)},
		{"training_seconds", finished, nil, Known(2)},
		{"training_seconds", missed, nil, Value{}}, // of an earlier version
		{"training_seconds_to_target", reached, nil, Known(1)},
		{"training_seconds_to_target", finished, nil, Value{Censored, 2, inf}},
		{"training_seconds_to_target", missed, nil, Value{Censored, 0, inf}},
		{"training_seconds_to_target", diverged, nil, Value{Infinite, inf, inf}},
		{"training_seconds_to_target", pruned, nil, Value{state: LeftOut}},
		{"training_seconds_to_target", failed, nil, Value{Unknown, 2, inf}},
		{"training_seconds_to_target", cutOff, nil, Value{Unknown, 1, 1}},
		{"training_seconds_to_target", earlier, nil, Value{}},
		{"gradient_evaluations_to_target", reached, nil, Known(2)},
		{"gradient_evaluations_to_target", finished, nil, Value{Censored, 12, inf}},
		{"example_gradients_to_target", finished, nil, Value{}}, // without data
		{"example_gradients_to_target", missed, nil, Value{Censored, 0, inf}},
		{"steps_to_target", finished, nil, Value{Censored, 4, inf}},
		{"steps_to_target", diverged, nil, Value{Infinite, inf, inf}},
		{"steps_to_target", stopped, nil, Value{Infinite, inf, inf}},
		{"steps_to_target", reached, nil, Known(2)},
		{"steps_to_target", pruned, nil, Value{state: LeftOut}},
		{"steps_to_target", failed, nil, Value{Unknown, 5, inf}},
		{"steps", diverged, nil, Known(4)},
		{"wall_seconds", finished, nil, Known(3)},
		{"wall_seconds", failed, nil, Value{Unknown, 3, inf}},
		{"gradient_evaluations", finished, nil, Known(12)},
		{"gradient_evaluations", failed, nil, Value{Unknown, 12, inf}},
		{"example_gradients", finished, nil, Value{}},
		{"gradient_seconds", finished, nil, Value{}},
	} {
		measure, err := Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := measure.Of(record.Standard(), c.outcome, c.points)
		same := got.state == c.want.state && equal(got.best, c.want.best) && equal(got.worst, c.want.worst)
		if err != nil || !same {
			t.Errorf("%s of a run that %s: %v (%+v), want %v (%+v): %v", c.text, c.outcome.Status, got, got, c.want, c.want, err)
		}
	}
}

func equal(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) }

// TestBestIsKept: the best value in a summary is that of the points.
func TestBestIsKept(t *testing.T) {
	for name, q := range map[string]record.Better{"train_loss": record.Less, "validation_accuracy": record.More} {
		p := points{record.Measured(nan), record.Measured(0.5), {}, record.Measured(0.75), record.Measured(0.5), record.Measured(0.75)}
		var best record.Best
		for step, v := range p {
			if x, measured := v.Get(); measured {
				best = best.With(q, step, x)
			}
		}
		o := record.Outcome{Status: record.Finished}
		read, err1 := Measure{name, Best, 0}.Of(record.Standard(), o, p)
		o.Best = record.Named(map[string]record.Best{name: best})
		kept, err2 := Measure{name, Best, 0}.Of(record.Standard(), o, nil)
		if err1 != nil || err2 != nil || read != kept || best.Step != map[record.Better]int{record.Less: 1, record.More: 3}[q] {
			t.Errorf("%s: %v from the points, %v kept, of step %d; %v %v", name, read, kept, best.Step, err1, err2)
		}
	}
}
