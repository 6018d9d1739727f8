package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestCurrent: the dashboards that are committed are those that generate writes.
func TestCurrent(t *testing.T) {
	all := files()
	committed, err := filepath.Glob("../dashboards/*.json")
	if err != nil || len(committed) != len(all) {
		t.Errorf("%d dashboards are committed, %d are described (%v)", len(committed), len(all), err)
	}
	for name, want := range all {
		got, err := os.ReadFile(filepath.Join("..", "dashboards", name))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is not what `make generate` writes (%v); run it and commit what it makes", name, err)
		}
	}
}
