package plugin

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// TestCopies: a program is kept under its checksum by any number of programs at once, whole and executable; what was cut off is none, and no
// build that writes into the program reaches the copy.
func TestCopies(t *testing.T) {
	dir := t.TempDir()
	b := Binary{Name: "my-own", Path: filepath.Join(dir, "steepest-optimizer-my-own")}
	if err := os.WriteFile(b.Path, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	sum, err := SHA256(b.Path)
	if err != nil {
		t.Fatal(err)
	}
	results := []string{filepath.Join(dir, "x"), filepath.Join(dir, "y")}
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if err := b.keep(results[i%2], sum); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	twin := Binary{Name: "twin", Path: b.Path} // the same program under another name
	if err := twin.keep(results[0], sum); err != nil {
		t.Fatal(err)
	}
	if both, err := copies(results[0]); err != nil || len(both) != 2 || !sameFile(t, both[0].path, both[1].path) {
		t.Errorf("%v, %v", both, err)
	} else if err := os.Remove(both[1].path); err != nil || both[1].name != "twin" {
		t.Fatal(both, err)
	}
	if err := os.WriteFile(b.Path, []byte("#!/bin/sh\necho rebuilt\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range results {
		files, err := os.ReadDir(filepath.Join(dir, CopiesDir))
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %v", files, err)
		}
		found, err := copies(dir)
		if err != nil || len(found) != 1 || found[0].name != "my-own" || !slices.Equal(found[0].checksum(), sum) {
			t.Fatalf("%v, %v", found, err)
		}
		if info, err := os.Stat(found[0].path); err != nil || info.Mode()&0o100 == 0 || info.Mode()&0o022 != 0 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	if err := b.keep(filepath.Join(dir, "z", "x"), sum); err == nil {
		t.Error("another program was kept under the checksum")
	}
	if files, err := os.ReadDir(filepath.Join(dir, "z", "x", CopiesDir)); err != nil || len(files) != 0 {
		t.Errorf("%v, %v", files, err)
	}
	if got := missing(nil, results); len(got) != 1 || got[0].Name != "my-own" {
		t.Errorf("%v", got)
	}
	if got := missing([]Binary{b}, results); got != nil {
		t.Errorf("an installed plugin is missing: %v", got)
	}
	found, _ := copies(results[0])
	if err := os.Truncate(found[0].path, 3); err != nil { // both, if they share it
		t.Fatal(err)
	}
	if found[0].checksum() != nil {
		t.Error("a copy that was cut off is whole")
	}
}

func sameFile(t *testing.T, a, b string) bool {
	is, err1 := os.Stat(a)
	was, err2 := os.Stat(b)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return os.SameFile(is, was)
}
