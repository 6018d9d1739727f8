package train

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// shifted has its result at the weights + shift, and begins at the problem's start + from.
type shifted struct {
	local
	shift, from float64
	located     *[]int // after which steps it was asked
	dies        *bool  // the next time
}

func (s *shifted) Locate(_ context.Context, what optimizer.Elsewhere, k int, values []float64) error {
	by := s.from
	if what == optimizer.Evaluation {
		if *s.located = append(*s.located, k); *s.dies {
			*s.dies = false
			return &optimizer.Died{}
		}
		if by = s.shift; s.made != k || values[0] != float64(max(k-1, 0)) {
			return errors.New("the state or the values are not those of the last step")
		}
	}
	for i := range s.vectors.Update {
		s.vectors.Update[i] = by
	}
	return nil
}

// newShifted descends, and is judged 0.25 beside.
func newShifted(steps int) (r *Run, points *[]record.Sample, located *[]int, dies *bool) {
	r, points = newRun(descend(1e-3), steps)
	located, dies = &[]int{}, new(bool)
	inner := r.Open
	r.Open = func(ctx context.Context, o optimizer.Oracle) (optimizer.Optimizer, error) {
		opened, err := inner(ctx, o)
		return &shifted{*opened.(*local), 0.25, -0.5, located, dies}, err
	}
	r.Values = func(k int) []float64 { return []float64{float64(k)} }
	r.Elsewhere.Result = true
	return r, points, located, dies
}

// at is the loss at weights + by.
func lossAt(r *Run, weights []float64, by float64) float64 {
	moved := slices.Clone(weights)
	for i := range moved {
		moved[i] += by
	}
	return number(r.Objective.Evaluate(problem.Training, moved).Loss)
}

// TestResultElsewhere: the end is judged at the result, which is asked for where it is needed alone, and every step where it is.
func TestResultElsewhere(t *testing.T) {
	r, points, located, _ := newShifted(10)
	var written []float64
	r.Keeping.End = true
	r.Keeping.Write = func(_ int, weights []float64) error { written = slices.Clone(weights); return nil }
	o := r.Do(t.Context())
	last := (*points)[10]
	if o.Status != record.Finished || !slices.Equal(*located, []int{10}) {
		t.Fatalf("%+v, asked after %v", o, *located)
	}
	if got, want := number(o.Final.Of("train_loss")), lossAt(r, last.Weights, 0.25); got != want {
		t.Errorf("the loss at the end is %v, at the result it is %v", got, want)
	}
	if got, want := number(o.Final.Of("trained_loss")), lossAt(r, last.Weights, 0); got != want || got != number(last.Get(record.TrainLoss)) {
		t.Errorf("the loss at the trained weights is %v, not %v", got, want)
	}
	if written[0] != last.Weights[0]+0.25 || o.Weights[0] != record.DigestOf(10, written) {
		t.Errorf("kept %v with %v, where %v was trained", written, o.Weights, last.Weights)
	}
	plain, undisturbed := newRun(descend(1e-3), 10)
	plain.Do(t.Context())
	for k, p := range *undisturbed {
		if !slices.Equal(p.Weights, (*points)[k].Weights) {
			t.Fatalf("point %d is not as without", k)
		}
	}
	if _, measured := plain.Do(t.Context()).Final.Of("trained_loss").Get(); measured {
		t.Error("a run whose result is where it trains has a trained loss too")
	}
}

// TestResultOfEarlyEnd: where a watch can end the run, the result is that of its last point, though a step more was made.
func TestResultOfEarlyEnd(t *testing.T) {
	r, points, located, _ := newShifted(10)
	r.Watch, r.Elsewhere.EndsSoon = endsAt(4), true
	o := r.Do(t.Context())
	if o.Status != record.Stopped || !slices.Equal(*located, []int{0, 1, 2, 3, 4}) {
		t.Fatalf("%+v, asked after %v", o, *located)
	}
	if got, want := number(o.Final.Of("train_loss")), lossAt(r, (*points)[4].Weights, 0.25); got != want {
		t.Errorf("the loss at the end is %v, at the result it is %v", got, want)
	}
	r, _, _, _ = newShifted(10)
	r.Watch = endsAt(4)
	if _, measured := r.Do(t.Context()).Final.Of("train_loss").Get(); measured {
		t.Error("a result that the optimizer cannot tell any more was measured")
	}
}

type endsAt int

func (e endsAt) Judge(p *record.Sample) (bool, record.Status, string) {
	if p.Step == int(e) {
		return false, record.Stopped, "enough"
	}
	return false, "", ""
}
func (endsAt) State() []float64        { return nil }
func (endsAt) Restore([]float64) error { return nil }

// TestDeathWhileLocating: a plugin that dies over the question goes on from the checkpoint, and the result is the same.
func TestDeathWhileLocating(t *testing.T) {
	r, _, _, _ := newShifted(10)
	want := r.Do(t.Context())
	r, _, located, dies := newShifted(10)
	*dies, r.Resume, r.Checkpoints, r.EverySteps = true, true, &memory{}, 4
	o := r.Do(t.Context())
	if o.Restarts != 1 || o.Status != record.Finished || len(*located) != 2 || number(o.Final.Of("train_loss")) != number(want.Final.Of("train_loss")) {
		t.Errorf("%+v, asked after %v; undisturbed %+v", o, *located, want)
	}
}

// TestProposedStart: the start is the problem's, moved as the optimizer wants.
func TestProposedStart(t *testing.T) {
	plain, undisturbed := newRun(descend(1e-3), 1)
	plain.Do(t.Context())
	r, points, _, _ := newShifted(1)
	r.Elsewhere.Start = true
	r.Do(t.Context())
	if got, was := (*points)[0].Weights[1], (*undisturbed)[0].Weights[1]; got != was-0.5 {
		t.Errorf("it starts at %v, the problem at %v", got, was)
	}
}
