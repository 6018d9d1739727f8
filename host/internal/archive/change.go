package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/steepest/steepest/host/internal/store"
)

// idle is an error if another program works on results.
func idle(dir string) error {
	if w, used := store.InUse(dir); used {
		return fmt.Errorf("%s is in use by %s; wait for it, or end it", dir, w)
	}
	return nil
}

// Remove removes the chosen runs, and results of which no run is left. Results in use by another program are left alone, and are an error
// before anything is removed.
func Remove(found []Found) error {
	for _, f := range found {
		if err := idle(f.Dir); err != nil {
			return err
		}
	}
	for _, f := range found {
		var dirs []string
		if f.Whole() {
			dirs = []string{f.Dir}
		} else {
			for _, r := range f.Chosen {
				dirs = append(dirs, r.Dir)
			}
		}
		for _, dir := range dirs {
			// A folder that is half gone would look damaged: it gets a name that nobody looks at first.
			gone := filepath.Join(filepath.Dir(dir), ".removed."+filepath.Base(dir))
			if err := errors.Join(os.RemoveAll(gone), os.Rename(dir, gone), os.RemoveAll(gone)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Move gives results another name or place. If to is a folder they go into it. Nothing is overwritten.
func Move(from, to string) (moved string, err error) {
	from = filepath.Clean(from)
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		to = filepath.Join(to, filepath.Base(from))
	}
	if _, err := os.Lstat(to); err == nil {
		return "", fmt.Errorf("%s is there already; choose another name", to)
	}
	if err := idle(from); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return "", err
	}
	return to, os.Rename(from, to)
}

// Garbage is what is left in results of programs that ended before they could tidy up, and with replaced also the records of runs that
// were made again. Nothing that is on record is among the former.
func Garbage(results string, replaced bool) (paths []string, bytes int64, err error) {
	if err := idle(results); err != nil {
		return nil, 0, err
	}
	entries, err := os.ReadDir(results)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".removed.") || name == store.ReplacedDir && replaced {
			paths = append(paths, filepath.Join(results, name))
		}
	}
	left, err := store.Leftovers(results)
	if err != nil {
		return nil, 0, err
	}
	paths = append(paths, left...)
	for _, path := range paths {
		err := filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			info, err := d.Info()
			if err == nil {
				bytes += info.Size()
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, 0, err
		}
	}
	return paths, bytes, nil
}

// Sweep removes garbage.
func Sweep(paths []string) error {
	var errs []error
	for _, path := range paths {
		errs = append(errs, os.RemoveAll(path))
	}
	return errors.Join(errs...)
}
