package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/plan"
)

// TestChoose: one program at a time has trials chosen; whose lease is over has them chosen no more.
func TestChoose(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	open := func() *Folder {
		t.Helper()
		f := taken(t, dir, Place{}, plan.Job{ID: "r", Identity: "abc", Workload: nil})
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	a, b := open(), open()
	release, err := a.Choose(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Choose(t.Context()); err == nil || !strings.Contains(err.Error(), a.worker.String()+" has the trials") {
		t.Errorf("another has them chosen: %v", err)
	}
	release()
	if release, err = b.Choose(t.Context()); err != nil {
		t.Fatal(err)
	}
	release()
	for name, w := range map[string]Worker{"of a dead process": {ID: "x", PID: 1, Kernel: a.worker.Kernel, Start: "0"}, "of another machine": {ID: "y", Host: "far"}} {
		if name == "of a dead process" && a.worker.Kernel == "" {
			continue // where processes cannot be told apart
		}
		path := filepath.Join(dir, workersDir, chooserRole+"-7")
		if err := atomicfile.WriteJSON(path, w); err != nil {
			t.Fatal(err)
		}
		start, looks := time.Now(), 0
		a.watcher.now = func() time.Time { // the clock of a program that looks every 5 s
			looks++
			return start.Add(time.Duration(looks) * leaseTerm / 2)
		}
		release, err := a.Choose(t.Context())
		if err != nil || !exists(filepath.Join(dir, workersDir, chooserRole+"-8")) {
			t.Fatalf("%s: %v", name, err)
		}
		release()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
