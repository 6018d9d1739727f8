//go:build !unix

package machine

// OpenFiles is how many files this program may have open at once, which is not limited here.
func OpenFiles() uint64 { return 1 << 20 }
