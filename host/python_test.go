//go:build unix

package main

import (
	"errors"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// withSDK finds a Python that has modules, and the variables with which plugins in it are run: with the package of this tree.
func withSDK(t *testing.T, modules, packages string) (interpreter string, variables []string) {
	t.Helper()
	known(t)
	interpreter = pythonWith(t, modules, "apt-get install "+packages, !strings.Contains(modules, "optax"))
	// The interpreter alone, under the name that scripts ask for: beside it there may be another steepest.
	dir := t.TempDir()
	writeProgram(t, filepath.Join(dir, "python3"), "#!/bin/sh\nexec '"+interpreter+"' \"$@\"\n")
	path, err := filepath.Abs("../sdk/python")
	if err != nil {
		t.Fatal(err)
	}
	return interpreter, []string{"PATH=" + dir + ":" + os.Getenv("PATH"), "PYTHONPATH=" + path}
}

// TestPython runs the tests of the package for Python.
func TestPython(t *testing.T) {
	t.Parallel()
	interpreter, variables := withSDK(t, "grpc, google.protobuf, numpy", "python3-grpcio python3-protobuf python3-numpy")
	tests := exec.Command(interpreter, "-W", "error", "-m", "unittest", "discover", "-s", "../sdk/python/tests")
	tests.Env = append(os.Environ(), variables...)
	if out, err := tests.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestPythonPlugins examines the examples in Python.
func TestPythonPlugins(t *testing.T) {
	t.Parallel()
	conventions := map[string]string{"sgd-numpy": "sgd", "adam-numpy": "adam/eps-outside", "normalized-numpy": "", "sam-numpy": "", "adamw-torch": "adamw",
		"lion-optax": ""}
	for _, name := range slices.Sorted(maps.Keys(conventions)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			modules, packages := "grpc, google.protobuf, numpy", "python3-grpcio python3-protobuf python3-numpy"
			switch {
			case strings.HasSuffix(name, "-torch"):
				modules, packages = modules+", torch", packages+" python3-torch"
			case strings.HasSuffix(name, "-optax"):
				modules, packages = modules+", optax", packages+" and pip install optax"
			}
			_, variables := withSDK(t, modules, packages)
			var out output
			path := filepath.Join("../sdk/python/examples", "steepest-optimizer-"+name)
			code := within("", variables...).steepest([]string{"plugins", "check", "--save=false", path}, &out, &out)
			if text := out.String(); code != exitOK || !strings.Contains(text, "inline, shm") ||
				conventions[name] != "" && !regexp.MustCompile(`agrees with .*\b`+conventions[name]+` \(`).MatchString(text) {
				t.Errorf("exit code %d\n%s", code, text)
			}
		})
	}
}

