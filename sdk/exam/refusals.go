package exam

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// refused tells whether a call was answered with an error, as opposed to not at all.
func refused(err error) bool {
	var call *callError
	if !errors.As(err, &call) {
		return false
	}
	switch status.Code(call.cause) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return false
	}
	return true
}

// anyCode stands for every refusal.
const anyCode = codes.OK

// damage is a request that no correct host sends.
type damage struct {
	name string
	want codes.Code
	send func() error
}

// refusals sends damaged requests to an instance in the middle of a run, which must go on as if nothing had happened.
func refusals(e *examiner) error {
	want, err := e.reference()
	if err != nil {
		return err
	}
	g := gradients(steps, elements)
	s, err := e.open(referenceShapes()...)
	if err != nil {
		return err
	}
	if _, err := s.run(g[:5]); err != nil {
		return err
	}
	requests := append(e.damagedSteps(s, g[5]), e.damagedOpens(s)...)
	if e.about.Capabilities.Snapshot {
		more, err := e.damagedStates(s)
		if err != nil {
			return err
		}
		requests = append(requests, more...)
	}
	if err := e.refuses(requests); err != nil {
		return err
	}
	if e.about.Capabilities.Asks {
		if err := e.refusesAmidAsk(g[5]); err != nil {
			return err
		}
	}
	e.note = fmt.Sprintf("%d damaged requests", len(requests))
	return e.unharmed(s, g, want)
}

// refuses sends damaged requests, each of which must be refused with its code.
func (e *examiner) refuses(requests []damage) error {
	var faults []string
	for _, d := range requests {
		err := d.send()
		code := status.Code(err)
		switch {
		case code == codes.Unavailable || e.ctx.Err() != nil:
			return &callError{d.name, err}
		case err == nil:
			faults = append(faults, d.name+" is accepted")
		case d.want != anyCode && code != d.want:
			faults = append(faults, fmt.Sprintf("%s is refused with %v (%s) instead of %v", d.name, code,
				status.Convert(err).Message(), d.want))
		}
	}
	if len(faults) > 0 {
		return errors.New(strings.Join(faults, "; "))
	}
	return nil
}

// unharmed finishes a run that was damaged meanwhile, and closes it.
func (e *examiner) unharmed(s *session, g, want [][]float64) error {
	if e.about.Capabilities.Snapshot {
		// Bytes that make no sense may be refused or not: a state has no checksum. They must not end the process.
		state, err := s.snapshot()
		if err != nil {
			return err
		}
		garbage, err := e.open(referenceShapes()...)
		if err != nil {
			return err
		}
		state.State = bytes.Repeat([]byte{0xff}, len(state.State))
		if err = garbage.restore(state, 1000); err != nil && !refused(err) {
			return err
		}
	}
	if err := s.finish(g, want); err != nil {
		return fmt.Errorf("after damaged requests were refused: %w", err)
	}
	if err := s.close(); err != nil {
		return err
	}
	_, err := e.conn.Client.Step(e.ctx, s.request(g[0]))
	if status.Code(err) != codes.NotFound {
		return fmt.Errorf("a step after Close gives %v instead of NotFound", status.Code(err))
	}
	return nil
}

func (e *examiner) damagedSteps(s *session, g []float64) []damage {
	step := func(name string, want codes.Code, spoil func(*v1.StepRequest)) damage {
		return damage{name, want, func() error {
			r := s.request(g)
			spoil(r)
			_, err := e.conn.Client.Step(e.ctx, r)
			return err
		}}
	}
	list := []damage{
		step("a step of an unknown instance", codes.NotFound, func(r *v1.StepRequest) { r.Instance = "nobody" }),
		step("a gradient that is too short", codes.InvalidArgument, func(r *v1.StepRequest) { r.Gradient = r.Gradient[8:] }),
		step("a gradient that is too long", codes.InvalidArgument, func(r *v1.StepRequest) {
			r.Gradient = append(r.Gradient, make([]byte, 8)...)
		}),
		step("a gradient of broken bytes", codes.InvalidArgument, func(r *v1.StepRequest) { r.Gradient = r.Gradient[1:] }),
		step("a step without gradient", codes.InvalidArgument, func(r *v1.StepRequest) { r.Gradient = nil }),
		step("too many hyperparameters in a step", codes.InvalidArgument, func(r *v1.StepRequest) {
			r.Hyperparameters = append(r.Hyperparameters, make([]byte, 8)...)
		}),
		step("step 0", codes.InvalidArgument, func(r *v1.StepRequest) { r.Step = 0 }),
	}
	if e.about.Capabilities.NeedsWeights {
		list = append(list, step("weights that are too short", codes.InvalidArgument,
			func(r *v1.StepRequest) { r.Weights = r.Weights[8:] }))
	}
	for i, p := range proto.Schedulable(e.about) {
		list = append(list, step(fmt.Sprintf("a step with %s = NaN", p.Name), codes.InvalidArgument, func(r *v1.StepRequest) {
			copy(r.Hyperparameters[8*i:], proto.AppendFloat64s(nil, []float64{math.NaN()}))
		}))
		for _, x := range outside(p) {
			list = append(list, step(fmt.Sprintf("a step with %s = %v", p.Name, x), codes.InvalidArgument, func(r *v1.StepRequest) {
				copy(r.Hyperparameters[8*i:], proto.AppendFloat64s(nil, []float64{x}))
			}))
		}
	}
	return list
}

