package dataset

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// idxTypes are the element types of IDX by their code: their size, and how a big-endian one becomes a number.
var idxTypes = map[byte]struct {
	size int64
	get  func([]byte) float64
}{
	0x08: {1, func(b []byte) float64 { return float64(b[0]) }},
	0x09: {1, func(b []byte) float64 { return float64(int8(b[0])) }},
	0x0b: {2, func(b []byte) float64 { return float64(int16(binary.BigEndian.Uint16(b))) }},
	0x0c: {4, func(b []byte) float64 { return float64(int32(binary.BigEndian.Uint32(b))) }},
	0x0d: {4, func(b []byte) float64 { return float64(math.Float32frombits(binary.BigEndian.Uint32(b))) }},
	0x0e: {8, func(b []byte) float64 { return math.Float64frombits(binary.BigEndian.Uint64(b)) }},
}

var idxFormat = format{name: "idx", title: "IDX", array: readIDX,
	named: func(name string) bool { return strings.Contains(name, "idx") || strings.HasSuffix(name, "ubyte") }}

// readIDX reads an array in the format of MNIST (LeCun, Cortes, Burges: The MNIST database of handwritten digits): two
// bytes 0, the type of the elements, the number of dimensions, each as a big-endian 32-bit number, the elements.
func readIDX(f *file) (*array, error) {
	head, err := f.take(4, "the header")
	if err != nil {
		return nil, err
	}
	kind, ok := idxTypes[head[2]]
	if head[0] != 0 || head[1] != 0 || !ok || head[3] < 1 || head[3] > 4 {
		return nil, fmt.Errorf("%s: not an IDX file: it begins with % x, which should be 00 00, a type from 08 to 0e and 1 to "+
			"4 dimensions",
			f.name, head)
	}
	sizes, err := f.take(4*int64(head[3]), "the header")
	if err != nil {
		return nil, err
	}
	a := &array{name: f.name}
	for ; len(sizes) > 0; sizes = sizes[4:] {
		a.shape = append(a.shape, int(binary.BigEndian.Uint32(sizes)))
	}
	a.whole = head[2] <= 0x0c
	return a, a.read(f, head[2] == 0x08, false, kind.size, nil, kind.get)
}
