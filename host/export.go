package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/metrics"
	"github.com/steepest/steepest/metrics/openmetrics"
)

// exportFormats are what results can be exported to.
var exportFormats = []string{"openmetrics"}

func exportCommand(p *program) *cobra.Command {
	var format, axis, out string
	c := &cobra.Command{
		Use:   "export RESULTS",
		Short: "Write recorded runs for Prometheus",
		Long: `Write every recorded point of the runs in a folder of results, or of the run in a run's folder, as OpenMetrics text with
timestamps, in the names and labels of the live metrics. A run that goes on is written as far as it is recorded.

--axis time   A point has the time at which the run began and its wall time since then. Prometheus tells milliseconds
              apart: a point that follows the one before within a millisecond is put one millisecond after it.
--axis step   Step n is at n seconds after 2000-01-01T00:00:00Z (1970 + 946684800 s).

promtool needs a file: it cannot read from a pipe. docs/by-step.md says how to get from here to loss against step.

Exit codes:
    0  everything was written; the last line is # EOF
    1  the record of a run is damaged, and the others were written; or a file could not be read, or the disk is full
    2  wrong arguments, or the folder holds no results; nothing was written
  130  interrupted`,
		Example: `  steepest export runs/quickstart
  steepest export runs/quickstart/adam-seed1 --axis step
  steepest export runs/quickstart --axis step --out quickstart.om
  promtool tsdb create-blocks-from openmetrics quickstart.om data`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(exportFormats, format) {
				return exit{exitUsage, fmt.Sprintf("--format %q is unknown; choose %s", format, strings.Join(exportFormats, ", "))}
			}
			if !slices.Contains(openmetrics.Axes, axis) {
				return exit{exitUsage, fmt.Sprintf("--axis %q is unknown; choose one of %s", axis, strings.Join(openmetrics.Axes, ", "))}
			}
			records, faults, err := store.ReadRecords(cmd.Context(), p.path(args[0]))
			if cmd.Context().Err() != nil {
				return exit{exitInterrupted, "interrupted; nothing was written"}
			}
			if err != nil {
				return exit{exitUsage, err.Error()}
			}
			if len(records) > 0 {
				err = export(cmd.Context(), records, openmetrics.Axis(axis), p.path(out), cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			if err == nil && len(faults) > 0 {
				err = exit{exitFailed, "not exported: " + errors.Join(faults...).Error()}
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&format, "format", exportFormats[0], "what to write: "+strings.Join(exportFormats, ", "))
	f.StringVar(&axis, "axis", string(openmetrics.Time), "what the time of a sample stands for: "+strings.Join(openmetrics.Axes, ", "))
	f.StringVarP(&out, "out", "o", "-", "write to `FILE`, whole or not at all; - is standard output")
	return c
}

// export writes the runs to a file, or to standard output if its name is -.
func export(ctx context.Context, records []*store.Record, axis openmetrics.Axis, out string, stdout, stderr io.Writer) error {
	progress := terminal.NewProgress(terminal.Status{W: stderr, Columns: func() int { return columns(stderr) }})
	var passes, ended float64 // over the runs
	runs := make([]openmetrics.Run, len(records))
	for i, r := range records {
		runs[i] = exported(r)
		passes += float64(openmetrics.Passes(runs[i]))
		runs[i].Column = func(name string, visit func(int, time.Duration, float64, bool) error) error {
			defer func() { ended++ }()
			return r.Column(name, func(step int, wall time.Duration, value float64, measured bool) error {
				progress.Show("exporting", (ended+float64(step)/float64(max(r.Steps, 1)))/passes)
				if err := ctx.Err(); err != nil {
					return err
				}
				return visit(step, wall, value, measured)
			})
		}
	}
	write := func(w io.Writer) error { return openmetrics.Write(w, runs, axis) }
	var err error
	switch info, missing := os.Stat(out); {
	case out == "-":
		err = write(stdout)
	case missing == nil && !info.Mode().IsRegular(): // such as a named pipe, which nothing can be renamed to
		var file *os.File
		if file, err = os.OpenFile(out, os.O_WRONLY, 0); err == nil {
			err = write(file)
			if e := file.Close(); err == nil {
				err = e
			}
		}
	default:
		err = atomicfile.Write(out, write)
	}
	progress.Clear()
	switch {
	case ctx.Err() != nil:
		return exit{exitInterrupted, "interrupted; the export is not complete"}
	case err != nil:
		return exit{exitFailed, "the export is not complete: " + err.Error()}
	}
	return nil
}

// exported says of a run what the live metrics say.
func exported(r *store.Record) openmetrics.Run {
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
