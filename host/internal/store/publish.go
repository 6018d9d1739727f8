package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/steepest/steepest/host/internal/atomicfile"
)

// RunFile is the record of a run: how it was begun, and how it ended. What has one is over.
const RunFile = "run.json"

// ErrLost is the error of a run that another program took over, since this one gave no sign of life. The record is the other's.
var ErrLost = errors.New("another program took the run over, since this one gave no sign of life; its record is the other's")

// ended is an attempt that ended: its files are written, but maybe not on the disk.
type ended struct {
	dir    string
	n      attempt
	over   bool     // the run, which is to be published
	files  []string // to be synced where not all can be at once
	failed func(error)
	then   func() error // what follows its publication; nil if nothing does
}

// syncEvery is how often an experiment waits for the disk, whatever the number of its runs.
const syncEvery = time.Second

// publisher makes the ends of runs last, all that came in a second at once, and then publishes them.
type publisher struct {
	dir string // of the results

	mu     sync.Mutex
	queue  []ended
	busy   bool // somebody commits, or waits for the time to do so
	hurry  chan struct{}
	idle   *sync.Cond
	last   time.Time
	syncs  int  // for tests and measurements
	unsure bool // whether what was published is on the disk
}

func newPublisher(dir string) *publisher {
	p := &publisher{dir: dir, hurry: make(chan struct{}, 1)}
	p.idle = sync.NewCond(&p.mu)
	return p
}

// add takes an attempt that ended. failed is told if it could not be made to last.
func (p *publisher) add(e ended) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queue = append(p.queue, e)
	if !p.busy {
		p.busy = true
		go p.work(time.Until(p.last.Add(syncEvery)))
	}
}

// work commits what is in the queue until nothing is.
func (p *publisher) work(wait time.Duration) {
	for {
		if wait > 0 {
			select {
			case <-time.After(wait):
			case <-p.hurry:
			}
		}
		p.mu.Lock()
		batch := p.queue
		p.queue = nil
		if len(batch) == 0 {
			p.busy = false
			p.idle.Broadcast()
			p.mu.Unlock()
			return
		}
		p.last = time.Now()
		p.syncs++
		p.unsure = true
		p.mu.Unlock()
		commit(p.dir, batch)
		wait = time.Until(p.last.Add(syncEvery))
	}
}

// flush returns when all that was added is published.
func (p *publisher) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.busy {
		select {
		case p.hurry <- struct{}{}:
		default:
		}
		p.idle.Wait()
	}
}

// close is flush, after which the names of what was published are on the disk too.
func (p *publisher) close() error {
	p.flush()
	if !p.unsure {
		return nil
	}
	p.syncs, p.unsure = p.syncs+1, false
	return syncAll(p.dir, nil)
}

// commit makes the files of attempts last, and then publishes them. That comes in steps, after each of which whoever finds them can go on:
// run.json appears, which names the attempt; steps.csv gets its name; what belongs to attempts alone is removed.
func commit(dir string, batch []ended) {
	var files []string
	for _, e := range batch {
		files = append(files, e.files...)
	}
	err := syncAll(dir, files)
	for _, e := range batch {
		switch {
		case err != nil:
			e.failed(fmt.Errorf("making what was recorded last: %w", err))
		case e.over:
			err := publish(e.dir, e.n)
			if err == nil && e.then != nil {
				err = e.then()
			}
			if err != nil {
				e.failed(err)
			}
		}
	}
}

// publish makes the record of an attempt that of the run, unless it has one. The error is ErrLost if that is another attempt's.
func publish(dir string, n attempt) error {
	from, to := n.file(dir, endEnd), filepath.Join(dir, RunFile)
	err := os.Link(from, to)
	if isUnsupported(err) {
		err = copyNew(from, to)
	}
	if err != nil && exists(to) { // NFS may say so of a link that it made
		switch equal, part := compare(to, from); {
		case equal:
			err = nil
		case part: // the program that made it was killed, on a file system without links
			b, e := os.ReadFile(from)
			if err = e; err == nil {
				err = atomicfile.Write(to, func(w io.Writer) error { _, e := w.Write(b); return e })
			}
		default:
			discard(dir, n)
			return ErrLost
		}
	}
	if err != nil {
		return fmt.Errorf("publishing a run: %w", err)
	}
	return settle(dir, n)
}

