package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
)

// ReplacedDir has the folders of runs that were made again, under their names and a number.
const ReplacedDir = ".replaced"

// replace puts the folder of a run that is made again aside. Nothing of it is lost.
func (f *Folder) replace(r Run) error {
	if err := f.keepReplaced(r.Dir, r); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now := &f.runs[f.index[r.ID]]
	now.anew, now.Outcome, now.Rungs = false, unknown(), nil
	return nil
}

// keepReplaced puts a folder that a run had among those that were replaced.
func (f *Folder) keepReplaced(dir string, r Run) error {
	aside := filepath.Join(f.Dir, ReplacedDir)
	if err := os.MkdirAll(aside, 0o777); err != nil {
		return err
	}
	for n := 1; ; n++ {
		to := filepath.Join(aside, fmt.Sprintf("%s.%d", filepath.Base(r.Dir), n))
		if exists(to) {
			continue
		}
		if err := os.Rename(dir, to); err != nil {
			return fmt.Errorf("putting a run aside that is made again: %w", err)
		}
		return nil
	}
}

// Prune ends a run that paused: others were better. Its steps are kept, and its checkpoint is not.
func (f *Folder) Prune(j plan.Job) error {
	run := f.Run(j)
	s, err := stand(run.Dir)
	switch {
	case err != nil:
		return err
	case s.published:
		return nil
	case !s.ended() || s.record.Summary.Status != record.Paused:
		return fmt.Errorf("%s does not wait for a decision", run.Dir)
	}
	pruned, summary := *s.record, *s.record.Summary
	summary.Status = record.Pruned
	pruned.Summary, pruned.Attempt, pruned.Worker = &summary, s.n+1, f.worker
	text, err := indented(pruned)
	if err != nil {
		return err
	}
	n := s.n + 1
	if err := writeNew(n.file(s.dir, claimEnd), text, false); err != nil {
		return err // whoever claimed it decides
	}
	file, err := os.Open(s.steps())
	if err != nil {
		discard(s.dir, n)
		return err
	}
	found, err := inspect(file, s.record.sequence(), -1)
	if err = errors.Join(err, file.Close()); err == nil {
		pruned.StepsCSV = &found.content
		err = errors.Join(linkOrCopy(s.steps(), n.file(s.dir, stepsEnd)), linkLog(s, n), pruned.write(s.dir))
	}
	if err != nil {
		discard(s.dir, n)
		return err
	}
	f.publisher.add(ended{dir: s.dir, n: n, over: true, files: []string{n.file(s.dir, stepsEnd), n.file(s.dir, endEnd)},
		failed: func(err error) { f.unpublished(j, err) }})
	f.mu.Lock()
	defer f.mu.Unlock()
	r := &f.runs[f.index[j.ID]]
	r.Outcome, r.over = summary.outcome(), true
	return nil
}

// linkLog makes what a plugin printed that of another attempt too.
func linkLog(s *standing, n attempt) error {
	if from := s.n.file(s.dir, logEnd); exists(from) {
		return linkOrCopy(from, n.file(s.dir, logEnd))
	}
	return nil
}
