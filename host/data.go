package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/proto"
)

func dataCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "data",
		Short: "List, describe and fetch data sets, and show what an experiment makes of them",
		Long: `Data sets are embedded in the program, synthetic, or files: any CSV, LIBSVM, IDX or NumPy file, and the MNIST family,
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
			w := newTable("NAME", "WHAT IT HAS", "WHERE")
			for _, k := range dataset.Catalog() {
				w.AppendRow(table.Row{k.Name, k.Summary, p.where(k)})
			}
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), w.Fit(columns(cmd.OutOrStdout())))
			return nil
		},
	}
}

// where says in a few words where a data set is.
func (p *program) where(k dataset.Known) string {
	switch {
	case k.Fetched != nil:
		folder, err := k.Fetched.Folder(p.variables)
		if err != nil {
			return "not here: steepest data fetch " + k.Name
		}
		return folder
	case k.Options != nil:
		return "synthetic"
	}
	return "embedded"
}

func dataDescribeCommand(p *program) *cobra.Command {
	var files dataset.Files
	var task, header string
	c := &cobra.Command{
		Use:   "describe NAME|FILE",
		Short: "Show what a data set or a file has",
		Example: `  steepest data describe digits
  steepest data describe measurements.csv --target-column class
  steepest data describe iris.data --format csv --header false
  steepest data describe x.npy --targets y.npy`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			files.Features, files.Task, files.Header = p.path(args[0]), dataset.Task(task), dataset.Header(header)
			known, isKnown := dataset.Find(args[0])
			out := cmd.OutOrStdout()
			text, err := unlessOver(cmd.Context(), func() (string, error) {
				files.Targets = p.path(files.Targets)
				d, err := p.describeData(known, isKnown, files)
				if err != nil {
					return "", err
				}
				return dataDescription(d, columns(out)), nil
			})
			var missing *dataset.MissingError
			switch {
			case cmd.Context().Err() != nil:
				return exit{exitInterrupted, "interrupted"}
			case errors.As(err, &missing):
				return exit{exitFailed, err.Error() + "\n" + missing.Remedy()}
			case errors.Is(err, fs.ErrNotExist):
				return exit{exitUsage, fmt.Sprintf("there is no data set or file %q; %s, or the path of a file", args[0],
					proto.DidYouMean(args[0], dataset.Names()))}
			case err != nil:
				return exit{exitFailed, err.Error()}
			}
			_, _ = fmt.Fprintln(out, text)
			if len(known.Options) > 0 {
				_, _ = fmt.Fprintf(out, "\n%s\n", optionTable(known.Options, columns(out)))
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&files.Targets, "targets", "", "`FILE` of the targets, for IDX and NumPy files")
	f.StringVar(&files.Format, "format", "", "format of the file: "+strings.Join(dataset.Formats,
		", ")+" (default: by its name)")
	f.StringVar(&files.Column, "target-column", "", "`NAME` of the target's column in a CSV file (default: the last)")
	f.StringVar(&header, "header", "", "whether the first line of a CSV file names its columns, true or false")
	f.StringVar(&files.Separator, "separator", "", "`CHARACTER` between the columns of a CSV file (default: found out)")
	f.StringVar(&files.Decimal, "decimal", "", "`CHARACTER` before the decimals in a CSV file, . or , (default .)")
	f.StringVar(&task, "task", "", "classification or regression (default: numbers with a fraction are for regression)")
	return c
}

func (p *program) describeData(k dataset.Known, isKnown bool, files dataset.Files) (*dataset.Dataset, error) {
	if isKnown {
		if files != (dataset.Files{Features: p.path(k.Name)}) {
			return nil, fmt.Errorf("the data set %s has a name; the flags are for files", k.Name)
		}
		return k.Load(p.variables, nil)
	}
	if files.Format != "" && !slices.Contains(dataset.Formats, files.Format) {
		return nil, fmt.Errorf("--format %s is none of %s", files.Format, strings.Join(dataset.Formats, ", "))
	}
	if files.Separator == `\t` || files.Separator == "tab" {
		files.Separator = "\t"
	}
	switch {
	case files.Header != dataset.HeaderAuto && files.Header != dataset.HeaderYes && files.Header != dataset.HeaderNo:
		return nil, fmt.Errorf("--header %s is neither true nor false", files.Header)
	case files.Separator != "" && !slices.Contains(dataset.Separators, files.Separator):
		return nil, fmt.Errorf("--separator %q is none of %q; the first can be written tab", files.Separator, dataset.Separators)
	case files.Decimal != "" && files.Decimal != "." && files.Decimal != ",":
		return nil, fmt.Errorf("--decimal %s is neither . nor a comma", files.Decimal)
	}
	if files.Task != dataset.Automatic && files.Task != dataset.Classification && files.Task != dataset.Regression {
		return nil, fmt.Errorf("--task %s is neither classification nor regression", files.Task)
	}
	if _, err := os.Stat(files.Features); err != nil {
		return nil, err
	}
	format := files.Format
	if format == "" {
		format = dataset.FormatOf(files.Features)
	}
	if format != "" && !dataset.HasTargets(format) && files.Targets == "" {
		return nil, fmt.Errorf("a file of the format %s has no targets; name their file with --targets", format)
	}
	return dataset.Read(files)
}

// dataDescription is a data set as people read it, on a terminal of so many columns.
func dataDescription(d *dataset.Dataset, columns int) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(&b, "%-12s %s\n", name, hanging(terminal.Escape(fmt.Sprintf(format, args...)), 13, columns))
	}
	line("name", "%s", d.Name)
	line("source", "%s", d.Source)
	if d.Test > 0 {
		line("examples", "%d and %d for testing", d.Examples()-d.Test, d.Test)
	} else {
		line("examples", "%d", d.Examples())
	}
	shape := ""
	if d.Shape != nil {
		shape = fmt.Sprintf(" (images, %d x %d x %d)", d.Shape[0], d.Shape[1], d.Shape[2])
	}
	low, high := d.Range()
	line("features", "%d%s from %.6g to %.6g", d.Features(), shape, low, high)
	line("scale", "%s, unless the experiment says otherwise", d.ScalingOf(""))
	line("memory", "%.3g MB", float64(d.X.Bytes())/1e6)
	if d.Regression() {
		low, high = math.Inf(1), math.Inf(-1)
		for _, y := range d.Y {
			low, high = min(low, y), max(high, y)
		}
		line("target", "a number from %.6g to %.6g", low, high)
	} else {
		count := make([]int, len(d.Classes))
		for _, y := range d.Y {
			count[int(y)]++
		}
		var parts []string
		for i, class := range d.Classes[:min(len(d.Classes), 20)] {
			if r := []rune(class); len(r) > 40 {
				class = string(r[:40]) + "..."
			}
			parts = append(parts, fmt.Sprintf("%s (%d)", class, count[i]))
		}
		if len(d.Classes) > 20 {
			parts = append(parts, "...")
		}
		line("classes", "%d: %s", len(d.Classes), strings.Join(parts, ", "))
	}
	for _, key := range slices.Sorted(maps.Keys(d.Content)) {
		line(key, "%d bytes, sha256 %s", d.Content[key].Bytes, d.Content[key].SHA256)
	}
	for _, w := range d.Warnings {
		line("warning", "%s; %s", w.Message, w.Remedy)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func optionTable(options []dataset.Option, columns int) string {
	w := newTable("OPTION", "DEFAULT", "ALLOWED", "MEANING")
	for _, o := range options {
		w.AppendRow(table.Row{o.Name, o.Default, o.Allowed(), o.Help})
	}
	return w.Fit(columns)
}

func dataFetchCommand(p *program) *cobra.Command {
	var from, mirror string
	var names []string
	for _, k := range dataset.Catalog() {
		if k.Fetched != nil {
			names = append(names, k.Name)
		}
	}
	c := &cobra.Command{
		Use:   "fetch " + strings.Join(names, "|"),
		Short: "Download a data set",
		Long: `Download a data set into ~/.local/share/steepest/datasets/NAME (or $XDG_DATA_HOME/steepest/datasets/NAME). Every file is
