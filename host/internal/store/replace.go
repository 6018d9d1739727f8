package store

import (
	"fmt"
	"os"
	"path/filepath"
)

// ReplacedDir has the folders of runs that were made again, under their names and a number.
const ReplacedDir = ".replaced"

// replace puts the folder of a run that is made again aside. Nothing of it is lost. The error is ErrHeld if another program did so meanwhile,
// and makes it.
func (f *Folder) replace(r Run) error {
	mine := func() bool {
		s, err := stand(r.Dir)
		return err == nil && (r.outdated == "" || r.isOutdated(s))
	}
	if err := f.keepReplaced(r.Dir, r, mine); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.change(r.Job, func(now *Run) { now.anew, now.outdated, now.Outcome, now.Rungs = false, "", unknown(), nil })
	return nil
}

// keepReplaced puts a folder that a run had among those that were replaced, if it still is the one that is meant. Of two programs that do so
// at once only one finds the name free that both chose before they looked.
func (f *Folder) keepReplaced(dir string, r Run, meant func() bool) error {
	aside := filepath.Join(f.Dir, ReplacedDir)
	if err := os.MkdirAll(aside, 0o777); err != nil {
		return err
	}
	for n := 1; ; n++ {
		to := filepath.Join(aside, fmt.Sprintf("%s.%d", filepath.Base(r.Dir), n))
		if exists(to) {
			continue
		}
		if !meant() {
			return ErrHeld
		}
		if err := os.Rename(dir, to); err != nil {
			if exists(to) {
				continue
			}
			return fmt.Errorf("putting a run aside that is made again: %w", err)
		}
		return nil
	}
}
