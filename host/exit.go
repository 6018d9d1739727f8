package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"

	"github.com/steepest/steepest/host/internal/terminal"
)

// Exit codes.
const (
	exitOK          = 0
	exitFailed      = 1   // a run failed
	exitUsage       = 2   // wrong arguments or a wrong experiment file; nothing was started
	exitUnmet       = 3   // what an experiment says must come out did not
	exitInterrupted = 130 // stopped by Ctrl-C or a signal
)

// worse is that of two exit codes which says more: an interruption, then a failure, then a claim that did not come out.
func worse(a, b int) int {
	order := []int{exitOK, exitUnmet, exitUsage, exitFailed, exitInterrupted}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// exit is an error with the exit code that it means. What it means was told already if it wraps none.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e exit) Unwrap() error { return e.err }

// Is makes an interruption a [context.Canceled].
func (e exit) Is(target error) bool { return e.code == exitInterrupted && target == context.Canceled }

// usage is what is wrong with the arguments or with an experiment file.
func usage(format string, args ...any) error { return exit{exitUsage, fmt.Errorf(format, args...)} }

// failed is what could not be done.
func failed(format string, args ...any) error { return exit{exitFailed, fmt.Errorf(format, args...)} }

// fileOrUsage is a failure if a file could not be read or written, and else something wrong in what was named.
func fileOrUsage(err error) error {
	_, file := errors.AsType[*fs.PathError](err)
	_, link := errors.AsType[*os.LinkError](err)
	switch {
	case err == nil:
		return nil
	case file || link:
		return failed("%w", err)
	}
	return usage("%w", err)
}

// interrupted says what an interruption ended.
func interrupted(message string) error { return exit{exitInterrupted, errors.New(message)} }

// conclude shows what a command line ended with and returns the exit code. What cannot be written to standard output is an
// error of its own. A reader that has seen enough, such as head, need not be told.
func (p *program) conclude(err error, stdout *terminal.Output) int {
	unwritten := stdout.Err()
	code := exitOK
	var e exit
	switch {
	case errors.As(err, &e):
		code = e.code
		if e.err != nil {
			_, _ = fmt.Fprintln(p.stderr, terminal.EscapeLines(e.err.Error()))
		}
	case err != nil && unwritten == nil: // cobra's, about the arguments
		code = exitUsage
		_, _ = fmt.Fprintf(p.stderr, "steepest: %s; try steepest --help\n", terminal.EscapeLines(err.Error()))
	}
	if unwritten == nil || code == exitFailed || code == exitInterrupted {
		return code
	}
	if !errors.Is(unwritten, syscall.EPIPE) {
		if inner := errors.Unwrap(unwritten); inner != nil { // without the name of the file
			unwritten = inner
		}
		_, _ = fmt.Fprintf(p.stderr, "steepest: cannot write to standard output: %v; what it should have shown is not complete\n", unwritten)
	}
	return exitFailed
}

// beforeStart says why nothing was started.
func beforeStart(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return interrupted("interrupted before anything was started")
	}
	return usage("%w", err)
}
