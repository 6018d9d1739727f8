package environ

import (
	"path/filepath"
	"testing"
)

// TestData: a relative $XDG_DATA_HOME would make the folder in which a program is started one of plugins that are trusted.
func TestData(t *testing.T) {
	home := t.TempDir()
	for given, want := range map[string]string{"": filepath.Join(home, ".local", "share", "steepest"),
		"data": filepath.Join(home, ".local", "share", "steepest"), home: filepath.Join(home, "steepest")} {
		v := Variables(nil).With(map[string]string{"HOME": home, "XDG_DATA_HOME": given})
		if got, err := v.Data(); got != want || err != nil {
			t.Errorf("XDG_DATA_HOME=%q: %s, want %s; %v", given, got, want, err)
		}
	}
	none := Variables(func(string) (string, bool) { return "", false })
	if got, err := none.Data(); err == nil {
		t.Errorf("without a home: %s", got)
	}
}

// TestWith: what is changed hides what was there, and the rest shows through.
func TestWith(t *testing.T) {
	t.Setenv("STEEPEST_A", "a")
	t.Setenv("STEEPEST_B", "b")
	v := Variables(nil).With(map[string]string{"STEEPEST_B": "", "TMPDIR": "/elsewhere"})
	if v.Get("STEEPEST_A") != "a" || v.Get("STEEPEST_B") != "" || v.Temporary() != "/elsewhere" {
		t.Errorf("%q %q %q", v.Get("STEEPEST_A"), v.Get("STEEPEST_B"), v.Temporary())
	}
	if _, set := v.Lookup("STEEPEST_B"); !set {
		t.Error("an empty variable is set")
	}
}