checked against its SHA-256 and appears whole or not at all. After an interruption, the same command goes on where it
stopped.`,
		Example: `  steepest data fetch fashion-mnist
  steepest data fetch mnist --from ~/Downloads
  steepest data fetch mnist --mirror https://example.org/mnist`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			known, ok := dataset.Find(args[0])
			if !ok || known.Fetched == nil {
				return exit{exitUsage, fmt.Sprintf("%q cannot be fetched; it can be %s", args[0], strings.Join(names, " or "))}
			}
			return p.fetchData(cmd.Context(), *known.Fetched, p.path(from), mirror)
		},
	}
	c.Flags().StringVar(&from, "from", "", "take the files from this `FOLDER`, compressed or not, rather than from the network")
	c.Flags().StringVar(&mirror, "mirror", "", "download from the folder at this `URL` first")
	return c
}

func (p *program) fetchData(ctx context.Context, f dataset.Fetched, from, mirror string) error {
	user, err := dataset.UserFolder(p.variables)
	if err != nil {
		return exit{exitFailed, err.Error()}
	}
	if folder, ok := f.Present(p.variables); ok {
		_, _ = fmt.Fprintf(p.stderr, "%s is there already\n", f.Name)
		_, _ = fmt.Fprintln(p.stdout, folder)
		return nil
	}
	folder := filepath.Join(user, f.Name)
	if mirror != "" {
		f.Mirrors = append([]string{mirror}, f.Mirrors...)
	}
	progress := showProgress(p.stderr)
	if from != "" {
		err = f.CopyFrom(from, folder, progress)
	} else {
		err = f.Fetch(ctx, folder, progress)
	}
	switch {
	case ctx.Err() != nil:
		return exit{exitInterrupted, "\ninterrupted; run it again to go on where it stopped"}
	case err != nil:
		return exit{exitFailed, err.Error()}
	}
	_, _ = fmt.Fprintln(p.stdout, folder)
	return nil
}

// showProgress writes how far a file has come: on a terminal all the time, elsewhere once for each file.
func showProgress(w io.Writer) dataset.Progress {
	progress := terminal.NewProgress(terminal.Status{W: w, Columns: func() int { return columns(w) }})
	return func(name string, done, total int64) {
		switch {
		case done == total:
			progress.Clear()
			_, _ = fmt.Fprintf(w, "%s  %.3g MB\n", name, float64(done)/1e6)
		case total > 0:
			progress.Show(fmt.Sprintf("%s  %.3g MB", name, float64(total)/1e6), float64(done)/float64(total))
		default:
			progress.Show(name, 0)
		}
	}
}
