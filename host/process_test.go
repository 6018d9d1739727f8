//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/store"
)

// process is a running steepest with everything that it writes in a folder of its own.
type process struct {
	*exec.Cmd
	t              *testing.T
	dir            string // working folder; results are in runs/endless
	temp           string // its $TMPDIR
	stdout, stderr output
}

// start runs `steepest run endless.toml`, under another program if one is named, and waits until both runs have made steps.
func start(t *testing.T, under ...string) *process {
	t.Helper()
	p := &process{t: t, dir: t.TempDir()}
	p.temp = filepath.Join(p.dir, "tmp")
	if err := os.Mkdir(p.temp, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, "endless.toml"), []byte(endless), 0o644); err != nil {
		t.Fatal(err)
	}
	command := append(under, "steepest", "run", "--jobs", "2", "endless.toml")
	p.Cmd = exec.Command(command[0], command[1:]...)
	p.Dir = p.dir
	p.Env = append(os.Environ(), plugin.PathEnv+"="+pluginDir, "TMPDIR="+p.temp)
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	for _, run := range []string{"sgd-seed1", "adam-seed1"} {
		p.eventually("steps of "+run, func() bool { return strings.Count(p.steps(run), "\n") > 10 })
	}
	return p
}

func (p *process) eventually(what string, ok func() bool) {
	p.t.Helper()
	for range 6000 { // two minutes; no test needs them unless something is wrong
		if ok() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.t.Fatalf("waited in vain for %s\nstderr: %s", what, p.stderr.String())
}

func (p *process) steps(run string) string {
	found := runFolders(filepath.Join(p.dir, "runs/endless", run))
	if len(found) != 1 {
		return ""
	}
	b, _ := os.ReadFile(latest(found[0], store.StepsFile))
	return string(b)
}

// plugins returns the ids of its plugin processes, by the name of their program.
func (p *process) plugins() map[string]int {
	found := map[string]int{}
	out, _ := exec.Command("ps", "-eo", "pid=,ppid=,args=").Output()
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) >= 3 && fields[1] == strconv.Itoa(p.Process.Pid) && strings.HasPrefix(fields[2], pluginDir) {
			pid, _ := strconv.Atoi(fields[0])
			found[filepath.Base(fields[2])] = pid
		}
	}
	return found
}

// sockets lists what its temporary folder holds.
func (p *process) sockets() []string {
	entries, err := filepath.Glob(filepath.Join(p.temp, "*"))
	if err != nil {
		p.t.Fatal(err)
	}
	return entries
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func TestInterrupt(t *testing.T) {
	t.Parallel()
	p := start(t)
	plugins := p.plugins()
	if len(plugins) != 2 || len(p.sockets()) != 2 {
		t.Fatalf("plugins %v, sockets %v", plugins, p.sockets())
	}
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
	if code := p.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d\n%s", code, p.stderr.String())
	}
	if out := p.stdout.String(); !strings.Contains(out, "Interrupted: 0 of 2 runs done.\n") || !strings.Contains(out, "No run ended.") {
		t.Errorf("it is not said that no run ended:\n%s", out)
	}
	// Every step that the summary counts is on disk, whole.
	summary, err := os.ReadFile(latest(runFolder(t, p.dir, "runs/endless/sgd-seed1"), store.RunFile))
	if err != nil {
		t.Fatal(err)
	}
	steps := regexp.MustCompile(`(?s)"summary".*?"steps": (\d+)`).FindStringSubmatch(string(summary))
	if steps == nil || !strings.Contains(string(summary), `"status": "interrupted"`) {
		t.Fatalf("summary: %s", summary)
	}
	if rows := p.steps("sgd-seed1"); !strings.HasSuffix(rows, "\n") ||
		!strings.HasPrefix(rows[strings.LastIndexByte(strings.TrimSpace(rows), '\n')+1:], steps[1]+",") &&
			!strings.Contains(rows, "\n"+decrement(steps[1])+",") {
		t.Errorf("the last rows do not reach step %s", steps[1])
	}
	p.nothingLeft(plugins)
}