// TestPythonRuns: runs of a plugin in Python equal those of its counterpart in Go, on both data planes, and go on after the process was
// killed.
func TestPythonRuns(t *testing.T) {
	t.Parallel()
	_, variables := withSDK(t, "grpc, google.protobuf, numpy", "python3-grpcio python3-protobuf python3-numpy")
	examples, err := filepath.Abs("../sdk/python/examples")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func(name, text string, arguments ...string) string {
		t.Helper()
		file := filepath.Join(dir, name+".toml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		var out output
		results := filepath.Join(dir, name)
		arguments = append([]string{"run", "--out", results, "--plugin-dir", pluginDir, "--plugin-dir", examples}, arguments...)
		if code := within(dir, variables...).steepest(append(arguments, file), &out, &out); code != exitOK {
			t.Fatalf("exit code %d\n%s", code, &out)
		}
		found, err := filepath.Glob(filepath.Join(results, "*", "steps.csv"))
		if len(found) != 1 || err != nil {
			t.Fatalf("%v %v\n%s", found, err, &out)
		}
		return steps(t, found[0])
	}
	experiment := func(name string) string {
		return "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 300\n[checkpoint]\nsteps = 50\n[record]\nparameters = true\n" +
			"[[optimizer]]\nplugin = \"" + name + "\"\nlr = { schedule = \"cosine\", from = 0.01, to = 0.0 }\n"
	}
	want := run("shared", experiment("adam-numpy"), "--data-plane", "shm")
	if got := run("inline", experiment("adam-numpy"), "--data-plane", "inline"); got != want {
		t.Errorf("inline:\n%s\nin shared memory:\n%s", got, want)
	}
	if difference := largestDifference(t, want, run("adam", experiment("adam"))); !(difference <= 1e-10) {
		t.Errorf("the largest relative difference to the rule in Go is %g", difference)
	}

	// The same rule, whose process ends itself in the middle of its 130th step, once.
	mark := filepath.Join(dir, "died")
	text, err := os.ReadFile(filepath.Join(examples, "steepest-optimizer-adam-numpy"))
	if err != nil {
		t.Fatal(err)
	}
	mortal := strings.Replace(string(text), "    u = x.update\n", "    if x.k == 130 and not os.path.exists('"+mark+"'):\n"+
		"        open('"+mark+"', 'w').close()\n        os.kill(os.getpid(), 9)\n    u = x.update\n", 1)
	mortal = strings.Replace(strings.Replace(mortal, "import math\n", "import math\nimport os\n", 1), `"adam-numpy"`, `"adam-mortal"`, 1)
	examples = t.TempDir()
	writeProgram(t, filepath.Join(examples, "steepest-optimizer-adam-mortal"), mortal)
	if got := run("killed", experiment("adam-mortal")); got != want {
		t.Errorf("killed:\n%s\nbefore:\n%s", got, want)
	}
	if !exists(mark) {
		t.Error("it was never killed")
	}
}

// TestPythonAsks: a rule in Python that asks, and whose result is elsewhere, takes the same steps on both data planes, and those of the
// bundled one whose result is not.
func TestPythonAsks(t *testing.T) {
	t.Parallel()
	_, variables := withSDK(t, "grpc, google.protobuf, numpy", "python3-grpcio python3-protobuf python3-numpy")
	examples, err := filepath.Abs("../sdk/python/examples")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	run := func(name, plugin, plane string) string {
		file := filepath.Join(dir, name+".toml")
		text := "[problem]\nkind = \"mlp\"\ndataset = \"breast-cancer\"\nhidden = [16]\nactivation = \"tanh\"\nloss = \"binary-cross-entropy\"\n" +
			"batch = 32\n[budget]\nsteps = 100\n[[optimizer]]\nlr = 0.1\nplugin = " + plugin + "\n"
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		var out output
		results := filepath.Join(dir, name)
		arguments := []string{"run", "--data-plane", plane, "--out", results, "--plugin-dir", pluginDir, "--plugin-dir", examples, file}
		if code := within(dir, variables...).steepest(arguments, &out, &out); code != exitOK {
			t.Fatalf("exit code %d\n%s", code, &out)
		}
		found, err := filepath.Glob(filepath.Join(results, "*", "steps.csv"))
		if len(found) != 1 || err != nil {
			t.Fatalf("%v %v\n%s", found, err, &out)
		}
		return steps(t, found[0])
	}
	want := run("shared", `"sam-numpy"`, "shm")
	if got := run("inline", `"sam-numpy"`, "inline"); got != want {
		t.Errorf("inline:\n%s\nin shared memory:\n%s", got, want)
	}
	trained := func(text string) (kept string) { // validation is of the result
		for line := range strings.Lines(text) {
			kept += strings.Join(strings.SplitN(line, ",", 6)[:5], ",") + "\n"
		}
		return kept
	}
	if difference := largestDifference(t, trained(want), trained(run("go", "\"sam\"\nmomentum = 0", "auto"))); !(difference <= 1e-9) {
		t.Errorf("the largest relative difference to the rule in Go is %g", difference)
	}
}

// largestDifference is that of the numbers of two files steps.csv, relative to 1 or to what is larger.
func largestDifference(t *testing.T, a, b string) (largest float64) {
	t.Helper()
	split := func(r rune) bool { return r == ',' || r == '\n' }
	first, second := strings.FieldsFunc(a, split), strings.FieldsFunc(b, split)
	if len(first) != len(second) || len(first) < 500 {
		t.Fatalf("%d numbers and %d", len(first), len(second))
	}
	for i := range first {
		x, err1 := strconv.ParseFloat(first[i], 64)
		y, err2 := strconv.ParseFloat(second[i], 64)
		if first[i] != second[i] && errors.Join(err1, err2) != nil {
			t.Fatalf("%q and %q", first[i], second[i])
		}
		largest = max(largest, math.Abs(x-y)/max(math.Abs(x), 1))
	}
	return largest
}

// TestWheel builds the package for Python, installs it in a fresh virtual environment, and runs a plugin there.
func TestWheel(t *testing.T) {
	t.Parallel()
	interpreter, _ := withSDK(t, "grpc, google.protobuf, numpy, setuptools, wheel, ensurepip",
		"python3-grpcio python3-protobuf python3-numpy python3-setuptools python3-wheel python3-venv")
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "source"), os.DirFS("../sdk/python")); err != nil {
		t.Fatal(err)
	}
	command := func(name string, arguments ...string) string {
		t.Helper()
		c := exec.Command(name, arguments...)
		c.Dir = filepath.Join(dir, "source")
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", c, err, out)
		}
		return string(out)
	}
	command(interpreter, "-c", "from setuptools import build_meta; build_meta.build_wheel('..')")
	wheels, _ := filepath.Glob(filepath.Join(dir, "steepest_sdk-*-py3-none-any.whl"))
	if len(wheels) != 1 {
		t.Fatalf("wheels %v", wheels)
	}
	command(interpreter, "-m", "venv", "--system-site-packages", filepath.Join(dir, "venv"))
	bin := filepath.Join(dir, "venv", "bin")
	command(filepath.Join(bin, "pip"), "install", "--no-index", "--disable-pip-version-check", wheels[0])
	if where := command(filepath.Join(bin, "python3"), "-c", "import os; os.chdir('/'); import steepest; print(steepest.__file__)"); !strings.HasPrefix(where,
		filepath.Join(dir, "venv")) {
		t.Errorf("it is imported from %s", where)
	}
	var out output
	path := filepath.Join(dir, "source", "examples", "steepest-optimizer-sgd-numpy")
	program := within(dir, "PATH="+bin+":"+os.Getenv("PATH"))
	if code := program.steepest([]string{"plugins", "describe", path}, &out, &out); code != exitOK ||
		!strings.Contains(out.String(), "gradient descent") {
		t.Errorf("exit code %d\n%s", code, &out)
	}
}

