package optimizer

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

func TestKind(t *testing.T) {
	p := &Plugin{Binary: Binary{Name: "x"}}
	_, unstarted := NewPool([]Binary{{Name: "x", Path: "none"}}).Get(t.Context(), "x", "")
	for want, err := range map[string]error{
		KindStart: unstarted, KindCrash: p.died("ended"), KindTimeout: p.hangs(0), KindProtocol: p.breach("its answer is %d", 1),
		KindError: errors.New("the rule failed"),
	} {
		if got := Kind(fmt.Errorf("step 1: %w", err)); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}

// TestGrantStart: of several times for one plugin the longest holds.
func TestGrantStart(t *testing.T) {
	p := NewPool([]Binary{{Name: "x"}, {Name: "y"}})
	for _, d := range []time.Duration{time.Second, time.Minute, 2 * time.Second} {
		p.GrantStart("x", d)
	}
	if x, y := p.binaries[0].startTimeout(), p.binaries[1].startTimeout(); x != time.Minute || y != DefaultStartTimeout {
		t.Errorf("%v and %v", x, y)
	}
}

// TestDataDir: a relative $XDG_DATA_HOME would make the folder in which a program is started one of plugins that are trusted.
func TestDataDir(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	for given, want := range map[string]string{"": filepath.Join(home, ".local", "share", "steepest"),
		"data": filepath.Join(home, ".local", "share", "steepest"), home: filepath.Join(home, "steepest")} {
		t.Setenv("XDG_DATA_HOME", given)
		if got := DataDir(); got != want {
			t.Errorf("XDG_DATA_HOME=%q: %s, want %s", given, got, want)
		}
	}
}
