//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/store"
)

// swept is a sweep of 220 runs, each of which takes a while.
const swept = `[problem]
kind = "rosenbrock"
gradient_noise = 0.1
[budget]
steps = 3000
[seeds]
count = 10
[checkpoint]
steps = 200
[failures]
retries = 9
[record]
every = 10
[[optimizer]]
plugin = "sgd"
lr     = { log_grid = [1e-6, 1e-4, 5] }
[[optimizer]]
plugin = "momentum"
lr     = { log_grid = [1e-6, 1e-4, 5] }
[[optimizer]]
plugin = "adam"
lr     = { log_grid = [1e-4, 1e-1, 5] }
[[optimizer]]
plugin = "rmsprop"
lr     = { log_grid = [1e-4, 1e-1, 5] }
[[optimizer]]
plugin = "asker"
lr     = { log_grid = [1e-5, 1e-4, 2] }
`

// TestKilledSweep kills programs at random moments, now a host, now one of its plugins, with one host at work or two, and starts them again
// until the sweep is done: its results are those of one that nothing disturbed, but for times. STEEPEST_KILLS is how many, 10 without.
func TestKilledSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes the time of several sweeps")
	}
	t.Parallel()
	kills := 10
	if n, err := strconv.Atoi(os.Getenv("STEEPEST_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sweep.toml"), []byte(swept), 0o644); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if p := sweep(t, dir, "whole"); p.end() != exitOK {
		t.Fatal(p.out.String())
	}
	took, want := time.Since(begin), sweepResults(t, filepath.Join(dir, "whole"))
	if len(want) != 220 {
		t.Fatalf("there are %d runs", len(want))
	}
	seed := rand.Uint64()
	draw := rand.New(rand.NewPCG(seed, 0))
	moment := func() { time.Sleep(time.Duration(draw.Float64() * float64(took) / 8)) }
	hit, goneOn, sweeps := map[string]int{}, 0, 0
	kill := func(what string, pid int) {
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			hit[what]++
		}
	}
	more := func() bool { return hit["host"]+hit["plugin"] < kills }
	for ; more(); sweeps++ {
		folder := fmt.Sprint("sweep", sweeps)
		for done := false; !done; {
			programs := []*sweeping{sweep(t, dir, folder)}
			if draw.IntN(3) == 0 {
				programs = append(programs, sweep(t, dir, folder))
			}
			for _, p := range programs {
				if !more() {
					break
				}
				moment()
				if plugins := p.plugins(t); len(plugins) > 0 && draw.IntN(2) == 0 {
					kill("plugin", plugins[draw.IntN(len(plugins))])
					moment()
				}
				kill("host", p.Process.Pid)
			}
			for _, p := range programs {
				code := p.end()
				if done = done || code == exitOK; code != exitOK && code != -1 {
					t.Fatalf("seed %d: exit code %d: %s", seed, code, p.out.String())
				}
			}
		}
		if p := sweep(t, dir, folder); p.end() != exitOK { // it clears away what those that were killed at last did not
			t.Fatal(p.out.String())
		}
		got := sweepResults(t, filepath.Join(dir, folder))
		for name, text := range want {
			if got[name] != text {
				t.Errorf("seed %d: %s/%s is not the undisturbed run:\n%s\n%s", seed, folder, name, got[name], text)
			}
		}
		if left, _ := filepath.Glob(filepath.Join(dir, folder, "*", "attempt-*")); len(got) != len(want) || len(left) > 0 {
			t.Errorf("seed %d: %s has %d runs; left: %v", seed, folder, len(got), left)
		}
		for _, r := range endings(t, filepath.Join(dir, folder)) {
			if restarts, _ := r.Summary["plugin_restarts"].(float64); len(r.Resumed) > 0 || restarts > 0 {
				goneOn++
			}
		}
	}
	t.Logf("seed %d: %v killed in %d sweeps of %v; %d runs were gone on with", seed, hit, sweeps, took, goneOn)
	if goneOn == 0 || hit["host"] == 0 || hit["plugin"] == 0 {
		t.Error("no kill met a run")
	}
}

// TestKilledAsks kills a plugin at random asks: what it computes is what it computes without. STEEPEST_KILLS is how often at least, 4 without.
func TestKilledAsks(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts many processes")
	}
	t.Parallel()
	kills := 4
	if n, err := strconv.Atoi(os.Getenv("STEEPEST_KILLS")); err == nil {
		kills = n
	}
	for _, plane := range []string{"shm", "inline"} {
		t.Run(plane, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			text := fmt.Sprintf("[problem]\nkind = \"mlp\"\ndataset = \"two-moons\"\nhidden = [5]\nbatch = 16\n[budget]\nsteps = %d\n"+
				"[checkpoint]\nsteps = 2\n[[optimizer]]\nname = \"whole\"\nplugin = \"asker\"\ntimes = 3\n"+
				"[[optimizer]]\nname = \"killed\"\nplugin = \"asker\"\ntimes = 3\ndie = 0.002\n", 120*kills)
			if err := os.WriteFile(filepath.Join(dir, "asks.toml"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if code := within(dir).steepest([]string{"run", "--quiet", "--data-plane", plane, "--out", "results", "asks.toml"}, &out, &out); code != exitOK {
				t.Fatalf("exit code %d: %s", code, &out)
			}
			of, restarts, open := map[string]string{}, 0.0, 0
			for name, result := range sweepResults(t, filepath.Join(dir, "results")) {
				optimizer, _, _ := strings.Cut(name, "-")
				of[optimizer] = result
			}
			for _, r := range endings(t, filepath.Join(dir, "results")) {
				n, _ := r.Summary["plugin_restarts"].(float64)
				restarts += n
			}
			logs, _ := filepath.Glob(filepath.Join(dir, "results", "*", store.LogFile))
			for _, log := range logs {
				b, err := os.ReadFile(log)
				if err != nil {
					t.Fatal(err)
				}
				open += bytes.Count(b, []byte("killed while it waits for an answer"))
			}
			if of["whole"] == "" || of["killed"] != of["whole"] {
				t.Errorf("killed at asks it is\n%s\nand else\n%s", of["killed"], of["whole"])
			}
			if t.Logf("%v kills, %d of which met an ask", restarts, open); restarts < float64(kills) || open == 0 {
				t.Errorf("only %v kills, and %d asks without an answer", restarts, open)
			}
		})
	}
}

