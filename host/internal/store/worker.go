package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/regular"
)

// Worker is a program that makes runs.
type Worker struct {
	ID   string `json:"id"`
	PID  int    `json:"pid"`
	Host string `json:"host"`
	// Kernel and Start tell processes apart that have the same number: the boot of the machine and the namespace of its processes, and
	// when the process started there. Where they cannot be had they are empty.
	Kernel string `json:"kernel,omitempty"`
	Start  string `json:"start,omitempty"`
}

func (w Worker) String() string {
	if w.PID == 0 {
		return "another steepest"
	}
	return fmt.Sprintf("another steepest (process %d on %s)", w.PID, w.Host)
}

// newWorker is this program under a name of its own.
func newWorker(id string) Worker {
	host, _ := os.Hostname()
	w := Worker{ID: id, PID: os.Getpid(), Host: host, Kernel: kernel()}
	if w.Kernel != "" {
		w.Start, _ = processStart(w.PID)
	}
	return w
}

// gone tells whether a process is surely not there any more: it was on this very machine.
func (w Worker) gone() bool {
	if w.Kernel == "" || w.Kernel != kernel() || w.Start == "" {
		return false
	}
	start, there := processStart(w.PID)
	return !there || start != "" && start != w.Start
}

// workersDir has a file for each program that works on an experiment, which it renews as long as it is alive.
const workersDir = ".programs"

const (
	beatEvery = time.Second
	leaseTerm = 10 * time.Second // a program whose file was unchanged for so long has lost its runs to whoever wants them
)

// pulse is the sign of life of this program in a folder of results.
type pulse struct {
	path string
	stop chan struct{}
	done chan struct{}
}

// beat is what is in the file of a program.
type beat struct {
	Worker
	Beat int `json:"beat"`
}

// newPulse begins to give signs of life, and to look whether this program is asked to stop, which stop is told once. Its error means that
// nothing can be written there.
func newPulse(dir string, w Worker, stop func()) (*pulse, error) {
	p := &pulse{filepath.Join(dir, workersDir, w.ID), make(chan struct{}), make(chan struct{})}
	if err := p.write(beat{w, 0}); err != nil {
		_ = os.Remove(p.path)
		return nil, err
	}
	go func() {
		defer close(p.done)
		tick := time.NewTicker(beatEvery)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-p.stop:
				return
			case <-tick.C:
				_ = p.write(beat{w, n}) // if it cannot be written for the term, others take the runs, which loses nothing
				if stop != nil && requested(p.path) {
					stop()
					stop = nil
				}
			}
		}
	}()
	return p, nil
}

// write renews the file. It is opened and closed each time: that is when NFS lets others see it.
func (p *pulse) write(b beat) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	var f *os.File
	for range 100 { // whoever is the last to leave removes the folder
		if err := os.Mkdir(filepath.Dir(p.path), 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if f, err = os.OpenFile(p.path, os.O_CREATE|os.O_WRONLY, 0o666); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if err != nil {
		return err
	}
	_, err = f.WriteAt(append(text, '\n'), 0) // longer each time, if anything
	return errors.Join(err, f.Close())
}

// end takes the sign of life away.
func (p *pulse) end() {
	close(p.stop)
	<-p.done
	_ = os.Remove(p.path)
	_ = os.Remove(p.path + stopEnd)
	_ = os.Remove(filepath.Dir(p.path)) // of the last program
}

// watcher judges whether other programs are alive, by this program's own clock alone.
type watcher struct {
	dir string // of the results
	now func() time.Time

	mu   sync.Mutex
	seen map[string]sighting
}

// sighting is what a program's file had, and since when.
type sighting struct {
	text  string
	since time.Time
}

func newWatcher(dir string) *watcher {
	return &watcher{dir: dir, now: time.Now, seen: map[string]sighting{}}
}

// expired tells whether the lease of a program is over: it is gone from this machine, or its file was unchanged for the term. key tells
// apart what is not known to be a program's.
func (o *watcher) expired(w Worker, key string) bool {
	if w.gone() {
		return true
	}
	text := ""
	if w.ID != "" {
		key = w.ID
		b, err := regular.ReadFile(filepath.Join(o.dir, workersDir, w.ID), 64<<10)
		if text = string(b); err != nil {
			text = "none"
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	now, last := o.now(), o.seen[key]
	if last.since.IsZero() || last.text != text {
		o.seen[key] = sighting{text, now}
		return false
	}
	return now.Sub(last.since) >= leaseTerm
}

// alone tells whether no other program is known that could be writing in the folder, and forgets those that are gone.
func (o *watcher) alone(own Worker) bool {
	dir := filepath.Join(o.dir, workersDir)
	files, _ := os.ReadDir(dir)
	alone := true
	for _, file := range files {
		path := filepath.Join(dir, file.Name())
		if file.Name() == own.ID || file.Name() == own.ID+stopEnd {
			continue
		}
		if isOrphan(path) {
			_ = os.Remove(path)
			continue
		}
		var b beat
		if text, err := regular.ReadFile(path, 64<<10); err == nil && json.Unmarshal(text, &b) == nil && b.gone() {
			_ = os.Remove(path)
			continue
		}
		alone = false
	}
	_ = os.Remove(dir) // if nobody is left in it
	return alone
}
