package export

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/host/internal/tfevents"
)

var update = flag.Bool("update", false, "write what is exported to testdata")

// exported are the runs of testdata: one finished, with a scheduled hyperparameter; one diverged to infinity; one was cut off, with NaN.
func exported(t *testing.T, ctx context.Context, o Options, stdout io.Writer) error {
	t.Helper()
	records, faults, err := store.ReadRecords(t.Context(), "testdata/curves")
	if err != nil || len(faults) > 0 || len(records) != 3 {
		t.Fatal(len(records), faults, err)
	}
	if err := o.Check(); err != nil {
		return err
	}
	return Export(ctx, records, o, stdout, terminal.NewProgress(terminal.Status{Columns: func() int { return 0 }}))
}

// tables are the ways to write a table.
var tables = map[string]Options{"tidy": {}, "wide": {Wide: true}, "runs": {Table: RunsTable}}

// TestText holds the texts of tables to those in testdata, which were looked through by hand.
func TestText(t *testing.T) {
	for name, o := range tables {
		for _, o.Format = range []string{"csv", "jsonl"} {
			var b bytes.Buffer
			o.Out = Standard
			if err := exported(t, t.Context(), o, &b); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name+"."+o.Format)
			if *update {
				if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(golden); err != nil || b.String() != string(want) {
				t.Errorf("%s, %v; with -update: %s", golden, err, &b)
			}
		}
	}
}

