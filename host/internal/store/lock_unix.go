//go:build unix

package store

import (
	"errors"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// flock locks an open file until it is closed, or the program ends.
var flock = func(f *os.File) error {
	for {
		switch err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); {
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EWOULDBLOCK):
			return errLocked
		case slices.ContainsFunc([]error{unix.ENOTSUP, unix.ENOLCK, unix.ENOSYS, unix.EINVAL},
			func(e error) bool { return errors.Is(err, e) }):
			return errNoLocks
		default:
			return err
		}
	}
}
