package sdk

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/steepest/steepest/proto/shm"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// shared is the loop that answers the steps of one instance in shared memory.
type shared struct {
	memory   *shm.Memory
	number   uint32        // of the newest request
	spin     time.Duration // for the next one
	core     int32         // that the thread is bound to; -1 for any
	cores    []int32       // that there are
	stopping atomic.Bool
	done     chan struct{}
}

// serveShared starts answering.
func serveShared(o *opened, name string, memory *shm.Memory) *shared {
	s := &shared{memory: memory, spin: firstSpin, core: -1, done: make(chan struct{})}
	if o.asks() {
		o.answerBy(func(q question) (float64, error) { return s.inquire(o, q) })
	}
	go s.loop(o, name)
	return s
}

// stop ends the loop, waits until it has ended, and unmaps the memory. It may be called twice at once, and on nil.
func (s *shared) stop() {
	if s == nil || s.stopping.Swap(true) {
		return
	}
	s.memory.Control.Requests().Nudge()
	<-s.done
	if err := s.memory.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// firstSpin is how long the loop spins for the first request; the host says how long for later ones.
const firstSpin = 50 * time.Microsecond

func (s *shared) loop(o *opened, name string) {
	defer close(s.done)
	// The thread is this loop's alone: it may be bound to a core, and a write into the gradient becomes a panic here
	// instead of the end of the process. It ends with the loop, for it is never unlocked.
	runtime.LockOSThread()
	debug.SetPanicOnFault(true)
	s.cores = shm.Cores()
	control := s.memory.Control
	for {
		r, ok := s.receive()
		if !ok {
			return
		}
		o.Lock()
		copy(o.hyperparameters(), control.Hyper)
		var compute time.Duration
		var err error
		switch r.Kind {
		case shm.Step:
			compute, err = o.advance(r.Step, r.Loss, int(r.Threads))
		case shm.Evaluation, shm.Initialization:
			err = o.locate(v1.StepKind(r.Kind), r.Step)
		default:
			err = fmt.Errorf("a request of kind %d came between two steps", r.Kind)
		}
		o.Unlock()
		status, message := shm.Done, ""
		if err != nil {
			status, message = shm.Invalid, err.Error()
			if broken, ok := errors.AsType[*stepError](err); ok {
				status = shm.Failed
				broken.log(name)
			}
		}
		control.SetAnswer(status, uint64(compute.Nanoseconds()), message)
		control.Answers().Ring(s.number)
	}
}

// receive waits for the next request, and sees to it that it is waited for as the host says. It returns false when the loop is to end.
func (s *shared) receive() (shm.Request, bool) {
	s.number++
	if !s.memory.Control.Requests().Wait(s.number, s.spin, s.stopping.Load) {
		return shm.Request{}, false
	}
	r := s.memory.Control.Request()
	if r.CPU != s.core {
		if s.core = r.CPU; s.core >= 0 {
			shm.Stay(s.core)
		} else {
			shm.Stay(s.cores...)
		}
	}
	s.spin = min(time.Duration(r.Spin)*time.Microsecond, firstSpin)
	return r, true
}

// inquire is the oracle: the ask is one answer, and the answer to it the next request.
func (s *shared) inquire(o *opened, q question) (float64, error) {
	if clear(s.memory.Update); q.vector != nil {
		copy(s.memory.Update, q.vector)
	}
	control := s.memory.Control
	control.SetAsk(uint32(q.kind), uint32(q.batch))
	o.asking = true
	o.Unlock()
	control.Answers().Ring(s.number)
	r, ok := s.receive()
	o.Lock()
	o.asking = false
	switch {
	case !ok:
		return 0, errClosed
	case r.Kind != shm.Answer:
		return 0, fmt.Errorf("the host sent a request of kind %d instead of the answer to an ask", r.Kind)
	}
	copy(q.into, s.memory.Gradient)
	return r.Loss, nil
}
