// Package remedy says of errors what is to be done about them.
package remedy

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
)

// advice is an error that says what to do.
type advice struct {
	error
	remedy string
}

func (a *advice) Unwrap() error { return a.error }

// Remedy says what to do.
func (a *advice) Remedy() string { return a.remedy }

// With adds to an error what to do about it.
func With(err error, remedy string) error { return &advice{err, remedy} }

// Of is what an error, or one that it wraps, says is to be done in its method Remedy; "" if none says anything.
func Of(err error) string {
	var known interface{ Remedy() string }
	if errors.As(err, &known) {
		return known.Remedy()
	}
	return ""
}

// Scarce tells whether an error says that the system has too little of something.
func Scarce(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM)
}

// System adds to an error of the system, met where a program is started, what to do about it; where it is not the system's
// fault it adds nothing.
func System(err error) error {
	switch {
	case errors.Is(err, syscall.EMFILE):
		return With(err, "this program may have no more open files: raise the limit with `ulimit -n 1024`, or have fewer runs at "+
			"once with --jobs")
	case errors.Is(err, syscall.ENFILE):
		return With(err, "the system may have no more open files: end other programs, or raise fs.file-max")
	case errors.Is(err, syscall.EAGAIN):
		return With(err, Processes)
	case errors.Is(err, syscall.ENOMEM):
		return With(err, "there is too little memory: end other programs, or have fewer runs at once with --jobs")
	case errors.Is(err, syscall.ETXTBSY):
		return With(err, "somebody is writing to it: try again when that is done")
	case errors.Is(err, syscall.ENOEXEC):
		return With(err, fmt.Sprintf("it is no program for %s/%s: build it for that, or begin a script with #!", runtime.GOOS,
			runtime.GOARCH))
	}
	return err
}

// Processes is what to do if there may be no more processes or threads.
const Processes = "this user may have no more processes: end others, or raise the limit with `ulimit -u`"

// Told is an error whose message has what is to be done too.
func Told(err error) error {
	if remedy := Of(err); remedy != "" {
		return fmt.Errorf("%w\nremedy: %s", err, remedy)
	}
	return err
}
