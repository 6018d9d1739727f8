//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/store"
)

// rounds is how often a test of programs repeats itself: under the race detector, where each takes ten times as long, a quarter as often.
func rounds(n int) int {
	if testing.Short() {
		return n / 4
	}
	return n
}

// TestProgramsInOneFolder starts programs at once that want to write the same results: runs of two experiments, several that go on,
// some of which are killed. Whatever the order, they share the work, every record is whole
// and that of a run that was alone, and nothing else is left.
func TestProgramsInOneFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const text = "[problem]\nkind = \"rosenbrock\"\ngradient_noise = 0.1\n[budget]\nsteps = 10_000\n[checkpoint]\nsteps = 500\n" +
		"[seeds]\ncount = 2\n[[optimizer]]\nname = \"it\"\nplugin = \"sgd\"\nlr = %s\n"
	rates := map[string]string{"x": "1e-4", "y": "2e-4"}
	want := map[string]string{} // by rate and seed
	type process struct {
		*exec.Cmd
		out *bytes.Buffer
	}
	start := func(args ...string) process {
		c, out := exec.Command("steepest", append([]string{"run", "--quiet"}, args...)...), &bytes.Buffer{}
		c.Dir, c.Env, c.Stdout, c.Stderr = dir, append(os.Environ(), plugin.PathEnv+"="+pluginDir), out, out
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return process{c, out}
	}
	end := func(p process) int {
		_ = p.Wait()
		return p.ProcessState.ExitCode()
	}
	for name, rate := range rates {
		if err := os.WriteFile(filepath.Join(dir, name+".toml"), fmt.Appendf(nil, text, rate), 0o644); err != nil {
			t.Fatal(err)
		}
		if p := start("--out", "whole-"+name, name+".toml"); end(p) != exitOK {
			t.Fatal(p.out)
		}
		for _, run := range []string{"it-seed1", "it-seed2"} {
			want[strings.Replace(rate, "e-4", "e-04", 1)+run] = steps(t, filepath.Join(runFolder(t, dir, "whole-"+name, run), store.StepsFile))
		}
	}
	for round := range rounds(4) {
		folder := fmt.Sprintf("shared%d", round)
		records := func() []string {
			files, _ := filepath.Glob(filepath.Join(dir, folder, "*", "*"+store.StepsFile))
			return files
		}
		// Two experiments begin in one folder, each by two programs.
		var first []process
		for range 2 {
			first = append(first, start("--out", folder, "x.toml"), start("--out", folder, "y.toml"))
		}
		if round%2 == 0 { // some are killed as soon as there is something
			for deadline := time.Now().Add(time.Minute); len(records()) == 0 && time.Now().Before(deadline); {
				time.Sleep(time.Millisecond)
			}
			for _, p := range first[1:] {
				_ = p.Process.Kill()
			}
		}
		for _, p := range first {
			if code := end(p); code != exitOK && code != -1 {
				t.Errorf("exit code %d: %s", code, p.out)
			}
		}
		// Then four go on with each at once, until it is whole, and eight look at it.
		for _, name := range []string{"x", "y"} {
			var several []process
			for range 4 {
				several = append(several, start("--out", folder, name+".toml"))
			}
			_ = several[0].Process.Kill()
			for i, p := range several {
				if code := end(p); code != exitOK && i > 0 {
					t.Errorf("exit code %d: %s", code, p.out)
				}
			}
			var eight []process
			for range 8 {
				eight = append(eight, start("--resume", "--out", folder, name+".toml"))
			}
			for _, p := range eight {
				if code := end(p); code != exitOK || !strings.Contains(p.out.String(), "Results: "+folder) {
					t.Errorf("of results that are whole: exit code %d: %s", code, p.out)
				}
			}
		}
		if len(records()) != 4 {
			t.Errorf("%v", records())
		}
		for _, file := range records() {
			run := filepath.Dir(file)
			var m store.Manifest
			b, err := os.ReadFile(filepath.Join(run, store.RunFile))
			if err == nil {
				err = json.Unmarshal(b, &m)
			}
			if err != nil {
				t.Fatal(err)
			}
			rate := fmt.Sprintf("%.0e", m.Optimizer.Hyperparameters["lr"])
			if got := steps(t, file); got != want[rate+m.Run] {
				t.Errorf("%s with lr = %s: its record is not that of a run that was alone", run, rate)
			}
			if left, err := os.ReadDir(run); err != nil || len(left) != 2 {
				t.Errorf("left: %v, %v", left, err)
			}
		}
		if left, err := os.ReadDir(filepath.Join(dir, folder)); err != nil || len(left) != 7 { // two experiments, four runs, and the program of the plugin
			t.Errorf("left: %v, %v", left, err)
		}
	}
}

