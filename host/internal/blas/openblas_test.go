//go:build (linux || darwin || (freebsd && cgo)) && (amd64 || arm64) && !static

package blas

import (
	"strings"
	"testing"
)

// TestRelativeLibrary: no library is taken from the folder that the program happens to be started in.
func TestRelativeLibrary(t *testing.T) {
	t.Setenv(PathEnv, "libopenblas.so.0")
	if _, err := open("libopenblas.so.0"); err == nil || !strings.Contains(err.Error(), "is no absolute path") {
		t.Errorf("got %v", err)
	}
}
