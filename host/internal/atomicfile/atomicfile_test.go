//go:build unix

package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// TestWrite: a file is replaced whole or not at all, and has the rights that the user's umask gives.
func TestWrite(t *testing.T) {
	old := unix.Umask(0o027)
	defer unix.Umask(old)
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	put := func(text string, err error) error {
		return Write(path, func(w io.Writer) error {
			_, e := io.WriteString(w, text)
			return errors.Join(e, err)
		})
	}
	if err := put("first", nil); err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	if err := put("second", full); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
	if b, err := os.ReadFile(path); string(b) != "first" {
		t.Errorf("%q, %v", b, err)
	}
	if err := put("third", nil); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	files, err := os.ReadDir(dir)
	if b, _ := os.ReadFile(path); err != nil || len(files) != 1 || string(b) != "third" {
		t.Errorf("%v, %v, %q", files, err, b)
	}
}
