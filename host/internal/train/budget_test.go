package train

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/record"
)

// memory keeps the last checkpoint, and can lose it.
type memory struct{ last *Checkpoint }

func (m *memory) Save(c *Checkpoint) error {
	kept := *c
	kept.Weights, kept.Kept = slices.Clone(c.Weights), slices.Clone(c.Kept)
	m.last = &kept
	return nil
}

func (m *memory) Load() (*Checkpoint, error) { return m.last, nil }

// heavy is gradient descent with momentum: what it does next follows from all that it did.
func heavy() rule {
	var v [2]float64
	return func(_ int, g, u []float64) error {
		for i := range g {
			v[i] = 0.9*v[i] - 1e-4*g[i]
			u[i] = v[i]
		}
		return nil
	}
}

// bits are what a point is, but for times.
func bits(points []record.Sample) (all [][]uint64) {
	for _, p := range points {
		row := []uint64{uint64(p.Step)}
		for _, list := range [][]float64{p.Weights, p.Gradient, p.Update} {
			for _, x := range list {
				row = append(row, math.Float64bits(x))
			}
		}
		for _, v := range p.Values {
			x, measured := v.Get()
			if row = append(row, math.Float64bits(x)); measured {
				row = append(row, 1)
			}
		}
		all = append(all, row)
	}
	return all
}

// TestPause: a run that paused twice is the run that never did, with a plugin that can be restored and with one that cannot, which makes
// its steps again.
func TestPause(t *testing.T) {
	whole, want := newRun(heavy(), 30)
	if o := whole.Do(t.Context()); o.Status != record.Finished {
		t.Fatal(o)
	}
	for name, checkpoints := range map[string]Checkpoints{"checkpoint": &memory{}, "none": nil} {
		r, got := newRun(heavy(), 30)
		r.Checkpoints = checkpoints
		if checkpoints == nil {
			r.Open = fresh(r.Open)
		}
		made := 0
		for _, until := range []int{10, 20, 0} {
			if r.Until = until; checkpoints == nil {
				r.Open = fresh(r.Open)
			}
			o := r.Do(t.Context())
			status, steps := record.Paused, until
			if until == 0 {
				status, steps = record.Finished, 30
			}
			last := len(*got) - 1
			final, _ := o.Final.Of("train_loss").Get()
			if o.Status != status || o.Steps != steps || (*got)[last].Step != steps || (*got)[last].Update != nil ||
				(*got)[last].Get(record.TrainLoss) != record.Measured(final) || !(*got)[last].Row {
				t.Fatalf("%s: until %d: %+v, %+v", name, until, o, (*got)[last])
			}
			if (o.Weights != nil) != (until == 0) {
				t.Errorf("%s: until %d: %v", name, until, o.Weights)
			}
			made += o.Gradients
			if until > 0 { // what a record does with a row that no step leaves
				*got = (*got)[:last]
				r.Recorded = last - 1
			}
		}
		if wanted := map[string]int{"checkpoint": 33, "none": 63}[name]; made != wanted {
			t.Errorf("%s: %d gradients, want %d", name, made, wanted)
		}
		if !reflect.DeepEqual(bits(*got), bits(*want)) {
			t.Errorf("%s: other bits", name)
		}
	}
}

// TestPauseBehindRecord: a run of which more is on record than it is to make pauses where that is made again, so that its record ends there.
func TestPauseBehindRecord(t *testing.T) {
	r, got := newRun(heavy(), 30)
	r.Until, r.Recorded = 10, 14
	if o := r.Do(t.Context()); o.Status != record.Paused || o.Steps != 15 || len(*got) != 1 || (*got)[0].Step != 15 {
		t.Errorf("%+v, %d points", o, len(*got))
	}
	r.Recorded = 29
	if o := r.Do(t.Context()); o.Status != record.Finished || o.Steps != 30 {
		t.Errorf("%+v", o)
	}
}

// fresh opens an optimizer that knows nothing of the steps before.
func fresh(open func(context.Context, optimizer.Oracle) (optimizer.Optimizer, error)) func(context.Context, optimizer.Oracle) (optimizer.Optimizer, error) {
	return func(ctx context.Context, oracle optimizer.Oracle) (optimizer.Optimizer, error) {
		o, err := open(ctx, oracle)
		o.(*local).rule = heavy()
		return o, err
	}
}

