package store

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/record"
)

// BenchmarkResults looks at ten thousand runs: at their records alone, and at their steps too.
func BenchmarkResults(b *testing.B) {
	const runs = 10_000
	dir := b.TempDir()
	one, p := filepath.Join(dir, "one"), newPublisher(dir)
	publishedBy(b, p, one)
	p.flush()
	files := map[string][]byte{}
	for _, name := range []string{RunFile, StepsFile} {
		text, err := os.ReadFile(filepath.Join(one, name))
		if err != nil {
			b.Fatal(err)
		}
		files[name] = text
	}
	for i := range runs - 1 {
		run := filepath.Join(dir, strconv.Itoa(i))
		if err := os.Mkdir(run, 0o777); err != nil {
			b.Fatal(err)
		}
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(run, name), text, 0o666); err != nil {
				b.Fatal(err)
			}
		}
	}
	experiment := []byte(`{"id": "a", "began": "2026-01-01T00:00:00Z", "experiment": {"name": "e", "file": "e.toml"}}`)
	if err := os.WriteFile(filepath.Join(dir, ExperimentFile), experiment, 0o666); err != nil {
		b.Fatal(err)
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	perRun := func(b *testing.B, held int) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/runs, "ns/run")
		b.ReportMetric(float64(held)/runs, "held-B/run")
	}
	list := func(b *testing.B) (all []*Record) {
		for r, err := range (&Results{Dir: dir}).Runs(b.Context()) {
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, r)
		}
		if len(all) != runs {
			b.Fatal(len(all))
		}
		return all
	}
	time.Sleep(granularity) // an index has no records that were written just now
	for _, how := range []string{"list", "index"} {
		b.Run(how, func(b *testing.B) {
			before, held := heap(), 0
			for b.Loop() {
				all := list(b)
				b.StopTimer()
				held = int(heap() - before)
				runtime.KeepAlive(all)
				if how == "list" {
					_ = os.Remove(filepath.Join(dir, IndexFile))
				}
				b.StartTimer()
			}
			perRun(b, held)
		})
	}
	b.Run("read", func(b *testing.B) {
		before, held := heap(), 0
		for b.Loop() {
			r, faults, err := ReadRecords(b.Context(), dir)
			if err != nil || len(r) != runs || len(faults) > 0 {
				b.Fatal(faults, err)
			}
			b.StopTimer()
			held = int(heap() - before)
			runtime.KeepAlive(r)
			b.StartTimer()
		}
		perRun(b, held)
	})
}

// BenchmarkPublish begins runs, records a point of each and publishes them, waiting for the disk once a second for all of them.
func BenchmarkPublish(b *testing.B) {
	dir, i := b.TempDir(), 0
	p := newPublisher(dir)
	for b.Loop() {
		publishedBy(b, p, filepath.Join(dir, strconv.Itoa(i)))
		i++
	}
	p.flush()
}

// publishedBy makes a run that diverged at its first point.
func publishedBy(b *testing.B, p *publisher, dir string) {
	r, err := Create(dir, begunWith("one"), Extra{})
	if err != nil {
		b.Fatal(err)
	}
	r.publisher, r.failed = p, func(err error) { b.Error(err) }
	err = r.Observe(point(0))
	if err := errors.Join(err, r.End(record.Outcome{Status: record.Diverged, StepsToTarget: -1})); err != nil {
		b.Fatal(err)
	}
}
