//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/execute"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// killedAgain is an experiment whose runs are killed again and again.
const killedAgain = `
[problem]
kind = "mlp"
dataset = "breast-cancer"
hidden = [4]
[budget]
steps = 2000
[record]
parameters = true
[checkpoint]
steps = 37
[[optimizer]]
plugin = "adam"
lr = 0.003
[[optimizer.group]]
role = "bias"
lr = { schedule = "cosine", from = 0.01 }
beta1 = 0.8
`

// killedInTurn has two plugins, of which now one is killed and now the other, in the middle of whose steps the objective is asked.
const killedInTurn = killedAgain + `
[[optimizer.group]]
plugin = "asker"
tensor = "layer1.weight"
lr = { schedule = "cosine", from = 0.02 }
`

// saboteur kills the processes of a run's plugins at the given points, one at each.
type saboteur struct {
	*store.Recorder
	pool *plugin.Pool
	job  plan.Job
	kill []int
	own  string // the run's name once it has processes of its own
}

func (s *saboteur) Observe(p *record.Sample) error {
	if i := slices.Index(s.kill, p.Step); i >= 0 {
		all := s.job.Optimizer.Plugins()
		plugin, err := s.pool.Get(context.Background(), all[i%len(all)], s.own)
		s.own = s.job.ID
		if err != nil {
			return err
		}
		if err := syscall.Kill(plugin.Pid(), syscall.SIGKILL); err != nil {
			return err
		}
	}
	return s.Recorder.Observe(p)
}

// TestFiftyDeaths: plugins that are killed at 50 random steps of 2,000 leave the same record as ones that are not.
func TestFiftyDeaths(t *testing.T) {
	t.Parallel()
	binaries := plugin.Find([]plugin.Folder{{Path: pluginDir}})
	run := func(t *testing.T, text string, plane optimizer.Plane, kill []int) (string, record.Outcome) {
		pool := plugin.NewPool(binaries)
		defer pool.Kill()
		file := filepath.Join(t.TempDir(), "interrupted.toml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		experiments, err := new(program).prepare(t.Context(), []string{file}, pool)
		if err != nil {
			t.Fatal(err)
		}
		e := experiments[0]
		dir := filepath.Join(t.TempDir(), "run")
		var outcome record.Outcome
		execute.Local(t.Context(), pool, e.Jobs, execute.Settings{Jobs: 1, Plane: plane, Failures: &execute.Failures{},
			Begin: func(j plan.Job, _ []*plugin.Process) (execute.Record, []record.Observer, error) {
				files, err := store.Create(dir, store.Manifest{}, store.Extra{Weights: e.Workloads[0].Built.Layout()})
				return &saboteur{files, pool, j, kill, ""}, nil, err
			}, Ended: func(_ plan.Job, o record.Outcome) { outcome = o }, Share: func(int) {}})
		return steps(t, filepath.Join(dir, store.StepsFile)), outcome
	}
	var kill []int
	for _, k := range rand.New(rand.NewPCG(3, 5)).Perm(1999)[:50] {
		kill = append(kill, k+1)
	}
	for name, c := range map[string]struct {
		text  string
		plane optimizer.Plane
	}{"shared memory": {killedAgain, optimizer.Auto}, "inline": {killedAgain, optimizer.Inline}, "two plugins": {killedInTurn, optimizer.Auto}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, undisturbed := run(t, c.text, c.plane, nil)
			got, disturbed := run(t, c.text, c.plane, kill)
			if undisturbed.Status != record.Finished || disturbed.Status != record.Finished {
				t.Fatalf("%s: %v; %s: %v", undisturbed.Status, undisturbed.Err, disturbed.Status, disturbed.Err)
			}
			if undisturbed.Restarts != 0 || disturbed.Restarts != 50 {
				t.Errorf("%d and %d restarts, want 0 and 50", undisturbed.Restarts, disturbed.Restarts)
			}
			if got != want || strings.Count(want, "\n") != 2002 {
				t.Error("the records differ, or have not 2,001 points")
			}
			if !slices.Equal(disturbed.Final, undisturbed.Final) {
				t.Errorf("at the end %v, want %v", disturbed.Final, undisturbed.Final)
			}
		})
	}
}

