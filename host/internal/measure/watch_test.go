package measure

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/record"
)

// judged are the verdicts of a watch on train losses, up to the end; NaN there stands for a point at which the loss was not measured.
func judged(w *Watch, losses []record.Value) (reached []int, end record.Status, at int, reason string) {
	for step, loss := range losses {
		p := &record.Sample{Step: step, Values: make([]record.Value, len(record.Standard()))}
		p.Values[record.TrainLoss] = loss
		yes, end, reason := w.Judge(p)
		if yes {
			reached = append(reached, step)
		}
		if end != "" {
			return reached, end, step, reason
		}
	}
	return reached, "", len(losses), ""
}

func measured(xs ...float64) (all []record.Value) {
	for _, x := range xs {
		all = append(all, record.Measured(x))
	}
	return all
}

func TestWatch(t *testing.T) {
	loss := Measure{Quantity: "train_loss"}
	mean := Measure{"train_loss", MeanOverLast, 3}
	plateau := func(p Plateau) Stop { p.Measure = loss; return Stop{Plateau: &p} }
	gaps := measured(5, 4, 4, 4, 4, 4, 4, 4)
	gaps[2], gaps[4] = record.Value{}, record.Value{}
	for name, c := range map[string]struct {
		target  *Target
		stop    Stop
		losses  []record.Value
		reached []int
		end     record.Status
		at      int
		reason  string
	}{
		"target":         {&Target{loss, 2}, Stop{}, measured(3, 2, 3, 1), []int{1, 3}, "", 4, ""},
		"stop there":     {&Target{loss, 2}, Stop{Target: true}, measured(3, 2, 3, 1), []int{1}, record.Finished, 1, "the target is reached"},
		"target of mean": {&Target{mean, 2}, Stop{Target: true}, measured(0, 0, 9, 0, 0, 0), []int{5}, record.Finished, 5, ""},
		// Keras 3, EarlyStopping("loss", patience=3): stops with the third epoch in a row that is no better than the best.
		"patience":       {nil, plateau(Plateau{Patience: 3}), measured(5, 4, 4, 5, 4, 1), nil, record.Stopped, 4, "in 3 evaluations train_loss did not improve on 4 at step 1"},
		"better in time": {nil, plateau(Plateau{Patience: 3}), measured(5, 4, 4, 5, 3, 4, 4, 4), nil, record.Stopped, 7, "on 3 at step 4"},
		// min_delta=1: by as much is no improvement, and what is better by less does not move the best.
		"by more":         {nil, plateau(Plateau{Patience: 2, MinDelta: 1}), measured(5, 4, 4.5, 2), nil, record.Stopped, 2, "did not improve by more than 1 on 5 at step 0"},
		"creeps":          {nil, plateau(Plateau{Patience: 3, MinDelta: 1}), measured(5, 4.5, 4, 3.5, 3, 2.75, 2.5), nil, record.Stopped, 6, "on 3.5 at step 3"},
		"start_from_step": {nil, plateau(Plateau{Patience: 2, StartFromStep: 3}), measured(1, 5, 5, 5, 5, 4, 4, 4), nil, record.Stopped, 7, ""},
		"not a number":    {nil, plateau(Plateau{Patience: 2}), measured(nan, nan), nil, record.Stopped, 1, "train_loss was not a number in 2 evaluations"},
		"not measured":    {nil, plateau(Plateau{Patience: 3}), gaps, nil, record.Stopped, 6, ""},
		"diverges":        {nil, Stop{Divergence: &Divergence{loss, 10}}, measured(1, 10, 10.5), nil, record.Diverged, 2, "train_loss is 10.5, which is not at most 10"},
		"NaN diverges":    {nil, Stop{Divergence: &Divergence{loss, 10}}, measured(1, nan), nil, record.Diverged, 1, ""},
		"target first":    {&Target{loss, 1}, Stop{Target: true, Plateau: &Plateau{loss, 1, 0, 0}}, measured(1, 1), []int{0}, record.Finished, 0, ""},
	} {
		w := NewWatch(record.Standard(), c.target, c.stop)
		for range 2 { // also after it was restored to the beginning
			reached, end, at, reason := judged(w, c.losses)
			if !slices.Equal(reached, c.reached) || end != c.end || at != c.at || !strings.Contains(reason, c.reason) {
				t.Errorf("%s: reached at %v, %q at %d: %s", name, reached, end, at, reason)
			}
			if err := w.Restore(nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	accuracy := Measure{Quantity: "validation_accuracy"}
	w := NewWatch(record.Standard(), nil, Stop{Plateau: &Plateau{accuracy, 2, 0.1, 0}})
	for step, x := range []float64{0.5, 0.7, 0.75, 0.79} {
		p := &record.Sample{Step: step, Values: make([]record.Value, len(record.Standard()))}
		p.Set(record.ValidationAccuracy, x)
		if _, end, _ := w.Judge(p); (end == record.Stopped) != (step == 3) {
			t.Errorf("accuracy %v at %d: %q", x, step, end)
		}
	}
}

// TestStateOfWatch: a watch restored anywhere judges what follows as the one that was there would; a state of another is refused.
func TestStateOfWatch(t *testing.T) {
	mean := Measure{"train_loss", MeanOverLast, 5}
	target, stop := &Target{mean, 0.2}, Stop{Plateau: &Plateau{Measure{"train_loss", Best, 0}, 9, 0.01, 3}, Divergence: &Divergence{mean, 0.9}}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		losses := make([]record.Value, 60)
		for i := range losses {
			if losses[i] = record.Measured(random.Float64()); i%7 == 3 {
				losses[i] = record.Value{}
			}
		}
		cut := random.IntN(len(losses))
		whole := NewWatch(record.Standard(), target, stop)
		_, early, _, _ := judged(whole, losses[:cut])
		if early != "" {
			continue
		}
		again := NewWatch(record.Standard(), target, stop)
		if err := again.Restore(whole.State()); err != nil {
			t.Fatal(err)
		}
		a, b, c, d := judged(whole, losses[cut:])
		e, f, g, h := judged(again, losses[cut:])
		if !slices.Equal(a, e) || b != f || c != g || d != h {
			t.Fatalf("cut at %d: %v %s %d %s, restored %v %s %d %s", cut, a, b, c, d, e, f, g, h)
		}
		if other := NewWatch(record.Standard(), target, Stop{}); other.Restore(whole.State()) == nil {
			t.Fatal("the state of another watch was taken")
		}
	}
}

// TestJSON: what a manifest says of targets and rules comes back the same.
func TestJSON(t *testing.T) {
	whole := struct {
		Target *Target
		Stop   Stop
	}{&Target{Measure{"train_loss", MeanOverLast, 5}, 1}, Stop{Target: true, Plateau: &Plateau{Measure{"gradient_norm", Best, 0}, 3, 0.1, 7},
		Divergence: &Divergence{Measure{Quantity: "train_loss"}, 1e6}}}
	back := whole
	b, err := json.Marshal(whole)
	if err == nil {
		back.Target, back.Stop = nil, Stop{}
		err = json.Unmarshal(b, &back)
	}
	if err != nil || *back.Target != *whole.Target || *back.Stop.Plateau != *whole.Stop.Plateau || *back.Stop.Divergence != *whole.Stop.Divergence {
		t.Errorf("%s: %+v, %v", b, back, err)
	}
}