// TestPythonTorch: five optimizers of PyTorch, each wrapped in a script, move a network as their counterparts in Go do.
func TestPythonTorch(t *testing.T) {
	t.Parallel()
	_, variables := withSDK(t, "grpc, google.protobuf, numpy, torch", "python3-grpcio python3-protobuf python3-numpy python3-torch")
	dir := t.TempDir()
	text := "[problem]\nkind = \"mlp\"\ndataset = \"breast-cancer\"\nhidden = [16]\nactivation = \"tanh\"\nloss = \"binary-cross-entropy\"\n" +
		"batch = 32\n[budget]\nsteps = 200\n"
	classes := []struct{ class, name, values string }{
		{"SGD", "momentum", "lr = 0.03\nmomentum = 0.9"}, {"Adam", "adam", "lr = 0.01"},
		{"AdamW", "adamw", "lr = 0.01\nweight_decay = 0.1"}, {"RMSprop", "rmsprop", "lr = 0.001\nmomentum = 0.5"},
		{"Adagrad", "adagrad", "lr = 0.05\nlr_decay = 0.01"},
	}
	for _, c := range classes {
		script := "#!/usr/bin/env python3\nimport steepest\nimport torch\n\nsteepest.serve_torch(torch.optim." + c.class + ")\n"
		writeProgram(t, filepath.Join(dir, "steepest-optimizer-"+c.name+"-torch"), script)
		for _, name := range []string{c.name, c.name + "-torch"} {
			text += "[[optimizer]]\nplugin = \"" + name + "\"\n" + c.values + "\n"
		}
	}
	file, results := filepath.Join(dir, "torch.toml"), filepath.Join(dir, "results")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var out output
	arguments := []string{"run", "--out", results, "--plugin-dir", pluginDir, "--plugin-dir", dir, file}
	if code := within(dir, variables...).steepest(arguments, &out, &out); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &out)
	}
	// One that evaluates where it likes asks the host there.
	writeProgram(t, filepath.Join(dir, "steepest-optimizer-lbfgs-torch"), "#!/usr/bin/env python3\nimport steepest\nimport torch\n\n"+
		"steepest.serve_torch(torch.optim.LBFGS, defaults={'line_search_fn': 'strong_wolfe'})\n")
	text = "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 3\n[target]\ntrain_loss = 1e-20\n[[optimizer]]\nplugin = \"lbfgs-torch\"\n" +
		"tolerance_grad = 1e-14\ntolerance_change = 1e-25\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out.b.Reset()
	arguments = []string{"run", "--out", results + "-lbfgs", "--plugin-dir", dir, file}
	if code := within(dir, variables...).steepest(arguments, &out, &out); code != exitOK || !strings.Contains(out.String(), "2 (1/1)") {
		t.Errorf("exit code %d\n%s", code, &out)
	}
	out.b.Reset()
	arguments = []string{"plugins", "describe", filepath.Join(dir, "steepest-optimizer-lbfgs-torch")}
	if code := within(dir, variables...).steepest(arguments, &out, &out); code != exitOK ||
		!strings.Contains(out.String(), "capabilities  snapshot, asks\n") { // no groups: it searches along all tensors at once
		t.Errorf("exit code %d\n%s", code, &out)
	}
	only := func(pattern string) string {
		found, err := filepath.Glob(filepath.Join(results, pattern, "steps.csv"))
		if len(found) != 1 || err != nil {
			t.Fatalf("%s: %v %v\n%s", pattern, found, err, &out)
		}
		return steps(t, found[0])
	}
	for _, c := range classes {
		difference := largestDifference(t, only(c.name+"-seed1-*"), only(c.name+"-torch-seed1-*"))
		t.Logf("%s: %.1e", c.name, difference)
		if !(difference <= 1e-9) {
			t.Errorf("torch.optim.%s moves by other steps than %s: relative difference %g", c.class, c.name, difference)
		}
	}
}
