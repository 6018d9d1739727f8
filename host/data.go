package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/regular"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/proto"
)

func dataCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "data",
		Short: "List, describe and fetch data sets, and show what an experiment makes of them",
		Long: `Data sets are embedded in the program, synthetic, or files: any ` + dataset.FormatTitles() + ` file, and the MNIST family,
which is looked for in ` + dataset.System + `/NAME and in ~/.local/share/steepest/datasets/NAME.`,
	}
	c.AddCommand(dataListCommand(p), dataDescribeCommand(p), dataFetchCommand(p), dataBatchesCommand(p), dataSplitCommand(p))
	return c
}

func dataListCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the data sets that have names",
		Example: "  steepest data list",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, _ = fmt.Fprintln(p.stdout, report.Datasets(p.variables, terminal.Columns(p.stdout)))
			return nil
		},
	}
}

func dataDescribeCommand(p *program) *cobra.Command {
	var files dataset.Files
	c := &cobra.Command{
		Use:   "describe NAME|FILE",
		Short: "Show what a data set or a file has",
		Example: `  steepest data describe digits
  steepest data describe measurements.csv --target-column class
  steepest data describe iris.data --format csv --header false
  steepest data describe x.npy --targets y.npy`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := regular.Until(cmd.Context(), func() (string, error) {
				d, err := p.data(args[0], files)
				if err != nil {
					return "", err
				}
				return report.Dataset(d, terminal.Columns(p.stdout)), nil
			})
			var missing *dataset.MissingError
			switch {
			case cmd.Context().Err() != nil:
				return interrupted("interrupted")
			case errors.As(err, &missing):
				return failed("%w\n%s", err, missing.Remedy())
			case errors.Is(err, fs.ErrNotExist):
				return usage("there is no data set or file %q; %s, or the path of a file", args[0],
					proto.DidYouMean(args[0], dataset.Names()))
			case err != nil:
				return failed("%w", err)
			}
			_, _ = fmt.Fprintln(p.stdout, text)
			if known, is := dataset.Find(args[0]); is && len(known.Options) > 0 {
				_, _ = fmt.Fprintf(p.stdout, "\n%s\n", report.Options(known.Options, terminal.Columns(p.stdout)))
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&files.Targets, "targets", "", "`FILE` of the targets, for IDX and NumPy files")
	f.StringVar(&files.Format, "format", "", "format of the file: "+strings.Join(dataset.Formats,
		", ")+" (default: by its name)")
	f.StringVar(&files.Column, "target-column", "", "`NAME` of the target's column in a CSV file (default: the last)")
	f.StringVar((*string)(&files.Header), "header", "", "whether the first line of a CSV file names its columns, true or false")
	f.StringVar(&files.Separator, "separator", "", "`CHARACTER` between the columns of a CSV file (default: found out)")
	f.StringVar(&files.Decimal, "decimal", "", "`CHARACTER` before the decimals in a CSV file, . or , (default .)")
	f.StringVar((*string)(&files.Task), "task", "", "classification or regression (default: numbers with a fraction are for regression)")
	return c
}

// data reads the data set that has a name, or is in a file.
func (p *program) data(nameOrFile string, f dataset.Files) (*dataset.Dataset, error) {
	if known, is := dataset.Find(nameOrFile); is {
		if f != (dataset.Files{}) {
			return nil, fmt.Errorf("the data set %s has a name; the flags are for files", known.Name)
		}
		return known.Load(p.variables, nil)
	}
	if f.Separator == `\t` || f.Separator == "tab" {
		f.Separator = "\t"
	}
	if err := f.Check(); err != nil {
		return nil, fmt.Errorf("--%w", err)
	}
	f.Features, f.Targets = p.path(nameOrFile), p.path(f.Targets)
	if _, err := os.Stat(f.Features); err != nil {
		return nil, err
	}
	format := f.Format
	if format == "" {
		format = dataset.FormatOf(f.Features)
	}
	if format != "" && !dataset.HasTargets(format) && f.Targets == "" {
		return nil, fmt.Errorf("a file of the format %s has no targets; name their file with --targets", format)
	}
	return dataset.Read(f)
}
