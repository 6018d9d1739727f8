// Command steepest-optimizers is all of Steepest's optimizers in one program, which serves the one by whose name it is started:
// as steepest-optimizer-adam it is Adam. Each is a package in a folder beside this file, and a line in table.go.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/steepest/steepest/proto"
	"github.com/steepest/steepest/sdk"
)

func main() {
	if o := called(os.Args[0]); o != nil {
		o.Serve()
	}
	os.Exit(command(os.Args[1:], os.Stdout, os.Stderr))
}

// called is the optimizer with the longest name that a program's begins with; nil if there is none. A host keeps copies of a program,
// whose names go on with what they run on and their checksum.
func called(program string) (found *sdk.Optimizer) {
	name, ok := strings.CutPrefix(strings.TrimSuffix(filepath.Base(program), ".exe"), proto.BinaryPrefix)
	for _, o := range optimizers {
		if ok && strings.HasPrefix(name+"-", o.Name()+"-") && (found == nil || len(o.Name()) > len(found.Name())) {
			found = o
		}
	}
	return found
}

// command is what the program does for a person under any other name. It returns the exit code.
func command(args []string, stdout, stderr io.Writer) int {
	program, err := os.Executable()
	switch {
	case err == nil && (len(args) == 1 || len(args) == 2) && args[0] == "link":
		if err = link(program, append(args[1:], filepath.Dir(program))[0]); err == nil {
			return 0
		}
	case err == nil && len(args) == 0 || len(args) == 1 && (args[0] == "help" || args[0] == "--help" || args[0] == "-h"):
		names := make([]string, len(optimizers))
		for i, o := range optimizers {
			names[i] = o.Name()
		}
		_, _ = fmt.Fprintf(stdout, `%[1]s: all of Steepest's optimizers in one program, which serves the one by whose name it is started

Usage:
  %[1]s link [FOLDER]   give it the name %[2]sNAME of each of them, in its own folder or another

They are %[3]s.
`, filepath.Base(program), proto.BinaryPrefix, strings.Join(names, ", "))
		return 0
	case err == nil:
		err = fmt.Errorf("unknown arguments %q; try --help", args)
	}
	_, _ = fmt.Fprintf(stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
	return 2
}

// link gives a program the name of each optimizer in a folder: another name of the same file where the file system has that, else a copy.
// What has the name gives way, whole: a host that is about to start it finds the one or the other.
func link(program, folder string) error {
	is, err := os.Stat(program)
	if err != nil {
		return err
	}
	for _, o := range optimizers {
		path := filepath.Join(folder, proto.BinaryPrefix+o.Name()+filepath.Ext(program))
		if was, err := os.Stat(path); err == nil && os.SameFile(is, was) {
			continue
		}
		half := fmt.Sprintf("%s.%d", path, os.Getpid())
		err := os.Link(program, half)
		if err != nil {
			err = duplicate(program, half)
		}
		if err == nil {
			err = os.Rename(half, path)
		}
		if err != nil {
			_ = os.Remove(half)
			return fmt.Errorf("%s: %w; does the folder exist, and may you write into it?", folder, err)
		}
	}
	return nil
}

// duplicate copies a program.
func duplicate(from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	w, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return errors.Join(err, w.Close())
}
