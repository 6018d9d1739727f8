//go:build unix

package config

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestOnlyFiles: what is no regular file is refused without being read.
func TestOnlyFiles(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe.toml")
	if err := syscall.Mkfifo(pipe, 0o644); err != nil {
		t.Skip(err)
	}
	for file, want := range map[string]string{pipe: "is a pipe", dir: "is a folder", "/dev/zero": "is a device", "-": "no such file"} {
		_, err := Load(file)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "write the experiment into a file") {
			t.Errorf("%s: %v", file, err)
		}
	}
}
