package exam

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// steps and elements are the length of the reference run and of its weight vector.
const (
	steps    = 60
	elements = 32
)

// callError is the error of a call of the plugin.
type callError struct {
	what  string
	cause error
}

func (e *callError) Error() string { return e.what + ": " + message(e.cause) }
func (e *callError) Unwrap() error { return e.cause }

// session is an open instance. It lives within one check.
type session struct {
	e       *examiner
	id      string
	stepper Stepper
	values  []float64             // of the schedulable hyperparameters
	at      func(k int) []float64 // the same for step k + 1 if they change, nil if not
	weights []float64
	losses  []float64 // before each step; nil if they are made up
	k       int
	longest time.Duration // of its calls of Step
	closed  bool
}

// shape is a tensor's; the reference layout has a scalar, an empty tensor, an odd one and a matrix.
type shape = []int64

func referenceShapes() []shape { return []shape{{}, {0}, {7}, {4, 6}} }

// product is how many elements a tensor of the shape has.
func product(s shape) int {
	n := 1
	for _, d := range s {
		n *= int(d)
	}
	return n
}

// layout describes tensors of the given shapes, or columns of as many elements to a plugin that takes matrices alone.
func (e *examiner) layout(shapes ...shape) []*v1.Tensor {
	var tensors []*v1.Tensor
	offset := int64(0)
	for i, dimensions := range shapes {
		length := int64(product(dimensions))
		if e.about.Capabilities.Matrices && len(dimensions) < 2 {
			dimensions = shape{length, 1}
		}
		tensors = append(tensors, &v1.Tensor{
			Name: "tensor" + strconv.Itoa(i), Shape: dimensions, Role: v1.Role_ROLE_WEIGHT, Offset: offset, Length: length,
		})
		offset += length
	}
	return tensors
}

// openRequest describes a fresh instance with an id of its own.
func (e *examiner) openRequest(values map[string]*v1.Value, tensors []*v1.Tensor) *v1.OpenRequest {
	e.serial++
	return &v1.OpenRequest{
		Instance: "exam-" + strconv.Itoa(e.serial), Hyperparameters: values, Tensors: tensors, Dtype: v1.Dtype_DTYPE_FLOAT64,
		Seed: 1, MaxAsks: maxAsks, DataPlanes: []v1.DataPlane{v1.DataPlane_DATA_PLANE_INLINE},
	}
}

// open opens an instance on the first data plane with the default hyperparameters.
func (e *examiner) open(shapes ...shape) (*session, error) {
	return e.openWith(e.conn.Planes[0], nil, e.layout(shapes...))
}

func (e *examiner) openWith(plane Plane, values map[string]*v1.Value, tensors []*v1.Tensor) (*session, error) {
	return e.openRequested(plane, e.openRequest(values, tensors))
}

func (e *examiner) openRequested(plane Plane, request *v1.OpenRequest) (*session, error) {
	stepper, err := plane.Open(e.ctx, request)
	if err != nil {
		return nil, &callError{"Open", err}
	}
	s := &session{e: e, id: request.Instance, stepper: stepper, values: e.numbers(request.Hyperparameters)}
	n := int64(0)
	for _, t := range request.Tensors {
		n += t.Length
	}
	s.weights = make([]float64, n)
	e.sessions = append(e.sessions, s)
	return s, nil
}

func (s *session) close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	if err := s.stepper.Close(s.e.ctx); err != nil {
		return &callError{"Close", err}
	}
	return nil
}

func (s *session) loss() float64 {
	if s.losses != nil {
		return s.losses[s.k]
	}
	return 1 / float64(s.k+1)
}

// inForce are the values of the next step.
func (s *session) inForce() []float64 {
	if s.at != nil {
		return s.at(s.k)
	}
	return s.values
}

// request is the next step as the inline data plane sends it.
func (s *session) request(gradient []float64) *v1.StepRequest {
	return stepRequest(s.id, s.k+1, s.inForce(), gradient, s.weights, s.loss(), s.e.about.Capabilities)
}

