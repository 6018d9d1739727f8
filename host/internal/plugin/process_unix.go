//go:build unix

package plugin

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/proto"
)

// attachLifeline gives the program one end of a socket pair as file descriptor 3. When this host is gone, the system
// closes the other end and the plugin reads end of file. The program gets a process group of its own, so that Ctrl-C in
// a terminal reaches the host alone and so that all it starts can be killed together.
func (p *Process) attachLifeline() (child io.Closer, err error) {
	kind := unix.SOCK_STREAM
	if runtime.GOOS == "linux" {
		kind = unix.SOCK_SEQPACKET // keeps messages apart: memory is passed here
	}
	syscall.ForkLock.RLock() // no other plugin is started before both ends are marked
	pair, err := unix.Socketpair(unix.AF_UNIX, kind, 0)
	if err == nil {
		unix.CloseOnExec(pair[0])
		unix.CloseOnExec(pair[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, fmt.Errorf("creating the life line: %w", remedy.System(os.NewSyscallError("socketpair", err)))
	}
	p.Lifeline = os.NewFile(uintptr(pair[0]), "lifeline")
	theirs := os.NewFile(uintptr(pair[1]), "lifeline of plugin")
	p.child.cmd.ExtraFiles = []*os.File{theirs} // becomes descriptor 3
	p.child.cmd.Env = append(p.Binary.Environment(), proto.LifelineEnv+"=3")
	p.child.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return theirs, nil
}

func killGroup(pid int) {
	if pid > 0 {
		_ = unix.Kill(-pid, unix.SIGKILL)
	}
}

// running tells whether there is such a process.
func running(pid int) bool { return pid > 0 && unix.Kill(pid, 0) != unix.ESRCH }

// exposed tells who else may write to a file or folder; "" if nobody may. A group with the number of its owner is taken for
// the owner's own, as many systems give each user one.
func exposed(info os.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch me := os.Getuid(); {
	case !ok:
	case int(stat.Uid) != me && stat.Uid != 0:
		return fmt.Sprintf("belongs to another user, number %d", stat.Uid)
	case info.Mode()&os.ModeSticky != 0: // others cannot replace what is there
	case info.Mode()&0o002 != 0:
		return "can be written to by everybody"
	case info.Mode()&0o020 != 0 && stat.Gid != stat.Uid:
		return fmt.Sprintf("can be written to by the group number %d", stat.Gid)
	}
	return ""
}
