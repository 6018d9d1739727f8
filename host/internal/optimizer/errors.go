package optimizer

import (
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Died is the error of a call to a process that ended or no longer answers: all its instances are lost.
type Died struct {
	Plugin string
	Pid    int
	How    string
}

func (e *Died) Error() string {
	return fmt.Sprintf("plugin %q (process %d) %s", e.Plugin, e.Pid, e.How)
}

// explain turns the error of a call into one for people.
func (p *Plugin) explain(err error, timeout time.Duration) error {
	s, ok := status.FromError(err)
	if !ok {
		return err
	}
	if p.gone() { // whatever the connection says of it; another run may have noticed first
		return p.died(p.exitReason())
	}
	switch s.Code() {
	case codes.Canceled:
		return fmt.Errorf("plugin %q: %w", p.Binary.Name, err)
	case codes.Unavailable:
		return p.died(p.exitReason())
	case codes.DeadlineExceeded:
		return p.hangs(timeout)
	}
	return fmt.Errorf("plugin %q: %s", p.Binary.Name, clip(s.Message()))
}

// died is the error of a process that is lost. No run uses it any more.
func (p *Plugin) died(how string) error {
	p.lost.Store(true)
	return &Died{p.Binary.Name, p.pid, how}
}

// hangs ends a process that does not answer: what hangs once is of no use to other runs; they get a fresh one.
func (p *Plugin) hangs(timeout time.Duration) error {
	p.killGroup()
	return p.died(fmt.Sprintf("did not answer within %v", timeout))
}

// killGroup ends the process and all that it started, unless somebody else started it.
func (p *Plugin) killGroup() {
	if p.cmd != nil {
		killGroup(p.pid)
	}
}

// gone tells whether the process is known to have ended, or to be as good as ended.
func (p *Plugin) gone() bool { return p.lost.Load() || p.client.Exited() }

// exitReason waits a moment for the system to say how the process ended: the connection breaks first.
func (p *Plugin) exitReason() string {
	for range 100 {
		if p.client.Exited() && p.cmd != nil {
			return "ended unexpectedly: " + p.cmd.ProcessState.String()
		}
		time.Sleep(10 * time.Millisecond)
	}
	return "broke its connection"
}
