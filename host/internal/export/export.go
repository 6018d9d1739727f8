// Package export writes recorded runs for other programs: a format is a file here and a line in Formats.
package export

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/metrics"
	"github.com/steepest/steepest/metrics/openmetrics"
)

// format is a way to write runs, by one of three functions.
type format struct {
	name   string
	ending string // of the names of its files, if it writes tables
	binary bool   // it is not for standard output

	table  func(w io.Writer, columns []column) rows             // what rows are written to
	text   func(ctx context.Context, j *job, w io.Writer) error // all in one file
	folder func(ctx context.Context, j *job, dir string) error  // files of its own
}

func (f *format) String() string { return f.name }

// formats are in the order of the manual; the first is what is written if nobody says.
var formats = registry.List[*format]{&openMetrics, &parquetFormat, &csvFormat, &jsonLines, &tensorBoard}

// Formats are the names of all formats.
var Formats = formats.Names()

// The tables that there are.
const (
	StepsTable = "steps" // a row for each run, step and quantity; if it is wide, one for each run and step
	RunsTable  = "runs"  // a row for each run
)

// Standard is the name of standard output.
const Standard = "-"

// Tables are all of them.
var Tables = []string{StepsTable, RunsTable}

// Options are what those who export may choose. What is empty was not chosen.
type Options struct {
	Format string
	Table  string // the only one to write
	Wide   bool
	Axis   string
	Out    string // a file or a folder; may be Standard
	Force  bool   // replace a file

	Quantities []metrics.Quantity // of which there are metrics
}

// Check judges the options before any run is read.
func (o Options) Check() error {
	f, known := formats.Find(o.Format)
	switch {
	case !known:
		return fmt.Errorf("--format %q is unknown; choose %s", o.Format, registry.Sentence(Formats, "or"))
	case o.Axis != "" && f.text == nil:
		return fmt.Errorf("--axis does nothing with --format %s, which has both step and time; leave it out", f)
	case o.Axis != "" && !slices.Contains(openmetrics.Axes, o.Axis):
		return fmt.Errorf("--axis %q is unknown; choose one of %s", o.Axis, strings.Join(openmetrics.Axes, ", "))
	case o.Table != "" && !slices.Contains(Tables, o.Table):
		return fmt.Errorf("--table %q is unknown; choose %s", o.Table, registry.Sentence(Tables, "or"))
	case (o.Table != "" || o.Wide) && f.table == nil:
		return fmt.Errorf("--table and --wide do nothing with --format %s, which has no tables; leave them out", f)
	case o.Wide && o.Table == RunsTable:
		return fmt.Errorf("--wide does nothing with --table %s, which has a column for each quantity in any case; leave it out", RunsTable)
	case o.Out == Standard && (f.binary || f.folder != nil):
		return fmt.Errorf("--format %s is not for standard output; name a file or a folder with --out", f)
	case o.Out == Standard:
		return nil
	}
	return o.free(f.isFile(o.Out))
}

// isFile tells whether what is to be written is one file.
func (f *format) isFile(out string) bool {
	return f.text != nil || f.table != nil && strings.EqualFold(filepath.Ext(out), f.ending)
}

// job is an export that is made.
type job struct {
	Options
	runs     []*store.Record
	progress *terminal.Progress
	passes   float64 // how often the runs are read
	ended    float64 // how often they were
}

// Export writes the runs by options that were checked, to a file or a folder, whole or not at all, or to standard output.
func Export(ctx context.Context, runs []*store.Record, o Options, stdout io.Writer, progress *terminal.Progress) error {
	defer progress.Clear()
	f, _ := formats.Find(o.Format)
	j := &job{Options: o, runs: runs, progress: progress, passes: 1}
	write := func(w io.Writer) error { return f.text(ctx, j, w) }
	if f.table != nil {
		write = func(w io.Writer) error { return j.table(ctx, f, o.Table != RunsTable, w) }
	}
	switch {
	case o.Out == Standard:
		return write(stdout)
	case f.isFile(o.Out):
		return writeFile(o.Out, write)
	case f.folder != nil:
		return writeFolder(o.Out, func(dir string) error { return f.folder(ctx, j, dir) })
	}
	return writeFolder(o.Out, func(dir string) error {
		for _, table := range Tables {
			if o.Table != "" && o.Table != table {
				continue
			}
			err := createFile(filepath.Join(dir, table+f.ending), func(w io.Writer) error { return j.table(ctx, f, table == StepsTable, w) })
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// table writes one of the tables.
func (j *job) table(ctx context.Context, f *format, steps bool, w io.Writer) error {
	switch {
	case !steps:
		return j.runsTable(ctx, f, w)
	case j.Wide:
		return j.wide(ctx, f, w)
	}
	return j.tidy(ctx, f, w)
}

// points reads the points of a run, and shows how far that is.
func (j *job) points(ctx context.Context, r *store.Record, visit func(*store.Point) error) error {
	defer func() { j.ended++ }()
	return r.Points(func(p *store.Point) error {
		j.show(r, p.Step)
		if err := ctx.Err(); err != nil {
			return err
		}
		return visit(p)
	})
}

// show shows how far the export is, at a step of a run.
func (j *job) show(r *store.Record, step int) {
	j.progress.Show("exporting", (j.ended+float64(step)/float64(max(r.Steps, 1)))/(j.passes*float64(len(j.runs))))
}