// TestLimit: a run ends when its steps have had their time, goes on with the time that they had before, and the steps on record count.
func TestLimit(t *testing.T) {
	const each = 2 * time.Millisecond
	slow := func(k int, g, u []float64) error {
		time.Sleep(each)
		return descend(1e-4)(k, g, u)
	}
	r, points := newRun(slow, math.MaxInt32)
	r.Limit = 10 * each
	m := &memory{}
	r.Checkpoints, r.EverySteps = m, 1 // on a busy machine there is time for one step alone
	o := r.Do(t.Context())
	last := (*points)[len(*points)-1]
	if o.Status != record.Finished || o.Steps < 1 || o.Steps > 10 || last.Step != o.Steps || last.Update != nil {
		t.Fatalf("%+v, %+v", o, last)
	}
	// Another program goes on from a checkpoint at which most of the time was used up, though more steps are on record.
	m.last.Used = r.Limit - each/2
	for _, recorded := range []int{m.last.Step, m.last.Step + 4} {
		r, points = newRun(slow, math.MaxInt32)
		r.Limit, r.Checkpoints, r.Recorded = 10*each, &memory{m.last}, recorded
		m.last.Used = r.Limit - each/2
		if o := r.Do(t.Context()); o.Status != record.Finished || o.Steps != recorded+1 || len(*points) != 1 {
			t.Errorf("%d steps, %d on record, %d points", o.Steps, recorded, len(*points))
		}
	}
	// Without any time left in a checkpoint that there is not.
	r, _ = newRun(slow, math.MaxInt32)
	r.Limit = time.Nanosecond
	if o := r.Do(t.Context()); o.Steps != 1 {
		t.Errorf("%+v", o)
	}
}

// TestNoSteps: a run without steps is its start.
func TestNoSteps(t *testing.T) {
	r, points := newRun(descend(1), 0)
	r.Keeping = Keeping{Weights: record.Weights{End: true}, Write: func(int, []float64) error { return nil }}
	o := r.Do(t.Context())
	if o.Status != record.Finished || o.Steps != 0 || len(*points) != 1 || o.Spent[record.GradientEvaluations] != record.Measured(0) ||
		len(o.Weights) != 1 {
		t.Errorf("%+v, %d points", o, len(*points))
	}
	if _, measured := o.Final.Of("train_loss").Get(); !measured {
		t.Error("the start is not measured")
	}
}

// TestCosts: they follow from the step, whatever is made again, and functions have no examples.
func TestCosts(t *testing.T) {
	for _, data := range []bool{false, true} {
		died := false
		r, points := newRun(func(k int, g, u []float64) error {
			if k == 7 && !died {
				died = true
				return &optimizer.Died{}
			}
			return descend(1e-3)(k, g, u)
		}, 10)
		r.Resume, r.Checkpoints, r.EverySteps = true, &memory{}, 4
		if data {
			r.Examples = func(steps int) int { return 32 * steps }
		}
		o := r.Do(t.Context())
		want := record.Spent{record.GradientEvaluations: record.Measured(10), record.GradientEquivalents: record.Measured(10)}
		if data {
			want[record.ExampleGradients] = record.Measured(320)
		}
		if o.Restarts != 1 || o.Spent != want {
			t.Errorf("%+v, want %+v", o.Spent, want)
		}
		for k, p := range *points {
			if _, examples := p.Spent[record.ExampleGradients].Get(); p.Spent[record.GradientEvaluations] != record.Measured(float64(k)) ||
				examples != data {
				t.Errorf("point %d: %+v", k, p.Spent)
			}
		}
	}
}

