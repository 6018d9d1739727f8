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
	earlier := false
	var whole []*begun
	for _, folder := range folders {
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		path := filepath.Join(from, folder.Name())
		if !folder.IsDir() {
			if name := folder.Name(); name == ExperimentFile || another.MatchString(name) {
				err = copyFile(path, filepath.Join(half, name))
			}
			if err != nil {
				return 0, nil, err
			}
			continue
		}
		if strings.HasPrefix(folder.Name(), ".") {
			continue
		}
		s, err := stand(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && s.begun == nil:
			continue
		case err == nil && s.published:
			err = s.verify()
		}
		if err != nil {
			faults = append(faults, err)
			continue
		}
		earlier = earlier || exists(filepath.Join(path, ManifestFile))
		if s.begun.whole != nil {
			whole = append(whole, s.begun.whole)
		}
		if err := s.convert(half, folder.Name()); err != nil {
			return 0, faults, err
		}
		runs++
	}
	f := &Folder{Dir: half}
	switch {
	case runs == 0 && len(faults) == 0:
		return 0, nil, fmt.Errorf("%s is no results folder: there is no run in it; name the folder of one experiment, such as runs/quickstart", from)
	case runs == 0:
		return 0, faults, nil
	case !earlier:
		return 0, faults, fmt.Errorf("%s has the layout of this version: there is nothing to import", from)
	case len(whole) > 0:
		f.began = whole[0].Began
		if err := f.keepEarlier(whole); err != nil {
			return 0, faults, err
		}
	}
	if err := syncTree(half); err != nil {
		return 0, faults, err
	}
	return runs, faults, os.Rename(half, to)
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
