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
		p.Config.pace, p.Config.Oracle = together, nil // whose vectors are as long as the whole model's
		instance, err := p.Open(ctx, p.Config)
		if err != nil {
			_ = c.Close(ctx)
			return nil, err
		}
		c.members = append(c.members, member{Optimizer: instance, name: p.Name, own: instance.Vectors(), pieces: pieces(layout, p.Tensors),
			values: (1 + len(p.Config.Groups)) * len(proto.Schedulable(p.Description)), weighs: p.Description.Capabilities.GetNeedsWeights()})
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
	name   string // of its plugin
	own    Vectors
	pieces []piece
	values int // that a step has for it
	weighs bool
}

// piece is a stretch of the model's vectors.
type piece struct{ from, to int }

// pieces are where the tensors of a part lie; those that follow each other are one piece.
func pieces(layout []*v1.Tensor, tensors []int) (all []piece) {
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
func (m *member) cut(own, whole []float64) {
	for _, p := range m.pieces {
		own = own[copy(own, whole[p.from:p.to]):]
	}
}

// put is the inverse of cut.
func (m *member) put(whole, own []float64) {
	for _, p := range m.pieces {
		own = own[copy(whole[p.from:p.to], own):]
	}
}

// Vectors are those of the model.
func (c *Composite) Vectors() Vectors { return c.vectors }

// Step makes the step of every part. values are those of the first part and its groups, then those of the second, and so on. The time is
// that of all update rules together.
func (c *Composite) Step(ctx context.Context, k int, values []float64, loss float64) (compute time.Duration, err error) {
	for i := range c.members {
		m := &c.members[i]
		m.cut(m.own.Gradient, c.vectors.Gradient)
		if m.weighs {
			m.cut(m.own.Weights, c.vectors.Weights)
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
		err := protodelim.UnmarshalOptions{MaxSize: -1}.UnmarshalFrom(r, &one)
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