// TestRows: all points are judged, those asked for are on record, with the first and the last.
func TestRows(t *testing.T) {
	for _, c := range []struct {
		rows record.Points
		lr   float64
		want []int
	}{{record.Points{}, 1e-3, []int{0, 1, 2, 3, 4, 5, 6, 7}}, {record.Points{Every: 3}, 1e-3, []int{0, 3, 6, 7}},
		{record.Points{Steps: []int{2}}, 1e-3, []int{0, 2, 7}}, {record.Points{Every: 100}, 1, []int{0, 4}}} {
		r, points := newRun(descend(c.lr), 7)
		r.Rows = c.rows
		judged := 0
		r.Watch = reaches(func(*record.Sample) bool { judged++; return false })
		o := r.Do(t.Context())
		var rows []int
		for _, p := range *points {
			if p.Row {
				rows = append(rows, p.Step)
			}
		}
		if c.lr == 1 {
			c.want[1] = o.Steps
		}
		if !slices.Equal(rows, c.want) || judged != len(*points) || judged != o.Steps+1 {
			t.Errorf("%+v: %v on record, want %v; %d judged", c.rows, rows, c.want, judged)
		}
	}
}

// TestKeptWeights: those asked for are written, also again after the plugin's death, and known by their bits.
func TestKeptWeights(t *testing.T) {
	r, points := newRun(descend(1e-3), 10)
	written := map[int][]float64{}
	write := func(step int, w []float64) error { written[step] = slices.Clone(w); return nil }
	r.Keeping = Keeping{Weights: record.Weights{End: true, Steps: []int{0, 4}}, Write: write}
	o := r.Do(t.Context())
	if len(o.Weights) != 3 || len(written) != 3 {
		t.Fatalf("%+v, %v", o.Weights, written)
	}
	for i, step := range []int{0, 4, 10} {
		if w := (*points)[step].Weights; !slices.Equal(written[step], w) || o.Weights[i] != record.DigestOf(step, w) {
			t.Errorf("step %d: %v, want %v", step, written[step], w)
		}
	}
	for _, program := range []struct {
		r     Keeping
		rule  rule
		steps int
		want  string
	}{
		{Keeping{Replay: o.Weights}, descend(1e-3), 10, ""},
		{Keeping{Replay: o.Weights[2:]}, descend(1e-3), 10, ""},
		{Keeping{Replay: o.Weights[2:]}, descend(1e-3 + 1e-14), 10, "step 10"},
		{Keeping{Replay: o.Weights, Numerics: "BLAS (gonum, now openblas)", Weights: record.Weights{Steps: []int{4}}, Write: write},
			descend(1.1e-3), 10, "step 4 is .* another BLAS (gonum, now openblas)"},
		{Keeping{Replay: o.Weights}, descend(1e-3), 9, "finished with step 9, before step 10"},
	} {
		r, _ := newRun(program.rule, program.steps)
		r.Keeping = program.r
		o := r.Do(t.Context())
		if program.want == "" {
			if o.Status != record.Finished {
				t.Error(o.Err)
			}
			continue
		}
		var differs *ReplayError
		if o.Status != record.Failed || !errors.As(o.Err, &differs) {
			t.Errorf("%q: %+v", program.want, o)
			continue
		}
		for part := range strings.SplitSeq(program.want, ".*") {
			if !strings.Contains(differs.Error(), strings.TrimSpace(part)) {
				t.Errorf("%q lacks %q", differs, part)
			}
		}
	}
	full := errors.New("the disk is full")
	r, _ = newRun(descend(1e-3), 10)
	r.Keeping = Keeping{Weights: record.Weights{End: true}, Write: func(int, []float64) error { return full }}
	if o := r.Do(t.Context()); o.Status != record.Failed || !errors.Is(o.Err, full) {
		t.Errorf("%+v", o)
	}
}

// TestTimesOfManySteps: of the times of many steps as many are kept as the medians need, at regular intervals.
func TestTimesOfManySteps(t *testing.T) {
	l := &loop{stride: 1}
	for l.k = 0; l.k < 100_000; l.k++ {
		if l.k%l.stride == 0 {
			l.sample(record.StepTime{Gradient: time.Duration(l.k)})
		}
	}
	kept := l.samples[0]
	if len(kept) > maxSamples || len(kept) < maxSamples/2 {
		t.Errorf("%d are kept", len(kept))
	}
	for i, x := range kept {
		if x != float64(i*l.stride) {
			t.Fatalf("sample %d is that of step %v, and the stride %d", i, x, l.stride)
		}
	}
}
