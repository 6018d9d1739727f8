package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// syncAll makes all last that was written in the file system of a folder.
func syncAll(dir string, files []string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = unix.Syncfs(int(f.Fd()))
	if errors.Is(err, unix.ENOSYS) {
		err = syncEach(files)
	}
	return errors.Join(err, f.Close())
}
