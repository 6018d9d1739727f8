package plugin

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/proto"
)

// searched has the plugins sgd in a and b, and lion in b, which the variable names.
func searched(t *testing.T) Search {
	t.Helper()
	dir := t.TempDir()
	for _, path := range []string{"a/sgd", "b/sgd", "b/lion"} {
		path = filepath.Join(dir, filepath.Dir(path), proto.BinaryPrefix+filepath.Base(path)+exe())
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(path), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return Search{Given: []string{"a"}, Lock: filepath.Join(dir, LockFile), Dir: dir,
		Variables: environ.Variables(nil).With(map[string]string{PathEnv: "b", "HOME": dir, "XDG_DATA_HOME": ""})}
}

func exe() string {
	if os.PathSeparator == '\\' {
		return ".exe"
	}
	return ""
}

// TestSearch: what is given comes before what the variable names, both from the search's own folder; a name and a path find the
// same program; what cannot be found is told with its cause.
func TestSearch(t *testing.T) {
	s := searched(t)
	found, err := s.Installed()
	if err != nil || len(found) < 2 || found[0].Name != "lion" || found[1].Path != filepath.Join(s.Dir, "a", filepath.Base(found[1].Path)) {
		t.Fatalf("%v, %v", found, err)
	}
	named, err1 := s.Binary("sgd")
	at, err2 := s.Binary("a/" + proto.BinaryPrefix + "sgd" + exe())
	if err := errors.Join(err1, err2); err != nil || named.Path != at.Path || at.Name != "sgd" {
		t.Errorf("%s and %s, %v", named.Path, at.Path, err)
	}
	for what, want := range map[string]string{"sdg": `did you mean "sgd"?`, "c/" + proto.BinaryPrefix + "sgd": "build the plugin first",
		"./" + LockFile: "there is no file", "a/": "is no program"} {
		if _, err := s.Binary(what); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", what, err, want)
		}
	}
	if os.PathSeparator == '/' {
		for _, program := range []string{"a/" + proto.BinaryPrefix + "shut", "b/" + proto.BinaryPrefix + "shut"} {
			if err := os.WriteFile(filepath.Join(s.Dir, program), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			for _, what := range []string{"shut", program} {
				if _, err := s.Binary(what); err == nil || !strings.Contains(err.Error(), "chmod +x") {
					t.Errorf("%s: %v", what, err)
				}
			}
		}
	}
	s.Given = []string{"none"}
	if _, err := s.Installed(); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), "--plugin-dir none: ") {
		t.Errorf("%v", err)
	}
}

// TestTrusted: without a lock file any program is trusted, with one only those that it has, and what is accepted stands there from
// then on and must stay the same.
func TestTrusted(t *testing.T) {
	s := searched(t)
	if _, err := s.Trusted(true); err == nil || !strings.Contains(err.Error(), "steepest plugins lock") {
		t.Errorf("an update without a lock file: %v", err)
	}
	sgd, err := s.Binary("sgd")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := WriteLock(s.Lock, []Binary{sgd})
	if err != nil || len(sums) != 1 {
		t.Fatal(sums, err)
	}
	trust := func(update bool) map[string]func([]byte) error {
		t.Helper()
		found, err := s.Trusted(update)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]func([]byte) error{}
		for _, b := range found {
			all[b.Name] = b.Trust
		}
		return all
	}
	var untrusted *Untrusted
	if all := trust(false); all["sgd"](sums[0]) != nil || !errors.As(all["lion"](sums[0]), &untrusted) {
		t.Error("the lock file is not kept to")
	}
	accept := trust(true)["lion"]
	if err := errors.Join(accept([]byte("first")), accept([]byte("first"))); err != nil {
		t.Error(err)
	}
	if err := accept([]byte("second")); err == nil || !strings.Contains(err.Error(), "changed since this command began") {
		t.Error(err)
	}
	if all := trust(false); all["lion"]([]byte("first")) != nil || all["sgd"](sums[0]) != nil {
		t.Error("what was accepted, or what was there before, is not in the lock file")
	}
}

// TestJudge: a program that the lock file does not name is not broken, and each remedy is told once.
func TestJudge(t *testing.T) {
	cause := errors.New("it fell")
	answers := []Answer{{Err: remedy.With(cause, "pick it up")}, {Err: remedy.With(cause, "pick it up")}, {},
		{Err: &Untrusted{Plugin: "x", Lock: "l", Is: "00"}}}
	err := Judge(answers)
	if !errors.Is(err, cause) || err.Error() != "2 of 4 plugins are broken\nremedy: pick it up" {
		t.Errorf("%v", err)
	}
	if err := Judge(answers[2:]); err != nil {
		t.Error(err)
	}
}
