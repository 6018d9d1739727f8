package record

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"
)

// Weights are the weights of a run that are written to files: those after listed numbers of steps, and those at the end.
type Weights struct {
	End   bool  `json:"end,omitempty"`
	Steps []int `json:"steps,omitempty"` // ascending
}

// Has tells whether those after a number of steps are.
func (w Weights) Has(step int) bool {
	_, found := slices.BinarySearch(w.Steps, step)
	return found
}

// Digest is the SHA-256 of the weights after a number of steps, by which they are compared bit for bit: of their float64 numbers,
// little-endian, in the order of the layout.
type Digest struct {
	Step   int    `json:"step"`
	SHA256 string `json:"sha256"`
}

// DigestOf weights.
func DigestOf(step int, weights []float64) Digest {
	sum := sha256.New()
	var piece []byte
	for part := range slices.Chunk(weights, 1<<13) {
		piece = piece[:0]
		for _, x := range part {
			piece = binary.LittleEndian.AppendUint64(piece, math.Float64bits(x))
		}
		sum.Write(piece)
	}
	return Digest{step, hex.EncodeToString(sum.Sum(nil))}
}
