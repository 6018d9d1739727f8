package scaffold

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
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
		{strings.Repeat("a", 51), "new", "is no name"},
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
		if err != nil || got.Version != c.want || got.Dir != c.dir || (got.Dir != "") != (len(got.requirements) > 10 &&
			got.sums != nil) {
			t.Errorf("%q, %s: %s in %q with %d requirements, %v", c.given, c.version, got.Version, got.Dir,
				len(got.requirements), err)
		}
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
