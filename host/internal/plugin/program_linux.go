package plugin

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const descriptors = "/proc/self/fd"

// byDescriptor tells whether programs are started by an open file, which no renaming can replace, or by their path.
var byDescriptor = sync.OnceValue(func() bool {
	_, err := os.Stat(descriptors)
	return err == nil
})

// inherit gives the program its own file, by which the system is to start it. It stays open there: the interpreter of a
// script opens it once more.
func (p *Program) inherit(cmd *exec.Cmd) (path string, ok bool) {
	if !byDescriptor() {
		return "", false
	}
	cmd.ExtraFiles = append(cmd.ExtraFiles, p.file)
	return fmt.Sprintf("%s/%d", descriptors, 2+len(cmd.ExtraFiles)), true
}

// hold makes whoever wants to write to the file wait until it is released, where the file system and the file's owner allow
// that. It is refused while somebody writes. From its start on, the system refuses to write to a program.
func (p *Program) hold() error {
	for range 20 { // a moment: a program that this one has just begun to start may still have it open
		if _, err := unix.FcntlInt(p.file.Fd(), unix.F_SETLEASE, unix.F_RDLCK); !errors.Is(err, unix.EAGAIN) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return &os.PathError{Op: "start", Path: p.path, Err: unix.ETXTBSY}
}

func (p *Program) release() { _, _ = unix.FcntlInt(p.file.Fd(), unix.F_SETLEASE, unix.F_UNLCK) }
