package store

import (
	"bytes"
	"fmt"
	"testing"
)

// BenchmarkInspect reads rows as a run on a function leaves them.
func BenchmarkInspect(b *testing.B) {
	var file bytes.Buffer
	file.WriteString(Columns + "\n")
	const rows = 100_000
	for k := range rows {
		_, _ = fmt.Fprintf(&file, "%d,,%d.123456,3.0517578125123456,0.31415926535897932,0.00031415926535897932,0.001,,\n", k, k/1000)
	}
	b.SetBytes(int64(file.Len()))
	for b.Loop() {
		if found, err := inspect(bytes.NewReader(file.Bytes()), newSequence(), -1); err != nil || found.last != rows-1 {
			b.Fatal(found, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}