// TestFrozenProgram stops a program in the midst of a run until another one took the run over and ended it: when the first goes on, it
// leaves that record alone and ends well.
func TestFrozenProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits until a lease is over")
	}
	t.Parallel()
	dir := t.TempDir()
	text := "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 100_000\n[seeds]\ncount = 2\n[[optimizer]]\nplugin = \"sgd\"\nlr = 1e-4\n"
	if err := os.WriteFile(filepath.Join(dir, "sweep.toml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	frozen := sweep(t, dir, "results")
	for i := 0; len(frozen.plugins(t)) == 0 || len(claims(t, dir)) == 0; i++ {
		if i == 6000 {
			t.Fatal("no run began")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := frozen.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if len(claims(t, dir)) == 0 {
		t.Fatal("no run goes on")
	}
	if p := sweep(t, dir, "results"); p.end() != exitOK {
		t.Fatal(p.out.String())
	}
	want := inBytes(t, dir)
	if left := claims(t, dir); len(want) != 2 || len(left) > 0 {
		t.Fatalf("of 2 runs %d have a record; claimed are still %v", len(want), left)
	}
	if err := frozen.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	if code := frozen.end(); code != exitOK {
		t.Errorf("exit code %d: %s", code, frozen.out.String())
	}
	if got := inBytes(t, dir); !maps.Equal(got, want) {
		t.Errorf("the records are others:\n%v\n%v", got, want)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "results", "*", "attempt-*")); len(left) > 0 {
		t.Errorf("left are %v", left)
	}
}

// inBytes are the bytes of all that is recorded of the runs of a sweep.
func inBytes(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name := range endings(t, filepath.Join(dir, "results")) {
		for _, file := range []string{store.RunFile, store.StepsFile} {
			b, err := os.ReadFile(filepath.Join(dir, "results", name, file))
			if err != nil {
				t.Fatal(err)
			}
			all[name] += string(b)
		}
	}
	return all
}

// claims are those on the runs of a sweep.
func claims(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "results", "*", "*.claim"))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// sweeping is a program that makes the runs of a sweep.
type sweeping struct {
	*exec.Cmd
	out bytes.Buffer
}

func sweep(t *testing.T, dir, folder string) *sweeping {
	t.Helper()
	p := &sweeping{Cmd: exec.Command("steepest", "run", "--quiet", "--out", folder, "sweep.toml")}
	p.Dir, p.Env, p.Stdout, p.Stderr = dir, append(os.Environ(), plugin.PathEnv+"="+pluginDir), &p.out, &p.out
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	return p
}

// end waits until the program ended; -1 is by a signal.
func (p *sweeping) end() int {
	_ = p.Wait()
	return p.ProcessState.ExitCode()
}

// plugins are the processes that it started.
func (p *sweeping) plugins(t *testing.T) (ids []int) {
	t.Helper()
	out, err := exec.Command("ps", "-eo", "pid=,ppid=").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[1] == strconv.Itoa(p.Process.Pid) {
			id, _ := strconv.Atoi(fields[0])
			ids = append(ids, id)
		}
	}
	return ids
}

// endedRun is what a record says of how a run ended.
type endedRun struct {
	Resumed []any          `json:"resumed"`
	Summary map[string]any `json:"summary"`
}

// endings are the records of the runs in a folder, by the names of their folders.
func endings(t *testing.T, dir string) map[string]endedRun {
	t.Helper()
	all := map[string]endedRun{}
	files, err := filepath.Glob(filepath.Join(dir, "*", store.RunFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var r endedRun
		b, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(b, &r)
		}
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(filepath.Dir(file))] = r
	}
	return all
}

// sweepResults are what the runs in a folder came to, by the names of their folders: rows and how each ended, without times and how often it was
// begun.
func sweepResults(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for name, r := range endings(t, dir) {
		maps.DeleteFunc(r.Summary, func(key string, _ any) bool {
			return key == "plugin_restarts" || key == "step_time" || strings.Contains(key, "_seconds")
		})
		b, err := json.Marshal(r.Summary)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = fmt.Sprintf("%s\n%x", b, sha256.Sum256([]byte(steps(t, filepath.Join(dir, name, store.StepsFile)))))
	}
	return all
}

// TestPluginKilledWhileAsked: a plugin that something kills while it judges an experiment is started again, and asked again.
func TestPluginKilledWhileAsked(t *testing.T) {
	t.Parallel()
	pool := plugin.NewPool(plugin.Find([]plugin.Folder{{Path: pluginDir}}))
	defer pool.Kill()
	for _, c := range []struct{ kills, asked int }{{1, 2}, {100, optimizer.MaxRestarts + 1}} {
		asked := 0
		err := pool.Ask(t.Context(), "sgd", func(p *plugin.Process) error {
			if asked++; asked <= c.kills {
				_ = syscall.Kill(p.Pid(), syscall.SIGKILL)
			}
			_, err := p.Validate(t.Context(), nil)
			return err
		})
		if asked != c.asked || (err != nil) != (c.kills > 1) {
			t.Errorf("killed %d times: asked %d times, then %v", c.kills, asked, err)
		}
	}
}
