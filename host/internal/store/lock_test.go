package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestLockIsOneHolders: of many that take and release it at once, one holds it at any time, also where the file system has
// no locks.
func TestLockIsOneHolders(t *testing.T) {
	for name, locks := range map[string]bool{"locks": true, "no locks": false} {
		t.Run(name, func(t *testing.T) {
			if !locks {
				withoutLocks(t)
			}
			dir := t.TempDir()
			var inside, taken, refused atomic.Int32
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					for range 500 {
						l, err := takeLock(dir)
						var held *Held
						switch {
						case errors.As(err, &held):
							refused.Add(1)
						case err != nil:
							t.Error(err)
						default:
							taken.Add(1)
							if n := inside.Add(1); n != 1 {
								t.Errorf("%d hold it", n)
							}
							inside.Add(-1)
							if err := l.release(); err != nil {
								t.Error(err)
							}
						}
					}
				})
			}
			all.Wait()
			if taken.Load() == 0 || refused.Load() == 0 {
				t.Errorf("taken %d times, refused %d times", &taken, &refused)
			}
			if files, err := os.ReadDir(dir); len(files) > 0 || err != nil {
				t.Errorf("left: %v, %v", files, err)
			}
		})
	}
}

func withoutLocks(t *testing.T) {
	before := flock
	flock = func(*os.File) error { return errNoLocks }
	t.Cleanup(func() { flock = before })
}

// TestLockOfTheDead: what a killed program leaves is taken over where the system tells that it is gone, and else is named.
func TestLockOfTheDead(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, LockFile), []byte(`{"pid": 77, "host": "h", "since": "2026-01-02T03:04:05Z"}`),
		0o644); err != nil {
		t.Fatal(err)
	}
	l, err := takeLock(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = takeLock(dir)
	if err == nil || !strings.Contains(err.Error(), "is being written by another steepest (process ") ||
		strings.Contains(err.Error(), "(process 77 ") || strings.Contains(err.Error(), ", remove ") {
		t.Errorf("a second holder: %v", err)
	}
	if err := l.release(); err != nil {
		t.Fatal(err)
	}
	withoutLocks(t)
	if err := os.WriteFile(filepath.Join(dir, LockFile), []byte(`{"pid": 77, "host": "h", "since": "2026-01-02T03:04:05Z"}`),
		0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := takeLock(dir); err == nil || !strings.Contains(err.Error(), "(process 77 on h, since 2026-01-0") ||
		!strings.Contains(err.Error(), "if that program is gone, remove "+filepath.Join(dir, LockFile)) {
		t.Errorf("got %v", err)
	}
}