// TestHangup: a closed terminal ends the program like Ctrl-C, also when its shell passes the hangup on a second time. Under
// nohup the program goes on.
func TestHangup(t *testing.T) {
	t.Parallel()
	p := start(t)
	for range 2 {
		if err := p.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	_ = p.Wait()
	if code := p.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d\n%s", code, p.stderr.String())
	}
	for _, run := range []string{"sgd-seed1", "adam-seed1"} {
		dir := runFolder(t, p.dir, "runs/endless", run)
		summary, err := os.ReadFile(latest(dir, store.RunFile))
		if err != nil || !strings.Contains(string(summary), `"status": "interrupted"`) {
			t.Errorf("%s: %s (%v)", run, summary, err)
		}
		if _, err := os.Stat(latest(dir, store.CheckpointFile)); err != nil {
			t.Errorf("%s: %v", run, err)
		}
	}
	// To ignore the signal here would make every program ignore it that a test starts from now on: signal.Reset does not undo that.
	p = start(t, "nohup")
	if err := p.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	before := len(p.steps("sgd-seed1"))
	p.eventually("further steps", func() bool { return len(p.steps("sgd-seed1")) > before })
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
	if code := p.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("under nohup: exit code %d\n%s", code, p.stderr.String())
	}
}

// TestStoppedOnRequest: a program that is asked to stop, through the folder of its results, ends like by Ctrl-C: what it made can be gone on
// with. The next one does not take the request for its own.
func TestStoppedOnRequest(t *testing.T) {
	t.Parallel()
	p := start(t)
	plugins, results := p.plugins(), filepath.Join(p.dir, "runs/endless")
	asked, err := store.RequestStop(results)
	if err != nil || len(asked) != 1 || asked[0].PID != p.Process.Pid {
		t.Fatalf("asked were %v: %v", asked, err)
	}
	_ = p.Wait()
	if code := p.ProcessState.ExitCode(); code != exitInterrupted || !strings.Contains(p.stdout.String(), "Stopped on request: 0 of 2 runs done.\n") {
		t.Errorf("exit code %d\n%s%s", code, p.stdout.String(), p.stderr.String())
	}
	p.nothingLeft(plugins)
	for _, run := range []string{"sgd-seed1", "adam-seed1"} {
		if dir := runFolder(t, results, run); !exists(latest(dir, store.CheckpointFile)) {
			t.Errorf("%s has no checkpoint", run)
		}
	}
	if left, err := store.Programs(results); err != nil || len(left) > 0 {
		t.Errorf("left are %v: %v", left, err)
	}
}

func decrement(s string) string {
	n, _ := strconv.Atoi(s)
	return strconv.Itoa(n - 1)
}

// nothingLeft waits for processes and sockets to go.
func (p *process) nothingLeft(plugins map[string]int) {
	p.t.Helper()
	p.eventually("its plugins and their sockets to go", func() bool {
		for _, pid := range plugins {
			if alive(pid) {
				return false
			}
		}
		return len(p.sockets()) == 0
	})
}

func TestHostKilled(t *testing.T) {
	t.Parallel()
	p := start(t)
	plugins := p.plugins()
	if len(plugins) != 2 {
		t.Fatalf("plugins %v", plugins)
	}
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
	p.nothingLeft(plugins)
}