// recover goes on with the publication of a run whose program was killed over it.
func (s *standing) recover() error {
	switch {
	case s.n == 0:
		return errors.Join(remove(filepath.Join(s.dir, CheckpointFile)), tidy(s.dir))
	case !exists(filepath.Join(s.dir, StepsFile)):
		return settle(s.dir, s.n)
	}
	return clear(s.dir)
}

// settle gives the files of a run that is published by an attempt their names, and removes those of all attempts.
func settle(dir string, n attempt) error {
	if n == 0 {
		return nil
	}
	for _, end := range []string{stepsEnd, logEnd} {
		err := os.Rename(n.file(dir, end), attempt(0).file(dir, end))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("publishing a run: %w", err)
		}
	}
	for _, end := range []string{endEnd, stateEnd, claimEnd} {
		if err := remove(n.file(dir, end)); err != nil {
			return err
		}
	}
	if n == 1 && !exists(filepath.Join(dir, ManifestFile)) {
		return nil
	}
	return clear(dir)
}

// clear removes what belongs to attempts alone, and halves of weights, from a run that is published.
func clear(dir string) error {
	files, err := os.ReadDir(dir)
	var errs []error
	for _, f := range files {
		name := f.Name()
		if strings.HasPrefix(name, attemptPre) || name == ManifestFile || name == SummaryFile || name == CheckpointFile ||
			half.MatchString(name) {
			errs = append(errs, remove(filepath.Join(dir, name)))
		}
		if f.IsDir() && strings.HasPrefix(name, weightsPre) {
			errs = append(errs, tidy(filepath.Join(dir, name)))
		}
	}
	return errors.Join(append(errs, err)...)
}

// discard removes the files of an attempt, the claim last.
func discard(dir string, n attempt) {
	for _, end := range []string{stepsEnd, logEnd, stateEnd, endEnd, claimEnd} {
		_ = os.Remove(n.file(dir, end))
	}
}

// isUnsupported tells whether a file system knows no hard links, or allows none.
func isUnsupported(err error) bool {
	for _, is := range []error{errors.ErrUnsupported, fs.ErrPermission, syscall.EMLINK, syscall.EXDEV} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}

// copyNew makes a file with the content of another, unless there is one of its name.
func copyNew(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return writeNew(to, b, true)
}

// writeNew writes a file, unless there is one of its name. Nothing is left of one that cannot be written whole.
func writeNew(path string, content []byte, sync bool) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if sync && err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(path)
	}
	return err
}

// compare tells whether a file is the same as another, or its beginning and no more.
func compare(file, other string) (equal, part bool) {
	a, err1 := os.ReadFile(file)
	b, err2 := os.ReadFile(other)
	if err1 != nil || err2 != nil {
		return false, false
	}
	return bytes.Equal(a, b), len(a) < len(b) && bytes.HasPrefix(b, a)
}

// unlinked is how a run stands whose record was not written to its end: its attempt has it whole. Else it is nil.
func unlinked(dir string) *standing {
	files, _ := os.ReadDir(dir)
	for _, file := range files {
		n, is := attemptOf(file.Name())
		if !is {
			continue
		}
		if _, part := compare(filepath.Join(dir, RunFile), n.file(dir, endEnd)); !part {
			continue
		}
		if r, err := readAttempt(dir, n); err == nil && r != nil && r.Summary != nil {
			return &standing{dir: dir, n: n, record: r, begun: r}
		}
	}
	return nil
}

// indented is a value as files have it.
func indented(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", "  ")
	return append(b, '\n'), err
}
