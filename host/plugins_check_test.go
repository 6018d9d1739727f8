//go:build unix

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/certificate"
	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/proto"
	"github.com/steepest/steepest/sdk/exam"
)

// wrapped is a script called as a plugin that does something around the true one. $TRUE is the true one's program.
func wrapped(t *testing.T, name, script string) plugin.Binary {
	t.Helper()
	b := plugin.Binary{Name: name, Path: filepath.Join(t.TempDir(), proto.BinaryPrefix+name)}
	text := "#!/bin/sh\nTRUE=" + filepath.Join(pluginDir, proto.BinaryPrefix+name) + "\n" + script + "\n"
	writeProgram(t, b.Path, text)
	return b
}

// rogue is the rogue under a name that makes it misbehave.
func rogue(t *testing.T, mode string) plugin.Binary {
	t.Helper()
	b := plugin.Binary{Name: "rogue-" + mode, Path: filepath.Join(t.TempDir(), proto.BinaryPrefix+"rogue-"+mode)}
	if err := os.Symlink(filepath.Join(pluginDir, proto.BinaryPrefix+"rogue"), b.Path); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCheckFindsMisbehaviour examines programs that misbehave in what only a program can do. No exam may take long or
// leave anything behind.
func TestCheckFindsMisbehaviour(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	t.Cleanup(func() {
		if left, _ := filepath.Glob(filepath.Join(temp, "steepest-*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	variables := environ.Variables(nil).With(map[string]string{"TMPDIR": temp})
	var patient certificate.Options
	remedies := map[string]string{ // the failure's, of the check that meets it
		"it exits at once":           "find out why it ends: its last words",
		"it never answers":           "do slow things after it, in Open",
		"its rule panics":            "the update rule itself fails: mend it where the message says",
		"its rule exits":             "find out why the process ends",
		"its rule hangs":             "answer every call",
		"its update is not a number": "find what is not finite",
	}
	for _, c := range []struct {
		what    string
		program plugin.Binary
		check   string
		verdict exam.Verdict
		detail  string // a pattern
		limits  certificate.Options
	}{
		{"it is honest", wrapped(t, "adam", `exec $TRUE "$@"`), "conventions", exam.Pass, `agrees with adam/eps-outside \(`,
			patient},
		{"it exits at once", wrapped(t, "sgd", `echo "no license" >&2; exit 7`), "handshake", exam.Fail,
			`^it ended before the handshake: exit status 7; its last words: no license$`, patient},
		{"it never answers", wrapped(t, "sgd", "exec sleep 60"), "handshake", exam.Fail,
			`^there was no handshake within 300ms$`, certificate.Options{Process: 300 * time.Millisecond}},
		{"it speaks another protocol", wrapped(t, "sgd", `echo "1|2|unix|/tmp/x|netrpc"; exec sleep 60`), "handshake", exam.Fail,
			`^its line is "1\|2\|unix\|/tmp/x\|netrpc"; version 1 of the protocol is`, patient},
		{"it prints before the handshake", wrapped(t, "sgd", `echo hello; exec $TRUE "$@"`), "stdout", exam.Fail,
			`^it printed "hello" before the handshake; the host takes the first line`, patient},
		{"it prints after the handshake", wrapped(t, "sgd", `$TRUE "$@" | (head -n 1; echo hello; cat)`), "stdout", exam.Pass,
			`^it printed 6 bytes after the handshake, which are lost: "hello"$`, patient},
		{"it floods standard output", wrapped(t, "sgd", `$TRUE "$@" | (head -n 1; head -c 100000 /dev/zero; cat)`),
			"stdout", exam.Fail,
			`^it printed 100000 bytes without a newline after the handshake`, patient},
		{"it outlives its host", wrapped(t, "sgd", `[ "$1" ] || unset STEEPEST_LIFELINE_FD; exec $TRUE "$@"`), "lifeline",
			exam.Fail,
			`^it still ran 1s after its life line was closed$`, certificate.Options{Process: time.Second}},
		{"it has two faces", wrapped(t, "sgd", `[ "$1" ] && echo '{"name": "sgd", "version": "9"}' && exit; exec $TRUE`),
			"describe-command", exam.Fail, `^what it prints differs from what it tells the host: version is "9", not "`, patient},
		{"it describes itself in prose", wrapped(t, "sgd", `[ "$1" ] && echo "I am SGD" && exit; exec $TRUE`),
			"describe-command", exam.Fail, `^what it prints is no description: `, patient},
		{"it does not describe itself", wrapped(t, "sgd", `[ "$1" ] && echo "describe what?" >&2 && exit 2; exec $TRUE`),
			"describe-command", exam.Fail, `^exit status 2: describe what\?$`, patient},
		{"it has another's name", wrapped(t, "momentum", `TRUE=$(dirname $TRUE)/`+proto.BinaryPrefix+`sgd; exec $TRUE "$@"`),
			"describe", exam.Fail, `calls itself "sgd"; rename the file`, patient},
		{"the SDK takes what main prints", rogue(t, "chatty"), "stdout", exam.Pass, `^$`, patient},
		{"its rule panics", rogue(t, "panic"), "determinism", exam.Fail,
			`^step 10: panic in step 10 at tensor "tensor0": runtime error: index out of range .*, at .*rogue/main.go:\d+ \(Aborted\)$`, patient},
		{"its rule exits", rogue(t, "exit"), "determinism", exam.Fail,
			`^step 10: plugin "rogue-exit" \(process \d+\) ended unexpectedly: exit status 3$`, patient},
		{"its rule ends by a signal", rogue(t, "suicide"), "snapshot-restore", exam.Fail,
			`ended unexpectedly: signal: killed$`, patient},
		{"its rule hangs", rogue(t, "hang"), "determinism", exam.Fail, `^step 10: no answer within 2s$`,
			certificate.Options{Timeout: 2 * time.Second}},
		{"it keeps the first hyperparameters", rogue(t, "first"), "groups", exam.Fail,
			`^all tensors in a group, against the same values without groups: element 0 of the update of step 1 was`, patient},
		{"its update is not a number", rogue(t, "nan"), "shapes", exam.Fail, `^element 0 of the update of step 10 is NaN$`,
			patient},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			c.program.Variables = variables
			c.limits.Only = []string{c.check, "describe"}
			found, err := certificate.Examine(t.Context(), c.program, c.limits)
			if err != nil {
				t.Fatal(err)
			}
			at := slices.IndexFunc(found.Checks, func(r exam.Result) bool { return r.Name == c.check })
			if at < 0 {
				t.Fatalf("there is no check %s:\n%s", c.check, found.Text())
			}
			r := found.Checks[at]
			if r.Verdict != c.verdict || !regexp.MustCompile(c.detail).MatchString(r.Detail) ||
				(r.Verdict == exam.Fail) != (r.Remedy != "") || !strings.Contains(r.Remedy, remedies[c.what]) {
				t.Errorf("%s: %s: %s\nremedy: %s\nwant %s", r.Name, r.Verdict, r.Detail, r.Remedy, c.detail)
			}
			if c.verdict == exam.Fail && found.Passed() {
				t.Error("it passed")
			}
		})
	}
}
