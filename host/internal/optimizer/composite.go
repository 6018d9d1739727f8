package optimizer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protodelim"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Part is what an optimizer is to be over some tensors of a model. Each part is in another plugin.
type Part struct {
	*Plugin
	Config  Config // its Layout is of these tensors alone
	Tensors []int  // by their places in the layout of the model, in ascending order
}

// Compose opens an optimizer of one or several parts, which have each tensor of a model once.
func Compose(ctx context.Context, layout []*v1.Tensor, parts []Part) (Optimizer, error) {
	if len(parts) == 1 {
		return opened(parts[0].Open(ctx, parts[0].Config))
	}
	n := 0
	for _, t := range layout {
		n += int(t.Length)
	}
	c := &Composite{vectors: Vectors{make([]float64, n), make([]float64, n), make([]float64, n)}}
	together := &pace{}
	for _, p := range parts {
		m := member{name: p.Name, pieces: piecesOf(layout, p.Tensors), values: (1 + len(p.Config.Groups)) * len(proto.Schedulable(p.Description)),
			about: p.Description.Capabilities}
		if whole := p.Config.Oracle; whole != nil && p.Description.Capabilities.GetAsks() {
			m.oracle = &oracleOf{Oracle: whole, pieces: m.pieces, vector: make([]float64, n), answer: make([]float64, n)}
			p.Config.Oracle = m.oracle
		}
		p.Config.pace = together
		instance, err := p.Open(ctx, p.Config)
		if err != nil {
			_ = c.Close(ctx)
			return nil, err
		}
		m.Optimizer, m.own = instance, instance.Vectors()
		c.members = append(c.members, m)
	}
	return c, nil
}

// opened keeps an instance that is nil from being an optimizer that is not.
func opened(i *Instance, err error) (Optimizer, error) {
	if err != nil {
		return nil, err
	}
	return i, nil
}

// Composite is an optimizer of several parts, which make their steps one after another.
type Composite struct {
	members []member
	vectors Vectors
}

var _ Optimizer = (*Composite)(nil)

// member is an open part.
type member struct {
	Optimizer
	name string // of its plugin
	own  Vectors
	pieces
	values int // that a step has for it
	about  *v1.Capabilities
	oracle *oracleOf // nil unless it asks
}

// pieces are the stretches of the model's vectors that a part has, in ascending order.
type pieces []piece

// piece is a stretch of the model's vectors.
type piece struct{ from, to int }

// piecesOf is where some tensors lie; those that follow each other are one piece.
func piecesOf(layout []*v1.Tensor, tensors []int) (all pieces) {
	at := 0
	for i, t := range layout {
		next := at + int(t.Length)
		if slices.Contains(tensors, i) {
			if last := len(all) - 1; last >= 0 && all[last].to == at {
				all[last].to = next
			} else {
				all = append(all, piece{at, next})
			}
		}
		at = next
	}
	return all
}

// cut copies what is the part's from a vector of the model.
func (s pieces) cut(own, whole []float64) {
	for _, p := range s {
		own = own[copy(own, whole[p.from:p.to]):]
	}
}

// put is the inverse of cut.
func (s pieces) put(whole, own []float64) {
	for _, p := range s {
		own = own[copy(whole[p.from:p.to], own):]
	}
}

// oracleOf answers what a part asks, of the whole model: where it looks, all other weights are as they are.
type oracleOf struct {
	Oracle
	pieces
	vector, answer []float64 // of the model; the vector is zero where the part is not
}

// Gradient is that of the part's weights.
func (o *oracleOf) Gradient(ctx context.Context, batch Batch, d, into []float64) (loss float64, err error) {
	o.put(o.vector, d)
	loss, err = o.Oracle.Gradient(ctx, batch, o.vector, o.answer)
	o.cut(into, o.answer)
	return loss, err
}

// Loss is that of the model.
func (o *oracleOf) Loss(ctx context.Context, batch Batch, d []float64) (loss float64, err error) {
	o.put(o.vector, d)
	return o.Oracle.Loss(ctx, batch, o.vector)
}

