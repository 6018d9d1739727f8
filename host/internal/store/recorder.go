// Package store is what is true: folders of results, which one program at a time writes to. Each has the experiment, once, and a
// directory for each run, the complete and only record of it: manifest.json (what was run), steps.csv (every point, appended),
// summary.json (how it ended), plugin.log (what the plugin printed) and, until the run has ended, checkpoint (what is needed to go
// on).
package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/record"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// The files of a run directory.
const (
	ManifestFile   = "manifest.json"
	StepsFile      = "steps.csv"
	SummaryFile    = "summary.json"
	LogFile        = "plugin.log"
	CheckpointFile = "checkpoint"
)

// Columns are those that every steps.csv begins with.
var Columns = "step,epoch,wall_seconds" + headings(record.Standard())

// headings are the columns of a schema's quantities.
func headings(s record.Schema) string {
	b := ""
	for _, i := range s.Columns() {
		b += "," + s[i].Name
	}
	return b
}

// Extra are the columns that a steps.csv has beyond Columns.
type Extra struct {
	Schema  record.Schema // of the run: what it has beyond the standard quantities
	Weights []*v1.Tensor  // every weight, in columns like layer1.weight[0]; nil to leave them out
}

// header is the first row.
func (e Extra) header() string {
	b := []byte("step,epoch,wall_seconds" + headings(e.Schema))
	for _, t := range e.Weights {
		for i := range t.Length {
			b = fmt.Appendf(b, ",%s[%d]", t.Name, i)
		}
	}
	return string(append(b, '\n'))
}

// flushInterval is how much of a run the end of this program can cost.
const flushInterval = time.Second

// Recorder writes one run directory. Its methods are for one goroutine, but Log may be written to by any.
type Recorder struct {
	dir     string
	columns []int // of the quantities
	weights bool  // whether they are columns too
	row     []byte

	mu    sync.Mutex // of steps: the flusher runs beside the training loop
	file  *os.File
	steps *bufio.Writer
	err   error // the first that writing met
	log   *os.File
	stop  chan struct{}
	done  chan struct{}

	capped   *capped       // log, as plugins may write it
	recorded int           // the last point in the file when it was opened; -1 if none
	wall     time.Duration // of that point
}

// Create makes the run directory, writes the manifest and opens the log files.
func Create(dir string, manifest any, extra Extra) (*Recorder, error) {
	if err := os.Mkdir(dir, 0o755); err != nil && !(errors.Is(err, fs.ErrExist) && unused(dir)) {
		return nil, err
	}
	if err := errors.Join(tidy(dir), atomicfile.WriteJSON(filepath.Join(dir, ManifestFile), manifest)); err != nil {
		return nil, err
	}
	return open(dir, extra, -1)
}

// unused tells whether a folder has nothing recorded: a program was killed, or the disk was full, before it began.
func unused(dir string) bool {
	for _, name := range []string{ManifestFile, StepsFile, SummaryFile} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return false
		}
	}
	return true
}

// abandon closes the files of a run that is not gone on with after all.
func (r *Recorder) abandon() error {
	close(r.stop)
	<-r.done
	return errors.Join(r.file.Close(), r.log.Close())
}

// open opens the files to be appended to, new or not. If cut is not negative the points from that step on are removed.
func open(dir string, extra Extra, cut int) (r *Recorder, err error) {
	if extra.Schema == nil {
		extra.Schema = record.Standard()
	}
	r = &Recorder{dir: dir, columns: extra.Schema.Columns(), weights: extra.Weights != nil, recorded: -1, stop: make(chan struct{}), done: make(chan struct{})}
	defer func() {
		if err != nil {
			for _, f := range []*os.File{r.file, r.log} {
				if f != nil {
					err = errors.Join(err, f.Close())
				}
			}
			r = nil
		}
	}()
	if r.log, err = os.OpenFile(filepath.Join(dir, LogFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644); err != nil {
		return r, err
	}
	r.capped = &capped{file: r.log, left: mostLog}
	if r.file, err = os.OpenFile(filepath.Join(dir, StepsFile), os.O_CREATE|os.O_RDWR, 0o644); err != nil {
		return r, err
	}
	if err := r.rewind(extra.header(), cut); err != nil {
		return r, damaged(dir, err)
	}
	r.steps = bufio.NewWriterSize(r.file, 64<<10)
	go r.flushRegularly()
	return r, nil
}

func (r *Recorder) flushRegularly() {
	defer close(r.done)
	tick := time.NewTicker(flushInterval)
	defer tick.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-tick.C:
			r.mu.Lock()
			r.keep(r.steps.Flush())
			r.mu.Unlock()
		}
	}
}