// step makes one step, applies it and returns the update.
func (s *session) step(gradient []float64) ([]float64, error) {
	update := make([]float64, len(gradient))
	begin := time.Now()
	computed, err := s.stepper.Step(s.e.ctx, s.k+1, s.inForce(), gradient, s.weights, s.loss(), update)
	if err != nil {
		return nil, &callError{fmt.Sprintf("step %d", s.k+1), err}
	}
	s.longest = max(s.longest, time.Since(begin)) // a plugin may time some of its steps only, and repeat itself between
	if computed < 0 || computed > s.longest+time.Millisecond {
		return nil, fail("report the time between the rule's begin and end in compute_nanoseconds",
			"step %d says that it computed for %v, and no call took longer than %v", s.k+1, computed, s.longest)
	}
	for i, u := range update {
		s.weights[i] += u
	}
	s.k++
	return update, nil
}

// run makes a step for each gradient and returns the updates.
func (s *session) run(gradients [][]float64) ([][]float64, error) {
	updates := make([][]float64, len(gradients))
	for k, g := range gradients {
		var err error
		if updates[k], err = s.step(g); err != nil {
			return nil, err
		}
	}
	return updates, nil
}

// finish makes the steps of a run that are left, and compares their updates with those of the whole run.
func (s *session) finish(gradients, want [][]float64) error {
	first := s.k
	got, err := s.run(gradients[first:])
	if err != nil {
		return err
	}
	return same(got, want[first:], first+1)
}

// snapshot returns the state.
func (s *session) snapshot() (proto.Snapshot, error) {
	state, err := proto.TakeSnapshot(s.e.ctx, s.e.conn.Client, s.id, len(s.weights))
	var wrong *proto.SnapshotError
	switch {
	case errors.As(err, &wrong):
		return state, &failure{wrong, wrong.Remedy()}
	case err != nil:
		return state, &callError{"Snapshot", err}
	}
	return state, nil
}

// restore gives the instance a state, in chunks of the given size. What a plugin does that says too early that all is well
// shows afterwards.
func (s *session) restore(state proto.Snapshot, chunk int) error {
	if err := state.Restore(s.e.ctx, s.e.conn.Client, s.id, chunk); err != nil && !errors.Is(err, io.EOF) {
		return &callError{"Restore", err}
	}
	return nil
}

// resume restores a state of another instance, in chunks of the given size, and is where that is.
func (s *session) resume(other *session, state proto.Snapshot, chunk int) error {
	s.k, s.weights = other.k, slices.Clone(other.weights)
	return s.restore(state, chunk)
}

// reference makes the run that others are compared with, once.
func (e *examiner) reference() ([][]float64, error) {
	if e.updates != nil {
		return e.updates, nil
	}
	s, err := e.open(referenceShapes()...)
	if err != nil {
		return nil, err
	}
	e.updates, err = s.run(gradients(steps, elements))
	return e.updates, err
}

// gradients is a fixed sequence of gradients of mixed sign and magnitude.
func gradients(steps, n int) [][]float64 {
	random := rand.New(rand.NewPCG(1, 2))
	g := make([][]float64, steps)
	for k := range g {
		g[k] = make([]float64, n)
		for i := range g[k] {
			g[k][i] = random.NormFloat64() * math.Exp(2*random.NormFloat64())
		}
	}
	return g
}

// same compares updates bit for bit, so that equal NaNs are equal and -0 is not 0. first is the step of the first.
func same(got, want [][]float64, first int) error {
	for k := range got {
		for i := range got[k] {
			if math.Float64bits(got[k][i]) != math.Float64bits(want[k][i]) {
				return fmt.Errorf("element %d of the update of step %d was %v and is now %v", i, first+k, want[k][i], got[k][i])
			}
		}
	}
	return nil
}

// finite looks for an infinite or undefined update.
func finite(updates [][]float64) error {
	for k := range updates {
		for i, u := range updates[k] {
			if math.IsNaN(u) || math.IsInf(u, 0) {
				return fmt.Errorf("element %d of the update of step %d is %v", i, k+1, u)
			}
		}
	}
	return nil
}

// with returns values and one more.
func with(values map[string]*v1.Value, name string, v *v1.Value) map[string]*v1.Value {
	more := maps.Clone(values)
	if more == nil {
		more = map[string]*v1.Value{}
	}
	more[name] = v
	return more
}