// checkpoints counts how often a run's checkpoint was replaced while it was looked at; looked at too seldom, it counts too
// few.
type checkpoints struct {
	run  string
	last os.FileInfo
	seen int
}

func (c *checkpoints) look() int {
	found := runFolders(c.run)
	if len(found) == 0 {
		return c.seen
	}
	now, err := os.Stat(latest(found[0], store.CheckpointFile))
	if err == nil && (c.last == nil || !os.SameFile(now, c.last) || !now.ModTime().Equal(c.last.ModTime())) {
		c.last, c.seen = now, c.seen+1
	}
	return c.seen
}

// TestHostKilledAndResumed: the same with the host killed after some checkpoints and started again with --resume, again and
// again.
func TestHostKilledAndResumed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	longer := strings.Replace(killedAgain, "steps = 2000", "steps = 6000", 1) +
		"[[optimizer]]\nplugin = \"momentum\"\nlr = 0.01\n"
	if err := os.WriteFile(filepath.Join(dir, "x.toml"), []byte(longer), 0o644); err != nil {
		t.Fatal(err)
	}
	command := func(args ...string) (*exec.Cmd, *bytes.Buffer) {
		c, out := exec.Command("steepest", append([]string{"run", "--quiet"}, args...)...), &bytes.Buffer{}
		c.Dir, c.Env, c.Stdout, c.Stderr = dir, append(os.Environ(), plugin.PathEnv+"="+pluginDir), out, out
		return c, out
	}
	if c, out := command("--out", "whole", "x.toml"); c.Run() != nil {
		t.Fatal(out)
	}
	args, deaths := []string{"--out", "parts", "x.toml"}, 0
	random := rand.New(rand.NewPCG(1, 1))
	for {
		c, out := command(args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		through := false
		var err error
		kept := checkpoints{run: filepath.Join(dir, "parts", "adam-seed1")}
		for want := 1 + kept.look() + random.IntN(10); !through; time.Sleep(time.Millisecond) {
			if deaths < 6 && kept.look() >= want {
				_ = c.Process.Kill()
			}
			select {
			case err = <-ended:
				through = true
			default:
			}
		}
		if err == nil {
			break
		}
		if deaths++; deaths > 6 {
			t.Fatalf("%v\n%s", err, out)
		}
		args = []string{"--resume", "--out", "parts", "x.toml"}
	}
	if deaths < 3 {
		t.Errorf("the host was killed only %d times before it was through", deaths)
	}
	for _, run := range []string{"adam-seed1", "momentum-seed1"} {
		want := steps(t, filepath.Join(runFolder(t, dir, "whole", run), store.StepsFile))
		if got := steps(t, filepath.Join(runFolder(t, dir, "parts", run), store.StepsFile)); got != want {
			t.Errorf("%s: the records differ after %d deaths", run, deaths)
		}
		if _, err := os.Stat(filepath.Join(runFolder(t, dir, "parts", run), store.CheckpointFile)); err == nil {
			t.Errorf("%s: a finished run keeps its checkpoint", run)
		}
	}
	// Going on with what has ended changes nothing; something else is another run.
	if c, out := command(args...); c.Run() != nil || !strings.Contains(out.String(), "momentum") {
		t.Error(out)
	}
	other := strings.Replace(longer, "lr = 0.01", "lr = 0.02", 1)
	if err := os.WriteFile(filepath.Join(dir, "x.toml"), []byte(other), 0o644); err != nil {
		t.Fatal(err)
	}
	if c, out := command(args...); c.Run() != nil {
		t.Error(out)
	}
	if found := runFolders(filepath.Join(dir, "parts", "momentum-seed1")); len(found) != 2 {
		t.Errorf("%v", found)
	}
}

