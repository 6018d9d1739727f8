package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/store"
)

// named is a cell with the name of its column.
type named struct {
	name string
	cell cell
}

// runsTable writes a row for each run: what was asked of it, how it ended, and where it was made. A column is there if one of the runs
// has something in it.
func (j *job) runsTable(ctx context.Context, f *format, w io.Writer) error {
	columns, places := append([]column{}, leading...), map[string]int{}
	for i, c := range columns {
		places[c.name] = i
	}
	each := func(visit func(r *store.Record, cells []named) error) error {
		for _, r := range j.runs {
			if err := ctx.Err(); err != nil {
				return err
			}
			cells, err := describe(r)
			if err != nil {
				return fmt.Errorf("%s: %w", r.Dir, err)
			}
			if err := visit(r, cells); err != nil {
				return err
			}
		}
		return nil
	}
	err := each(func(_ *store.Record, cells []named) error {
		for _, c := range cells {
			addColumn(&columns, places, c.name, c.cell.kind)
		}
		return nil
	})
	if err != nil {
		return err
	}
	out, row := f.table(w, columns), make([]cell, len(columns))
	err = each(func(r *store.Record, cells []named) error {
		clear(row)
		copy(row, lead(r))
		for _, c := range cells {
			at := places[c.name]
			row[at] = c.cell.as(columns[at].kind)
		}
		return out.row(row)
	})
	if err != nil {
		return err
	}
	return out.close()
}

// describe is what is known of a run as a whole, beside the leading columns. The names are those of its record in JSON, joined by
// dots; a list is text.
func describe(r *store.Record) (cells []named, err error) {
	add := func(prefix string, v any) {
		if err != nil {
			return
		}
		b, e := json.Marshal(v)
		if e == nil {
			cells, e = flatten(cells, prefix, b)
		}
		err = e
	}
	one := func(name string, c cell) {
		if c.kind != text || c.s != "" {
			cells = append(cells, named{name, c})
		}
	}
	if r.Status != "" {
		add("", store.NewSummary(r.Outcome))
	}
	if r.Imported == nil {
		one("steps_asked", integerCell(r.Steps))
	}
	one("plugin", textCell(r.Optimizer.PluginNames()))
	one("variant_of", textCell(r.Optimizer.Base))
	for _, c := range r.Optimizer.Choices {
		add("choice."+c.Key, c.Value)
	}
	add("optimizer", r.Optimizer.Hyperparameters)
	for _, g := range r.Optimizer.Groups {
		if add("optimizer.group."+g.Name, g.Hyperparameters); g.Plugin != "" {
			one("optimizer.group."+g.Name+".plugin", textCell(g.Plugin))
		}
	}
	add("gradient", r.Optimizer.Gradient)
	add("problem", r.Problem)
	if r.Target != nil {
		add("target", r.Target)
	}
	add("stop", r.Stop)
	if len(r.Tags) > 0 {
		add("tags", r.Tags)
	}
	one("started", textCell(r.Started.UTC().Format(time.RFC3339Nano)))
	one("times_resumed", integerCell(len(r.Resumed)))
	one("plugin_version", textCell(r.PluginVersions()))
	one("plugin_sha256", textCell(r.PluginSums()))
	if r.Imported != nil {
		imported := *r.Imported
		if imported.Names = nil; len(r.Imported.Names) > 0 {
			names, e := json.Marshal(r.Imported.Names)
			err = errors.Join(err, e)
			one("imported.names", textCell(string(names)))
		}
		add("imported", imported)
	} else {
		add("numerics", r.Numerics)
		add("machine", r.Machine)
	}
	one("config_hash", textCell(r.ConfigHash))
	one("execution_id", textCell(r.Execution))
	return cells, err
}

// flatten appends what a JSON value holds, by the keys on the way to it.
func flatten(cells []named, name string, b json.RawMessage) ([]named, error) {
	if b[0] != '{' {
		c, err := leaf(name, b)
		if c.kind != nothing {
			cells = append(cells, named{name, c})
		}
		return cells, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if _, err := d.Token(); err != nil {
		return cells, err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return cells, err
		}
		var inner json.RawMessage
		if err := d.Decode(&inner); err != nil {
			return cells, err
		}
		path := fmt.Sprint(key)
		if name != "" {
			path = name + "." + path
		}
		if cells, err = flatten(cells, path, inner); err != nil {
			return cells, err
		}
	}
	return cells, nil
}

// leaf is a JSON value that is no object.
func leaf(name string, b json.RawMessage) (cell, error) {
	switch b[0] {
	case 'n':
		return cell{}, nil
	case 't':
		return cell{kind: truth, n: 1}, nil
	case 'f':
		return cell{kind: truth}, nil
	case '[':
		return textCell(string(b)), nil
	case '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return cell{}, err
		}
		if x, is := unwritable[s]; is && (!strings.Contains(name, ".") || strings.HasPrefix(name, "best.")) {
			return numberCell(x), nil // of a summary
		}
		return textCell(s), nil
	}
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		return cell{kind: integer, n: uint64(n)}, nil
	}
	x, err := strconv.ParseFloat(string(b), 64)
	return numberCell(x), err
}

// hyperparameter is the name of the hyperparameter that a column has.
func hyperparameter(column string) (name string, is bool) {
	return strings.CutPrefix(column, "optimizer.")
}
