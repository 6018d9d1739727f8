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
func (p *Plugin) explain(err error) error {
	s, ok := status.FromError(err)
	if !ok {
		return err
	}
	switch s.Code() {
	case codes.Canceled:
		return err // the host's own doing
	case codes.Unavailable:
		return &Died{p.Binary.Name, p.pid, p.exitReason()}
	case codes.DeadlineExceeded:
		killGroup(p.pid) // what hangs once is of no use to other runs; the next one gets a fresh process
		return &Died{p.Binary.Name, p.pid, fmt.Sprintf("did not answer within %v", stepTimeout)}
	}
	return fmt.Errorf("plugin %q: %s", p.Binary.Name, s.Message())
}

// exitReason waits a moment for the system to say how the process ended: the connection breaks first.
func (p *Plugin) exitReason() string {
	for range 100 {
		if p.client.Exited() {
			return "ended unexpectedly: " + p.cmd.ProcessState.String()
		}
		time.Sleep(10 * time.Millisecond)
	}
	return "broke its connection"
}
