package prepare

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is missing is told of, but its error is lost: %v", err)
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

// TestExamples: the data are split as in the run with the given seed, by default the first, and a function has none.
func TestExamples(t *testing.T) {
	file := func(problem string) string {
		file := filepath.Join(t.TempDir(), "x.toml")
		if err := os.WriteFile(file, []byte("[problem]\n"+problem+"\n[budget]\nsteps = 5\n[seeds]\nfirst = 7\ncount = 2\n[[optimizer]]\nplugin = \"nobody\"\n"),
			0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	fitted := file("kind = \"mlp\"\ndataset = \"breast-cancer\"\nhidden = []\nvalidation = 0.5")
	seven, eight := uint64(7), uint64(8)
	var found []Examples
	for _, run := range []*uint64{nil, &seven, &eight} {
		x, err := With{}.Examples(t.Context(), fitted, "", run)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, x)
	}
	if x := found[0]; x.All != len(x.Train)+len(x.Validation)+len(x.Test) || len(x.Batches.Batch(0)) == 0 {
		t.Errorf("%d rows, %d, %d and %d in parts", x.All, len(x.Train), len(x.Validation), len(x.Test))
	}
	if !slices.Equal(found[0].Train, found[1].Train) || slices.Equal(found[0].Train, found[2].Train) {
		t.Error("the first run is not that of the first seed, or another one has its split")
	}
	if _, err := (With{}).Examples(t.Context(), file("kind = \"rosenbrock\""), "", nil); err == nil || !strings.Contains(err.Error(), "has no data") {
		t.Error(err)
	}
}
