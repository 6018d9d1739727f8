package store

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// Results are what is in a results folder, as far as that is known without a look at the steps.
type Results struct {
	Dir   string
	ID    string // drawn for the experiment that was begun first
	Name  string
	File  string // of the experiment
	Began time.Time
	Tags  []string
	Notes string

	Records []*Record // in the order of the names of their folders
	Faults  []error   // of runs whose records are damaged
}

// List reads what is in a results folder. The error is fs.ErrNotExist if it is none.
func List(ctx context.Context, dir string) (*Results, error) {
	o, ok := originOf(dir)
	folders, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	records, faults := make([]*Record, len(folders)), make([]error, len(folders))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.NumCPU())
	for i, f := range folders {
		if !f.IsDir() || strings.HasPrefix(f.Name(), ".") {
			continue
		}
		group.Go(func() error {
			s, err := stand(filepath.Join(dir, f.Name()))
			switch {
			case errors.Is(err, fs.ErrNotExist):
			case err != nil:
				faults[i] = err
			case s.begun != nil:
				records[i] = &Record{Dir: s.dir, Manifest: s.begun.Manifest, Outcome: s.outcome(), Status: s.outcome().Status}
			}
			return ctx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	r := &Results{Dir: dir, ID: o.ID, Name: o.Experiment.Name, File: o.Experiment.File, Began: o.Began}
	for i := range folders {
		if records[i] != nil {
			r.Records = append(r.Records, records[i])
		}
		if faults[i] != nil {
			r.Faults = append(r.Faults, faults[i])
		}
	}
	if !ok && len(r.Records)+len(r.Faults) == 0 {
		return nil, fs.ErrNotExist
	}
	var head struct {
		Tags  []string `json:"tags"`
		Notes string   `json:"notes"`
	}
	if o.whole != nil && json.Unmarshal(o.whole, &head) == nil {
		r.Tags, r.Notes = head.Tags, head.Notes
	}
	return r, nil
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
			if weights := filepath.Join(inside, f.Name()); f.IsDir() && strings.HasPrefix(f.Name(), weightsPre) {
				files, _ := os.ReadDir(weights)
				halves(weights, files)
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