// HessianVector is the product with the part's block of the Hessian.
func (o *oracleOf) HessianVector(ctx context.Context, batch Batch, v, into []float64) error {
	o.put(o.vector, v)
	err := o.Oracle.HessianVector(ctx, batch, o.vector, o.answer)
	o.cut(into, o.answer)
	return err
}

// Vectors are those of the model.
func (c *Composite) Vectors() Vectors { return c.vectors }

// Step makes the step of every part. values are those of the first part and its groups, then those of the second, and so on. The time is
// that of all update rules together.
func (c *Composite) Step(ctx context.Context, k int, values []float64, loss float64) (compute time.Duration, err error) {
	for i := range c.members {
		m := &c.members[i]
		if !m.about.GetNoGradient() { // else it sees zeros, whatever others need
			m.cut(m.own.Gradient, c.vectors.Gradient)
		}
		if m.about.GetNeedsWeights() {
			m.cut(m.own.Weights, c.vectors.Weights)
		}
		if m.oracle != nil {
			m.oracle.Return()
		}
		spent, err := m.Optimizer.Step(ctx, k, values[:m.values], loss)
		if err != nil {
			return 0, err
		}
		compute, values = compute+spent, values[m.values:]
		m.put(c.vectors.Update, m.own.Update)
	}
	return compute, nil
}

// Locate asks the parts that declared it. The others' tensors stay where they are.
func (c *Composite) Locate(ctx context.Context, what Elsewhere, k int, values []float64) error {
	clear(c.vectors.Update)
	for i := range c.members {
		m := &c.members[i]
		own := values[:m.values]
		values = values[m.values:]
		if what == Evaluation && !m.about.GetEvaluationWeights() || what == Initialization && !m.about.GetInitialization() {
			continue
		}
		if m.about.GetNeedsWeights() {
			m.cut(m.own.Weights, c.vectors.Weights)
		}
		if err := m.Optimizer.Locate(ctx, what, k, own); err != nil {
			return err
		}
		m.put(c.vectors.Update, m.own.Update)
	}
	return nil
}

// compositeState is the version of the state of a composite: for each part a message, after its length, with its plugin, the version of its
// state and that.
const compositeState = "steepest composite 1"

// Snapshot is the states of all parts.
func (c *Composite) Snapshot(ctx context.Context) (Snapshot, error) {
	var b bytes.Buffer
	for _, m := range c.members {
		s, err := m.Optimizer.Snapshot(ctx)
		if err == nil {
			_, err = protodelim.MarshalTo(&b, &v1.RestoreRequest{Instance: m.name, StateVersion: s.Version, Chunk: s.State})
		}
		if err != nil {
			return Snapshot{}, err
		}
	}
	return Snapshot{Version: compositeState, State: b.Bytes()}, nil
}

// Restore gives each part its state back.
func (c *Composite) Restore(ctx context.Context, s Snapshot) error {
	if s.Version != compositeState {
		return fmt.Errorf("the state has the version %s, not %s", proto.Quote(s.Version), proto.Quote(compositeState))
	}
	states := map[string]Snapshot{}
	for r := bytes.NewReader(s.State); ; {
		var one v1.RestoreRequest
		err := protodelim.UnmarshalOptions{MaxSize: int64(len(s.State))}.UnmarshalFrom(r, &one)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("the state of several plugins is damaged: %w", err)
		}
		states[one.Instance] = Snapshot{Version: one.StateVersion, State: one.Chunk}
	}
	for _, m := range c.members {
		own, has := states[m.name]
		if !has {
			return fmt.Errorf("the state has nothing of plugin %q", m.name)
		}
		if err := m.Optimizer.Restore(ctx, own); err != nil {
			return err
		}
	}
	return nil
}

// Close forgets the state of every part.
func (c *Composite) Close(ctx context.Context) (err error) {
	for _, m := range c.members {
		err = errors.Join(err, m.Optimizer.Close(ctx))
	}
	return err
}
