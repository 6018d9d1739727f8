package dataset

import "bytes"

// embedded are the data sets inside the program.
var embedded = []Known{breastCancer, digits}

// embeddedRows are the lines of a file without header whose target is in the column at.
func embeddedRows(name string, content []byte, at int) (*rows, error) {
	f, err := reader(name, bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, err
	}
	r, err := newRecords(f, ",")
	if err != nil {
		return nil, err
	}
	out := &rows{name: name, at: at}
	return out, out.rest(r)
}
