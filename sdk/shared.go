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
)

// shared is the loop that answers the steps of one instance in shared memory.
type shared struct {
	memory   *shm.Memory
	stopping atomic.Bool
	done     chan struct{}
}

// serveShared starts answering.
func serveShared(o *opened, name string, memory *shm.Memory) *shared {
	s := &shared{memory: memory, done: make(chan struct{})}
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
	control := s.memory.Control
	requests, answers := control.Requests(), control.Answers()
	cores, core := shm.Cores(), int32(-1)
	spin, stopping := firstSpin, s.stopping.Load
	for number := uint32(1); requests.Wait(number, spin, stopping); number++ {
		r := control.Request()
		if r.CPU != core {
			if core = r.CPU; core >= 0 {
				shm.Stay(core)
			} else {
				shm.Stay(cores...)
			}
		}
		spin = min(time.Duration(r.Spin)*time.Microsecond, firstSpin)
		o.Lock()
		copy(o.hyperparameters(), control.Hyper)
		compute, err := o.advance(r.Step, r.Loss, int(r.Threads))
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
		answers.Ring(number)
	}
}
