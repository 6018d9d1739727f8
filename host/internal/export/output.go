package export

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/steepest/steepest/host/internal/atomicfile"
)

// free tells whether the path can be written to without a loss: where a file is to be there is none, unless it may be replaced, or
// something that takes text, such as a named pipe; where a folder is to be there is none or an empty one.
func (o Options) free(file bool) error {
	info, err := os.Stat(o.Out)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case file && info.IsDir():
		return fmt.Errorf("%s is a folder; name a file with --out", o.Out)
	case file && info.Mode().IsRegular() && !o.Force:
		return fmt.Errorf("%s exists; replace it with --force, or name another with --out", o.Out)
	case file:
		return nil
	case !info.IsDir():
		return fmt.Errorf("%s exists and is no folder; name another with --out", o.Out)
	}
	entries, err := os.ReadDir(o.Out)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s exists and is not empty; remove it, or name another folder with --out", o.Out)
	}
	return err
}

// writeFile writes a file whole or not at all, also in the place of another.
func writeFile(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err != nil || info.Mode().IsRegular() {
		return atomicfile.Write(path, write)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0) // such as a named pipe, which nothing can be renamed to
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// createFile writes a file in a folder that nobody knows yet.
func createFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	err = write(f)
	return errors.Join(err, f.Sync(), f.Close())
}

// writeFolder makes a folder and all that is in it, or nothing. An empty one may be there.
func writeFolder(path string, write func(dir string) error) error {
	dir := fmt.Sprintf("%s.%016x", filepath.Clean(path), rand.Uint64())
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	err := write(dir)
	if err == nil {
		err = os.Rename(dir, path)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	return nil
}
