package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/regular"
)

// While a run is being made its files carry the number of the attempt: whoever made another cannot touch them. Attempt 0 is what an
// earlier version left, under the names that it gave.
const (
	claimEnd   = ".claim" // who makes it, and what of; created exclusively and never changed
	endEnd     = ".json"  // the whole record, written when the attempt ended
	stepsEnd   = "." + StepsFile
	logEnd     = "." + LogFile
	stateEnd   = "." + CheckpointFile
	attemptPre = "attempt-"
)

// attempt is the number of one.
type attempt int

// file is the path of a file of the attempt at the run in a folder.
func (n attempt) file(dir, end string) string {
	name := attemptPre + strconv.Itoa(int(n)) + end
	if n == 0 {
		name = map[string]string{claimEnd: ManifestFile, endEnd: SummaryFile, stepsEnd: StepsFile, logEnd: LogFile, stateEnd: CheckpointFile}[end]
	}
	return filepath.Join(dir, name)
}

// LogOf is the path of what was printed in the last attempt at the run in a folder; empty if nothing was.
func LogOf(dir string) string {
	if file := filepath.Join(dir, LogFile); exists(file) { // the run is over
		return file
	}
	entries, _ := os.ReadDir(dir)
	last := attempt(0)
	for _, e := range entries {
		if name, is := strings.CutSuffix(e.Name(), logEnd); is {
			if n, ok := attemptOf(name + claimEnd); ok {
				last = max(last, n)
			}
		}
	}
	if last == 0 {
		return ""
	}
	return last.file(dir, logEnd)
}

// attemptOf is the attempt that claimed a run by a file.
func attemptOf(name string) (attempt, bool) {
	digits, ok := strings.CutSuffix(name, claimEnd)
	if ok {
		digits, ok = strings.CutPrefix(digits, attemptPre)
	}
	n, err := strconv.Atoi(digits)
	return attempt(n), ok && err == nil && n > 0
}

// runRecord is what run.json has: how a run was begun, and how it ended; and a claim, which does not know the latter.
type runRecord struct {
	Manifest
	Attempt attempt  `json:"attempt,omitempty"`
	Worker  Worker   `json:"program"` // that made it
	Summary *Summary `json:"summary,omitempty"`
	seal

	text recordText // that it was read from
}

// standing is what the folder of a run has.
type standing struct {
	dir       string
	n         attempt    // that was published, or else the last
	published bool       // nothing changes any more
	record    *runRecord // of that attempt; nil if nothing is known of it, since its claim is not written yet or was torn by a power cut
	begun     *runRecord // of the last attempt of which something is known
}

// ended tells whether the last attempt came to an end, not necessarily that of the run.
func (s *standing) ended() bool { return s.record != nil && s.record.Summary != nil }

