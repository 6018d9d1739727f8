package archive

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/query"
	"github.com/steepest/steepest/host/internal/store"
)

// occupy lets a program that is alive be at work in results.
func occupy(t *testing.T, dir string) {
	t.Helper()
	text, err := json.Marshal(store.Worker{ID: "other", PID: 1, Host: "elsewhere"})
	path := filepath.Join(dir, ".programs", "other")
	if err := errors.Join(err, os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, text, 0o666)); err != nil {
		t.Fatal(err)
	}
}

// names are those of what is in a folder.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		all = append(all, f.Name())
	}
	return all
}

// TestRemove: the chosen runs go, and results of which no run is left; none if a program is at work in any.
func TestRemove(t *testing.T) {
	root := two(t)
	find := func(where string) []Found {
		q, err := query.Parse(where)
		if err != nil {
			t.Fatal(err)
		}
		found, _, err := Find(t.Context(), []string{root}, q)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if err := Remove(find("lr > 0.5")); err != nil {
		t.Fatal(err)
	}
	if got := names(t, filepath.Join(root, "one")); !slices.Equal(got, []string{"adam", store.ExperimentFile, "sgd-lr-0.1"}) {
		t.Errorf("left: %q", got)
	}
	alone, _, err := Find(t.Context(), []string{filepath.Join(root, "one", "adam")}, query.Query{})
	if err != nil || len(alone) != 1 || alone[0].Whole() || alone[0].Count() != 1 {
		t.Fatal(alone, err)
	}
	if err := Remove(alone); err != nil {
		t.Fatal(err)
	}
	if got := names(t, filepath.Join(root, "one")); !slices.Equal(got, []string{store.ExperimentFile, "sgd-lr-0.1"}) {
		t.Errorf("left: %q", got)
	}
	if err := os.RemoveAll(filepath.Join(root, "one", "sgd-lr-0.1")); err != nil {
		t.Fatal(err)
	}
	if err := Remove(find("optimizer = sgd and lr > 5")); err != nil || !slices.Contains(names(t, root), "one") { // without runs it has none of these
		t.Error(err)
	}
	experiment(t, filepath.Join(root, "one"), nil, 1)
	occupy(t, filepath.Join(root, "two"))
	if err := Remove(find("")); err == nil || !strings.Contains(err.Error(), "two is in use by another steepest (process 1 on elsewhere); wait for it") {
		t.Error(err)
	}
	if got, _, _ := chosen(t, root, "", "."); len(got) != 4 {
		t.Errorf("left: %q", got)
	}
	if err := errors.Join(os.RemoveAll(filepath.Join(root, "two", ".programs")), Remove(find("experiment = two"))); err != nil {
		t.Fatal(err)
	}
	if got := names(t, root); !slices.Equal(got, []string{".none", "file", "one"}) {
		t.Errorf("left: %q", got)
	}
}

// TestMove gives results another name, or puts them into a folder; it overwrites nothing.
func TestMove(t *testing.T) {
	root := two(t)
	at := func(name string) string { return filepath.Join(root, filepath.FromSlash(name)) }
	if moved, err := Move(at("one"), at("deep/er/name")); err != nil || moved != at("deep/er/name") {
		t.Fatal(moved, err)
	}
	if moved, err := Move(at("deep/er/name/"), at("deep")); err != nil || moved != at("deep/name") {
		t.Fatal(moved, err)
	}
	if got, _, err := chosen(t, root, "tag = paper", "deep"); err != nil || len(got) != 4 {
		t.Error(got, err)
	}
	if _, err := Move(at("two"), at("file")); err == nil || !strings.Contains(err.Error(), "is there already; choose another name") {
		t.Error(err)
	}
	occupy(t, at("two"))
	if _, err := Move(at("two"), at("three")); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Error(err)
	}
	if got := names(t, root); !slices.Equal(got, []string{".none", "deep", "file", "two"}) {
		t.Errorf("%q", got)
	}
}

// TestGarbage: what programs leave that are killed goes, and nothing that is on record.
func TestGarbage(t *testing.T) {
	root := two(t)
	dir := filepath.Join(root, "one")
	kept := []string{store.IndexFile, store.StudiesFile, "sgd-lr-1/mine.txt", "adam/attempt-1.checkpoint"}
	replaced := store.ReplacedDir + "/sgd-lr-1.1/run.json"
	garbage := []string{".removed.sgd-lr-7/run.json", store.IndexFile + ".0123456789abcdef", "run.json.0123456789abcdef", "sgd-lr-1/attempt-1.claim",
		"sgd-lr-1/attempt-1.steps.csv.part"}
	for _, name := range slices.Concat(kept, garbage, []string{replaced}) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte("12345"), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	there := func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		return err == nil
	}
	sweep := func(replaced bool, want int64) {
		t.Helper()
		paths, bytes, err := Garbage(dir, replaced)
		if err != nil || bytes < want {
			t.Errorf("%q, %d bytes, %v; want %d bytes at least", paths, bytes, err, want)
		}
		if err := Sweep(paths); err != nil {
			t.Error(err)
		}
	}
	sweep(false, int64(5*len(garbage)))
	for _, name := range garbage {
		if there(name) {
			t.Errorf("%s is there", name)
		}
	}
	for _, name := range append(kept, replaced) {
		if !there(name) {
			t.Errorf("%s is gone", name)
		}
	}
	if sweep(true, 5); there(replaced) {
		t.Errorf("%s is there", replaced)
	}
	if got, _, err := chosen(t, root, "", "."); err != nil || len(got) != 6 {
		t.Errorf("left: %q, %v", got, err)
	}
	occupy(t, dir)
	if _, _, err := Garbage(dir, true); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Error(err)
	}
}
