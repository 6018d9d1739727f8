//go:build !goexperiment.simd || !amd64

package matrix

// kernel is tilePlain: this build has no other.
func kernel() (tile func(a, b, c []float64, stride int), name string) { return tilePlain, "" }
