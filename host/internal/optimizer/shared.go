package optimizer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/proto/shm"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// shared keeps the vectors in memory that the plugin sees too; a step is two rings of a doorbell.
type shared struct {
	owner   *Instance
	memory  *shm.Memory
	vectors Vectors
	number  uint32 // of the last request
	pace    *pace
	kept    []float64 // the gradient, while answers lie in its place

	// What giveUp looks at while a step is awaited.
	ctx   context.Context
	begin time.Time   // about when it began; zero until it has lasted a slice
	quit  func() bool // giveUp, made once
}

func newShared(i *Instance, size shm.Size, together *pace) (plane, error) {
	memory, err := shm.New(size)
	if err != nil {
		if remedy.Scarce(err) {
			return nil, remedy.System(err)
		}
		return nil, fmt.Errorf("%w; the inline data plane does without it: --data-plane inline", err)
	}
	s := &shared{owner: i, memory: memory, vectors: Vectors{memory.Gradient, memory.Weights, memory.Update}, pace: cmp.Or(together, &pace{})}
	if s.vectors.Weights == nil {
		s.vectors.Weights = make([]float64, size.Parameters)
	}
	s.quit = s.giveUp
	if err := memory.Send(i.plugin.Lifeline, i.id); err != nil {
		_ = memory.Close()
		if i.plugin.Supervisor.Gone() || errors.Is(err, os.ErrClosed) || errors.Is(err, syscall.EPIPE) ||
			errors.Is(err, syscall.ECONNRESET) {
			return nil, s.fail(codes.Unavailable)
		}
		return nil, &Failed{Plugin: i.plugin.Name, Err: fmt.Errorf("passing shared memory: %w", err)}
	}
	s.pace.begin(size.Parameters)
	return s, nil
}

func (s *shared) Vectors() Vectors { return s.vectors }

func (s *shared) Step(ctx context.Context, k int, values []float64, loss float64) (time.Duration, error) {
	control := s.memory.Control
	control.SetHyper(values)
	s.owner.asks = asks{}
	outcome, compute, message, err := s.call(ctx, s.pace.next(uint64(k), loss))
	for err == nil && outcome == shm.Ask {
		if loss, err = s.answer(ctx); err == nil {
			r := s.pace.next(uint64(k), loss)
			r.Kind = shm.Answer
			outcome, compute, message, err = s.call(ctx, r)
		}
	}
	if s.owner.asks.count > 0 {
		copy(s.vectors.Gradient, s.kept)
	}
	if err == nil {
		err = s.judge(outcome, message)
	}
	if err != nil {
		return 0, err
	}
	return time.Duration(min(compute, uint64(s.owner.timeout))), nil
}

func (s *shared) Locate(ctx context.Context, what Elsewhere, k int, values []float64) error {
	s.memory.Control.SetHyper(values)
	s.owner.asks = asks{}
	r := s.pace.next(uint64(k), 0)
	r.Kind = shm.Kind(what)
	outcome, _, message, err := s.call(ctx, r)
	if err == nil {
		err = s.judge(outcome, message)
	}
	return err
}

// judge is the error that an outcome stands for.
func (s *shared) judge(outcome shm.Status, message string) error {
	switch outcome {
	case shm.Done:
		return nil
	case shm.Ask:
		return s.owner.plugin.breach(asksBetween)
	case shm.Invalid, shm.Failed:
		return &Failed{Plugin: s.owner.plugin.Name, Err: errors.New(Clip(message))}
	}
	return s.owner.plugin.breach("its answer has the unknown status %d", outcome)
}

// call rings the plugin and waits for its answer.
func (s *shared) call(ctx context.Context, r shm.Request) (outcome shm.Status, compute uint64, message string, err error) {
	control := s.memory.Control
	if s.owner.oracle != nil {
		begin := time.Now()
		defer func() { s.owner.asks.spent += time.Since(begin) }()
	}
	control.SetRequest(r)
	s.number++
	s.ctx, s.begin = ctx, time.Time{}
	control.Requests().Ring(s.number)
	if !control.Answers().Wait(s.number, s.pace.spin, s.quit) {
		if err := ctx.Err(); err != nil && !s.owner.plugin.Supervisor.Gone() {
			return 0, 0, "", err
		}
		return 0, 0, "", s.fail(codes.DeadlineExceeded)
	}
	s.pace.answered()
	outcome, compute, message = control.Answer()
	return outcome, compute, message, nil
}

// answer writes what is asked for into the gradient's memory.
func (s *shared) answer(ctx context.Context) (loss float64, err error) {
	a := &s.owner.asks
	if a.count == 0 {
		s.kept = append(s.kept[:0], s.vectors.Gradient...)
	}
	kind, batch := s.memory.Control.Ask()
	return s.owner.answer(ctx, v1.AskKind(kind), Batch(batch), s.vectors.Update, s.vectors.Gradient)
}

// fail is the error of what took too long or met a process that is gone, in the terms of the calls by gRPC.
func (s *shared) fail(code codes.Code) error {
	return s.owner.plugin.Supervisor.Explain(status.Error(code, ""), s.owner.timeout)
}

// giveUp is asked while the host waits, first after a slice of time: whether there is no point in waiting longer.
func (s *shared) giveUp() bool {
	if s.begin.IsZero() {
		s.begin = time.Now().Add(-shm.Slice)
	}
	return s.owner.plugin.Supervisor.Gone() || s.ctx.Err() != nil || time.Since(s.begin) > s.owner.timeout-s.owner.asks.spent
}

func (s *shared) close() {
	s.pace.end()
	_ = s.memory.Close()
}
