package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/regular"
)

// landscapeDir is the folder, in that of a run, of what `steepest landscape` found around it. It is no part of what the run is known by.
const landscapeDir = "landscape"

// Landscape is something found around the weights of a run.
type Landscape struct {
	Name string // of its file, without the ending
	Kind string `json:"kind"`
	Text json.RawMessage
}

// KeepLandscape puts something that was found beside a run, in place of what has its name. v has a key kind. The path of the file is returned.
func KeepLandscape(run, name string, v any) (path string, err error) {
	dir := filepath.Join(run, landscapeDir)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", fmt.Errorf("what was found cannot be kept: %w", err)
	}
	path = filepath.Join(dir, name+".json")
	if err := atomicfile.WriteJSON(path, v); err != nil {
		return "", fmt.Errorf("what was found cannot be kept: %w", err)
	}
	return path, nil
}

// Landscapes are what was found of some kind around the weights of a run, in the order of the names. Files that cannot be read are left out, and are
// the error.
func Landscapes(run, kind string) (all []Landscape, err error) {
	files, _ := os.ReadDir(filepath.Join(run, landscapeDir)) // there may be none
	var errs []error
	for _, f := range files {
		name, is := strings.CutSuffix(f.Name(), ".json")
		if !is {
			continue
		}
		path := filepath.Join(run, landscapeDir, f.Name())
		l := Landscape{Name: name}
		text, err := regular.ReadFile(path, mostJSON)
		if err == nil {
			err = json.Unmarshal(text, &l)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w; remove it, and make it again", path, err))
			continue
		}
		if l.Text = text; l.Kind == kind {
			all = append(all, l)
		}
	}
	return all, errors.Join(errs...)
}

// takeLandscapes moves what was found around a run to the record that takes its place: the weights are the same.
func takeLandscapes(from, to string) {
	if !exists(filepath.Join(to, landscapeDir)) {
		_ = os.Rename(filepath.Join(from, landscapeDir), filepath.Join(to, landscapeDir)) // else it stays with the earlier record
	}
}

// OneRun opens the run in a folder: that of a run, or results with a single one.
func OneRun(ctx context.Context, dir string) (*Record, error) {
	records, faults, err := ReadRecords(ctx, dir)
	switch {
	case err != nil:
		return nil, err
	case len(records) == 1:
		return records[0], nil
	case len(records) == 0:
		return nil, errors.Join(faults...)
	}
	return nil, fmt.Errorf("%s has %d runs; name the folder of one, such as %s", dir, len(records), records[0].Dir)
}

// Written is the experiment of a run as its file had it when it began, with the path of the file. The error is fs.ErrNotExist if that was not kept.
func (r *Record) Written() (written map[string]any, file string, err error) {
	files, err := experimentFiles(filepath.Dir(r.Dir))
	if err != nil {
		return nil, "", err
	}
	for _, path := range files {
		o, err := readOrigin(path)
		if err != nil || o.ConfigHash != r.ConfigHash {
			continue
		}
		var e struct {
			Written map[string]any `json:"written"`
		}
		if err := decode(o.whole, &e); err == nil && e.Written != nil {
			return e.Written, o.Experiment.File, nil
		}
	}
	return nil, "", fmt.Errorf("%s: there is no experiment with the hash %s beside it (%w)", r.Dir, r.ConfigHash, fs.ErrNotExist)
}
