package dataset

import (
	"reflect"
	"strings"
	"testing"
)

// readOrder reads an order from a text.
func readOrder(text string) ([][]int32, error) {
	f, err := reader("f", strings.NewReader(text), int64(len(text)))
	if err != nil {
		return nil, err
	}
	o := &Order{}
	if err := o.read(f); err != nil {
		return nil, err
	}
	var steps [][]int32
	for k := range o.Steps() {
		steps = append(steps, o.Step(k))
	}
	return steps, nil
}

func TestReadOrder(t *testing.T) {
	want := [][]int32{{3, 1}, {0, 2}, {4}}
	for _, text := range []string{
		"3,1\n0,2\n4\n",
		"3,1\n0,2\n4",                              // no end of the last line
		"3, 1\r\n0, 2\r\n4\r\n",                    // Windows
		"\ufeffstep,i0,i1\n0,3,1\n1,0,2\n2,4,\n",   // a byte order mark, and a table padded to its width
		"\"step\",\"a\",\"b\"\n0,3,1\n1,0,2\n2,4,", // R's quotes
		"first,second\n3,1\n0,2\n4\n",              // names, but no count of the steps
		zipText("3,1\n0,2\n4\n"),
	} {
		if got, err := readOrder(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"":                       "f: the file is empty",
		"step,i0\n":              "f: no step is listed; write a line for each, with the numbers of its examples",
		"1,2\n\n3,4\n":           "f:2: the line is empty",
		"1,2\n,,\n":              "f:2: the line is empty",
		"step,i0\n0\n":           "f:2: the step has no examples",
		"step,i0\n1,7\n":         "f:2:1: the step is 1, but should be 0",
		"1,2\n3,-4\n":            "f:2:3: \"-4\" is not the number of an example; write whole numbers, from 0",
		"1,2.0\n":                "f:1:3: \"2.0\" is not the number of an example",
		"1,,2\n":                 "f:1:3: \"\" is not the number of an example",
		"1 2 3\n":                "f: no step is listed",
		"0\n1 2 3\n":             "f:2:1: \"1 2 3\" is not the number of an example",
		"1,2147483648\n":         "f:1:3: \"2147483648\" is not the number of an example",
		strings.Repeat("1", 300): "is not the number of an example",
	} {
		if got, err := readOrder(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want %s", text, got, err, want)
		}
	}
}

func FuzzReadOrder(f *testing.F) {
	f.Add([]byte("step,i0,i1\n0,3,1\n1,0\n"))
	f.Add([]byte("3,1\n0,2\n"))
	fuzz(f, func(in *file) (*Order, error) {
		o := &Order{}
		return o, o.read(in)
	}, func(t *testing.T, o *Order) {
		n := 0
		for k := range o.Steps() {
			if len(o.Step(k)) == 0 {
				t.Errorf("step %d has no examples", k)
			}
			n += len(o.Step(k))
		}
		if n == 0 || n != len(o.rows) {
			t.Errorf("%d of %d rows are listed", n, len(o.rows))
		}
	})
}
