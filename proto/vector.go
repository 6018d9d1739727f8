package proto

import (
	"encoding/binary"
	"fmt"
	"math"
)

// BytesPerFloat64 is the size of one element of dtype FLOAT64.
const BytesPerFloat64 = 8

// AppendFloat64s appends the little-endian bytes of v to b and returns the extended buffer.
func AppendFloat64s(b []byte, v []float64) []byte {
	n := len(b)
	need := n + len(v)*BytesPerFloat64
	if cap(b) < need {
		b = append(make([]byte, 0, need), b...)
	}
	b = b[:need]
	out := b[n:]
	for i, x := range v {
		binary.LittleEndian.PutUint64(out[i*BytesPerFloat64:], math.Float64bits(x))
	}
	return b
}

// Float64s decodes little-endian bytes into v. It fails if b does not hold exactly len(v) numbers.
func Float64s(v []float64, b []byte) error {
	if len(b) != len(v)*BytesPerFloat64 {
		return fmt.Errorf("%d bytes where %d float64 (%d bytes) are due", len(b), len(v), len(v)*BytesPerFloat64)
	}
	for i := range v {
		v[i] = math.Float64frombits(binary.LittleEndian.Uint64(b[i*BytesPerFloat64:]))
	}
	return nil
}

// MaxState is the most bytes that the state of an instance with so many parameters may have: a constant part, and a number
// of vectors as long as the weights.
func MaxState(parameters int) int { return 64<<20 + 64*BytesPerFloat64*parameters }
