package store

import (
	"errors"

	"golang.org/x/sys/unix"
)

// exchange lets two folders have each other's names, at once where the file system can.
func exchange(a, b string) error {
	err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		return exchangeSlowly(a, b)
	}
	return err
}
