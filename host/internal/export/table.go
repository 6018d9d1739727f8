package export

// kind is what the cells of a column are.
type kind int

// The kinds. A number that is known for no row is nothing.
const (
	nothing kind = iota
	integer      // int64
	number       // float64, which may be NaN or infinite
	truth
	text
	natural // uint64
)

// column is a column of a table.
type column struct {
	name string
	kind kind
}

// cell is a value in a table; the zero cell is missing, which is something else than NaN.
type cell struct {
	kind kind
	x    float64
	n    uint64 // of an integer the bits, of a truth 0 or 1
	s    string
}

func textCell(s string) cell    { return cell{kind: text, s: s} }
func numberCell(x float64) cell { return cell{kind: number, x: x} }
func integerCell(n int) cell    { return cell{kind: integer, n: uint64(n)} }

// rows takes the rows of a table. Close ends it.
type rows interface {
	row(cells []cell) error
	close() error
}

// join is the kind that holds what two others hold.
func join(a, b kind) kind {
	switch {
	case a == nothing || a == b:
		return b
	case b == nothing:
		return a
	case a == integer && b == number || a == number && b == integer:
		return number
	}
	return text
}

// as is a cell in a column of a kind that holds it.
func (c cell) as(k kind) cell {
	switch {
	case c.kind == k || c.kind == nothing:
		return c
	case k == number && c.kind == integer:
		return numberCell(float64(int64(c.n)))
	}
	return textCell(string(appendCell(nil, c)))
}

// addColumn adds a column, unless it is there, and joins what its cells are.
func addColumn(columns *[]column, places map[string]int, name string, k kind) {
	at, is := places[name]
	if !is {
		at = len(*columns)
		places[name] = at
		*columns = append(*columns, column{name: name})
	}
	(*columns)[at].kind = join((*columns)[at].kind, k)
}
