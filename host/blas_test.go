package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
)

// TestAdvice: a large model on gonum, for want of OpenBLAS, earns advice; a small one or a choice does not.
func TestAdvice(t *testing.T) {
	if err := blas.Use("gonum"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blas.Use("auto") })
	experiment := func(hidden string) []plan.Plan {
		e, err := config.Parse("f.toml", "[problem]\nkind = \"mlp\"\ndataset = \"breast-cancer\"\nhidden = "+hidden+
			"\n[budget]\nsteps = 1\n[[optimizer]]\nplugin = \"x\"\n")
		if err != nil {
			t.Fatal(err)
		}
		e.Build()
		return []plan.Plan{{Experiment: e}}
	}
	for _, c := range []struct {
		choice, hidden string
		want           bool
	}{{"auto", "[1000]", true}, {"auto", "[100]", false}, {"gonum", "[1000]", false}} {
		var b strings.Builder
		blasOptions{choice: c.choice}.adviseBLAS(&b, experiment(c.hidden))
		if got := strings.Contains(b.String(), "f.toml has 32001 parameters") &&
			strings.Contains(b.String(), blas.Install); got != c.want {
			t.Errorf("--blas %s, hidden %s: %q", c.choice, c.hidden, b.String())
		}
	}
}

// TestModelsDocument runs the experiment that docs/models.md shows.
func TestModelsDocument(t *testing.T) {
	t.Parallel()
	experiment := block(t, "../docs/models.md", "toml")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "network.toml"), []byte(experiment), 0o644); err != nil {
		t.Fatal(err)
	}
	var output strings.Builder
	if code := within(dir).steepest([]string{"run", "--quiet", "network.toml"}, &output, &output); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, output.String())
	}
}
