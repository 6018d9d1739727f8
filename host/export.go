package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/exporter"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/metrics/openmetrics"
)

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
			if !slices.Contains(exporter.Formats, format) {
				return usage("--format %q is unknown; choose %s", format, strings.Join(exporter.Formats, ", "))
			}
			if !slices.Contains(openmetrics.Axes, axis) {
				return usage("--axis %q is unknown; choose one of %s", axis, strings.Join(openmetrics.Axes, ", "))
			}
			ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
			records, faults, err := store.ReadRecords(ctx, p.path(args[0]))
			if ctx.Err() != nil {
				return interrupted("interrupted; nothing was written")
			}
			if err != nil {
				return usage("%w", err)
			}
			if len(records) > 0 {
				progress := terminal.NewProgress(terminal.Status{W: stderr, Columns: func() int { return terminal.Columns(stderr) }})
				err = exporter.Export(ctx, records, exporter.Quantities(p.diagnostics...), openmetrics.Axis(axis), p.path(out), cmd.OutOrStdout(), progress)
			}
			switch {
			case err != nil && ctx.Err() != nil:
				return interrupted("interrupted; the export is not complete")
			case err != nil:
				return failed("the export is not complete: %w", err)
			case len(faults) > 0:
				return failed("not exported: %w", errors.Join(faults...))
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&format, "format", exporter.Formats[0], "what to write: "+strings.Join(exporter.Formats, ", "))
	f.StringVar(&axis, "axis", string(openmetrics.Time), "what the time of a sample stands for: "+strings.Join(openmetrics.Axes, ", "))
	f.StringVarP(&out, "out", "o", "-", "write to `FILE`, whole or not at all; - is standard output")
	return c
}
