//go:build !unix

package plugin

import (
	"io"
	"os"
)

// attachLifeline does nothing here: these systems pass no file descriptors to a program.
func (p *Process) attachLifeline() (io.Closer, error) {
	p.child.cmd.Env = p.Binary.Environment()
	return nil, nil
}

func killGroup(pid int) {
	if process, err := os.FindProcess(pid); pid > 0 && err == nil {
		_ = process.Kill()
	}
}

// running is not known here.
func running(int) bool { return true }

// exposed is not known here.
func exposed(os.FileInfo) string { return "" }