// steps is the path of what is recorded, empty if nothing is.
func (s *standing) steps() string {
	if s.published { // what other attempts have is not the run's
		path, own := filepath.Join(s.dir, StepsFile), s.n.file(s.dir, stepsEnd)
		if exists(path) || !exists(own) {
			return path
		}
		return own
	}
	if n := s.base(); n >= 0 {
		return n.file(s.dir, stepsEnd)
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// stand finds out how the run in a folder stands. The error is fs.ErrNotExist if there is none, and Damaged if there is no telling.
func stand(dir string) (s *standing, err error) {
	for range 3 { // it may be published meanwhile
		if s, err = standNow(dir); err == nil || !errors.Is(err, errMoved) {
			break
		}
	}
	return s, err
}

// errMoved says that what was there a moment ago is not there any more.
var errMoved = errors.New("it has changed while it was read")

func standNow(dir string) (*standing, error) {
	r, err := readRun(dir, RunFile)
	switch {
	case err == nil && r.Summary == nil:
		return nil, &Damaged{dir, RunFile + ": it has no summary; it is not the record of a run"}
	case err == nil:
		return &standing{dir: dir, n: r.Attempt, published: true, record: r, begun: r}, nil
	case !errors.Is(err, fs.ErrNotExist):
		if s := unlinked(dir); s != nil {
			return s, nil
		}
		return nil, err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fs.ErrNotExist // an experiment's folder may have other files
	}
	s := &standing{dir: dir, n: -1}
	for _, f := range files {
		if n, is := attemptOf(f.Name()); is {
			s.n = max(s.n, n)
		}
	}
	if s.n < 0 {
		return earlier(dir)
	}
	for n := s.n; n > 0 && s.begun == nil; n-- {
		if s.begun, err = readAttempt(dir, n); err != nil {
			return nil, err
		}
		if n == s.n {
			s.record = s.begun
		}
	}
	if s.begun == nil {
		if old, err := earlier(dir); err == nil {
			s.begun = old.begun
		}
	}
	return s, nil
}

// readAttempt reads what is known of an attempt; nil without an error if nothing is.
func readAttempt(dir string, n attempt) (*runRecord, error) {
	for _, end := range []string{endEnd, claimEnd} {
		name := filepath.Base(n.file(dir, end))
		r, err := readRun(dir, name)
		switch {
		case err == nil:
			return r, nil
		case errors.Is(err, errTorn):
			continue
		case errors.Is(err, fs.ErrNotExist):
			if end == claimEnd {
				return nil, errMoved
			}
			continue
		}
		return nil, err
	}
	return nil, nil
}

// errTorn says that a file is not whole: it is being written, or was when the power went.
var errTorn = errors.New("it is not whole")

// readRun reads the record of a run, or a claim.
func readRun(dir, name string) (*runRecord, error) {
	b, err := regular.ReadFile(filepath.Join(dir, name), mostJSON)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		if info, e := os.Stat(dir); e == nil && info.IsDir() {
			return nil, damaged(dir, err)
		}
		return nil, fs.ErrNotExist
	case err != nil:
		return nil, fs.ErrNotExist
	case name != RunFile && !bytes.HasSuffix(b, []byte("}\n")):
		return nil, errTorn
	}
	r := &runRecord{}
	text := compact(b)
	if text == nil {
		err = decode(b, r) // which says what is wrong
	} else {
		r, err = splitRecord(text).record(&inCommon)
	}
	if err != nil {
		return nil, damaged(dir, fmt.Errorf("%s: %w", name, err))
	}
	if r.Summary != nil && r.Checksum != "" && !unchanged(b, text, r.Checksum) {
		return nil, &Damaged{dir, name + " was changed after the run ended: its checksum is wrong"}
	}
	return r, r.judge(dir, name)
}

// judge finds out whether a record is one that a run leaves.
func (r *runRecord) judge(dir, name string) error {
	if r.Summary != nil {
		if err := r.Summary.known(dir, name); err != nil {
			return err
		}
	}
	return r.Manifest.judge(dir, name, r.Summary != nil && r.Checksum != "")
}

// earlier is how a run stands that an earlier version made: with manifest.json and summary.json.
func earlier(dir string) (*standing, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	r := &runRecord{Manifest: *m}
	file, err := readSummary(dir)
	if err != nil {
		return nil, err
	}
	if file != nil {
		r.Summary, r.seal = &file.Summary, file.seal
	}
	return &standing{dir: dir, published: file != nil && file.over(), record: r, begun: r}, nil
}

// outcome is how the last attempt ended.
func (s *standing) outcome() record.Outcome {
	if !s.ended() {
		return unknown()
	}
	return s.record.Summary.outcome()
}

// verify finds out whether the record of a run that is over is whole.
func (s *standing) verify() error {
	sum, m := s.record.Summary, s.record.Manifest
	if sum.Status == record.Finished && sum.Steps != m.Steps && sum.Reason == "" || sum.Steps > m.Steps {
		return &Damaged{s.dir, fmt.Sprintf("it says that the run was %s with step %d, and that it has %d steps", sum.Status, sum.Steps, m.Steps)}
	}
	path := s.steps()
	err := verify(s.dir, path, m.sequence(), sum, s.record.StepsCSV)
	if now := s.steps(); err != nil && now != path { // it got its name meanwhile
		err = verify(s.dir, now, m.sequence(), sum, s.record.StepsCSV)
	}
	return err
}
