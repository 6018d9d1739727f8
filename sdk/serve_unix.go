//go:build unix

package sdk

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/steepest/steepest/proto"
)

// handshake is the pipe on which the host waits for the handshake, and the error of getting it.
var handshake struct {
	file *os.File
	err  error
}

// Standard output is kept for the handshake alone before any of the author's code runs, whose first line there the host
// would take for the handshake, and whose later ones would fill the pipe and hang both sides. The handshake goes through a
// duplicate, and descriptor 1 becomes a second standard error.
func init() {
	if os.Getenv(proto.Handshake.MagicCookieKey) != proto.Handshake.MagicCookieValue {
		return
	}
	fd, err := unix.FcntlInt(1, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		handshake.err = fmt.Errorf("duplicating standard output: %w", err)
		return
	}
	if err := unix.Dup2(2, 1); err != nil {
		handshake.err = fmt.Errorf("redirecting standard output to standard error: %w", err)
		return
	}
	handshake.file = os.NewFile(uintptr(fd), "handshake")
}

// guardStdout makes os.Stdout, to which go-plugin writes the handshake, the pipe of the handshake.
func guardStdout() error {
	if handshake.err == nil {
		os.Stdout = handshake.file
	}
	return handshake.err
}

// closeOnExec keeps programs that the plugin starts from holding f.
func closeOnExec(f *os.File) { unix.CloseOnExec(int(f.Fd())) }
