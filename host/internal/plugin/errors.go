package plugin

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/steepest/steepest/host/internal/optimizer"
)

// Unstarted is the error of a program that could not be started, or did not say who it is.
type Unstarted struct {
	process uint64 // see [Death]
	err     error
}

func (e *Unstarted) Error() string { return e.err.Error() }

// Unwrap is why.
func (e *Unstarted) Unwrap() error { return e.err }

// The kinds of failed calls of a plugin.
const (
	KindStart    = "start"    // the program could not be started, or did not say who it is
	KindCrash    = "crash"    // the process ended or broke its connection
	KindTimeout  = "timeout"  // no answer in time; the process was ended
	KindError    = "error"    // the plugin reported an error, such as a panic of its rule
	KindProtocol = "protocol" // the answer broke the protocol
)

// Kind says of which kind the error of a call is.
func Kind(err error) string {
	var start *Unstarted
	var died *optimizer.Died
	var failed *optimizer.Failed
	switch {
	case errors.As(err, &start):
		return KindStart
	case errors.As(err, &died) && died.Hung:
		return KindTimeout
	case died != nil:
		return KindCrash
	case errors.As(err, &failed) && failed.Breach:
		return KindProtocol
	}
	return KindError
}

// launched is how many processes this program started, or tried to.
var launched atomic.Uint64

// Death is which process died, hung or did not start, by a number that no other one has, if an error says so. All runs that were in it get
// errors of the same number.
func Death(err error) (process uint64, died bool) {
	var start *Unstarted
	var lost *optimizer.Died
	switch {
	case errors.As(err, &start):
		return start.process, true
	case errors.As(err, &lost):
		return lost.Process, true
	}
	return 0, false
}

// Lost tells whether an error is that of a process that did not start, died or hung: another one may not.
func Lost(err error) bool {
	switch Kind(err) {
	case KindStart, KindCrash, KindTimeout:
		return true
	}
	return false
}

// Explain turns the error of a call, which had so much time, into one for people.
func (p *Process) Explain(err error, timeout time.Duration) error {
	s, ok := status.FromError(err)
	if !ok {
		return err
	}
	if p.Gone() { // whatever the connection says of it; another run may have noticed first
		return p.died(p.exitReason())
	}
	switch s.Code() {
	case codes.Canceled:
		return &optimizer.Failed{Plugin: p.Name, Err: err}
	case codes.Unavailable:
		return p.died(p.exitReason())
	case codes.DeadlineExceeded:
		return p.hangs(timeout)
	}
	return &optimizer.Failed{Plugin: p.Name, Err: errors.New(optimizer.Clip(s.Message())),
		Breach: s.Code() == codes.ResourceExhausted}
}

// died is the error of a process that is lost. No run uses it any more.
func (p *Process) died(how string) error {
	p.lost.Store(true)
	return &optimizer.Died{Plugin: p.Name, Process: p.number, Pid: p.pid, How: how, Signal: p.child != nil && p.child.signalled()}
}

// hangs ends a process that does not answer: what hangs once is of no use to other runs; they get a fresh one.
func (p *Process) hangs(timeout time.Duration) error {
	p.killGroup()
	p.lost.Store(true)
	return &optimizer.Died{Plugin: p.Name, Process: p.number, Pid: p.pid, How: fmt.Sprintf("did not answer within %v", timeout), Hung: true}
}

// killGroup ends the process and all that it started, unless somebody else started it.
func (p *Process) killGroup() {
	if p.child != nil {
		killGroup(p.pid)
	}
}

// Gone tells whether the process is known to have ended, or to be as good as ended.
func (p *Process) Gone() bool {
	return p.lost.Load() || p.child != nil && p.child.over() || p.client.Exited()
}

// exitReason waits a moment for the system to say how the process ended: the connection breaks first.
func (p *Process) exitReason() string {
	if p.child != nil && p.child.endsSoon() {
		return "ended unexpectedly: " + p.child.how()
	}
	return "broke its connection"
}
