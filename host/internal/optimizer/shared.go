package optimizer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/steepest/steepest/proto/shm"
)

// shared keeps the vectors in memory that the plugin sees too; a step is two rings of a doorbell.
type shared struct {
	owner   *Instance
	memory  *shm.Memory
	vectors Vectors
	number  uint32 // of the last request
	pace    pace

	// What giveUp looks at while a step is awaited.
	ctx   context.Context
	begin time.Time   // about when it began; zero until it has lasted a slice
	quit  func() bool // giveUp, made once
}

func newShared(i *Instance, size shm.Size) (plane, error) {
	memory, err := shm.New(size)
	if err != nil {
		if scarce(err) {
			return nil, advised(err)
		}
		return nil, fmt.Errorf("%w; the inline data plane does without it: --data-plane inline", err)
	}
	s := &shared{owner: i, memory: memory, vectors: Vectors{memory.Gradient, memory.Weights, memory.Update}}
	if s.vectors.Weights == nil {
		s.vectors.Weights = make([]float64, size.Parameters)
	}
	s.quit = s.giveUp
	if err := memory.Send(i.plugin.lifeline, i.id); err != nil {
		_ = memory.Close()
		if i.plugin.gone() || errors.Is(err, os.ErrClosed) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) {
			return nil, i.plugin.died(i.plugin.exitReason())
		}
		return nil, fmt.Errorf("plugin %q: passing shared memory: %w", i.plugin.Binary.Name, err)
	}
	s.pace.begin(size.Parameters)
	return s, nil
}

func (s *shared) Vectors() Vectors { return s.vectors }

func (s *shared) Step(ctx context.Context, k int, values []float64, loss float64) (time.Duration, error) {
	control := s.memory.Control
	control.SetRequest(s.pace.next(uint64(k), loss))
	control.SetHyper(values)
	s.number++
	s.ctx, s.begin = ctx, time.Time{}
	control.Requests().Ring(s.number)
	if !control.Answers().Wait(s.number, s.pace.spin, s.quit) {
		switch {
		case s.owner.plugin.gone():
			return 0, s.owner.plugin.died(s.owner.plugin.exitReason())
		case ctx.Err() != nil:
			return 0, ctx.Err()
		}
		return 0, s.owner.plugin.hangs(s.owner.timeout)
	}
	s.pace.answered()
	status, compute, message := control.Answer()
	if status == shm.Done {
		return time.Duration(min(compute, uint64(s.owner.timeout))), nil
	}
	if status != shm.Invalid && status != shm.Failed {
		return 0, s.owner.plugin.breach("its answer has the unknown status %d", status)
	}
	s.owner.broken = true
	return 0, fmt.Errorf("plugin %q: %s", s.owner.plugin.Binary.Name, clip(message))
}

// giveUp is asked while the host waits, first after a slice of time: whether there is no point in waiting longer.
func (s *shared) giveUp() bool {
	if s.begin.IsZero() {
		s.begin = time.Now().Add(-shm.Slice)
	}
	return s.owner.plugin.gone() || s.ctx.Err() != nil || time.Since(s.begin) > s.owner.timeout
}

func (s *shared) close() {
	s.pace.end()
	_ = s.memory.Close()
}
