package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/steepest/steepest/host/internal/regular"
)

// Convert writes the results in a folder, which an earlier version made, as this one has them, into a folder that is not there yet, and
// returns how many runs they have. Runs that are not over are taken as they are, to be gone on with. Those whose records are damaged are
// left out, and their errors are faults. Nothing of the original is changed.
func Convert(ctx context.Context, from, to string) (runs int, faults []error, err error) {
	if exists(to) {
		return 0, nil, fmt.Errorf("%s exists; name another folder with --out", to)
	}
	folders, err := os.ReadDir(from)
	if err != nil {
		return 0, nil, err
	}
	half := fmt.Sprintf("%s.%016x", filepath.Join(filepath.Dir(to), "."+filepath.Base(to)), rand.Uint64())
	if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o777), os.Mkdir(half, 0o777)); err != nil {
		return 0, nil, noFolder(err)
	}
	defer func() { _ = os.RemoveAll(half) }() // it is gone if all went well
	c := conversion{from: from, half: half}
	for _, folder := range folders {
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		if err := c.take(folder); err != nil {
			return 0, c.faults, err
		}
	}
	f := &Folder{Dir: half}
	switch {
	case c.runs == 0 && len(c.faults) == 0:
		return 0, nil, fmt.Errorf("%s is no results folder: there is no run in it; name the folder of one experiment, such as runs/quickstart", from)
	case c.runs == 0:
		return 0, c.faults, nil
	case !c.earlier:
		return 0, c.faults, fmt.Errorf("%s has the layout of this version: there is nothing to import", from)
	case len(c.whole) > 0:
		f.began = c.whole[0].Began
		if err := f.keepEarlier(c.whole); err != nil {
			return 0, c.faults, err
		}
	}
	if err := syncTree(half); err != nil {
		return 0, c.faults, err
	}
	return c.runs, c.faults, os.Rename(half, to)
}

// conversion writes what is in a folder of results into another.
type conversion struct {
	from, half string
	runs       int
	faults     []error  // of runs that were left out
	earlier    bool     // whether some run has the layout of an earlier version
	whole      []*begun // experiments that stood in the records of runs
}

// take takes one of the things in the folder.
func (c *conversion) take(entry fs.DirEntry) error {
	name, path := entry.Name(), filepath.Join(c.from, entry.Name())
	switch {
	case !entry.IsDir() && (name == ExperimentFile || another.MatchString(name)):
		return copyFile(path, filepath.Join(c.half, name))
	case !entry.IsDir() || strings.HasPrefix(name, "."):
		return nil
	}
	s, err := stand(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && s.begun == nil:
		return nil
	case err == nil && s.published:
		err = s.verify()
	}
	if err != nil {
		c.faults = append(c.faults, err)
		return nil
	}
	c.earlier = c.earlier || exists(filepath.Join(path, ManifestFile))
	if s.begun.whole != nil {
		c.whole = append(c.whole, s.begun.whole)
	}
	c.runs++
	return s.convert(c.half, name)
}

// convert writes the run into a folder with results, by a name if it is not over.
func (s *standing) convert(dir, name string) error {
	if s.published && exists(filepath.Join(s.dir, ManifestFile)) {
		return s.rewrite(filepath.Join(dir, s.begun.Run+"-"+s.begun.Identity[:IdentityDigits]))
	}
	dir = filepath.Join(dir, name)
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	files, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		if strings.HasPrefix(file.Name(), ".") {
			continue
		}
		if err := copyFile(filepath.Join(s.dir, file.Name()), filepath.Join(dir, file.Name())); err != nil {
			return err
		}
	}
	return nil
}

// rewrite writes the record of a run that is over into a new folder.
func (s *standing) rewrite(dir string) error {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	if err := copyFile(s.steps(), filepath.Join(dir, StepsFile)); err != nil {
		return err
	}
	if log := filepath.Join(s.dir, LogFile); exists(log) {
		if info, err := os.Stat(log); err != nil || info.Size() > 0 {
			if err := errors.Join(err, copyFile(log, filepath.Join(dir, LogFile))); err != nil {
				return err
			}
		}
	}
	f, _, err := regular.Open(filepath.Join(dir, StepsFile))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	found, err := inspect(f, s.record.sequence(), -1)
	if err != nil {
		return err
	}
	r := *s.record
	r.StepsCSV = &found.content
	b, err := r.sealed()
	if err != nil {
		return err
	}
	return writeNew(filepath.Join(dir, RunFile), b, false)
}

// syncTree waits until all files in a folder are on the disk.
func syncTree(dir string) error {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	return errors.Join(err, syncAll(dir, files))
}
