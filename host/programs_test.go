//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/proto"
)

// TestRacedProgram: while two programs take each other's place again and again, by renaming or by writing into the file, none
// is started but the trusted one, be it a binary or a script, and it is known under its name.
func TestRacedProgram(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("programs are started by their path here")
	}
	real := filepath.Join(pluginDir, proto.BinaryPrefix+"sgd")
	binary, err := os.ReadFile(real)
	if err != nil {
		t.Fatal(err)
	}
	for what, good := range map[string][]byte{"binary": binary, "script": []byte("#!/bin/sh\nexec " + real + "\n")} {
		for _, how := range []string{"renamed", "written"} {
			t.Run(what+"/"+how, func(t *testing.T) {
				t.Parallel()
				raceProgram(t, good, how)
			})
		}
	}
}

func raceProgram(t *testing.T, good []byte, how string) {
	dir := t.TempDir()
	path := filepath.Join(dir, proto.BinaryPrefix+"sgd")
	bad := fmt.Appendf(nil, "#!/bin/sh\necho >%s/ran\n", dir)
	put := func(text []byte) error { // one of the two is there at each moment
		if how == "written" {
			return os.WriteFile(path, text, 0o755)
		}
		new := filepath.Join(dir, "new")
		return errors.Join(os.WriteFile(new, text, 0o755), os.Rename(new, path))
	}
	if err := put(good); err != nil {
		t.Fatal(err)
	}
	trusted := sha256.Sum256(good)
	refused := errors.New("refused")
	b := plugin.Binary{Name: "sgd", Path: path, Trust: func(sum []byte) error {
		if !bytes.Equal(sum, trusted[:]) {
			return refused
		}
		return nil
	}}
	pause := time.Millisecond
	if how == "written" {
		pause = 200 * time.Millisecond // nothing starts while it is being written to
	}
	stop, stopped := make(chan struct{}), make(chan error)
	go func() {
		for {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			if err := errors.Join(put(bad), put(good)); err != nil && !errors.Is(err, syscall.ETXTBSY) {
				stopped <- err
				return
			}
			time.Sleep(rand.N(pause))
		}
	}()
	started := 0
	for i, begin := 0, time.Now(); i < 40 || started == 0 && time.Since(begin) < time.Minute; i++ {
		p, err := plugin.Launch(t.Context(), b)
		switch {
		case err == nil:
			if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", p.Pid())); err != nil || string(name) != "steepest-optimi\n" {
				t.Errorf("the process is called %q, %v", name, err)
			}
			p.Kill()
			started++
		case !errors.Is(err, refused) && !errors.Is(err, syscall.ETXTBSY) && !errors.Is(err, plugin.ErrChanged):
			t.Error(err)
		}
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if started == 0 {
		t.Error("it never started")
	}
	if _, err := os.Stat(filepath.Join(dir, "ran")); err == nil {
		t.Error("the other program ran")
	}
}

// script makes a plugin of a shell script, in a folder of its own.
func script(t *testing.T, name, text string) plugin.Binary {
	t.Helper()
	path := filepath.Join(t.TempDir(), proto.BinaryPrefix+name)
	writeProgram(t, path, "#!/bin/sh\n"+text+"\n")
	return plugin.Binary{Name: name, Path: path}
}

