//go:build linux && !race

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/plugin"
)

// TestLittleMemory: where too few addresses may be mapped, the program says so before it begins, rather than to crash or
// to hang in OpenBLAS; where there are enough, it works.
func TestLittleMemory(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.toml"), []byte("[problem]\nkind = \"mlp\"\ndataset = \"breast-cancer\"\nhidden = [64, 64]\n"+
		"[budget]\nsteps = 20\n[seeds]\ncount = 4\n[[optimizer]]\nplugin = \"sgd\"\nlr = 0.1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blas.Use("auto") })
	for _, choice := range blas.Choices[1:] {
		if err := blas.Use(choice); err != nil {
			t.Log(err)
			continue
		}
		for limit, enough := range map[int]bool{2_000_000: false, 6_000_000: true} {
			c := exec.Command("sh", "-c", fmt.Sprintf(`ulimit -v %d && exec "$0" "$@"`, limit), "steepest", "run", "--jobs", "4", "--blas", choice,
				"--out", fmt.Sprint(choice, limit), "x.toml")
			c.Dir, c.Env = dir, append(os.Environ(), plugin.PathEnv+"="+pluginDir, "GOMAXPROCS=2")
			out, err := c.CombinedOutput()
			if said := strings.Contains(string(out), fmt.Sprintf("too little memory may be mapped (ulimit -v is %d)", limit)) &&
				strings.Contains(string(out), "ulimit -v unlimited"); said == enough || (err == nil) != enough {
				t.Errorf("%s, ulimit -v %d: %v\n%s", choice, limit, err, out)
			}
		}
	}
}
