// Package owned marks temporary files and folders as those of a program that lives, so that what killed programs left behind
// can be told from them and removed. The mark is a lock, which ends with the program however that ends.
package owned

import (
	"os"
	"path/filepath"
	"strings"
)

// Sweep removes what is in a folder under names with the prefix, followed by digits alone, if it is this user's and its owner
// is gone. Links are not followed.
func Sweep(dir, prefix string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		number, ok := strings.CutPrefix(entry.Name(), prefix)
		if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
			continue
		}
		path := filepath.Join(dir, entry.Name())
		if f := abandoned(path); f != nil {
			_ = os.RemoveAll(path)
			_ = f.Close()
		}
	}
}

// there tells whether the open file or folder is still the one at its path.
func there(f *os.File) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	at, err := os.Lstat(f.Name())
	return err == nil && os.SameFile(open, at)
}
