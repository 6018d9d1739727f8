package exporter

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/metrics"
	"github.com/steepest/steepest/metrics/openmetrics"
)

// Formats are what recorded runs can be exported to.
var Formats = []string{"openmetrics"}

// Export writes what was recorded of quantities to a file, whole or not at all, or to standard output if its name is -.
func Export(ctx context.Context, records []*store.Record, quantities []metrics.Quantity, axis openmetrics.Axis, file string,
	stdout io.Writer, progress *terminal.Progress) error {
	defer progress.Clear()
	var passes, ended float64 // over the runs
	runs := make([]openmetrics.Run, len(records))
	for i, r := range records {
		runs[i] = recorded(r)
		passes += float64(openmetrics.Passes(quantities, runs[i]))
		runs[i].Column = func(name string, visit func(int, time.Duration, float64, bool) error) error {
			defer func() { ended++ }()
			if r.Columns != nil && !slices.Contains(r.Columns, name) {
				return nil // it had no such diagnostic
			}
			return r.Column(name, func(step int, wall time.Duration, value float64, measured bool) error {
				progress.Show("exporting", (ended+float64(step)/float64(max(r.Steps, 1)))/passes)
				if err := ctx.Err(); err != nil {
					return err
				}
				return visit(step, wall, value, measured)
			})
		}
	}
	write := func(w io.Writer) error { return openmetrics.Write(w, quantities, runs, axis) }
	if file == "-" {
		return write(stdout)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().IsRegular() {
		return atomicfile.Write(file, write)
	}
	f, err := os.OpenFile(file, os.O_WRONLY, 0) // such as a named pipe, which nothing can be renamed to
	if err != nil {
		return err
	}
	err = write(f)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// recorded says of a run what the live metrics say.
func recorded(r *store.Record) openmetrics.Run {
	folder, err := filepath.Abs(r.Dir)
	if err != nil {
		folder = r.Dir
	}
	return openmetrics.Run{
		Info: metrics.Info{
			Experiment: r.Experiment.Name, Problem: r.Problem.Kind, Optimizer: r.Optimizer.Plugin,
			RunID: metrics.RunID(filepath.Base(filepath.Dir(folder)), r.Run, r.Execution), Variant: r.Optimizer.Name, Seed: r.Seed,
			ConfigHash: r.ConfigHash, PluginVersion: r.Plugin.Version, Scheduled: r.Scheduled(),
		},
		Status: metrics.Status(r.Status), Began: r.Started,
	}
}