// TestLeftoversAreSwept: what hosts leave that are killed together with their plugins is removed by the next one; what belongs to
// a living one stays.
func TestLeftoversAreSwept(t *testing.T) {
	t.Parallel()
	p := start(t)
	plugins := p.plugins()
	if len(plugins) != 2 {
		t.Fatalf("plugins %v", plugins)
	}
	// Neither sees the other's end: the host is stopped when its plugins are killed, and then killed itself.
	if err := p.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	p.eventually("the host to stop", func() bool {
		states, err := exec.Command("ps", "-L", "-o", "state=", "-p", strconv.Itoa(p.Process.Pid)).Output() // of all threads
		return err == nil && strings.Trim(string(states), "T\n ") == ""
	})
	for _, pid := range plugins {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
	if left := p.sockets(); len(left) != 2 {
		t.Fatalf("left are %v", left)
	}
	variables := environ.Variables(nil).With(map[string]string{"TMPDIR": p.temp})
	living, err := plugin.NewSocketDir(variables) // of this program
	if err != nil {
		t.Fatal(err)
	}
	defer living.Remove()
	list := exec.Command("steepest", "plugins", "list")
	list.Env = append(os.Environ(), plugin.PathEnv+"="+pluginDir, "TMPDIR="+p.temp)
	_, _ = list.Output() // some of the plugins of the tests are broken
	if left := p.sockets(); len(left) != 1 || left[0] != living.Path {
		t.Errorf("left are %v, not %s alone", left, living.Path)
	}
}

// TestPluginKilled: a run whose plugin is killed goes on with a new process; the other run does not notice.
func TestPluginKilled(t *testing.T) {
	t.Parallel()
	p := start(t)
	pid := p.plugins()["steepest-optimizer-sgd"]
	if pid == 0 {
		t.Fatal("no sgd process")
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	before := len(p.steps("sgd-seed1"))
	p.eventually("a new process", func() bool {
		now := p.plugins()["steepest-optimizer-sgd"]
		return now != 0 && now != pid
	})
	p.eventually("further steps of sgd", func() bool { return len(p.steps("sgd-seed1")) > before })
	other := len(p.steps("adam-seed1"))
	p.eventually("further steps of adam", func() bool { return len(p.steps("adam-seed1")) > other })
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = p.Wait()
	for run, want := range map[string]string{"sgd-seed1": `"plugin_restarts": 1`, "adam-seed1": `"plugin_restarts": 0`} {
		summary, err := os.ReadFile(latest(runFolder(t, p.dir, "runs/endless", run), store.RunFile))
		if err != nil || !strings.Contains(string(summary), want) {
			t.Errorf("%s: %s (%v), want %s", run, summary, err, want)
		}
	}
}

// TestDebug: a plugin that waits for a host is attached to, is not ended with the host, and ends when interrupted.
func TestDebug(t *testing.T) {
	t.Parallel()
	plugin := exec.Command(filepath.Join(pluginDir, "steepest-optimizer-sgd"), "--debug")
	var said output
	plugin.Stdout, plugin.Stderr = &said, &said
	if err := plugin.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = plugin.Process.Kill() })
	export := regexp.MustCompile(`export STEEPEST_REATTACH='(.*)'`)
	for i := 0; !export.MatchString(said.String()); i++ {
		if i == 6000 {
			t.Fatalf("it says only %q", said.String())
		}
		time.Sleep(10 * time.Millisecond)
	}
	here := within("", "STEEPEST_REATTACH="+export.FindStringSubmatch(said.String())[1])
	dir := t.TempDir()
	file := filepath.Join(dir, "x.toml")
	if err := os.WriteFile(file, []byte(strings.Replace(endless, "100_000_000", "20", 1)+
		"[[optimizer]]\nname = \"again\"\nplugin = \"sgd\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	runs := 0
	run := func() (int, string) {
		runs++
		var out bytes.Buffer
		code := here.steepest([]string{"run", "--plugin-dir", pluginDir, "--out", filepath.Join(dir, fmt.Sprint("out", runs)), file},
			&out, &out)
		return code, out.String()
	}
	for range 2 { // it survives its host
		if code, out := run(); code != exitOK || !alive(plugin.Process.Pid) {
			t.Fatalf("exit code %d\n%s", code, out)
		}
	}
	manifests, err := filepath.Glob(filepath.Join(dir, "out*/sgd-seed1-*/run.json"))
	if err != nil || len(manifests) != 2 {
		t.Fatalf("%v, %v", manifests, err)
	}
	if b, err := os.ReadFile(manifests[0]); err != nil ||
		!strings.Contains(string(b), fmt.Sprintf(`"path": "process %d"`, plugin.Process.Pid)) ||
		!strings.Contains(string(b), `"data_plane": "inline"`) {
		t.Errorf("%s, %v", b, err)
	}
	if err := plugin.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := plugin.Wait(); err != nil {
		t.Errorf("interrupted: %v", err)
	}
	if code, out := run(); code != exitUsage || !strings.Contains(out, "for the plugin \"sgd\", which is there no more") ||
		strings.Count(out, "`unset STEEPEST_REATTACH`") != 2 {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// TestStoppedPlugin: ending a program that was stopped with SIGSTOP must not hang.
func TestStoppedPlugin(t *testing.T) {
	t.Parallel()
	plugin := launch(t, "sgd")
	if err := syscall.Kill(plugin.Pid(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	plugin.Kill() // or the test never ends
	for i := 0; alive(plugin.Pid()); i++ {
		if i == 6000 {
			t.Fatal("the stopped plugin is still there")
		}
		time.Sleep(10 * time.Millisecond)
	}
}
