package plan

import (
	"runtime"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/config"
)

// BenchmarkPlan reads an experiment of 10,000 runs, of five optimizers with 2,000 seeds, and plans them, without plugins. It says how many
// bytes are kept of a job.
func BenchmarkPlan(b *testing.B) {
	text := "[problem]\nkind = \"rosenbrock\"\ngradient_noise = 0.1\n[budget]\nsteps = 200\n[seeds]\ncount = 2000\n" +
		strings.Repeat("[[optimizer]]\nplugin = \"sgd\"\nname = \"#\"\n", 5)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		text = strings.Replace(text, "#", name, 1)
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var p Plan
	before := heap()
	b.ReportAllocs()
	for b.Loop() {
		e, err := config.Parse("f.toml", text)
		if err != nil {
			b.Fatal(err)
		}
		if p = resolved(b, e, "sum"); len(p.Jobs) != 10_000 {
			b.Fatalf("%d jobs", len(p.Jobs))
		}
	}
	b.ReportMetric(float64(heap()-before)/float64(len(p.Jobs)), "bytes/job")
	runtime.KeepAlive(p)
}

// TestJobsShareVariants: what a variant is stands once, whatever the number of its seeds.
func TestJobsShareVariants(t *testing.T) {
	p := planOf(t, "[problem]\nkind = \"rosenbrock\"\ngradient_noise = 0.1\n[budget]\nsteps = 9\n[seeds]\ncount = 3\n"+
		"[[optimizer]]\nplugin = \"sgd\"\nlr = { grid = [0.1, 0.2] }\n")
	variants := map[*config.Optimizer]int{}
	for _, j := range p.Jobs {
		variants[j.Optimizer]++
	}
	if len(p.Jobs) != 6 || len(variants) != 2 {
		t.Errorf("%d jobs of %d variants", len(p.Jobs), len(variants))
	}
	if s := p.Next(nothing{}); &s.Answers[0] != &p.Jobs[0] || &s.Jobs[0] != &p.Jobs[0] {
		t.Error("an experiment of one stage is planned twice")
	}
}
