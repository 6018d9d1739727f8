package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/archive"
	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/proto"
)

func compareCommand(p *program) *cobra.Command {
	var o compare.Options
	var format string
	var formats strings.Builder
	for _, f := range report.ComparisonFormats {
		fmt.Fprintf(&formats, "  %-9s %s\n", f.Name, f.Help)
	}
	c := &cobra.Command{
		Use:   "compare RESULTS...",
		Short: "Compare optimizers by the runs on record, with intervals and tests",
		Long: `Compare optimizers by the runs on record in one or several folders of results: medians with intervals, what it took to reach the
target, paired differences over seeds, the sensitivity to what was swept, and over several problems profiles and ranks. docs/compare.md
says what each number is. Formats:

` + formats.String(),
		Example: `  steepest compare runs/quickstart
  steepest compare runs/quickstart --measure 'validation_accuracy best' --baseline sgd
  steepest compare runs/a runs/b --by optimizer --format latex > table.tex
  steepest compare runs/quickstart --format json | jq '.problems[].rows[] | {row, value}'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return p.compare(cmd.Context(), o, format, args) },
	}
	f := c.Flags()
	f.StringVar(&o.By, "by", compare.ByVariant, "what rows are: variant, optimizer, or a `KEY` of optimizers such as lr")
	f.StringVarP(&o.Measure, "measure", "m", "", "what is compared: a `QUANTITY`, or a measure of one (default the validation loss, or else the train loss)")
	f.StringVar(&o.Baseline, "baseline", "", "compare each row with the one of this `NAME` (default the best median)")
	f.BoolVar(&o.AllPairs, "all-pairs", false, "compare each row with every other")
	f.StringVar(&format, "format", report.ComparisonFormats[0].Name, "write "+registry.Sentence(report.ComparisonFormats.Names(), "or"))
	c.MarkFlagsMutuallyExclusive("baseline", "all-pairs")
	return c
}

// compare writes the comparison of the runs in some folders.
func (p *program) compare(ctx context.Context, o compare.Options, format string, folders []string) error {
	drawing, ok := report.ComparisonFormats.Find(format)
	if !ok {
		return usage("--format %q is unknown; %s", format, proto.DidYouMean(format, report.ComparisonFormats.Names()))
	}
	results, err := archive.Folders(ctx, p.results(folders))
	if err != nil {
		return beforeStart(ctx, err)
	}
	o.Schema = append(record.Standard(), diagnose.Quantities(diagnose.Every())...)
	c, faults, err := compare.Read(ctx, results, o)
	if bad, is := errors.AsType[*compare.BadMeasure](err); is {
		return usage("--measure: %w", bad)
	}
	if none, is := errors.AsType[*compare.NoBaseline](err); is {
		return usage("%w", none)
	}
	if err != nil {
		return beforeStart(ctx, err)
	}
	if err := drawing.Write(p.stdout, c, terminal.Columns(p.stdout)); err != nil {
		return failed("the comparison could not be written: %w", err)
	}
	if len(faults) > 0 {
		return failed("not compared: %w", errors.Join(faults...))
	}
	return nil
}
