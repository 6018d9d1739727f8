package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/regular"
)

// Runs is the folder for results where the user names none.
const Runs = "runs"

// begun is the content of ExperimentFile.
type begun struct {
	Began      time.Time          `json:"began"`
	ConfigHash string             `json:"config_hash"`
	Experiment *config.Experiment `json:"experiment"`
}

// readBegun reads of which experiment the results in a folder are; ok is false if it has none.
func readBegun(dir string) (b begun, ok bool) {
	text, err := regular.ReadFile(filepath.Join(dir, ExperimentFile), mostJSON)
	if err == nil && json.Unmarshal(text, &b) == nil && b.Experiment != nil {
		return b, true
	}
	found, _, err := manifests(dir) // of an earlier version, or that file is damaged
	if err != nil {
		return b, false
	}
	for _, m := range found {
		if b.Experiment == nil || m.Started.Before(b.Began) {
			b = begun{m.Started, m.ConfigHash, m.Experiment}
		}
	}
	return b, b.Experiment != nil
}

// Place says where the results of one of the experiments of a command are, or are to be.
type Place struct {
	Out    string // the folder that the user named; empty for one in Parent, named after the experiment
	Parent string // of the folders of several
	Fresh  bool   // whether one in Parent always gets a folder of its own; else it may be one that is there
	Resume bool   // whether to go on with results that are there
}

// Open takes the folder for the results of an experiment; those of others of the same command are taken already.
func (p Place) Open(e *config.Experiment, runs []plan.Job, taken []string) (*Folder, error) {
	dir := p.Out
	switch {
	case p.Resume:
		if p.Out == "" {
			var err error
			if dir, err = Find(p.Parent, e, runs); err != nil {
				return nil, err
			}
		}
		if slices.Contains(taken, dir) {
			return nil, fmt.Errorf("%s asks for what another file asks for; their results are both in %s: name one of them", e.File, dir)
		}
		return Resume(dir)
	case p.Out == "" && p.Fresh:
		return Claim(filepath.Join(p.Parent, e.Folder()), e)
	case p.Out == "":
		path := filepath.Join(p.Parent, e.Folder())
		dir = path
		for n := 2; slices.Contains(taken, dir); n++ { // two files of the same name
			dir = fmt.Sprintf("%s-%d", path, n)
		}
	}
	return Use(dir, e, runs)
}

// Find returns the folder, of those in parent, with the newest results of an experiment: of the same file, or of one that asks for
// the same. Results of an earlier version of the file count if they have one of its runs.
func Find(parent string, e *config.Experiment, runs []plan.Job) (string, error) {
	type candidate struct {
		dir              string
		began            time.Time
		sameFile, sameIt bool
	}
	var all []candidate
	folders, err := os.ReadDir(parent)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for _, folder := range folders {
		dir := filepath.Join(parent, folder.Name())
		if b, ok := readBegun(dir); ok {
			c := candidate{dir, b.Began, SamePath(b.Experiment.File, e.File), b.ConfigHash == ConfigHash(e)}
			if c.sameFile || c.sameIt {
				all = append(all, c)
			}
		}
	}
	if len(all) == 0 {
		return "", fmt.Errorf("there is nothing to resume: %s has no results of %s; leave --resume away, or say where with --out",
			parent, e.File)
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
		one, empty := shares(c.dir, runs)
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
	return all[0].dir, nil // Look says what changed since
}

// shares tells whether a folder has one of the runs, or none at all yet.
func shares(dir string, runs []plan.Job) (one, empty bool) {
	found, faults, err := manifests(dir)
	if err != nil {
		return false, false
	}
	for _, m := range found {
		if slices.ContainsFunc(runs, func(r plan.Job) bool { return r.Identity == m.Identity }) {
			return true, false
		}
	}
	return false, len(found) == 0 && len(faults) == 0
}

// SamePath tells whether two paths, as they were given in this folder, are one file's.
func SamePath(a, b string) bool {
	x, err1 := filepath.Abs(a)
	y, err2 := filepath.Abs(b)
	return err1 == nil && err2 == nil && x == y
}
