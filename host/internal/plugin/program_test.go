package plugin

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/remedy"
)

// TestChanged: a program that is written to while it starts, where the system does not hold the writer up, is not used.
func TestChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	program, err := Binary{Name: "x", Path: path}.Program()
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	if err := program.Verify(); err != nil {
		t.Fatal(err)
	}
	program.release()
	if err := os.WriteFile(path, []byte("#!/bin/sh\n# more\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	err = (&Process{Binary: Binary{Name: "x", Path: path}, output: &broadcast{}}).unstarted(program.Verify())
	if !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), path+" was changed while it was started") ||
		!strings.Contains(remedy.Of(err), "run it by hand") {
		t.Errorf("%v; %s", err, remedy.Of(err))
	}
}
