package optimizer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/proto"
)

// Died is the error of a call to a process that ended or no longer answers: all its instances are lost.
type Died struct {
	Plugin  string
	Process uint64 // its number, which no other process has that this program started
	Pid     int    // of the system, which may give it to another one
	How     string
	Hung    bool // it did not answer in time and was ended
	Signal  bool // a signal ended it, and not this host
}

func (e *Died) Error() string {
	return fmt.Sprintf("plugin %q (process %d) %s", e.Plugin, e.Pid, e.How)
}

// MaxRestarts is how often a plugin that died is started again without getting further.
const MaxRestarts = 3

// Pause waits before a further restart that follows at once, so that whatever ends the process may pass: from the second
// on for 0.1 s, 0.2 s, and so on.
func Pause(ctx context.Context, restart int) {
	if restart < 2 {
		return
	}
	select {
	case <-time.After(100 * time.Millisecond << (restart - 2)):
	case <-ctx.Done():
	}
}

// Failed is the error of a call to a process that goes on.
type Failed struct {
	Plugin string
	Err    error
	Breach bool // its answer broke the protocol; else the plugin itself reported the error
}

func (e *Failed) Error() string { return fmt.Sprintf("plugin %q: %v", e.Plugin, e.Err) }

// Unwrap is what was wrong.
func (e *Failed) Unwrap() error { return e.Err }

// breach is the error of an answer that breaks the protocol.
func (p *Plugin) breach(format string, values ...any) error {
	return &Failed{Plugin: p.Name, Err: fmt.Errorf(format, values...), Breach: true}
}

// Clip makes a text from a plugin fit for people: not too long, and nothing in it commands their terminal.
func Clip(s string) string {
	if len(s) > proto.MaxText {
		s = strings.ToValidUTF8(s[:proto.MaxText], "") + "..."
	}
	return terminal.EscapeLines(s)
}
