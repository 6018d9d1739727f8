package optimizer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// scaled is an optimizer whose update is its last value times the gradient plus the weights, and whose state is how many steps it made.
type scaled struct {
	vectors Vectors
	steps   byte
	err     error
	closed  bool
}

func (s *scaled) Vectors() Vectors { return s.vectors }

func (s *scaled) Step(_ context.Context, _ int, values []float64, _ float64) (time.Duration, error) {
	for i, g := range s.vectors.Gradient {
		s.vectors.Update[i] = values[len(values)-1]*g + s.vectors.Weights[i]
	}
	s.steps++
	return time.Duration(len(values)), s.err
}

func (s *scaled) Snapshot(context.Context) (Snapshot, error) {
	return Snapshot{Version: "1", State: []byte{s.steps}}, s.err
}

func (s *scaled) Restore(_ context.Context, state Snapshot) error {
	if state.Version != "1" || len(state.State) != 1 {
		return errors.New("not a state of this")
	}
	s.steps = state.State[0]
	return nil
}

// Locate is the sum of its value, the step and the weight.
func (s *scaled) Locate(_ context.Context, what Elsewhere, k int, values []float64) error {
	for i := range s.vectors.Update {
		s.vectors.Update[i] = values[0] + float64(k) + s.vectors.Weights[i]
	}
	return s.err
}

func (s *scaled) Close(context.Context) error { s.closed = true; return s.err }

