package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/steepest/steepest/host/internal/export"
	"github.com/steepest/steepest/host/internal/exporter"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/metrics/openmetrics"
)

func exportCommand(p *program) *cobra.Command {
	var o export.Options
	c := &cobra.Command{
		Use:   "export RESULTS...",
		Short: "Write recorded runs for pandas, polars, DuckDB, TensorBoard or Prometheus",
		Long: `Write every recorded point of the runs in folders of results, or of the run in a run's folder, and what is known of each run. A
run that goes on is written as far as it is recorded. docs/export.md has the columns, and how to load them.

--format openmetrics   text with timestamps for Prometheus, in the names and labels of the live metrics (docs/by-step.md)
--format parquet       two tables, for pandas, polars, DuckDB, R: steps.parquet and runs.parquet in the folder --out
--format csv           the same as text: steps.csv and runs.csv
--format jsonl         the same as JSON Lines: steps.jsonl and runs.jsonl
--format tensorboard   an event file for each run, in a folder of its own in the folder --out

The steps have a row for each run, step and quantity that was measured there; with --wide a row for each run and step and a column for
each quantity. The runs have a row for each run with its hyperparameters, problem and results. If --out ends as the format's files do
(x.parquet, x.csv, x.jsonl), or is standard output, it is one table: the steps, or with --table the other one.

--axis time   A point has the time at which the run began and its wall time since then. Prometheus tells milliseconds
              apart: a point that follows the one before within a millisecond is put one millisecond after it.
--axis step   Step n is at n seconds after 2000-01-01T00:00:00Z (1970 + 946684800 s).

promtool needs a file: it cannot read from a pipe. docs/by-step.md says how to get from here to loss against step.

Exit codes:
    0  everything was written
    1  the record of a run is damaged, and the others were written; or a file could not be read or written, or the disk is full
    2  wrong arguments, or a folder holds no results; nothing was written
  130  interrupted; a file or folder that is not complete was removed`,
		Example: `  steepest export runs/quickstart --format parquet --out quickstart
  steepest export runs/quickstart --format csv --wide --out quickstart.csv
  steepest export runs/quickstart --format csv --table runs
  steepest export runs/quickstart runs/digits --format tensorboard --out logs
  steepest export runs/quickstart/adam-seed1-* --axis step
  steepest export runs/quickstart --axis step --out quickstart.om
  promtool tsdb create-blocks-from openmetrics quickstart.om data`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.export(cmd, o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.Format, "format", export.Formats[0], "what to write: "+registry.Sentence(export.Formats, "or"))
	f.BoolVar(&o.Wide, "wide", false, "a row for each step, and a column for each quantity")
	f.StringVar(&o.Table, "table", "", "write this table alone: "+registry.Sentence(export.Tables, "or"))
	f.StringVar(&o.Axis, "axis", "", "what the time of a sample of openmetrics stands for: "+registry.Sentence(openmetrics.Axes, "or")+
		" (default "+openmetrics.Axes[0]+")")
	f.StringVarP(&o.Out, "out", "o", export.Standard, "write to `PATH`, a file or a folder, whole or not at all; - is standard output")
	f.BoolVar(&o.Force, "force", false, "replace the file if it exists")
	f.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "output" {
			name = "out"
		}
		return pflag.NormalizedName(name)
	})
	return c
}

// export writes the runs in some folders.
func (p *program) export(cmd *cobra.Command, o export.Options, folders []string) error {
	if o.Out != export.Standard {
		o.Out = p.path(o.Out)
	}
	if err := o.Check(); err != nil {
		return usage("%w", err)
	}
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	records, faults, err := p.records(ctx, folders)
	if ctx.Err() != nil {
		return interrupted("interrupted; nothing was written")
	}
	if err != nil {
		return usage("%w", err)
	}
	if len(records) > 0 {
		progress := terminal.NewProgress(terminal.Status{W: stderr, Columns: func() int { return terminal.Columns(stderr) }})
		o.Quantities = exporter.Quantities()
		err = export.Export(ctx, records, o, cmd.OutOrStdout(), progress)
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
}

// records opens the runs in several folders, each once.
func (p *program) records(ctx context.Context, folders []string) (all []*store.Record, faults []error, err error) {
	seen := map[string]bool{}
	for _, folder := range folders {
		records, damaged, err := store.ReadRecords(ctx, p.path(folder))
		if err != nil {
			return nil, nil, err
		}
		for _, r := range records {
			if !seen[r.Dir] {
				all = append(all, r)
			}
			seen[r.Dir] = true
		}
		faults = append(faults, damaged...)
	}
	return all, faults, nil
}
