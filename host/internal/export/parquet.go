package export

import (
	"errors"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// parquetFormat is Apache Parquet, compressed with Zstandard. All columns may lack values.
var parquetFormat = format{name: "parquet", ending: ".parquet", binary: true, table: func(w io.Writer, columns []column) rows {
	group := inOrder{parquet.Group{}, columns}
	for _, c := range columns {
		group.Group[c.name] = parquet.Optional(leafOf(c.kind))
	}
	out := parquet.NewGenericWriter[any](w, parquet.NewSchema("steepest", group), parquet.MaxRowsPerRowGroup(rowsPerGroup),
		parquet.Compression(&zstd.Codec{}))
	return &parquetRows{w: out, rows: make([]parquet.Row, rowsAtOnce), texts: make([]parquetText, len(columns))}
}}

// rowsPerGroup bounds what is held in memory until it is written.
const rowsPerGroup = 1 << 16

func leafOf(k kind) parquet.Node {
	switch k {
	case number:
		return parquet.Leaf(parquet.DoubleType)
	case integer:
		return parquet.Int(64)
	case natural:
		return parquet.Uint(64)
	case truth:
		return parquet.Leaf(parquet.BooleanType)
	}
	return parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
}

// inOrder is a group whose fields have the order of the columns, not of the alphabet.
type inOrder struct {
	parquet.Group
	columns []column
}

func (g inOrder) Fields() []parquet.Field {
	fields := g.Group.Fields()
	place := map[string]int{}
	for i, c := range g.columns {
		place[c.name] = i
	}
	slices.SortFunc(fields, func(a, b parquet.Field) int { return place[a.Name()] - place[b.Name()] })
	return fields
}

type parquetRows struct {
	w     *parquet.GenericWriter[any]
	rows  []parquet.Row // that are to be written, reused
	n     int           // how many there are
	texts []parquetText // the last one of each column
}

// parquetText is a text, and its bytes: most rows have that of the row before.
type parquetText struct {
	s string
	b []byte
}

// rowsAtOnce is how many rows the writer is given.
const rowsAtOnce = 256

func (p *parquetRows) row(cells []cell) error {
	values := p.rows[p.n][:0]
	for i, c := range cells {
		var v parquet.Value
		present := 1
		switch c.kind {
		case nothing:
			present = 0
		case text:
			if t := &p.texts[i]; t.s != c.s || t.b == nil {
				t.s, t.b = c.s, append([]byte{}, c.s...)
			}
			v = parquet.ByteArrayValue(p.texts[i].b)
		case number:
			v = parquet.DoubleValue(c.x)
		case integer, natural:
			v = parquet.Int64Value(int64(c.n))
		case truth:
			v = parquet.BooleanValue(c.n != 0)
		}
		values = append(values, v.Level(0, present, i))
	}
	p.rows[p.n] = values
	if p.n++; p.n < len(p.rows) {
		return nil
	}
	return p.flush()
}

func (p *parquetRows) flush() error {
	_, err := p.w.WriteRows(p.rows[:p.n])
	p.n = 0
	return err
}

func (p *parquetRows) close() error { return errors.Join(p.flush(), p.w.Close()) }
