//go:build unix

package atomicfile

import (
	"errors"
	"os"
)

// syncFolder makes a renaming in it last.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
