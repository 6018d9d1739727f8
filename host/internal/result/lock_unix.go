//go:build unix

package result

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// lock keeps a second program from writing the same run. It ends with the file's closing, or the program's.
func lock(f *os.File) error {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.ENOLCK) {
		return nil // a file system without locks
	}
	return err
}
