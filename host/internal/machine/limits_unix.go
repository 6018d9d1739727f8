//go:build unix

package machine

import "syscall"

// OpenFiles is how many files this program may have open at once.
func OpenFiles() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 1 << 20
	}
	return uint64(limit.Cur)
}