func (e *examiner) damagedOpens(s *session) []damage {
	open := func(name string, want codes.Code, spoil func(*v1.OpenRequest)) damage {
		return damage{name, want, func() error {
			r := e.openRequest(nil, e.layout(referenceShapes()...))
			spoil(r)
			_, err := e.conn.Client.Open(e.ctx, r)
			return err
		}}
	}
	list := []damage{
		open("an instance id twice", codes.AlreadyExists, func(r *v1.OpenRequest) { r.Instance = s.id }),
		open("a layout with a gap", codes.InvalidArgument, func(r *v1.OpenRequest) { r.Tensors[3].Offset++ }),
		open("a length that is not the product of the shape", codes.InvalidArgument,
			func(r *v1.OpenRequest) { r.Tensors[3].Length-- }),
		open("a negative dimension", codes.InvalidArgument, func(r *v1.OpenRequest) { r.Tensors[3].Shape = []int64{-4, -6} }),
		open("an unspecified dtype", codes.Unimplemented, func(r *v1.OpenRequest) { r.Dtype = v1.Dtype_DTYPE_UNSPECIFIED }),
		open("an unknown hyperparameter in Open", codes.InvalidArgument, func(r *v1.OpenRequest) {
			r.Hyperparameters = with(nil, unknownHyperparameter, proto.NewValue(1.0))
		}),
		{"closing an unknown instance", anyCode, func() error {
			_, err := e.conn.Client.Close(e.ctx, &v1.CloseRequest{Instance: "nobody"})
			return err
		}},
	}
	if e.about.Capabilities.Asks {
		list = append(list, open("an Open by a host that answers no asks", codes.FailedPrecondition, func(r *v1.OpenRequest) { r.MaxAsks = 0 }))
	}
	if e.about.Capabilities.Matrices {
		list = append(list, open("a vector, which is no matrix,", codes.InvalidArgument, func(r *v1.OpenRequest) { r.Tensors[2].Shape = []int64{7} }))
	}
	for _, w := range wrongValues(e.about) {
		list = append(list, open(fmt.Sprintf("Open with %s = %s", w.name, proto.FormatValue(w.value)), codes.InvalidArgument,
			func(r *v1.OpenRequest) { r.Hyperparameters = with(nil, w.name, w.value) }))
	}
	return list
}

func (e *examiner) damagedStates(s *session) ([]damage, error) {
	good, err := s.snapshot()
	if err != nil {
		return nil, err
	}
	restore := func(name string, want codes.Code, version string, state []byte) damage {
		return damage{name, want, func() error { return unwrap(s.restore(proto.Snapshot{Version: version, State: state}, 1000)) }}
	}
	version, state := good.Version, good.State
	list := []damage{
		{"a snapshot of an unknown instance", anyCode, func() error {
			_, err := (&session{e: e, id: "nobody"}).snapshot()
			return unwrap(err)
		}},
		{"restoring an unknown instance", anyCode, func() error {
			return unwrap((&session{e: e, id: "nobody"}).restore(good, 1000))
		}},
		{"an empty stream to Restore", anyCode, func() error { return emptyRestore(e.ctx, e.conn.Client) }},
		restore("a state of another version", codes.FailedPrecondition, version+"?", state),
		restore("a state that is too long", codes.InvalidArgument, version, append(bytes.Clone(state), 0)),
	}
	if n := len(state); n > 0 {
		list = append(list,
			restore("a state without its last byte", codes.InvalidArgument, version, state[:n-1]),
			restore("half a state", codes.InvalidArgument, version, state[:n/2]),
			restore("a state without bytes", codes.InvalidArgument, version, nil))
	}
	return list, nil
}

// refusesAmidAsk sends an answer that nothing asked for, and then, if the first step asks, what must not come before the answer to that. It
// leaves the step there: Close ends it.
func (e *examiner) refusesAmidAsk(g []float64) error {
	s, err := e.open(referenceShapes()...)
	if err != nil {
		return err
	}
	step, answer := s.request(g), s.request(g)
	answer.Kind = v1.StepKind_STEP_KIND_ANSWER
	send := func(name string, r *v1.StepRequest) damage {
		return damage{name, codes.FailedPrecondition, func() error {
			_, err := e.conn.Client.Step(e.ctx, r)
			return err
		}}
	}
	if err := e.refuses([]damage{send("an answer that nothing asked for", answer)}); err != nil {
		return err
	}
	amid := []damage{send("a step between an ask and its answer", step)}
	if e.about.Capabilities.Snapshot {
		state, err := s.snapshot()
		if err != nil {
			return err
		}
		amid = append(amid, damage{"a snapshot between an ask and its answer", codes.FailedPrecondition, func() error {
			_, err := s.snapshot()
			return unwrap(err)
		}}, damage{"a restore between an ask and its answer", codes.FailedPrecondition, func() error {
			return unwrap(s.restore(state, proto.ChunkBytes))
		}})
	}
	response, err := e.conn.Client.Step(e.ctx, step)
	switch {
	case err != nil:
		return &callError{"step 1", err}
	case response.Ask == nil:
		return s.close()
	}
	if err := e.refuses(amid); err != nil {
		return err
	}
	return s.close()
}

func emptyRestore(ctx context.Context, client v1.OptimizerServiceClient) error {
	stream, err := client.Restore(ctx)
	if err == nil {
		_, err = stream.CloseAndRecv()
	}
	return err
}

// unwrap returns the cause of a call's error.
func unwrap(err error) error {
	if call, ok := errors.AsType[*callError](err); ok {
		return call.cause
	}
	return err
}