func (r *Recorder) keep(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Log is plugin.log.
func (r *Recorder) Log() io.Writer { return r.capped }

// mostLog is how many bytes of what a plugin prints are kept of a run: a plugin that never stops must not fill the disk.
const mostLog = 64 << 20

// capped writes to a file up to a number of bytes.
type capped struct {
	mu   sync.Mutex
	file *os.File
	left int
}

func (c *capped) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left <= 0 {
		return len(p), nil
	}
	n := min(len(p), c.left)
	_, err := c.file.Write(p[:n])
	if c.left -= n; c.left == 0 && err == nil {
		_, err = fmt.Fprintf(c.file, "\n(more than %d bytes: the rest is left out)\n", mostLog)
	}
	return len(p), err
}

// Recorded is the last point that was in the record when it was opened, -1 if there was none, and its wall time.
func (r *Recorder) Recorded() (step int, wall time.Duration) { return r.recorded, r.wall }

// Dir is the run directory.
func (r *Recorder) Dir() string { return r.dir }

// Observe appends a row. An error means that the disk does not take it; the run must stop.
func (r *Recorder) Observe(p *record.Sample) error {
	b := strconv.AppendInt(r.row[:0], int64(p.Step), 10)
	b = append(b, ',')
	if p.Epoch >= 0 {
		b = strconv.AppendInt(b, int64(p.Epoch), 10)
	}
	b = append(b, ',')
	b = strconv.AppendFloat(b, p.Wall.Seconds(), 'f', 6, 64)
	for _, i := range r.columns {
		b = append(b, ',')
		if x, measured := p.Get(i).Get(); measured {
			b = strconv.AppendFloat(b, x, 'g', -1, 64)
		}
	}
	if r.weights {
		for _, w := range p.Weights {
			b = appendNumber(b, w)
		}
	}
	r.row = append(b, '\n')
	r.mu.Lock()
	defer r.mu.Unlock()
	_, err := r.steps.Write(r.row)
	r.keep(err)
	if r.err != nil {
		return fmt.Errorf("writing %s: %w", r.file.Name(), r.err)
	}
	return nil
}

// appendNumber appends a comma and the shortest text that reads back as the same number.
func appendNumber(b []byte, x float64) []byte {
	return strconv.AppendFloat(append(b, ','), x, 'g', -1, 64)
}

// End writes the summary and closes everything. It reports what could not be written.
func (r *Recorder) End(o record.Outcome) error {
	close(r.stop)
	<-r.done
	r.keep(r.steps.Flush())
	r.keep(r.file.Sync())
	if r.err != nil && o.Err == nil {
		o.Status, o.Err = record.Failed, fmt.Errorf("writing %s: %w", r.file.Name(), r.err)
	}
	r.keep(r.summarize(o))
	if r.err == nil && o.Status.Over() {
		// There is nothing to go on with.
		if err := os.Remove(filepath.Join(r.dir, CheckpointFile)); !errors.Is(err, fs.ErrNotExist) {
			r.keep(err)
		}
	}
	r.keep(r.log.Close())
	r.keep(r.file.Close())
	return r.err
}

// summarize writes summary.json, at last: from then on the record is as it stands.
func (r *Recorder) summarize(o record.Outcome) error {
	s := NewSummary(o)
	var steps *content
	if s.over() {
		_, err := r.file.Seek(0, io.SeekStart)
		found, bad := inspect(r.file, -1)
		if err := errors.Join(err, bad); err != nil {
			return fmt.Errorf("reading what was recorded: %w", err)
		}
		steps = &found.content
	}
	sealed, err := newSummaryFile(s, steps)
	if err != nil {
		return err
	}
	return atomicfile.WriteJSON(filepath.Join(r.dir, SummaryFile), sealed)
}