// TestComposite: each part sees its tensors alone, with its own values, and weights if it needs them; the state has that of each part, by
// its name; and what fails in one fails in all.
func TestComposite(t *testing.T) {
	layout := []*v1.Tensor{{Length: 2}, {Length: 1}, {Length: 3}, {Length: 1}, {Length: 2}}
	open := func(names ...string) (*Composite, map[string]*scaled) {
		c, all := &Composite{vectors: Vectors{make([]float64, 9), make([]float64, 9), make([]float64, 9)}}, map[string]*scaled{}
		for _, name := range names {
			m := member{name: name, pieces: piecesOf(layout, []int{1, 4}), values: 1, about: &v1.Capabilities{NeedsWeights: true, EvaluationWeights: true}}
			if name == "a" {
				m = member{name: name, pieces: piecesOf(layout, []int{0, 2, 3}), values: 2}
			}
			n := 0
			for _, p := range m.pieces {
				n += p.to - p.from
			}
			m.own = Vectors{make([]float64, n), make([]float64, n), make([]float64, n)}
			all[name] = &scaled{vectors: m.own}
			m.Optimizer = all[name]
			c.members = append(c.members, m)
		}
		return c, all
	}
	c, parts := open("a", "b")
	if p := c.members[0].pieces; !slices.Equal(p, pieces{{0, 2}, {3, 7}}) {
		t.Errorf("tensors that follow each other are %v", p)
	}
	for i := range 9 {
		c.vectors.Gradient[i], c.vectors.Weights[i] = float64(i), 0.5
	}
	ctx := t.Context()
	spent, err := c.Step(ctx, 1, []float64{7, 10, 100}, 0)
	if want := []float64{0, 10, 200.5, 30, 40, 50, 60, 700.5, 800.5}; err != nil || spent != 3 || !slices.Equal(c.Vectors().Update, want) {
		t.Errorf("%v in %v, want %v: %v", c.Vectors().Update, spent, want, err)
	}
	err = c.Locate(ctx, Evaluation, 1, []float64{7, 10, 100})
	if want := []float64{0, 0, 101.5, 0, 0, 0, 0, 101.5, 101.5}; err != nil || !slices.Equal(c.Vectors().Update, want) {
		t.Errorf("the result is %v away, want %v: %v", c.Vectors().Update, want, err)
	}
	c.members[0].about = &v1.Capabilities{NoGradient: true}
	clear(c.members[0].own.Gradient)
	if _, err := c.Step(ctx, 1, []float64{7, 10, 100}, 0); err != nil || c.Vectors().Update[6] != 0 || c.Vectors().Update[7] != 700.5 {
		t.Errorf("without a gradient for one the update is %v: %v", c.Vectors().Update, err)
	}
	parts["a"].steps, parts["b"].steps = 1, 5
	state, err := c.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	turned, others := open("b", "a")
	if err := turned.Restore(ctx, state); err != nil || others["a"].steps != 1 || others["b"].steps != 5 {
		t.Errorf("%d and %d steps are restored: %v", others["a"].steps, others["b"].steps, err)
	}
	unknown, _ := open("a", "c")
	for want, err := range map[string]error{
		"nothing of plugin \"c\"": unknown.Restore(ctx, state),
		"the version \"1\"":       c.Restore(ctx, Snapshot{Version: "1"}),
		"damaged":                 c.Restore(ctx, Snapshot{Version: state.Version, State: state.State[:len(state.State)-1]}),
		"plugins is damaged":      c.Restore(ctx, Snapshot{Version: state.Version, State: []byte{255, 255, 255, 255, 255, 255, 255, 127}}), // a length of 2⁵⁶
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	dies := errors.New("dies")
	parts["b"].err = dies
	_, stepped := c.Step(ctx, 2, []float64{7, 10, 100}, 0)
	_, taken := c.Snapshot(ctx)
	if closed := c.Close(ctx); !errors.Is(stepped, dies) || !errors.Is(taken, dies) || !errors.Is(closed, dies) || !parts["a"].closed || !parts["b"].closed {
		t.Error(stepped, taken, closed)
	}
}

// TestCompose: one part is an instance over all; and where one of several does not open, none stays open.
func TestCompose(t *testing.T) {
	inline := v1.DataPlane_DATA_PLANE_INLINE
	layout := []*v1.Tensor{{Length: 2}, {Length: 1}}
	part := func(f *fake, tensors ...int) Part {
		p := Part{Plugin: &Plugin{Description: &v1.DescribeResponse{Capabilities: &v1.Capabilities{}}, Client: f, Output: f, Supervisor: f}, Tensors: tensors}
		for _, i := range tensors {
			p.Config.Layout = append(p.Config.Layout, layout[i])
		}
		return p
	}
	one, err := Compose(t.Context(), layout, []Part{part(&fake{plane: inline}, 0, 1)})
	if _, is := one.(*Instance); !is || err != nil || len(one.Vectors().Update) != 3 {
		t.Errorf("%T, %v", one, err)
	}
	good, bad := &fake{plane: inline}, &fake{plane: inline, openErr: errors.New("refused")}
	if c, err := Compose(t.Context(), layout, []Part{part(good, 0), part(bad, 1)}); c != nil || !errors.Is(err, errExplained) || len(good.logs) != 0 {
		t.Errorf("%v, %v, %d logs", c, err, len(good.logs))
	}
	two := &fake{plane: inline, update: make([]byte, 16)}
	c, err := Compose(t.Context(), layout, []Part{part(two, 0), part(&fake{plane: inline, update: make([]byte, 8)}, 1)})
	if err != nil || len(c.Vectors().Weights) != 3 {
		t.Fatal(err)
	}
	if _, err := c.Step(t.Context(), 1, nil, 0); err != nil {
		t.Error(err)
	}
	if err := c.Close(t.Context()); err != nil || len(two.logs) != 0 {
		t.Errorf("%v, %d logs", err, len(two.logs))
	}
}

// flat is an oracle of the function with the gradient d + 1 and the Hessian 2.
type flat struct {
	seen     [][]float64
	returned int
}

func (f *flat) Loss(_ context.Context, _ Batch, d []float64) (float64, error) {
	f.seen = append(f.seen, slices.Clone(d))
	return 3, nil
}

func (f *flat) Gradient(ctx context.Context, batch Batch, d, into []float64) (float64, error) {
	for i, x := range d {
		into[i] = x + float64(i)
	}
	return f.Loss(ctx, batch, d)
}

func (f *flat) HessianVector(ctx context.Context, batch Batch, v, into []float64) error {
	for i, x := range v {
		into[i] = 2*x + float64(i)
	}
	_, err := f.Loss(ctx, batch, v)
	return err
}

func (f *flat) Return() { f.returned++ }

// TestCompositeAsks: what a part asks is about the whole model, whose other weights are as they are, and it sees its piece of the answer.
func TestCompositeAsks(t *testing.T) {
	f := &flat{}
	o := &oracleOf{Oracle: f, pieces: pieces{{1, 2}, {3, 5}}, vector: make([]float64, 6), answer: make([]float64, 6)}
	into := make([]float64, 3)
	loss, err := o.Gradient(t.Context(), ThisBatch, []float64{10, 20, 30}, into)
	if err != nil || loss != 3 || !slices.Equal(into, []float64{11, 23, 34}) {
		t.Errorf("the gradient is %v: %v, %v", into, loss, err)
	}
	if err := o.HessianVector(t.Context(), ThisBatch, []float64{1, 2, 3}, into); err != nil || !slices.Equal(into, []float64{3, 7, 10}) {
		t.Errorf("the product is %v: %v", into, err)
	}
	if loss, err := o.Loss(t.Context(), FreshBatch, []float64{4, 5, 6}); err != nil || loss != 3 {
		t.Errorf("the loss is %v: %v", loss, err)
	}
	for i, want := range [][]float64{{0, 10, 0, 20, 30, 0}, {0, 1, 0, 2, 3, 0}, {0, 4, 0, 5, 6, 0}} {
		if !slices.Equal(f.seen[i], want) {
			t.Errorf("asked of the model was %v, want %v", f.seen[i], want)
		}
	}
	part := func(asks bool, n int, tensor int) Part {
		own := &fake{plane: v1.DataPlane_DATA_PLANE_INLINE, update: make([]byte, 8*n)}
		return Part{Plugin: &Plugin{Description: &v1.DescribeResponse{Capabilities: &v1.Capabilities{Asks: asks}}, Client: own, Output: own, Supervisor: own},
			Tensors: []int{tensor}, Config: Config{Layout: []*v1.Tensor{{Length: int64(n)}}, Oracle: f}}
	}
	c, err := Compose(t.Context(), []*v1.Tensor{{Length: 2}, {Length: 1}}, []Part{part(true, 2, 0), part(false, 1, 1)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Step(t.Context(), 1, nil, 0); err != nil || f.returned != 1 {
		t.Errorf("before each part that asks, the objective is at the weights: %d times, %v", f.returned, err)
	}
}
