package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/regular"
)

// Results are a results folder. What is in it is known as far as it is without a look at the steps.
type Results struct {
	Dir   string
	ID    string // drawn for the experiment that was begun first
	Name  string
	File  string // of the experiment
	Began time.Time
	Tags  []string
	Notes string
}

// OpenResults reads which results are in a folder. The error is fs.ErrNotExist if it has none.
func OpenResults(ctx context.Context, dir string) (*Results, error) {
	var file struct {
		ID         string
		Began      time.Time
		File       string
		Experiment struct {
			Name, File string
			Tags       []string
			Notes      string
		}
	}
	text, err := regular.ReadFile(filepath.Join(dir, ExperimentFile), mostJSON)
	if err == nil && json.Unmarshal(text, &file) == nil && file.Experiment.File != "" {
		e := file.Experiment
		return &Results{dir, file.ID, e.Name, cmp.Or(file.File, e.File), file.Began, e.Tags, e.Notes}, nil
	}
	o, ok := originOf(dir)
	r := &Results{Dir: dir, ID: o.ID, Name: o.Experiment.Name, File: o.Experiment.File, Began: o.Began}
	if ok {
		return r, nil
	}
	for _, err := range r.Runs(ctx) { // there may be nothing but damaged ones
		if _, damaged := errors.AsType[*Damaged](err); damaged || err == nil {
			return r, nil
		}
	}
	return nil, cmp.Or(ctx.Err(), fs.ErrNotExist)
}

// Runs are the runs that were begun, in the order of the names of their folders, and in place of those whose records are damaged a Damaged.
// Any other error is the last. The index of the folder is used, and made if there is much to read.
func (r *Results) Runs(ctx context.Context) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		began := time.Now()
		folders, err := os.ReadDir(r.Dir)
		if err != nil {
			yield(nil, err)
			return
		}
		folders = slices.DeleteFunc(folders, func(f fs.DirEntry) bool { return !f.IsDir() || strings.HasPrefix(f.Name(), ".") })
		known, now, read := readIndex(r.Dir), map[string]indexed{}, 0
		looks := inOrder(ctx, len(folders), func(i int) look { return known.look(filepath.Join(r.Dir, folders[i].Name())) })
		for l := range looks {
			if l.stamp.Size > 0 {
				now[filepath.Base(l.dir)] = indexed{l.stamp, l.text}
			}
			if l.read {
				read++
			}
			if (l.record != nil || l.err != nil) && !yield(l.record, l.err) {
				return
			}
		}
		switch {
		case ctx.Err() != nil:
			yield(nil, ctx.Err())
		case read >= worthAnIndex:
			_ = writeIndex(r.Dir, now, began) // there may be none: it is for speed alone
		}
	}
}

// Run is the run in one of the folders; the error is as that of Runs, or fs.ErrNotExist if there is none.
func (r *Results) Run(folder string) (*Record, error) {
	l := (&index{}).look(filepath.Join(r.Dir, folder))
	if l.record == nil && l.err == nil {
		return nil, fs.ErrNotExist
	}
	return l.record, l.err
}

// look is what is found in a folder in which a run may be: nothing, its record, or what is wrong with that.
type look struct {
	dir    string
	record *Record
	err    error

	stamp stamp // zero of a run that does not belong into an index
	text  recordText
	read  bool // it was not in the index
}

// look looks into a folder.
func (x *index) look(dir string) look {
	if s, stamp := x.standing(dir); s != nil {
		return look{dir: dir, record: s.listed(), stamp: stamp, text: s.record.text}
	}
	l := look{dir: dir}
	info, there := os.Stat(filepath.Join(dir, RunFile)) // before it is read: what changes it meanwhile changes this
	s, err := stand(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		l.err = err
	case s.begun != nil:
		l.record = s.listed()
		if s.published && s.record.text.own != nil && there == nil {
			l.stamp, l.text, l.read = stampOf(info), s.record.text, true
		}
	}
	return l
}

// listed is the record as far as it is known without the steps.
func (s *standing) listed() *Record {
	o := s.outcome()
	return &Record{Dir: s.dir, Manifest: s.begun.Manifest, Outcome: o, Status: o.Status}
}

// InUse tells which other program works in a results folder, if one does that is not known to be gone.
func InUse(dir string) (w Worker, used bool) {
	files, err := os.ReadDir(filepath.Join(dir, workersDir))
	if err != nil {
		return w, false
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, workersDir, f.Name()))
		info, err2 := f.Info()
		if err != nil || err2 != nil || json.Unmarshal(b, &w) != nil || w.gone() || time.Since(info.ModTime()) > 10*leaseTerm {
			continue
		}
		return w, true
	}
	return Worker{}, false
}

// Leftovers are the files in a results folder, in which nobody works, that programs left when they were ended: halves of files, their signs
// of life, and what belongs to attempts alone of runs that are published. Nothing is on record in them.
func Leftovers(dir string) (paths []string, err error) {
	folders, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	halves := func(dir string, files []os.DirEntry) {
		for _, f := range files {
			if half.MatchString(f.Name()) || strings.HasSuffix(f.Name(), halfEnd) {
				paths = append(paths, filepath.Join(dir, f.Name()))
			}
		}
	}
	halves(dir, folders)
	for _, f := range folders {
		inside := filepath.Join(dir, f.Name())
		files, err := os.ReadDir(inside)
		switch {
		case err != nil: // it is a file, or gone
			continue
		case f.Name() == workersDir:
			paths = append(paths, inside)
			continue
		}
		halves(inside, files)
		for _, f := range files {
			if deeper := filepath.Join(inside, f.Name()); f.IsDir() && (strings.HasPrefix(f.Name(), weightsPre) || f.Name() == landscapeDir) {
				files, _ := os.ReadDir(deeper)
				halves(deeper, files)
			}
		}
		if s, err := stand(inside); err == nil && s.published && exists(filepath.Join(inside, StepsFile)) {
			for _, f := range files {
				if strings.HasPrefix(f.Name(), attemptPre) {
					paths = append(paths, filepath.Join(inside, f.Name()))
				}
			}
		}
	}
	return paths, nil
}