// TestParquet: the tables have the same columns and cells as the CSV files, of types that hold them.
func TestParquet(t *testing.T) {
	for name, o := range tables {
		o.Format, o.Out = "parquet", filepath.Join(t.TempDir(), "x.parquet")
		if err := exported(t, t.Context(), o, nil); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(o.Out)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parquet.OpenFile(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		out := csvFormat.table(&text, columnsOf(f))
		r := parquet.NewReader(f)
		for rows := make([]parquet.Row, 7); ; {
			n, err := r.ReadRows(rows)
			for _, row := range rows[:n] {
				var cells []cell
				for i, v := range row {
					cells = append(cells, cellOf(f.Schema().Fields()[i], v))
				}
				if err := out.row(cells); err != nil {
					t.Fatal(err)
				}
			}
			if errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		if err := out.close(); err != nil {
			t.Fatal(err)
		}
		if want, err := os.ReadFile("testdata/" + name + ".csv"); err != nil || text.String() != string(want) {
			t.Errorf("%s.parquet holds %s, %v", name, &text, err)
		}
	}
}

func columnsOf(f *parquet.File) (columns []column) {
	for _, field := range f.Schema().Fields() {
		columns = append(columns, column{name: field.Name()})
	}
	return columns
}

func cellOf(f parquet.Field, v parquet.Value) cell {
	switch {
	case v.IsNull():
		return cell{}
	case f.Type().Kind() == parquet.Double:
		return numberCell(v.Double())
	case f.Type().Kind() == parquet.Boolean:
		c := cell{kind: truth}
		if v.Boolean() {
			c.n = 1
		}
		return c
	case f.Type().String() == parquet.Uint(64).Type().String():
		return cell{kind: natural, n: v.Uint64()}
	case f.Type().Kind() == parquet.Int64:
		return integerCell(int(v.Int64()))
	}
	return textCell(string(v.ByteArray()))
}

// TestTensorBoard: there is an event for each value in the tidy table, and only for these.
func TestTensorBoard(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	if err := exported(t, t.Context(), Options{Format: "tensorboard", Out: dir}, nil); err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	files, err := filepath.Glob(filepath.Join(dir, "*", "events.out.tfevents.*"))
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		run, began := filepath.Base(filepath.Dir(file)), 0.0
		err = tfevents.Read(bytes.NewReader(b), func(s tfevents.Scalar) error {
			if s.Step == 0 {
				began = s.Seconds
			}
			if s.Seconds < began || s.Seconds > began+1 {
				t.Errorf("%s: step %d is at %f, the first one at %f", run, s.Step, s.Seconds, began)
			}
			got[fmt.Sprint(run, " ", s.Step, " ", s.Tag)] = s.Value
			return nil
		})
		if err != nil {
			t.Error(file, err)
		}
	}
	tidy, err := os.ReadFile("testdata/tidy.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(tidy), `"adam, ""quick"""`, "adam")), "\n")[1:]
	for _, line := range lines {
		c := strings.Split(line, ",")
		key := c[1] + " " + c[6] + " " + c[9]
		x, known := got[key]
		var want float64
		if _, err := fmt.Sscan(c[10], &want); err != nil {
			t.Fatal(err)
		}
		if !known || math.Float32bits(float32(want)) != math.Float32bits(float32(x)) {
			t.Errorf("%s is %v, %v; want %s", key, x, known, c[10])
		}
	}
	if len(got) != len(lines) {
		t.Errorf("there are %d scalars, want %d", len(got), len(lines))
	}
}

// TestOneKindOfColumn: a column holds what all its runs have, whatever each of them would have alone.
func TestOneKindOfColumn(t *testing.T) {
	for _, c := range []struct {
		cells []cell
		want  string
	}{
		{[]cell{integerCell(1), {}, integerCell(-2)}, "{a 1} 1,,-2"},
		{[]cell{integerCell(1), {}, numberCell(0.5)}, "{a 2} 1,,0.5"},
		{[]cell{{}, {}}, "{a 0} ,"},
		{[]cell{integerCell(1), {kind: truth, n: 1}, textCell("x")}, "{a 4} 1,true,x"},
		{[]cell{numberCell(math.NaN()), {kind: natural, n: math.MaxUint64}}, "{a 4} NaN,18446744073709551615"},
	} {
		var columns []column
		places := map[string]int{}
		for _, x := range c.cells {
			addColumn(&columns, places, "a", x.kind)
		}
		var texts []string
		for _, x := range c.cells {
			y := x.as(columns[0].kind)
			if y.kind != nothing && y.kind != columns[0].kind {
				t.Errorf("%v became %v", x, y)
			}
			texts = append(texts, string(appendCell(nil, y)))
		}
		if got := fmt.Sprint(columns[0], " ", strings.Join(texts, ",")); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestNothingHalf: what is interrupted, or cannot be written, leaves nothing, and nothing is overwritten.
func TestNothingHalf(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, o := range []Options{{Format: "openmetrics", Out: "x.om"}, {Format: "parquet", Out: "x"}, {Format: "parquet", Out: "x.parquet"},
		{Format: "csv", Out: "x", Wide: true}, {Format: "jsonl", Out: "x.jsonl", Table: RunsTable}, {Format: "tensorboard", Out: "x"}} {
		dir := t.TempDir()
		o.Out = filepath.Join(dir, o.Out)
		if err := exported(t, stopped, o, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%+v: %v", o, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%+v left %v, %v", o, left, err)
		}
		if err := exported(t, t.Context(), o, nil); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
		if err := exported(t, t.Context(), o, nil); err == nil || !strings.Contains(err.Error(), o.Out+" exists") {
			t.Errorf("%+v: %v", o, err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Errorf("%+v left %v, %v", o, left, err)
		}
	}
}

// BenchmarkTidy writes a million values for each format of tables.
func BenchmarkTidy(b *testing.B) {
	row := append([]cell{textCell("quickstart"), textCell("adam-seed1"), textCell(strings.Repeat("0123456789abcdef", 4)), textCell("mlp"),
		textCell("adam"), {kind: natural, n: 1}}, integerCell(7), integerCell(1), numberCell(0.25), textCell("train_loss"), numberCell(0.5))
	columns := append(append(append([]column{}, leading...), stepColumns...), column{"quantity", text}, column{"value", number})
	for _, f := range formats {
		if f.table == nil {
			continue
		}
		b.Run(f.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				out := f.table(io.Discard, columns)
				for i := range 1_000_000 {
					row[6], row[10] = integerCell(i), numberCell(1/float64(i))
					if err := out.row(row); err != nil {
						b.Fatal(err)
					}
				}
				if err := out.close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
