package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// full takes some bytes and then has no room, as a full disk does.
type full struct {
	room int
	err  error
}

func (f *full) Write(p []byte) (int, error) {
	n := min(len(p), f.room)
	if f.room -= n; n < len(p) {
		return n, f.err
	}
	return n, nil
}

// TestStandardOutputFull: what cannot be written to standard output is an error of every verb.
func TestStandardOutputFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "x.toml")
	if err := os.WriteFile(file, []byte("[problem]\nkind = \"sphere\"\n[budget]\nsteps = 3\n[[optimizer]]\nplugin = \"sgd\"\n"),
		0o644); err != nil {
		t.Fatal(err)
	}
	if code := steepest([]string{"run", "--plugin-dir", pluginDir, "--out", filepath.Join(dir, "results"), file}, io.Discard,
		io.Discard); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	here := within("", "XDG_DATA_HOME="+dir) // for the certificate
	for i, c := range []struct {
		args string
		room int
	}{
		{"run --json --out OUT FILE", 0}, {"run --json --out OUT FILE", 100}, {"run -q --out OUT FILE", 0}, {"version", 0},
		{"data list", 0}, {"data describe digits", 0}, {"problems list", 0}, {"problems describe beale", 20}, {"plugins list", 0},
		{"plugins describe sgd", 0}, {"plugins describe --json sgd", 0}, {"plugins check sgd", 0}, {"export RESULTS", 0},
		{"completion bash", 0}, {"help", 0}, {"help run", 0}, {"--help", 0},
	} {
		if testing.Short() && strings.HasPrefix(c.args, "plugins check") {
			continue // an exam takes long under the race detector
		}
		args := strings.Fields(strings.NewReplacer("FILE", file, "OUT", filepath.Join(dir, "out", string(rune('a'+i))), "RESULTS",
			filepath.Join(dir, "results")).Replace(c.args))
		var stderr bytes.Buffer
		failure := &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
		code := here.steepest(append(args, "--plugin-dir", pluginDir), &full{c.room, failure}, &stderr)
		if code != exitFailed || strings.Count(stderr.String(), syscall.ENOSPC.Error()) != 1 {
			t.Errorf("%s: exit code %d\n%s", c.args, code, stderr.String())
		}
	}
	var stderr bytes.Buffer
	if code := steepest([]string{"problems", "list"}, &full{0, syscall.EPIPE}, &stderr); code != exitFailed || stderr.Len() > 0 {
		t.Errorf("a reader that is gone: exit code %d, %q", code, stderr.String())
	}
}

func TestMisspelt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, want string }{
		{"rm results", "use `steepest runs rm RESULTS`"},
		{"tune x.toml", "a table [tune] into the experiment file"},
		{"sweep x.toml", "write lr = { log_grid"},
		{"resume x.toml", "use `steepest run --resume FILE`"},
		{"rn x.toml", `did you mean "run"?`},
		{"bogus", "use one of check, "},
		{"plugins lst", `did you mean "list"?`},
		{"plugins install lion", "steepest plugins list -v"},
		{"data download mnist", "use `steepest data fetch NAME`"},
		{"problems", ""},
		{"completion tcsh", "bash, fish, powershell, zsh"},
		{"help bogus", `steepest has no command "bogus"`},
		{"help plugins chek", `did you mean "check"?`},
		{"help plugins check", ""},
		{"run --job 3 x.toml", `steepest run has no flag --job; did you mean "--jobs"?`},
	} {
		var stdout, stderr bytes.Buffer
		code := steepest(strings.Fields(c.args), &stdout, &stderr)
		if c.want == "" {
			if code != exitOK || stdout.Len() == 0 {
				t.Errorf("%s: exit code %d\n%s", c.args, code, stderr.String())
			}
		} else if code != exitUsage || !strings.Contains(stderr.String(), c.want) || stdout.Len() > 0 {
			t.Errorf("%s: exit code %d\n%s%s", c.args, code, stdout.String(), stderr.String())
		}
	}
	// What the advice names exists.
	for words, advice := range meant {
		if fields := strings.Split(advice, "`"); len(fields) > 1 {
			for i := 1; i < len(fields); i += 2 {
				args := strings.Fields(fields[i])
				if args[0] != "steepest" {
					t.Errorf("%s: %s", words, advice)
				}
				var stderr bytes.Buffer
				if code := steepest(append(args[1:], "--help"), io.Discard, &stderr); code != exitOK {
					t.Errorf("%s: %s\n%s", words, fields[i], stderr.String())
				}
			}
		}
	}
}
