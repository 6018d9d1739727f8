package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"
	"testing"

	"github.com/steepest/steepest/host/internal/terminal"
)

// TestConclude: what a command line ended with is told once, gives the exit code, and stays what it is.
func TestConclude(t *testing.T) {
	t.Parallel()
	noSpace := &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
	const unwritten = "steepest: cannot write to standard output: no space left on device; what it should have shown is not complete\n"
	for _, c := range []struct {
		err, output error
		is          error
		code        int
		said        string
	}{
		{nil, nil, nil, exitOK, ""},
		{usage("--out: %w; name another", fs.ErrExist), nil, fs.ErrExist, exitUsage, "--out: file already exists; name another\n"},
		{fmt.Errorf("x: %w", failed("%w", fs.ErrClosed)), nil, fs.ErrClosed, exitFailed, "file already closed\n"},
		{interrupted("stopped"), nil, context.Canceled, exitInterrupted, "stopped\n"},
		{exit{code: exitInterrupted}, noSpace, context.Canceled, exitInterrupted, ""},
		{exit{code: exitFailed}, nil, nil, exitFailed, ""},
		{errors.New("unknown\x1b[31m"), nil, nil, exitUsage, "steepest: unknown\\x1b[31m; try steepest --help\n"},
		{nil, noSpace, nil, exitFailed, unwritten},
		{nil, syscall.EPIPE, nil, exitFailed, ""},
		{usage("no"), noSpace, nil, exitFailed, "no\n" + unwritten},
		{noSpace, noSpace, nil, exitFailed, unwritten},
	} {
		if c.is != nil && !errors.Is(c.err, c.is) {
			t.Errorf("%v is not %v", c.err, c.is)
		}
		var stderr bytes.Buffer
		out := &terminal.Output{Writer: io.Discard}
		if c.output != nil {
			out.Writer = &full{0, c.output}
		}
		_, _ = out.Write([]byte("x"))
		p := program{stderr: &stderr}
		if code := p.conclude(c.err, out); code != c.code || stderr.String() != c.said {
			t.Errorf("%v, %v: exit code %d and %q, want %d and %q", c.err, c.output, code, &stderr, c.code, c.said)
		}
	}
}

// TestWorse: an interruption says more than a failure, and a failure more than a claim that did not come out.
func TestWorse(t *testing.T) {
	order := []int{exitOK, exitUnmet, exitFailed, exitInterrupted}
	for i, a := range order {
		for j, b := range order {
			if got := worse(a, b); got != order[max(i, j)] {
				t.Errorf("of %d and %d: %d", a, b, got)
			}
		}
	}
}