// liar is the liar under a name that makes it lie when it is asked who it is.
func liar(t *testing.T, how string) plugin.Binary {
	t.Helper()
	b := plugin.Binary{Name: "liar-" + how, Path: filepath.Join(t.TempDir(), proto.BinaryPrefix+"liar-"+how)}
	if err := os.Symlink(filepath.Join(pluginDir, proto.BinaryPrefix+"liar"), b.Path); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestKilledWhileAsked: a plugin that is killed when it is first asked who it is gets another chance.
func TestKilledWhileAsked(t *testing.T) {
	t.Parallel()
	temp, b := t.TempDir(), liar(t, "once")
	b.Variables = environ.Variables(nil).With(map[string]string{"TMPDIR": temp})
	pool := plugin.NewPool([]plugin.Binary{b})
	defer pool.Kill()
	if _, err := pool.Start(t.Context(), "liar-once"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(temp, "liar-died")); err != nil {
		t.Error("it did not die: ", err)
	}
}

// TestNoHandshake: what a program does instead of shaking hands is said in words that can be shown, with what to do.
func TestNoHandshake(t *testing.T) {
	t.Parallel()
	gone := plugin.Binary{Name: "sgd", Path: filepath.Join(t.TempDir(), proto.BinaryPrefix+"sgd")}
	hasty := func(b plugin.Binary) plugin.Binary {
		b.StartTimeout = 100 * time.Millisecond
		return b
	}
	noInterpreter := script(t, "sgd", "")
	writeProgram(t, noInterpreter.Path, "#!/nowhere/python\n")
	noProgram := script(t, "sgd", "")
	writeProgram(t, noProgram.Path, "nonsense\n")
	for what, c := range map[string]struct {
		program      plugin.Binary
		want, remedy string
		died         bool // so that a restart would count
	}{
		"gone":           {gone, "no such file or directory", "", false},
		"no program":     {noProgram, "cannot be started: exec format error", "it is no program for ", false},
		"no interpreter": {noInterpreter, "cannot be started: no such file or directory", "", false},
		"ends": {script(t, "sgd", `echo "no weights today" >&2; exit 3`),
			"ended before it said where it listens: exit status 3\nthe plugin said: no weights today", "run it by hand", true},
		"is killed": {script(t, "sgd", "kill -9 $$"), "ended before it said where it listens: signal: killed",
			"it crashes, or something", true},
		"prints an escape": {script(t, "sgd", `printf '\033[2J\n'; sleep 60`), `prints "\x1b[2J" where its handshake is due`,
			"run it by hand", false},
		"prints without end": {script(t, "sgd", `exec cat /dev/zero`), `prints "\x00\x00`, "run it by hand", false},
		"speaks another protocol": {script(t, "sgd", `printf '1|2|unix|/tmp/\033x|grpc\n'; sleep 60`), "does not shake hands: ",
			"run it by hand", false},
		"is slow": {hasty(script(t, "sgd", "sleep 60")), "did not say within 100ms where it listens",
			"start_timeout", true},
		"fails with an escape": {liar(t, "escape"), `does not describe itself: \x1b[2J\u009b1m`, "run it by hand", false},
		"describes too much":   {liar(t, "huge"), "received message larger than max", "run it by hand", false},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p, err := plugin.Launch(t.Context(), c.program)
			if err == nil {
				p.Kill()
				t.Fatal("it started")
			}
			var died *optimizer.Died
			text := terminal.EscapeLines(err.Error())
			if !strings.Contains(err.Error(), c.want) || text != err.Error() || len(text) > 1500 ||
				errors.As(err, &died) != c.died || !strings.Contains(remedy.Of(err), c.remedy) {
				t.Errorf("%q, died: %v, remedy %q, want %q", err, died != nil, remedy.Of(err), c.want)
			}
		})
	}
}

// TestStartTimeout: the experiment and the command line say how long a program may take to start, and the message says how to
// say it.
func TestStartTimeout(t *testing.T) {
	t.Parallel()
	dir := filepath.Dir(script(t, "sgd", "sleep 600").Path)
	text := "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 5\n[[optimizer]]\nplugin = \"sgd\"\nstart_timeout = \"1s\"\n"
	file := filepath.Join(dir, "x.toml")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"run", "--plugin-dir", dir, "--out", filepath.Join(dir, "out"), file}, exitUsage},
		{[]string{"plugins", "describe", "--plugin-dir", dir, "--start-timeout", "1s", "sgd"}, exitFailed},
		{[]string{"plugins", "list", "--plugin-dir", dir, "--start-timeout", "1s"}, exitFailed},
	} {
		t.Run(c.args[0]+" "+c.args[1], func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			code := steepest(c.args, &out, &out)
			if code != c.code || !strings.Contains(out.String(), "did not say within 1s where it listens") ||
				!strings.Contains(out.String(), "give it start_timeout in the experiment, or --start-timeout") {
				t.Errorf("exit code %d\n%s", code, &out)
			}
		})
	}
}

