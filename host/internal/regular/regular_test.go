//go:build unix

package regular

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(path("file"), []byte("abc"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path("pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", path("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }()
	if err := os.Symlink("/dev/zero", path("link")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"pipe": "is a pipe", "socket": "is a socket", "link": "is a device", ".": "is a folder"} {
		var irregular *Error
		if _, _, err := Open(path(name)); !errors.As(err, &irregular) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := Open(path("none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	f, size, err := Open(path("file"))
	if err != nil || size != 3 {
		t.Fatalf("%d bytes, %v", size, err)
	}
	_ = f.Close()
	if b, err := ReadFile(path("file"), 3); string(b) != "abc" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := ReadFile(path("file"), 2); err == nil || !strings.Contains(err.Error(), "more than the 2 bytes allowed") {
		t.Error(err)
	}
}
