package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptible returns a context that ends when the user interrupts the program (Ctrl-C), when it is told to end, or when its
// terminal is closed. A second Ctrl-C ends the program at once; a second hangup does not, for a shell passes on the
// hangup that its terminal has sent already. Under nohup, hangups are ignored. That whoever reads standard output or standard
// error is gone ends nothing: what is recorded matters more, and an error of writing is judged at the end.
func interruptible(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	signals, unread := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	signal.Notify(unread, syscall.SIGPIPE)
	go func() {
		select {
		case <-signals:
			signal.Reset(os.Interrupt, syscall.SIGTERM)
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		signal.Stop(signals)
		signal.Stop(unread)
	}
}
