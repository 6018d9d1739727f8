package sdk

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime/debug"
	"time"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// instance is an open run as the service sees it, free of the author's types.
type instance interface {
	step(*v1.StepRequest) (*v1.StepResponse, error)
	stateVersion() string
	save(io.Writer) error
	load(io.Reader) error
}

// run is one optimizer instance: hyperparameters, state and the tensors that its step sees.
type run[H, S any] struct {
	hyper        H
	place        reflect.Value // of hyper
	fields       []hyperField
	slots        []slot
	states       []S
	rule         func(H, []S, []Tensor)
	capabilities *v1.Capabilities
	tensors      []Tensor
	view         []Tensor // the copy of tensors that the rule is given
	lengths      []int

	// The vectors of the whole model that the tensors' slices point into.
	values, gradient, weights, update []float64
}

// tensorPanic is a panic of the author's step, with the tensor that it was given.
type tensorPanic struct {
	tensor string
	cause  any
	stack  []byte
}

// stepError is a failure of the update rule itself, as opposed to a malformed request.
type stepError struct {
	message string
	stack   []byte
}

func (e *stepError) Error() string { return e.message }

func newRun[H, S any](h H, fields []hyperField, slots []slot, rule func(H, []S, []Tensor), c *v1.Capabilities,
	request *v1.OpenRequest) (*run[H, S], error) {
	r := &run[H, S]{hyper: h, fields: fields, slots: slots, rule: rule, capabilities: c}
	r.place = reflect.ValueOf(&r.hyper).Elem()
	for _, f := range fields {
		if f.schema.Schedulable {
			r.values = append(r.values, 0)
		}
	}
	n := 0
	for _, t := range request.Tensors {
		shape, product, negative := make([]int, len(t.Shape)), 1, false
		for i, d := range t.Shape {
			shape[i] = int(d)
			product *= int(d)
			negative = negative || d < 0
		}
		if t.Offset != int64(n) || t.Length != int64(product) || negative {
			return nil, fmt.Errorf("tensor %q: offset %d and length %d do not continue the layout at %d with shape %v",
				t.Name, t.Offset, t.Length, n, shape)
		}
		r.tensors = append(r.tensors, Tensor{
			Name: t.Name, Shape: shape, Role: Role(t.Role), seed: request.Seed, index: uint64(len(r.tensors)),
		})
		r.lengths = append(r.lengths, product)
		n += product
	}
	r.view = make([]Tensor, len(r.tensors))
	r.states = newStates[S](slots, r.lengths)
	r.gradient, r.update = make([]float64, n), make([]float64, n)
	if c.NeedsWeights {
		r.weights = make([]float64, n)
	}
	offset := 0
	for i, length := range r.lengths {
		end := offset + length
		t := &r.tensors[i]
		t.Grad, t.Update = r.gradient[offset:end:end], r.update[offset:end:end]
		if c.NeedsWeights {
			t.Weights = r.weights[offset:end:end]
		}
		offset = end
	}
	return r, nil
}

func (r *run[H, S]) step(request *v1.StepRequest) (*v1.StepResponse, error) {
	if request.Step == 0 {
		return nil, errors.New("steps are numbered from 1")
	}
	if err := proto.Float64s(r.values, request.Hyperparameters); err != nil {
		return nil, fmt.Errorf("hyperparameters: %w", err)
	}
	if err := schedule(r.place, r.fields, r.values); err != nil {
		return nil, err
	}
	if err := proto.Float64s(r.gradient, request.Gradient); err != nil {
		return nil, fmt.Errorf("gradient: %w", err)
	}
	if err := proto.Float64s(r.weights, request.Weights); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	clear(r.update)
	for i := range r.tensors {
		r.tensors[i].K, r.tensors[i].Loss = int(request.Step), request.Loss
	}
	start := time.Now()
	if err := r.apply(request.Step); err != nil {
		return nil, err
	}
	return &v1.StepResponse{
		ComputeNanoseconds: time.Since(start).Nanoseconds(),
		Update:             proto.AppendFloat64s(nil, r.update),
	}, nil
}

// apply calls the author's rule and turns its panic into an error that says where it happened.
func (r *run[H, S]) apply(step uint64) (err error) {
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case *tensorPanic:
			err = &stepError{fmt.Sprintf("panic in step %d at tensor %q: %v", step, cause.tensor, cause.cause), cause.stack}
		default:
			err = &stepError{fmt.Sprintf("panic in step %d: %v", step, cause), debug.Stack()}
		}
	}()
	// A copy, so that a rule that reslices its tensors cannot spoil the next step.
	copy(r.view, r.tensors)
	r.rule(r.hyper, r.states, r.view)
	return nil
}

func (r *run[H, S]) stateVersion() string { return stateVersion(r.slots) }

func (r *run[H, S]) save(w io.Writer) error { return saveStates(w, r.slots, r.states) }

func (r *run[H, S]) load(reader io.Reader) error {
	states, err := loadStates[S](reader, r.slots, r.lengths)
	if err == nil {
		r.states = states
	}
	return err
}
