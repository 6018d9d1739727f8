package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/config"
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
	out, format, size string
}

func plotCommand(p *program) *cobra.Command {
	o := plotOptions{program: p}
	var kinds strings.Builder
	for _, k := range picture.Kinds {
		fmt.Fprintf(&kinds, "  %-13s %s\n", k.Name, k.Help)
	}
	c := &cobra.Command{
		Use:   "plot RESULTS",
		Short: "Draw figures of the runs on record",
		Long: `Draw figures of the runs on record, as SVG, PNG or PDF, fit for print: those that the experiment names in [[figure]], or the one that is
asked for. Of several problems each has a file of its own. Kinds:

` + kinds.String(),
		Example: `  steepest plot runs/quickstart -o curves.svg
  steepest plot runs/quickstart --kind distribution --measure validation_accuracy -o accuracy.pdf --size one-column
  steepest plot runs/learning-rates --kind sensitivity --against lr -o rates.png`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.plot(cmd.Context(), o.path(args[0])) },
	}
	f := c.Flags()
	f.StringVarP(&o.Kind, "kind", "k", "", "which `KIND` of figure: "+registry.Sentence(picture.Kinds.Names(), "or")+" (default those of the experiment, or "+picture.Kinds[0].Name+")")
	f.StringVarP(&o.out, "out", "o", "", "write it to `FILE`, whose name ends with .svg, .png or .pdf, or into a folder; - is standard output (default KIND.svg, or EXPERIMENT-NAME.svg)")
	f.StringVar(&o.format, "format", "", "`FORMAT` where the file's name says none: "+registry.Sentence(figure.Formats(), "or"))
	f.StringVarP(&o.Measure, "measure", "m", "", "what is drawn: a `QUANTITY`, or a measure of one (default the validation loss, or else the train loss)")
	f.StringVar(&o.Against, "against", "", "the horizontal axis: of curves "+registry.Sentence(config.CurveAxes, "or")+"; of a sensitivity the `KEY` that was swept, such as lr or problem.batch")
	f.BoolVar(&o.Together, "together", false, "of parts: a line for each problem in one figure")
	f.StringVar(&o.Problem, "problem", "", "of several problems this one alone, by its `NAME`")
	f.StringVar(&o.Optimizer, "optimizer", "", "of several optimizers this one alone, by its `NAME` or that of one variant")
	f.StringVar(&o.size, "size", "two-columns", "`SIZE`: "+registry.Sentence(slices.Sorted(maps.Keys(picture.Sizes)), "or"))
	return c
}

func (o plotOptions) plot(ctx context.Context, dir string) error {
	size, ok := picture.Sizes[o.size]
	if !ok {
		return usage("--size %q is unknown; choose %s", o.size, registry.Sentence(slices.Sorted(maps.Keys(picture.Sizes)), "or"))
	}
	if _, known := picture.Kinds.Find(o.Kind); o.Kind != "" && !known {
		return usage("there is no kind of figure %q; %s", o.Kind, proto.DidYouMean(o.Kind, picture.Kinds.Names()))
	}
	results, err := picture.Open(ctx, dir)
	if err != nil {
		return fileOrUsage(err)
	}
	asked, name := []picture.Options{o.Options}, o.Kind
	if own := results.Figures; len(own) > 0 && o.Options == (picture.Options{}) {
		asked, name = own, results.Name
	} else if name == "" {
		asked[0].Kind, name = picture.Kinds[0].Name, picture.Kinds[0].Name
	}
	files, err := picture.FilesOf(o.out, o.format, name, o.path)
	if err != nil {
		return usage("%w", err)
	}
	figures, err := results.DrawAll(asked)
	if unfit, is := errors.AsType[*picture.Unfit](err); is {
		return usage("%s: %w", dir, unfit)
	} else if err != nil {
		return fileOrUsage(err)
	}
	if o.out == "-" && len(figures) > 1 {
		return usage("there are %d figures; choose one with --kind and --problem, or name a file with --out", len(figures))
	}
	options := figure.Options{Format: files.Format, Size: size, Embed: true}
	for _, f := range figures {
		boxed, err := f.Boxed(options)
		if err != nil {
			return fileOrUsage(err)
		}
		if boxed != "" {
			_, _ = fmt.Fprintln(o.stderr, "warning: "+terminal.Escape(boxed))
		}
		if o.out == "-" {
			return fileOrUsage(figure.Write(o.stdout, f.Figure, options))
		}
		if err := f.Write(o.path(files.Name(f)), options); err != nil {
			return fileOrUsage(err)
		}
		_, _ = fmt.Fprintln(o.stderr, terminal.Escape(files.Name(f)))
	}
	return nil
}
