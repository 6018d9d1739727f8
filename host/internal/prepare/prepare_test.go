package prepare

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plugin"
)

// TestFaultsAreErrors: what is wrong with files is told of all at once, and is still the error that it was.
func TestFaultsAreErrors(t *testing.T) {
	dir := t.TempDir()
	file, missing := filepath.Join(dir, "x.toml"), filepath.Join(dir, "missing.toml")
	if err := os.WriteFile(file, []byte("[problem]\nkind = \"rosenbrock\"\n[[optimizer]]\nplugin = \"nobody\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	pool := plugin.NewPool(nil)
	t.Cleanup(pool.Kill)
	_, err := With{Pool: pool}.Experiments(t.Context(), []string{file, missing})
	var faults Faults
	var list config.Errors
	if !errors.As(err, &faults) || len(faults) != 2 || !errors.As(err, &list) || list[0].File != file {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{"[budget]", "nobody", "missing.toml", "\n\n3 errors; nothing was started"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not told of: %v", want, err)
		}
	}
	if _, err := (With{Pool: pool}).Experiments(t.Context(), []string{file, filepath.Join(dir, ".", "x.toml")}); err == nil ||
		!strings.Contains(err.Error(), "x.toml is given twice; name it once, nothing was started") {
		t.Errorf("twice: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (With{Pool: pool}).Experiments(ctx, []string{file}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
