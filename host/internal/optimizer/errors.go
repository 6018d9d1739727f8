package optimizer

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Died is the error of a call to a process that ended or no longer answers: all its instances are lost.
type Died struct {
	Plugin string
	Pid    int
	How    string
	Hung   bool // it did not answer in time and was ended
	Signal bool // a signal ended it, and not this host
}

func (e *Died) Error() string {
	return fmt.Sprintf("plugin %q (process %d) %s", e.Plugin, e.Pid, e.How)
}

// Breach is the error of an answer that breaks the protocol.
type Breach struct{ err error }

func (e *Breach) Error() string { return e.err.Error() }

// Unwrap is what was wrong.
func (e *Breach) Unwrap() error { return e.err }

// breach is a Breach of the plugin.
func (p *Plugin) breach(format string, values ...any) error {
	return &Breach{fmt.Errorf("plugin %q: "+format, append([]any{p.Binary.Name}, values...)...)}
}

// Unstarted is the error of a program that could not be started, or did not say who it is.
type Unstarted struct{ err error }

func (e *Unstarted) Error() string { return e.err.Error() }

// Unwrap is why.
func (e *Unstarted) Unwrap() error { return e.err }

// advice is an error that says what to do.
type advice struct {
	error
	remedy string
}

func (a *advice) Unwrap() error { return a.error }

// Remedy says what to do.
func (a *advice) Remedy() string { return a.remedy }

// Remedy is what an error says is to be done; "" if it says nothing.
func Remedy(err error) string {
	var known interface{ Remedy() string }
	if errors.As(err, &known) {
		return known.Remedy()
	}
	return ""
}

// scarce tells whether an error says that the system has too little of something.
func scarce(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM)
}

// advised adds to an error of the system what to do about it, where that is not the plugin's fault.
func advised(err error) error {
	remedy := ""
	switch {
	case errors.Is(err, syscall.EMFILE):
		remedy = "this program may have no more open files: raise the limit with `ulimit -n 1024`, or have fewer runs at once " +
			"with --jobs"
	case errors.Is(err, syscall.ENFILE):
		remedy = "the system may have no more open files: end other programs, or raise fs.file-max"
	case errors.Is(err, syscall.EAGAIN):
		remedy = "this user may have no more processes: end others, or raise the limit with `ulimit -u`"
	case errors.Is(err, syscall.ENOMEM):
		remedy = "there is too little memory: end other programs, or have fewer runs at once with --jobs"
	case errors.Is(err, syscall.ETXTBSY):
		remedy = "somebody is writing to it: try again when that is done"
	case errors.Is(err, syscall.ENOEXEC):
		remedy = fmt.Sprintf("it is no program for %s/%s: build it for that, or begin a script with #!", runtime.GOOS,
			runtime.GOARCH)
	default:
		return err
	}
	return &advice{err, remedy}
}

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
	var died *Died
	var broken *Breach
	switch {
	case errors.As(err, &start):
		return KindStart
	case errors.As(err, &died) && died.Hung:
		return KindTimeout
	case died != nil:
		return KindCrash
	case errors.As(err, &broken):
		return KindProtocol
	}
	return KindError
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
	case codes.ResourceExhausted:
		return p.breach("%s", clip(s.Message()))
	case codes.DeadlineExceeded:
		return p.hangs(timeout)
	}
	return fmt.Errorf("plugin %q: %s", p.Binary.Name, clip(s.Message()))
}

// died is the error of a process that is lost. No run uses it any more.
func (p *Plugin) died(how string) error {
	p.lost.Store(true)
	return &Died{Plugin: p.Binary.Name, Pid: p.pid, How: how, Signal: p.child != nil && p.child.signalled()}
}

// hangs ends a process that does not answer: what hangs once is of no use to other runs; they get a fresh one.
func (p *Plugin) hangs(timeout time.Duration) error {
	p.killGroup()
	p.lost.Store(true)
	return &Died{Plugin: p.Binary.Name, Pid: p.pid, How: fmt.Sprintf("did not answer within %v", timeout), Hung: true}
}

// killGroup ends the process and all that it started, unless somebody else started it.
func (p *Plugin) killGroup() {
	if p.child != nil {
		killGroup(p.pid)
	}
}

// gone tells whether the process is known to have ended, or to be as good as ended.
func (p *Plugin) gone() bool {
	return p.lost.Load() || p.child != nil && p.child.over() || p.client.Exited()
}

// exitReason waits a moment for the system to say how the process ended: the connection breaks first.
func (p *Plugin) exitReason() string {
	if p.child != nil && p.child.endsSoon() {
		return "ended unexpectedly: " + p.child.how()
	}
	return "broke its connection"
}