// TestProgramsHalveTogether: programs that halve the same trials at once, each of which finds runs further than where it left them, end when
// everything is decided, with the records of a program that was alone.
func TestProgramsHalveTogether(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const text = "problem = { kind = \"rosenbrock\", gradient_noise = 0.1 }\nbudget.steps = 8100\nseeds.count = 2\n" +
		"search = { kind = \"halving\", smallest = 100, measure = \"train_loss\" }\n" +
		"[[optimizer]]\nplugin = \"sgd\"\nlr = { log_grid = [1e-7, 10, 9] }\n[[optimizer]]\nplugin = \"adam\"\nlr = { log_grid = [1e-7, 10, 9] }\n"
	if err := os.WriteFile(filepath.Join(dir, "x.toml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	start := func(out string) (*exec.Cmd, *bytes.Buffer) {
		c, b := exec.Command("steepest", "run", "--quiet", "--out", out, "x.toml"), &bytes.Buffer{}
		c.Dir, c.Env, c.Stdout, c.Stderr = dir, append(os.Environ(), plugin.PathEnv+"="+pluginDir), b, b
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c, b
	}
	if c, b := start("alone"); c.Wait() != nil {
		t.Fatal(b)
	}
	alone, err := filepath.Glob(filepath.Join(dir, "alone", "*", store.RunFile))
	if err != nil || len(alone) != 36 {
		t.Fatalf("%v, %v", alone, err)
	}
	for round := range rounds(4) {
		together := fmt.Sprintf("together%d", round)
		a, said := start(together)
		b, said2 := start(together)
		if err := errors.Join(a.Wait(), b.Wait()); err != nil {
			t.Fatalf("%v: %s %s", err, said, said2)
		}
		for _, file := range alone {
			run := filepath.Join(dir, together, filepath.Base(filepath.Dir(file)))
			if files, err := os.ReadDir(run); err != nil || len(files) != 2 {
				t.Fatalf("%s: %v, %v", run, files, err)
			}
			if steps(t, filepath.Join(run, store.StepsFile)) != steps(t, filepath.Join(filepath.Dir(file), store.StepsFile)) {
				t.Errorf("%s: its record is not that of a run that was alone", run)
			}
		}
	}
}

// TestResumedElsewhere goes on with an interrupted run under another arithmetic: that is refused, or has a row of its own from the
// checkpoint on, as the manifest says.
func TestResumedElsewhere(t *testing.T) {
	t.Parallel()
	if runtime.GOARCH != "amd64" || blas.NumericsMet().FMA == false {
		t.Skip("there is no fused multiply-add to turn off")
	}
	dir := t.TempDir()
	text := "[problem]\nkind = \"mlp\"\ndataset = \"breast-cancer\"\nhidden = [8]\n[budget]\nsteps = 10_000\n[checkpoint]\nsteps = 100\n" +
		"[[optimizer]]\nplugin = \"sgd\"\n"
	if err := os.WriteFile(filepath.Join(dir, "x.toml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	command := func(debug string, args ...string) (*exec.Cmd, *bytes.Buffer) {
		c, out := exec.Command("steepest", append([]string{"run", "--quiet", "--blas", "gonum", "x.toml", "--out"}, args...)...), &bytes.Buffer{}
		c.Dir, c.Env, c.Stdout, c.Stderr = dir, append(os.Environ(), plugin.PathEnv+"="+pluginDir, "GODEBUG="+debug), out, out
		return c, out
	}
	const off = "cpu.fma=off"
	if c, out := command("", "whole"); c.Run() != nil {
		t.Fatal(out)
	}
	c, out := command("", "parts")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(dir, "parts", "sgd-seed1")
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if found := runFolders(run); len(found) == 1 && exists(latest(found[0], store.CheckpointFile)) {
			break
		}
	}
	_ = c.Process.Signal(os.Interrupt)
	if _ = c.Wait(); c.ProcessState.ExitCode() != exitInterrupted {
		t.Fatalf("exit code %d: %s", c.ProcessState.ExitCode(), out)
	}
	before := steps(t, latest(runFolder(t, run), store.StepsFile))
	c, out = command(off, "parts", "--resume")
	if _ = c.Run(); c.ProcessState.ExitCode() != exitUsage || !strings.Contains(out.String(), "another fused multiply-add (on, now off)") ||
		steps(t, latest(runFolder(t, run), store.StepsFile)) != before {
		t.Fatalf("exit code %d: %s", c.ProcessState.ExitCode(), out)
	}
	if c, out = command(off, "parts", "--resume", "--accept-numerics"); c.Run() != nil {
		t.Fatal(out)
	}
	var m store.Manifest
	b, err := os.ReadFile(latest(runFolder(t, run), store.RunFile))
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil || len(m.Resumed) != 1 || m.Resumed[0].Step < 100 || !m.Numerics.FMA || m.Resumed[0].Numerics.FMA {
		t.Fatalf("%+v, then %+v, %v", m.Numerics, m.Resumed, err)
	}
	want := strings.Split(steps(t, filepath.Join(runFolder(t, dir, "whole", "sgd-seed1"), store.StepsFile)), "\n")
	got := strings.Split(steps(t, latest(runFolder(t, run), store.StepsFile)), "\n")
	first := 0
	for first < len(want) && first < len(got) && got[first] == want[first] {
		first++
	}
	// Line 0 is the header. The other arithmetic shows soon after it began.
	if k := m.Resumed[0].Step; len(got) != len(want) || first < k+1 || first > k+100 {
		t.Errorf("%d rows, want %d; the first that differs is that of step %d, the other arithmetic began with step %d", len(got), len(want),
			first-1, k)
	}
}
