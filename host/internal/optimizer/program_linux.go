package optimizer

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
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