// TestHostilePlugins: every kind of misbehaviour ends in a message that names plugin, run and step, and with the other
// optimizer's run whole.
func TestHostilePlugins(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		plugin, mode, plane string
		want                string // in standard error or, of a run that diverged, in the summary
	}{
		{"rogue", "stop", "auto", `plugin "rogue" (process N) did not answer within 2s`},
		{"rogue", "stop", "inline", `plugin "rogue" (process N) did not answer within 2s`},
		{"rogue", "hang", "auto", `step 10: plugin "rogue" (process N) did not answer within 2s`},
		{"rogue", "fork", "auto", `step 10: plugin "rogue" (process N) ended unexpectedly: exit status 3`},
		{"rogue", "exit", "auto", `step 10: plugin "rogue" (process N) ended unexpectedly: exit status 3`},
		{"rogue", "scribble", "auto", `panic in step 10 at tensor "x"`},
		{"rogue", "nan", "auto", `the norm of the update is NaN`},
		{"rogue", "nan", "inline", `the norm of the update is NaN`},
		{"rogue", "huge", "auto", `the loss is +Inf`},
		{"rogue", "noise", "auto", ``},
		{"liar", "short", "inline", `plugin "liar": its update has the wrong length: 8 bytes where 2 float64 (16 bytes) are due`},
		{"liar", "long", "inline", `plugin "liar": its update has the wrong length: 32 bytes`},
		{"liar", "exit", "auto", `plugin "liar" (process N) ended unexpectedly: exit status 5`},
		{"liar", "plane", "auto", `plugin "liar": it was offered DATA_PLANE_SHARED_MEMORY and chose DATA_PLANE_INLINE`},
		{"liar", "garbage", "auto", `plugin "liar"`},
		{"liar", "status", "auto", `plugin "liar": its answer has the unknown status 77`},
	} {
		t.Run(c.plugin+"/"+c.mode+"/"+c.plane, func(t *testing.T) {
			t.Parallel()
			if (c.mode == "scribble" || c.mode == "plane" || c.mode == "garbage" || c.mode == "status") && runtime.GOOS != "linux" {
				t.Skip("shared memory needs Linux")
			}
			dir := t.TempDir()
			file := filepath.Join(dir, "x.toml")
			timeout := "1m"
			if c.mode == "stop" || c.mode == "hang" {
				timeout = "2s"
			}
			text := fmt.Sprintf("[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 300\n[[optimizer]]\nplugin = %q\nmode = %q\n"+
				"step_timeout = %q\non_plugin_failure = \"fail\"\n[[optimizer]]\nplugin = \"sgd\"\n", c.plugin, c.mode, timeout)
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			var output bytes.Buffer
			steepest([]string{"run", "--plugin-dir", pluginDir, "--data-plane", c.plane, "--out", filepath.Join(dir, "out"), file},
				&output, &output)
			run := filepath.Join(dir, "out", c.plugin+"-seed1")
			summary, err := os.ReadFile(latest(runFolder(t, run), store.RunFile))
			if err != nil {
				t.Fatalf("%v\n%s", err, &output)
			}
			for part := range strings.SplitSeq(c.want, "(process N)") {
				if !strings.Contains(output.String()+strings.ReplaceAll(string(summary), `\"`, `"`), part) {
					t.Errorf("lacks %q:\n%s%s", part, &output, summary)
				}
			}
			if rows := steps(t, filepath.Join(runFolder(t, dir, "out", "sgd-seed1"), store.StepsFile)); strings.Count(rows, "\n") != 302 {
				t.Error("the other run is not whole")
			}
		})
	}
}

