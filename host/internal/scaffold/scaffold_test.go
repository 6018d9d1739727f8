package scaffold

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/sdk/exam"
)

func TestCheck(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, dir, want string }{
		{"lion", filepath.Join(full, "new"), ""},
		{"my-rule2", t.TempDir(), ""},
		{"Lion", "new", "is no name"},
		{"2lion", "new", "is no name"},
		{"lion_2", "new", "is no name"},
		{"lion-", "new", "is no name"},
		{"../lion", "new", "is no name"},
		{"", "new", "is no name"},
		{strings.Repeat("a", 65), "new", "is no name"},
		{"lion", full, "is not empty"},
		{"lion", filepath.Join(full, "thesis.tex"), "cannot use the folder"},
	} {
		err := (&Plugin{Name: c.name, Dir: c.dir}).Check()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%q in %s: %v, want %q", c.name, c.dir, err, c.want)
		}
	}
}

// TestFindSDK: a released host asks for its own version, any other for the checkout that it was built from.
func TestFindSDK(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ given, version, want, dir, fault string }{
		{"", "v1.2.3", "v1.2.3", "", ""},
		{"", "v1.2.3-rc.1", "v1.2.3-rc.1", "", ""},
		{"", "devel", "v0.0.0", root, ""},
		{"", "v0.0.0-20260102030405-0123456789ab", "v0.0.0", root, ""},
		{"", "v1.2.4-0.20260102030405-0123456789ab", "v0.0.0", root, ""},
		{"", "v1.2.3+dirty", "v0.0.0", root, ""},
		{"../../..", "v1.2.3", "v0.0.0", root, ""},
		{".", "v1.2.3", "", "", "is no checkout"},
		{t.TempDir(), "devel", "", "", "is no checkout"},
	} {
		got, err := FindSDK(c.given, c.version)
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%q, %s: %v, want %s", c.given, c.version, err, c.fault)
			}
			continue
		}
		if err != nil || got.Version != c.want || got.Dir != c.dir || (got.Dir != "") != (len(got.requirements) == 15 &&
			got.sums != nil) {
			t.Errorf("%q, %s: %s in %q with %d requirements, %v", c.given, c.version, got.Version, got.Dir,
				len(got.requirements), err)
		}
	}
}

// TestLean: of what a released host was built with, a plugin requires what the SDK is made of.
func TestLean(t *testing.T) {
	got := lean([]*debug.Module{{Path: "github.com/spf13/cobra", Version: "v1.0.0"}, {Path: "google.golang.org/grpc", Version: "v1.2.3"}})
	if !slices.Equal(got, []string{"google.golang.org/grpc v1.2.3"}) {
		t.Error(got)
	}
}

// TestWriteForRelease: without a checkout, go.mod asks for the release alone, and go mod tidy is left to add the rest.
func TestWriteForRelease(t *testing.T) {
	p := Plugin{Name: "lion", Dir: filepath.Join(t.TempDir(), "a", "b"), SDK: SDK{Version: "v1.2.3"}}
	if err := p.Write(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(p.Dir, "go.mod"))
	root, err2 := os.ReadFile("../../../go.mod")
	if err2 != nil || !strings.Contains(string(root), "\ngo "+goVersion+"\n") {
		t.Errorf("go.mod of Steepest does not say go %s: %v", goVersion, err2)
	}
	want := "module steepest-optimizer-lion\n\ngo " + goVersion + "\n\nrequire github.com/steepest/steepest v1.2.3\n"
	if err != nil || string(b) != want {
		t.Errorf("%q, %v", b, err)
	}
	entries, err := os.ReadDir(p.Dir)
	if err != nil || len(entries) != 6 {
		t.Errorf("%v, %v", entries, err)
	}
}

// TestNeededModules: what go.mod requires is what the SDK's packages are made of.
func TestNeededModules(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", module+"/sdk", module+"/sdk/opttest").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(string(out))
	slices.Sort(want)
	want = slices.DeleteFunc(slices.Compact(want), func(path string) bool { return path == module })
	if got := strings.Fields(needed); !slices.Equal(got, want) {
		t.Errorf("modules.txt has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestEveryName: a plugin is green from its first minute, outside the repository and offline, whatever its name: also if that
// is a published rule's, which the exam would hold it to.
func TestEveryName(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles plugins")
	}
	sdk, err := FindSDK("../../..", "")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	names := []string{"x", "my-rule2", "adam-w", "rms-prop", strings.Repeat("a", 64)}
	for _, convention := range exam.Conventions() {
		name, _, _ := strings.Cut(convention, "/")
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range slices.Compact(names) {
		p := Plugin{Name: name, Dir: filepath.Join(root, name), SDK: sdk}
		if i == 0 {
			p.Dir = root // the others become packages of its module: one go test for all
		}
		if err := p.Write(); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			_ = os.Remove(filepath.Join(p.Dir, "go.mod"))
		}
	}
	for _, command := range [][]string{{"gofmt", "-l", "."}, {"go", "vet", "./..."},
		{"go", "test", "-vet=off", "-ldflags=-s -w", "./..."}} {
		run := exec.Command(command[0], command[1:]...)
		run.Dir, run.Env = root, append(os.Environ(), "GOFLAGS=-mod=readonly", "GOPROXY=off")
		if out, err := run.CombinedOutput(); err != nil || command[0] == "gofmt" && len(out) > 0 {
			t.Fatalf("%v: %v\n%s", command, err, out)
		}
	}
}

// TestPython: a plugin in Python is a script that can be run, and requires the release or the checkout.
func TestPython(t *testing.T) {
	for _, c := range []struct {
		sdk  SDK
		want map[string]string // in each file
	}{
		{SDK{Version: "v1.2.3"}, map[string]string{
			"requirements.txt": "steepest-sdk @ git+https://github.com/steepest/steepest@v1.2.3#subdirectory=sdk/python\n", "Makefile": "plugins check",
			"README.md": "plugin = \"lion-2\"", ".gitignore": "__pycache__", "test_rule.py": "steepest-optimizer-lion-2"}},
		{SDK{Version: "v0.0.0", Dir: "/there"}, map[string]string{
			"requirements.txt": "\n/there/sdk/python\n", "Makefile": "SDK      ?= /there/sdk/python\n", "steepest-optimizer-lion-2": `serve("lion-2", step`}},
	} {
		p := Plugin{Name: "lion-2", Dir: filepath.Join(t.TempDir(), "a"), SDK: c.sdk, Python: true}
		if err := errors.Join(p.Check(), p.Write()); err != nil {
			t.Fatal(err)
		}
		for name, want := range c.want {
			if b, err := os.ReadFile(filepath.Join(p.Dir, name)); err != nil || !strings.Contains(string(b), want) {
				t.Errorf("%s: there is no %q: %v\n%s", name, want, err, b)
			}
		}
		if entries, err := os.ReadDir(p.Dir); err != nil || len(entries) != 6 {
			t.Errorf("%v, %v", entries, err)
		}
		if info, err := os.Stat(filepath.Join(p.Dir, "steepest-optimizer-lion-2")); err != nil || info.Mode()&0o111 == 0 {
			t.Errorf("it cannot be run: %v %v", info, err)
		}
	}
	if err := (&Plugin{Name: "adam", Dir: t.TempDir(), Python: true}).Check(); err == nil || !strings.Contains(err.Error(), "such as my-adam") {
		t.Error(err)
	}
}
