package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/picture"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/proto"
)

// plotOptions are the flags of steepest plot.
type plotOptions struct {
	*program
	picture.Options
	kind, problem, out, format, size string
}

func plotCommand(p *program) *cobra.Command {
	o := plotOptions{program: p}
	var kinds strings.Builder
	for _, k := range picture.Kinds {
		fmt.Fprintf(&kinds, "  %-13s %s\n", k.Name, k.Help)
	}
	c := &cobra.Command{
		Use:   "plot RESULTS",
		Short: "Draw a figure of the runs on record",
		Long: `Draw a figure of the runs on record, as SVG, PNG or PDF, fit for print. Of several problems each has a file of its own. Kinds:

` + kinds.String(),
		Example: `  steepest plot runs/quickstart -o curves.svg
  steepest plot runs/quickstart --kind distribution --measure validation_accuracy -o accuracy.pdf --size one-column
  steepest plot runs/learning-rates --kind sensitivity --against lr -o rates.png`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.plot(cmd.Context(), o.path(args[0])) },
	}
	f := c.Flags()
	f.StringVarP(&o.kind, "kind", "k", picture.Kinds[0].Name, "which `KIND` of figure: "+registry.Sentence(picture.Kinds.Names(), "or"))
	f.StringVarP(&o.out, "out", "o", "", "write it to `FILE`, whose name ends with .svg, .png or .pdf; - is standard output (default KIND.svg)")
	f.StringVar(&o.format, "format", "", "`FORMAT` where the file's name says none: "+registry.Sentence(figure.Formats(), "or"))
	f.StringVarP(&o.Measure, "measure", "m", "", "what is drawn: a `QUANTITY`, or a measure of one (default the validation loss, or else the train loss)")
	f.StringVar(&o.Against, "against", "", "the horizontal axis: of curves "+registry.Sentence(picture.Axes, "or")+"; of a sensitivity the `KEY` that was swept, of layers the optimizer")
	f.StringVar(&o.problem, "problem", "", "of several problems this one alone, by its `NAME`")
	f.StringVar(&o.size, "size", "two-columns", "`SIZE`: "+registry.Sentence(slices.Sorted(maps.Keys(picture.Sizes)), "or"))
	return c
}

func (o plotOptions) plot(ctx context.Context, dir string) error {
	kind, ok := picture.Kinds.Find(o.kind)
	if !ok {
		return usage("there is no kind of figure %q; %s", o.kind, proto.DidYouMean(o.kind, picture.Kinds.Names()))
	}
	size, ok := picture.Sizes[o.size]
	if !ok {
		return usage("--size %q is unknown; choose %s", o.size, registry.Sentence(slices.Sorted(maps.Keys(picture.Sizes)), "or"))
	}
	out := cmp.Or(o.out, kind.Name+".svg")
	base := strings.TrimSuffix(out, filepath.Ext(out))
	format := cmp.Or(o.format, strings.TrimPrefix(filepath.Ext(out), "."))
	if !slices.Contains(figure.Formats(), format) {
		return usage("%s: a figure is written as %s; end the name of the file so, or add --format", out, registry.Sentence(figure.Formats(), "or"))
	}
	results, err := picture.Open(ctx, dir)
	if err != nil {
		return fileOrUsage(err)
	}
	figures, err := results.Draw(kind, o.problem, o.Options)
	if unfit, is := errors.AsType[*picture.Unfit](err); is {
		return usage("%s: %w", dir, unfit)
	} else if err != nil {
		return fileOrUsage(err)
	}
	if out == "-" && len(figures) > 1 {
		return usage("there are %d problems, and a figure for each; choose one with --problem, or name a file with --out", len(figures))
	}
	for _, f := range figures {
		options := figure.Options{Format: format, Size: size, Embed: true}
		boxed, err := f.Boxed(options)
		if err != nil {
			return fileOrUsage(err)
		}
		if boxed != "" {
			_, _ = fmt.Fprintln(o.stderr, "warning: "+terminal.Escape(boxed))
		}
		if out == "-" {
			return fileOrUsage(figure.Write(o.stdout, f.Figure, options))
		}
		path := base + f.Suffix + filepath.Ext(out)
		if err := f.Write(o.path(path), options); err != nil {
			return fileOrUsage(err)
		}
		_, _ = fmt.Fprintln(o.stderr, terminal.Escape(path))
	}
	return nil
}
