package machine

import (
	"strings"
	"testing"
)

// TestCheckOpenFiles: the limit that the message asks for is enough, and one less is not.
func TestCheckOpenFiles(t *testing.T) {
	const need = 12 + 2*6 + 3*3 + 12
	if err := CheckOpenFiles(2, 3, 1, need); err != nil {
		t.Error(err)
	}
	err := CheckOpenFiles(2, 3, 1, need-1)
	if err == nil || !strings.Contains(err.Error(), "only 44 files open; 2 plugins and 3 runs at once need 45") {
		t.Error(err)
	}
	if err := CheckOpenFiles(1, 1, 1, 0); err == nil || !strings.Contains(err.Error(), "1 plugin and 1 run at once") {
		t.Error(err)
	}
}

// TestMemoryOfRuns: more runs at once need more, and there is enough for what computes nothing.
func TestMemoryOfRuns(t *testing.T) {
	if one, eight := MemoryToRun(1).bytes(), MemoryToRun(8).bytes(); eight <= one || one <= MemoryToStart.bytes() {
		t.Errorf("%d to start, %d for a run, %d for eight", MemoryToStart.bytes(), one, eight)
	}
	if err := MemoryToStart.Check(); err != nil {
		t.Error(err)
	}
}
