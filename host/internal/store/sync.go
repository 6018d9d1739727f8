package store

import (
	"errors"
	"io/fs"
	"os"
)

// syncEach makes files last, one after another. What is gone meanwhile needs none of that.
func syncEach(files []string) error {
	for _, file := range files {
		f, err := os.OpenFile(file, os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}
