package export

import (
	"bufio"
	"encoding/json"
	"io"
	"math"

	"github.com/steepest/steepest/host/internal/store"
)

// jsonLines has a JSON object in each line. What is missing is a key that is not there. JSON has no NaN and nothing infinite: these are the
// texts "NaN", "Infinity" and "-Infinity", as everywhere in Steepest.
var jsonLines = format{name: "jsonl", ending: ".jsonl", table: func(w io.Writer, columns []column) rows {
	out := &jsonRows{w: bufio.NewWriterSize(w, 1<<16)}
	for _, c := range columns {
		key, _ := json.Marshal(c.name) // it is text
		out.keys = append(out.keys, append(key, ':'))
	}
	return out
}}

// unwritable are the numbers that JSON cannot hold, by the texts that stand for them.
var unwritable = map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}

type jsonRows struct {
	w    *bufio.Writer
	keys [][]byte
	line []byte
}

func (j *jsonRows) row(cells []cell) error {
	b := append(j.line[:0], '{')
	for i, c := range cells {
		if c.kind == nothing {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(b, j.keys[i]...)
		switch c.kind {
		case text:
			s, err := json.Marshal(c.s)
			if err != nil {
				return err
			}
			b = append(b, s...)
		case number:
			x, err := store.Float(c.x).MarshalJSON()
			if err != nil {
				return err
			}
			b = append(b, x...)
		default:
			b = appendCell(b, c)
		}
	}
	j.line = append(b, '}', '\n')
	_, err := j.w.Write(j.line)
	return err
}

func (j *jsonRows) close() error { return j.w.Flush() }
