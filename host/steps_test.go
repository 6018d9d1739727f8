//go:build unix && !race

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/steepest/steepest/host/internal/blas"
)

// TestStepsAllocateNothing counts what a run allocates beside one of fewer steps: each further step computes batch, gradient
// and schedule, crosses the boundary, applies the update and is recorded. Under the race detector calls allocate that
// do not otherwise.
func TestStepsAllocateNothing(t *testing.T) {
	const few, more = 50, 1550
	const tolerance = 0.5 // allocations a step: the runtime has some now and then
	needSharedMemory(t, launch(t, "adam"))
	t.Cleanup(func() { blas.SetThreads(1) })
	for name, problem := range map[string]string{
		"dense": "kind = \"mlp\"\nhidden = [32, 16]\nactivation = \"relu\"\n",
		"conv": "kind = \"network\"\nlayer = [{ kind = \"conv2d\", filters = 4, kernel = 3, activation = \"relu\" }, { kind = \"max-pool\" }, " +
			"{ kind = \"batch-norm\" }, { kind = \"flatten\" }, { kind = \"dropout\", rate = 0.2 }, { kind = \"dense\" }]\n",
	} {
		for threads := 1; threads <= 2; threads++ {
			allocated := func(steps int) uint64 {
				dir := t.TempDir()
				file := filepath.Join(dir, "e.toml")
				src := fmt.Sprintf("[problem]\n%sdataset = \"digits\"\nbatch = 32\n[gradient]\nclip_norm = 1.0\n[budget]\nsteps = %d\n"+
					"[[optimizer]]\nplugin = \"adam\"\nlr = { schedule = \"cosine\", from = 0.01, steps = 1000, warmup = 10 }\n", problem, steps)
				if err := os.WriteFile(file, []byte(src), 0o644); err != nil {
					t.Fatal(err)
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				if code := steepest([]string{"run", "--quiet", "--plugin-dir", pluginDir, "--out", filepath.Join(dir, "out"),
					"--data-plane", "shm",
					"--threads", fmt.Sprint(threads), file}, io.Discard, io.Discard); code != exitOK {
					t.Fatalf("exit code %d", code)
				}
				runtime.ReadMemStats(&after)
				return after.Mallocs - before.Mallocs
			}
			allocated(few)
			first := allocated(few)
			each := (float64(allocated(more)) - float64(first)) / (more - few)
			if t.Logf("%s, %d threads: %.3f allocations a step", name, threads, each); each > tolerance {
				t.Errorf("%s, %d threads: %.3f allocations a step", name, threads, each)
			}
		}
	}
}
