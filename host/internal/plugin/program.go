package plugin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/steepest/steepest/host/internal/remedy"
)

// Program is the file of a plugin's program, held open: what is started is what was hashed, whatever takes the file's place
// in its folder meanwhile.
type Program struct {
	Checksum []byte // SHA-256
	path     string
	file     *os.File
}

// Program opens the plugin's program, hashes it, and asks whether it is trusted.
func (b Binary) Program() (*Program, error) {
	file, err := os.Open(b.Path)
	if err != nil {
		return nil, remedy.System(err)
	}
	p := &Program{path: b.Path, file: file}
	if err = p.hold(); err == nil {
		p.Checksum, err = p.hash()
	}
	if err == nil && b.Trust != nil {
		err = b.Trust(p.Checksum)
	}
	if err != nil {
		p.Close()
		return nil, remedy.System(err)
	}
	return p, nil
}

func (p *Program) hash() ([]byte, error) {
	return checksum(io.NewSectionReader(p.file, 0, 1<<62), p.path)
}

// Start lets a command start this very program. The command is complete but for that: its Path is the program's, and
// ExtraFiles has what else the program inherits. In dir, a private folder, the program gets a name for as long as it runs;
// without one it is known to the system by a number.
func (p *Program) Start(cmd *exec.Cmd, dir string) error {
	if path, ok := p.inherit(cmd); ok {
		cmd.Path = path
		if dir != "" {
			cmd.Path = filepath.Join(dir, filepath.Base(p.path))
			if err := os.Symlink(path, cmd.Path); err != nil {
				return err
			}
		}
	}
	err := cmd.Start()
	if named, ok := errors.AsType[*os.PathError](err); ok {
		err = named.Err // its path is that of the descriptor
	}
	return remedy.System(err)
}

// ErrChanged is the error of a program whose file became another while it was started.
var ErrChanged = errors.New("was changed while it was started")

// Verify finds out, after a start, whether the file was written to meanwhile, or replaced where a program is started by its
// path. A program that runs cannot be written to; a script can.
func (p *Program) Verify() error {
	sum, err := p.hash()
	if err != nil {
		return err
	}
	same := bytes.Equal(sum, p.Checksum)
	if !byDescriptor() && same {
		is, err1 := os.Stat(p.path)
		was, err2 := p.file.Stat()
		same = errors.Join(err1, err2) == nil && os.SameFile(is, was)
	}
	if !same {
		return fmt.Errorf("%s %w", p.path, ErrChanged)
	}
	return nil
}

// Close lets the file go. A program that was started runs on.
func (p *Program) Close() {
	p.release()
	_ = p.file.Close()
}

// Run runs the program as a person would. The command is as for Start.
func (b Binary) Run(cmd *exec.Cmd) error {
	p, err := b.Program()
	if err != nil {
		return err
	}
	defer p.Close()
	if err := p.Start(cmd, ""); err != nil {
		return err
	}
	return errors.Join(p.Verify(), cmd.Wait())
}
