package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCalled: the program is the optimizer of its name, also as a copy of a host's or with a path, and none by another name.
func TestCalled(t *testing.T) {
	for program, want := range map[string]string{
		"steepest-optimizer-adam": "adam", "/a/b/steepest-optimizer-sgd": "sgd", "steepest-optimizer-adam.exe": "adam",
		"x/.plugins/steepest-optimizer-adam-linux-amd64-0123456789ab": "adam", "steepest-optimizer-adamant": "",
		"steepest-optimizer-": "", "steepest-optimizers": "", "adam": "", "": "", "steepest-optimizer-adagrad-windows-amd64-0123456789ab.exe": "adagrad",
	} {
		got := ""
		if o := called(program); o != nil {
			got = o.Name()
		}
		if got != want {
			t.Errorf("%s serves %q, want %q", program, got, want)
		}
	}
}

// TestTable: the folders beside this file and the lines of the table are the same optimizers, in order.
func TestTable(t *testing.T) {
	files, err := filepath.Glob("*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]bool{}
	for _, file := range files {
		folders[filepath.Dir(file)] = true
	}
	for i, o := range optimizers {
		if !folders[o.Name()] {
			t.Errorf("there is no folder %s", o.Name())
		}
		delete(folders, o.Name())
		if i > 0 && o.Name() <= optimizers[i-1].Name() {
			t.Errorf("%s stands behind %s", o.Name(), optimizers[i-1].Name())
		}
	}
	for folder := range folders {
		t.Errorf("table.go does not have %s", folder)
	}
}

// TestLink: links are made once and replace what was there; where the file system has none they are copies.
func TestLink(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "program")
	other := filepath.Join(dir, "steepest-optimizer-adam")
	for path, text := range map[string]string{program: "new", other: "old"} {
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := link(program, dir); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1+len(optimizers) {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		if b, err := os.ReadFile(file); err != nil || string(b) != "new" {
			t.Errorf("%s: %q, %v", file, b, err)
		}
	}
	if err := duplicate(program, filepath.Join(dir, "copy")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(dir, "copy")); err != nil || string(b) != "new" {
		t.Errorf("%q, %v", b, err)
	}
	if err := link(program, filepath.Join(dir, "nowhere")); err == nil || !strings.Contains(err.Error(), "does the folder exist") {
		t.Error(err)
	}
}

func TestCommand(t *testing.T) {
	var out, errs bytes.Buffer
	if code := command(nil, &out, &errs); code != 0 || !strings.Contains(out.String(), ", adam, adamax, ") || errs.Len() > 0 {
		t.Errorf("%d: %s%s", code, &out, &errs)
	}
	out.Reset()
	if code := command([]string{"adam"}, &out, &errs); code != 2 || !strings.Contains(errs.String(), `unknown arguments ["adam"]`) || out.Len() > 0 {
		t.Errorf("%d: %s%s", code, &out, &errs)
	}
}
