package optimizer

import (
	"fmt"
	"os"
	"os/exec"
	"sync"

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

// hold makes whoever wants to write to the file wait until it is let go, where the file system and the file's owner allow
// that. From its start on, the system refuses to write to a program.
func (p *Program) hold(on bool) {
	kind := unix.F_UNLCK
	if on {
		kind = unix.F_RDLCK
	}
	_, _ = unix.FcntlInt(p.file.Fd(), unix.F_SETLEASE, kind)
}