// TestScriptKnowsItself: a script that is started from an open file finds its own folder.
func TestScriptKnowsItself(t *testing.T) {
	t.Parallel()
	b := script(t, "sgd", `echo "I am $(readlink -f "$0")" >&2; exit 1`)
	if _, err := plugin.Launch(t.Context(), b); err == nil || !strings.Contains(err.Error(), "I am "+b.Path) {
		t.Errorf("%v, want %s", err, b.Path)
	}
}

// TestTemporaryFolder: sockets are put elsewhere if $TMPDIR will not do, and nothing is left anywhere.
func TestTemporaryFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, temp := range []string{filepath.Join(dir, "missing"), filepath.Join(dir, strings.Repeat("long", 20))} {
		if strings.Contains(temp, "long") {
			if err := os.Mkdir(temp, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		p, err := plugin.Launch(t.Context(),
			plugin.Binary{Name: "sgd", Path: filepath.Join(pluginDir, proto.BinaryPrefix+"sgd"),
				Variables: environ.Variables(nil).With(map[string]string{"TMPDIR": temp})})
		if err != nil {
			t.Error(err)
			continue
		}
		p.Kill()
		if left, _ := os.ReadDir(temp); len(left) > 0 {
			t.Errorf("left in %s: %v", temp, left)
		}
	}
}

// TestFewFiles: with too few open files nothing begins, and the message says what to do; a plugin never falls back to the
// inline plane for want of them.
func TestFewFiles(t *testing.T) {
	t.Parallel()
	known(t)
	dir := t.TempDir()
	text := "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 5\n[[optimizer]]\nplugin = \"sgd\"\n" +
		"[[optimizer]]\nplugin = \"adam\"\n"
	if err := os.WriteFile(filepath.Join(dir, "x.toml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	began := 0
	for _, limit := range []int{10, 14, 18, 20, 24, 28, 32, 40, 64, 128} {
		c := exec.Command("sh", "-c",
			fmt.Sprintf("ulimit -n %d; exec steepest run --quiet --jobs 2 --out out%[1]d x.toml", limit))
		c.Dir, c.Env = dir, append(os.Environ(), plugin.PathEnv+"="+pluginDir)
		out, err := c.CombinedOutput()
		var manifest []byte
		if runs := runFolders(filepath.Join(dir, fmt.Sprintf("out%d/sgd-seed1", limit))); len(runs) == 1 {
			manifest, _ = os.ReadFile(latest(runs[0], store.RunFile))
		}
		switch {
		case err == nil && (runtime.GOOS != "linux" || strings.Contains(string(manifest), `"data_plane": "shm"`)):
			began++
		case c.ProcessState.ExitCode() != exitUsage || manifest != nil || !strings.Contains(string(out), "`ulimit -n 1024`"):
			t.Errorf("%d files: exit code %d\n%s%s", limit, c.ProcessState.ExitCode(), out, manifest)
		}
	}
	if began < 2 || began > 6 {
		t.Errorf("%d of 10 began", began)
	}
}

// TestEscapes: nothing that a plugin says or is called commands the terminal, whichever command shows it.
func TestEscapes(t *testing.T) {
	t.Parallel()
	b := script(t, "sgd", `printf '\033[2Jmine\n' >&2; printf '\033[31mmine\n'; exit 1`)
	dir := filepath.Dir(b.Path)
	if err := os.WriteFile(filepath.Join(dir, proto.BinaryPrefix+"\x1b[31m"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "x.toml")
	text := "[problem]\nkind = \"rosenbrock\"\n[[optimizer]]\nplugin = \"sgd\"\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"plugins", "list", "-v"}, {"plugins", "describe", "sgd"},
		{"plugins", "check", "--save=false", "sgd"},
		{"plugins", "check", "--save=false", "--json", "sgd"}, {"plugins", "bench", "--sizes", "2", "sgd"}, {"run", file}} {
		var out bytes.Buffer
		code := steepest(append(args, "--plugin-dir", dir), &out, &out)
		if code == exitOK || strings.ContainsRune(out.String(), '\x1b') ||
			!strings.Contains(out.String(), "mine") && args[1] != "bench" {
			t.Errorf("%v: exit code %d\n%q", args, code, &out)
		}
	}
}
