package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
)

// Restore is the experiment that was asked for last in a results folder, and its runs there, from what is on record alone: its file, its data and
// its plugins may be gone.
func Restore(ctx context.Context, dir string) (asked plan.Plan, there Survey, err error) {
	text, file, deterministic, err := lastBegun(dir)
	if err != nil {
		return asked, there, err
	}
	proposed, err := (&Folder{Dir: dir}).Proposed()
	if err != nil {
		return asked, there, err
	}
	e, err := config.Restore(text, proposed)
	if err != nil {
		return asked, there, fmt.Errorf("%s: %w", dir, err)
	}
	e.File = file
	for _, w := range e.Workloads {
		w.Random = !slices.Contains(deterministic, w.Name)
	}
	programs, started := map[string]string{}, map[string]time.Time{}
	for r, err := range (&Results{Dir: dir}).Runs(ctx) {
		if _, damaged := errors.AsType[*Damaged](err); err != nil && !damaged {
			return asked, there, err
		}
		if r == nil {
			continue
		}
		for i, name := range r.Optimizer.Plugins() {
			if made := r.Plugins(); r.Imported == nil && i < len(made) && !r.Started.Before(started[name]) {
				programs[name], started[name] = made[i].SHA256, r.Started
			}
		}
	}
	asked = plan.Of(e, func(name string) string { return programs[name] })
	there, err = Place{Out: dir}.Survey(ctx, asked)
	return asked, there, err
}

// lastBegun is the JSON of the experiment that was asked for last in a folder, its file, and its problems of which nothing follows from the seed.
func lastBegun(dir string) (text []byte, file string, deterministic []string, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, "", nil, err
	}
	var last time.Time
	for _, f := range files {
		if f.Name() != ExperimentFile && !another.MatchString(f.Name()) {
			continue
		}
		o, err := readOrigin(filepath.Join(dir, f.Name()))
		if err == nil && o.whole != nil && !o.asked().Before(last) {
			last, text, file, deterministic = o.asked(), o.whole, o.Experiment.File, o.deterministic
		}
	}
	if text == nil {
		remedy := "name the folder that `steepest run` printed"
		for _, f := range files {
			if deeper := filepath.Join(dir, f.Name()); exists(filepath.Join(deeper, ExperimentFile)) {
				remedy = "name one of the experiments in it, such as " + deeper
				break
			}
		}
		return nil, "", nil, fmt.Errorf("%s has no %s: it holds no results of an experiment; %s", filepath.Clean(dir), ExperimentFile, remedy)
	}
	return text, file, deterministic, nil
}
