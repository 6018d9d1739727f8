package store

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/record"
)

// Watch looks again and again how the runs in a results folder proceed, whoever makes them. What did not change since is not read again. Its
// methods are for one goroutine.
type Watch struct {
	dir     string
	watcher *watcher
	seen    map[string]*sight // by the folder of a run
	asked   map[string]stamp  // of the files of experiments
	changes int
}

// NewWatch watches a results folder.
func NewWatch(dir string) *Watch {
	return &Watch{dir: dir, watcher: newWatcher(dir), seen: map[string]*sight{}, asked: map[string]stamp{}}
}

// sight is what was seen of the folder of a run, and when it had changed by then.
type sight struct {
	at       stamp
	settled  bool // a later change would have another time
	there    bool // at the last look
	progress *Progress
	maker    Worker
	claim    string // the file by which the maker has it
}

// Progress is how a run stands. It never changes: where something else is seen there is another one.
type Progress struct {
	Dir, Run  string // its folder, and what it is called in the experiment
	Problem   string // its name in the experiment, as that of a job
	Optimizer string
	Base      string // the optimizer without what was chosen of its sets
	Seed      uint64
	Steps     int // that it is to have; 0 if their number is not given
	Started   time.Time

	Ended  bool // whether its last attempt came to an end; what follows is known then
	Status record.Status
	Error  string // why it failed
	Step   int
	Wall   time.Duration
	Loss   record.Value // on the training examples

	path string // of what is recorded
}

// same tells whether nothing else is known of a run.
func (p *Progress) same(other *Progress) bool {
	if p == nil || other == nil {
		return p == other
	}
	a, b := *p, *other
	a.Loss, b.Loss = record.Value{}, record.Value{} // which follows from the rest, and NaN is not equal to itself
	return a == b
}

// Going is a run, and whether the program that makes it is alive as far as is known. It is not of one whose last attempt came to an end.
type Going struct {
	*Progress
	Alive bool
}

// Changes grows whenever a run began, ended or was removed, or another experiment was begun in the folder, as far as Look has seen.
func (w *Watch) Changes() int { return w.changes }

// fresh is how long a folder can change after its time without another time: the clocks of some file systems are slow.
const fresh = 2 * time.Second

// Look finds out how all runs stand that were begun, in the order of the names of their folders, and behind them those that are
// being measured again. Those whose records are damaged are left out: pages
// and tables tell what is wrong with them.
func (w *Watch) Look(ctx context.Context) (runs []Going, err error) {
	files, err := os.ReadDir(w.dir)
	if err != nil {
		return nil, err
	}
	for _, s := range w.seen {
		s.there = false
	}
	for _, file := range files {
		switch name := file.Name(); {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case name == ExperimentFile || another.MatchString(name):
			w.note(name)
		case !file.IsDir() || strings.HasPrefix(name, "."):
		default:
			if s := w.look(filepath.Join(w.dir, name)); s != nil && s.progress != nil {
				runs = append(runs, Going{s.progress, !s.progress.Ended && !w.watcher.expired(s.maker, s.claim)})
			}
		}
	}
	again, err := os.ReadDir(filepath.Join(w.dir, AgainDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, file := range again { // what is measured once more takes the place of its record when it is over
		if s := w.look(filepath.Join(w.dir, AgainDir, file.Name())); s != nil && s.progress != nil && !s.progress.Ended {
			if alive := !w.watcher.expired(s.maker, s.claim); alive {
				runs = append(runs, Going{s.progress, alive})
			}
		}
	}
	for name, s := range w.seen {
		if !s.there {
			delete(w.seen, name)
			w.changes++
		}
	}
	return runs, nil
}

// note notes the file of an experiment.
func (w *Watch) note(name string) {
	info, err := os.Stat(filepath.Join(w.dir, name))
	if err != nil {
		return
	}
	if now := stampOf(info); w.asked[name] != now {
		w.asked[name] = now
		w.changes++
	}
}

// look finds out how the run in a folder stands; nil if there is none.
func (w *Watch) look(dir string) *sight {
	info, err := os.Stat(dir)
	if err != nil {
		return nil
	}
	last, now := w.seen[dir], stampOf(info)
	if last != nil {
		last.there = true
		if last.settled && last.at == now {
			return last
		}
	}
	s, err := stand(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil || s.begun == nil:
		s = nil
	}
	next := &sight{at: now, settled: time.Since(info.ModTime()) > fresh, there: true}
	if s != nil {
		next.progress = progressOf(s)
		if next.claim = s.n.file(dir, claimEnd); s.record != nil {
			next.maker = s.record.Worker
		}
	}
	if last != nil && last.progress.same(next.progress) {
		next.progress = last.progress
	} else {
		w.changes++
	}
	w.seen[dir] = next
	return next
}

func progressOf(s *standing) *Progress {
	m, o := &s.begun.Manifest, s.outcome()
	p := &Progress{Dir: s.dir, Run: m.Run, Problem: m.Called, Optimizer: m.Optimizer.Name, Base: cmp.Or(m.Optimizer.Base, m.Optimizer.Name), Seed: m.Seed,
		Started: m.Started, Ended: s.ended(), Status: o.Status, Step: o.Steps, Wall: o.Wall, Loss: o.Final.Of(trainLoss), path: s.steps()}
	if o.Err != nil {
		p.Error = o.Err.Error()
	}
	if m.Time == 0 {
		p.Steps = m.Steps
	}
	return p
}

var trainLoss = record.Standard()[record.TrainLoss].Name