// TestBadNeighbour: runs that share a process with one that keeps crashing it end as if they had been alone.
func TestBadNeighbour(t *testing.T) {
	t.Parallel()
	for _, plane := range optimizer.Planes[1:] {
		dir := t.TempDir()
		text := "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 2000\n[seeds]\ncount = 2\n[[optimizer]]\nplugin = \"sgd\"\n" +
			"[[optimizer]]\nname = \"good\"\nplugin = \"rogue\"\n[[optimizer]]\nname = \"bad\"\nplugin = \"rogue\"\nmode = \"exit\"\nat = 300\n"
		file := filepath.Join(dir, "x.toml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		var output bytes.Buffer
		code := steepest([]string{"run", "--jobs", "4", "--plugin-dir", pluginDir, "--data-plane", plane, "--out", dir, file},
			&output, &output)
		if code != exitFailed || !strings.Contains(output.String(), "failed: bad-seed1 after step 299") {
			t.Fatalf("%s: exit code %d\n%s", plane, code, &output)
		}
		for _, seed := range []string{"-seed1", "-seed2"} {
			want := steps(t, filepath.Join(runFolder(t, dir, "sgd"+seed), store.StepsFile))
			if got := steps(t, filepath.Join(runFolder(t, dir, "good"+seed), store.StepsFile)); got != want {
				t.Errorf("%s: good%s has another record than sgd:\n%s", plane, seed, &output)
			}
		}
	}
}

// dyingAt makes a plugin of the given name that a signal ends in its given starts, from 1, before it shook hands; in the
// others it is the plugin rogue.
func dyingAt(t *testing.T, name string, starts ...int) plugin.Binary {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf("#!/bin/sh\necho >>%s/starts\ncase $(wc -l <%[1]s/starts) in\n", dir)
	for _, n := range starts {
		text += fmt.Sprintf("%d) kill -9 $$ ;;\n", n)
	}
	text += "esac\nexec " + filepath.Join(pluginDir, proto.BinaryPrefix+name) + "\n"
	path := filepath.Join(dir, proto.BinaryPrefix+name)
	writeProgram(t, path, text)
	return plugin.Binary{Name: name, Path: path}
}

// TestKilledWhileRestarted: a plugin that dies while it is started again has three restarts like any other, and one that dies
// when it is first started is started again too.
func TestKilledWhileRestarted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dies     []int // the starts in which it does; in the first one that lives, it dies in step 10
		mode     string
		code     int
		restarts int
	}{
		{nil, "once", exitOK, 1},
		{[]int{1, 2}, "none", exitOK, 0},
		{[]int{1, 3, 4}, "once", exitOK, 3},
		{[]int{2, 3, 4}, "once", exitFailed, 3},
	} {
		dir := t.TempDir()
		text := "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 50\n[checkpoint]\nsteps = 4\n" +
			"[[optimizer]]\nname = \"x\"\nplugin = \"rogue\"\nmode = \"" + c.mode + "\"\n"
		file := filepath.Join(dir, "x.toml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		var output bytes.Buffer
		code := within("", "TMPDIR="+dir).steepest([]string{"run", "--plugin-dir", filepath.Dir(dyingAt(t, "rogue", c.dies...).Path), "--out", dir, file},
			&output, &output)
		summary, err := os.ReadFile(latest(runFolder(t, dir, "x-seed1"), store.RunFile))
		if err != nil || code != c.code || !strings.Contains(string(summary), fmt.Sprintf(`"plugin_restarts": %d,`, c.restarts)) {
			t.Errorf("dies in starts %v: exit code %d, %v\n%s%s", c.dies, code, err, summary, &output)
		}
		if c.code == exitFailed && !strings.Contains(string(summary), "ended before it said where it listens: signal: killed; 3 "+
			"restarts did not get it further") {
			t.Errorf("%s", summary)
		}
	}
}

