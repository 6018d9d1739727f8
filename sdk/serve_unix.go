//go:build unix

package sdk

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// guardStdout keeps the handshake's pipe, which stays connected to the host as file descriptor 1, for the handshake
// alone: whatever an update rule or a library of its author prints there later would fill it and hang both sides. The
// handshake goes through a duplicate, and descriptor 1 becomes a second standard error.
func guardStdout() error {
	handshake, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return fmt.Errorf("duplicating standard output: %w", err)
	}
	if err := unix.Dup2(2, 1); err != nil {
		return fmt.Errorf("redirecting standard output to standard error: %w", err)
	}
	os.Stdout = os.NewFile(uintptr(handshake), "handshake")
	return nil
}

// closeOnExec keeps programs that the plugin starts from holding f.
func closeOnExec(f *os.File) { unix.CloseOnExec(int(f.Fd())) }
