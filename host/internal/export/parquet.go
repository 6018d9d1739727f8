package export

import (
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// parquetFormat is Apache Parquet, compressed with Zstandard. All columns may lack values.
var parquetFormat = format{name: "parquet", ending: ".parquet", binary: true, table: func(w io.Writer, columns []column) rows {
	group := inOrder{parquet.Group{}, columns}
	for _, c := range columns {
		group.Group[c.name] = parquet.Compressed(parquet.Optional(leafOf(c.kind)), &zstd.Codec{})
	}
	return &parquetRows{w: parquet.NewWriter(w, parquet.NewSchema("steepest", group), parquet.MaxRowsPerRowGroup(rowsPerGroup),
		parquet.CreatedBy("steepest", "", ""))}
}}

// rowsPerGroup bounds what is held in memory until it is written.
const rowsPerGroup = 1 << 17

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
	w    *parquet.Writer
	rows [1]parquet.Row
}

func (p *parquetRows) row(cells []cell) error {
	values := p.rows[0][:0]
	for i, c := range cells {
		var v parquet.Value
		present := 1
		switch c.kind {
		case nothing:
			present = 0
		case text:
			v = parquet.ByteArrayValue([]byte(c.s))
		case number:
			v = parquet.DoubleValue(c.x)
		case integer, natural:
			v = parquet.Int64Value(int64(c.n))
		case truth:
			v = parquet.BooleanValue(c.n != 0)
		}
		values = append(values, v.Level(0, present, i))
	}
	p.rows[0] = values
	_, err := p.w.WriteRows(p.rows[:])
	return err
}

func (p *parquetRows) close() error { return p.w.Close() }
