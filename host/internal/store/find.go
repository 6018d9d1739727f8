package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/plan"
)

// Runs is the folder for results where the user names none.
const Runs = "runs"

// find returns the folder, of those in parent, with the newest results of an experiment: of the same file, or of one that asks for
// the same. Results of an earlier version of the file count if they have one of its runs.
func find(parent string, asked plan.Plan) (string, error) {
	type candidate struct {
		dir              string
		began            time.Time
		sameFile, sameIt bool
	}
	var all []candidate
	hash := ConfigHash(asked.Experiment)
	folders, err := os.ReadDir(parent)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for _, folder := range folders {
		dir := filepath.Join(parent, folder.Name())
		if o, ok := originOf(dir); ok {
			c := candidate{dir, o.Began, samePath(o.Experiment.File, asked.File), o.ConfigHash == hash}
			if c.sameFile || c.sameIt {
				all = append(all, c)
			}
		}
	}
	if len(all) == 0 {
		return "", fmt.Errorf("there is nothing to resume: %s has no results of %s; leave --resume away, or say where with --out",
			parent, asked.File)
	}
	slices.SortFunc(all, func(a, b candidate) int { return b.began.Compare(a.began) })
	rank := func(c candidate) int {
		switch {
		case c.sameIt && c.sameFile:
			return 0
		case c.sameIt:
			return 1
		}
		return 2
	}
	ranked := slices.Clone(all)
	slices.SortStableFunc(ranked, func(a, b candidate) int { return rank(a) - rank(b) })
	none := ""
	for _, c := range ranked {
		one, empty := shares(c.dir, asked.Jobs)
		if one {
			return c.dir, nil
		}
		if empty && c.sameIt && none == "" {
			none = c.dir
		}
	}
	if none != "" {
		return none, nil
	}
	return all[0].dir, nil // look says what changed since
}

// shares tells whether a folder has one of the runs, or none at all yet.
func shares(dir string, jobs []plan.Job) (one, empty bool) {
	found, faults, err := manifests(dir)
	if err != nil {
		return false, false
	}
	for _, m := range found {
		if slices.ContainsFunc(jobs, func(j plan.Job) bool { return j.Identity == m.Identity }) {
			return true, false
		}
	}
	return false, len(found) == 0 && len(faults) == 0
}

// samePath tells whether two paths, as they were given in this folder, are one file's.
func samePath(a, b string) bool {
	x, err1 := filepath.Abs(a)
	y, err2 := filepath.Abs(b)
	return err1 == nil && err2 == nil && x == y
}