// TestAnotherNoticedFirst: whatever a run calls after another one had the dead process replaced, it hears that the process
// died, so that it goes on from its checkpoint.
func TestAnotherNoticedFirst(t *testing.T) {
	t.Parallel()
	for _, plane := range optimizer.Planes[1:] {
		pool := plugin.NewPool(plugin.Find([]plugin.Folder{{Path: pluginDir}}))
		defer pool.Kill()
		first, err := pool.Get(t.Context(), "sgd", "")
		if err != nil {
			t.Fatal(err)
		}
		config := optimizer.Config{Instance: "x", Log: io.Discard, Plane: optimizer.Plane(plane),
			Layout: []*v1.Tensor{{Name: "x", Shape: []int64{3}, Length: 3}}}
		in, err := first.Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(first.Pid(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		for second := first; second == first; time.Sleep(time.Millisecond) {
			if second, err = pool.Get(t.Context(), "sgd", ""); err != nil {
				t.Fatal(err)
			}
		}
		_, step := in.Step(t.Context(), 1, []float64{0.1}, 0)
		_, snapshot := in.Snapshot(t.Context())
		config.Instance = "y"
		_, open := first.Open(t.Context(), config)
		for call, err := range map[string]error{"step": step, "snapshot": snapshot, "open": open,
			"restore": in.Restore(t.Context(), optimizer.Snapshot{}), "close": in.Close(t.Context())} {
			if _, ok := errors.AsType[*optimizer.Died](err); !ok {
				t.Errorf("%s, %s: %v", plane, call, err)
			}
		}
	}
}

// TestNothingIsLeft: 60 processes come and go, by every way out, and leave no process, file descriptor, memory file,
// socket or goroutine.
func TestNothingIsLeft(t *testing.T) {
	temp := t.TempDir()
	binary := plugin.Binary{Name: "sgd", Path: filepath.Join(pluginDir, "steepest-optimizer-sgd"),
		Variables: environ.Variables(nil).With(map[string]string{"TMPDIR": temp})}
	var pids []int
	cycle := func(i int) {
		p, err := plugin.Launch(t.Context(), binary)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, p.Pid())
		defer p.Kill()
		in, err := p.Open(t.Context(), optimizer.Config{Instance: "x", Log: io.Discard,
			Layout: []*v1.Tensor{{Name: "x", Shape: []int64{1000}, Length: 1000}}})
		if err != nil {
			t.Fatal(err)
		}
		for k := range 3 {
			if _, err := in.Step(t.Context(), k+1, []float64{1e-3}, 0); err != nil {
				t.Fatal(err)
			}
		}
		if i%3 == 1 { // it dies first
			if err := syscall.Kill(p.Pid(), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		if err := in.Close(t.Context()); err != nil && i%3 != 1 {
			t.Fatal(err)
		}
	}
	cycle(0) // what is made once and stays
	cycle(1)
	before := leftovers(t, pids)
	for i := range 60 {
		cycle(i)
	}
	var after map[string]int
	more := func(what string) bool { return after[what] > before[what] } // fewer if a test before this one was still tidying up
	for range 1200 {
		if after = leftovers(t, pids); !slices.ContainsFunc(slices.Collect(maps.Keys(after)), more) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("before %v, after 60 cycles %v", before, after)
}

// leftovers counts what a plugin could leave behind.
func leftovers(t *testing.T, pids []int) map[string]int {
	t.Helper()
	count := map[string]int{"goroutines": runtime.NumGoroutine()}
	for _, pid := range pids {
		if alive(pid) {
			count["processes"]++
		}
	}
	sockets, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*"))
	if err != nil {
		t.Fatal(err)
	}
	count["sockets"] = len(sockets)
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		count["descriptors"]++
		if target, err := os.Readlink(fd); err == nil && strings.Contains(target, "memfd:") {
			count["memfds"]++
		}
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err == nil {
		count["mappings"] = strings.Count(string(maps), "memfd:steepest")
	}
	return count
}

// needSharedMemory skips the test where there is none; in CI on Linux that is a failure.
func needSharedMemory(t *testing.T, p *plugin.Process) {
	t.Helper()
	if _, err := p.Plane(optimizer.Shared); err != nil {
		if runtime.GOOS == "linux" && os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
			t.Fatal("no shared memory on Linux: ", err)
		}
		t.Skip("no shared memory here: ", err)
	}
}

// TestGradientIsReadOnly: a rule that writes into its gradient is stopped in its own process, and the host's vectors are
// what they were.
func TestGradientIsReadOnly(t *testing.T) {
	t.Parallel()
	p := launch(t, "rogue")
	needSharedMemory(t, p)
	in, err := p.Open(t.Context(), optimizer.Config{Instance: "x", Log: io.Discard,
		Hyperparameters: map[string]*v1.Value{"mode": {Kind: &v1.Value_Text{Text: "scribble"}},
			"at": {Kind: &v1.Value_Integer{Integer: 2}}},
		Layout: []*v1.Tensor{{Name: "x", Shape: []int64{3}, Length: 3}}})
	if err != nil {
		t.Fatal(err)
	}
	vectors := in.Vectors()
	copy(vectors.Gradient, []float64{1, 2, 3})
	values := []float64{0.5, 2} // lr, at
	if _, err := in.Step(t.Context(), 1, values, 0); err != nil || vectors.Update[2] != -1.5 {
		t.Fatalf("%v, update %v", err, vectors.Update)
	}
	_, err = in.Step(t.Context(), 2, values, 0)
	if err == nil || !strings.Contains(err.Error(), "the gradient and the weights can only be read") {
		t.Errorf("got %v", err)
	}
	if g := vectors.Gradient; g[0] != 1 || g[1] != 2 || g[2] != 3 {
		t.Errorf("the host's gradient is %v", g)
	}
	// The fault was contained: the instance goes on.
	if _, err := in.Step(t.Context(), 3, []float64{0.5, 2}, 0); err != nil {
		t.Error(err)
	}
}
