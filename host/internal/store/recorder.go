// Package store is what is true: folders of results. Each has the experiment, once, and a folder for each run, the complete and only
// record of it: run.json (what was run, and how it ended), steps.csv (every point) and plugin.log, if the plugin printed something. Until
// a run is over these carry the number of an attempt, and beside them stands a checkpoint. Any number of programs may work on an
// experiment; see docs/decisions/store.md.
package store

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/train"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// The files of a run directory.
const (
	StepsFile      = "steps.csv"
	LogFile        = "plugin.log"
	CheckpointFile = "checkpoint"
)

// The files that an earlier version had in the place of RunFile.
const (
	ManifestFile = "manifest.json"
	SummaryFile  = "summary.json"
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
	Layers  []train.Layer // the norm of the gradient of each, in columns like gradient_norm[layer1]
	Weights []*v1.Tensor  // every weight, in columns like layer1.weight[0]; nil to leave them out
	ends    bool          // the run ends where it paused: the row that no step leads away from is not made again
}

// header is the first row.
func (e Extra) header() string {
	b := []byte("step,epoch,wall_seconds" + headings(e.Schema))
	for _, l := range e.Layers {
		b = append(b, ","+LayerColumn(l.Name)...)
	}
	for _, t := range e.Weights {
		for i := range t.Length {
			b = fmt.Appendf(b, ",%s[%d]", t.Name, i)
		}
	}
	return string(append(b, '\n'))
}

// flushInterval is how much of a run the end of this program can cost.
const flushInterval = time.Second

// Recorder writes an attempt at a run. Its methods are for one goroutine, but Log may be written to by any.
type Recorder struct {
	dir       string
	n         attempt
	record    *runRecord
	publisher *publisher // nil if it publishes itself
	failed    func(error)

	ends    bool  // see Extra
	columns []int // of the quantities
	layers  []train.Layer
	weights bool // whether they are columns too
	row     []byte

	mu     sync.Mutex // of steps: the flusher runs beside the training loop
	file   *os.File
	steps  *bufio.Writer
	err    error // the first that writing met
	claims bool  // whether the claim is on the disk
	stop   chan struct{}
	done   chan struct{}

	capped    *capped       // the log, as plugins may write it
	recorded  int           // the last point in the file when it was opened; -1 if none
	wall      time.Duration // of that point
	replay    *train.Replay // the run on record that is measured again; nil if there is none
	published func() error  // what follows its publication
}

// Create begins a run in a folder of its own, outside any experiment.
func Create(dir string, m Manifest, extra Extra) (*Recorder, error) {
	return claim(dir, nil, m, newWorker(NewExecution()), extra)
}

// open opens the files of an attempt. What was recorded before is in the file at path, which becomes the attempt's. If cut is not negative
// the points from that step on are removed.
func (r *Recorder) open(path string, extra Extra, cut int) (err error) {
	if extra.Schema == nil {
		extra.Schema = record.Standard()
	}
	r.columns, r.layers, r.weights, r.recorded, r.ends = extra.Schema.Columns(), extra.Layers, extra.Weights != nil, -1, extra.ends
	r.stop, r.done = make(chan struct{}), make(chan struct{})
	r.capped = &capped{path: r.path(logEnd), left: mostLog}
	if r.file, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o666); err != nil {
		return err
	}
	if err = r.rewind(extra.header(), cut); err != nil {
		return errors.Join(damaged(r.dir, err), r.file.Close())
	}
	if final := r.path(stepsEnd); path != final {
		if err = errors.Join(r.file.Sync(), os.Rename(path, final)); err != nil {
			return errors.Join(err, r.file.Close())
		}
	}
	r.steps = bufio.NewWriterSize(r.file, 64<<10)
	go r.flushRegularly()
	return nil
}

// path is that of a file of the attempt.
func (r *Recorder) path(end string) string { return r.n.file(r.dir, end) }

// lost tells whether another program took the run over.
func (r *Recorder) lost() bool {
	return !exists(r.path(claimEnd)) || exists((r.n+1).file(r.dir, claimEnd))
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
			lost := r.lost()
			r.mu.Lock()
			if lost {
				r.keep(ErrLost)
			}
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

// capped writes to a file, which is made when something is written, up to a number of bytes.
type capped struct {
	mu   sync.Mutex
	path string
	file *os.File
	left int
}

func (c *capped) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left <= 0 {
		return len(p), nil
	}
	if len(p) == 0 || c.path == "" {
		return len(p), nil
	}
	if c.file == nil {
		file, err := os.OpenFile(c.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
		if err != nil {
			return len(p), err
		}
		c.file = file
	}
	n := min(len(p), c.left)
	_, err := c.file.Write(p[:n])
	if c.left -= n; c.left == 0 && err == nil {
		_, err = fmt.Fprintf(c.file, "\n(more than %d bytes: the rest is left out)\n", mostLog)
	}
	return len(p), err
}

// close ends the file. What is written afterwards is left out.
func (c *capped) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.path = ""
	if c.file == nil {
		return nil
	}
	return c.file.Close()
}

// Replays is the run on record that this one is made again for; nil if it is not.
func (r *Recorder) Replays() *train.Replay { return r.replay }

// Recorded is the last point that was in the record when it was opened, -1 if there was none, and its wall time.
func (r *Recorder) Recorded() (step int, wall time.Duration) { return r.recorded, r.wall }

// Manifest is what is recorded.
func (r *Recorder) Manifest() *Manifest { return &r.record.Manifest }

// Dir is the run directory.
func (r *Recorder) Dir() string { return r.dir }

// Observe appends the row of a point that is to have one. An error means that the disk does not take it; the run must stop.
func (r *Recorder) Observe(p *record.Sample) error {
	if p.Row {
		r.row = appendRow(r.row[:0], p, r.columns, r.layers, r.weights)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !p.Row {
		return r.fault()
	}
	_, err := r.steps.Write(r.row)
	r.keep(err)
	return r.fault()
}

// RowSize is how many bytes a point of a run has on record.
func RowSize(p *record.Sample, j plan.Job) int {
	e := extraOf(j, j.Workload.Record)
	return len(appendRow(nil, p, e.Schema.Columns(), e.Layers, e.Weights != nil))
}

// extraOf are the columns of a job's run of which so much is recorded.
func extraOf(j plan.Job, r config.Record) Extra {
	e := Extra{Schema: j.Workload.Schema(*j.Optimizer)}
	if r.Layers {
		e.Layers = train.Layers(j.Workload.Built.Layout())
	}
	if r.Parameters {
		e.Weights = j.Workload.Built.Layout()
	}
	return e
}

// LayerColumn is the column that has the norm of the gradient of a layer.
func LayerColumn(layer string) string {
	return record.Standard()[record.GradientNorm].Name + "[" + layer + "]"
}

// appendRow appends the row of a point, with the quantities in these columns, the norms of these layers, and its weights if wanted.
func appendRow(b []byte, p *record.Sample, columns []int, layers []train.Layer, weights bool) []byte {
	b = strconv.AppendInt(b, int64(p.Step), 10)
	b = append(b, ',')
	if p.Epoch >= 0 {
		b = strconv.AppendInt(b, int64(p.Epoch), 10)
	}
	b = append(b, ',')
	b = strconv.AppendFloat(b, p.Wall.Seconds(), 'f', 6, 64)
	for _, i := range columns {
		b = append(b, ',')
		if x, measured := p.Get(i).Get(); measured {
			b = strconv.AppendFloat(b, x, 'g', -1, 64)
		}
	}
	for _, l := range layers {
		if p.Gradient == nil { // that none was computed is not a number 0
			b = append(b, ',')
			continue
		}
		b = appendNumber(b, l.Norm(p.Gradient))
	}
	if weights {
		for _, w := range p.Weights {
			b = appendNumber(b, w)
		}
	}
	return append(b, '\n')
}

// fault is why nothing more can be recorded.
func (r *Recorder) fault() error {
	if r.err == nil || errors.Is(r.err, ErrLost) {
		return r.err
	}
	return fmt.Errorf("writing %s: %w", r.path(stepsEnd), r.err)
}

// appendNumber appends a comma and the shortest text that reads back as the same number.
func appendNumber(b []byte, x float64) []byte {
	return strconv.AppendFloat(append(b, ','), x, 'g', -1, 64)
}

// End writes the record and closes everything. It reports what could not be written. The record is published soon.
func (r *Recorder) End(o record.Outcome) error {
	close(r.stop)
	<-r.done
	r.keep(r.steps.Flush())
	if r.lost() {
		r.err = ErrLost
	}
	if r.err != nil && o.Err == nil {
		o.Status, o.Err = record.Failed, r.fault()
	}
	if !errors.Is(r.err, ErrLost) {
		r.keep(r.conclude(o))
	}
	r.keep(r.capped.close())
	r.keep(r.file.Close())
	e := ended{r.dir, r.n, r.err == nil && o.Status.Over(), []string{r.path(stepsEnd), r.path(endEnd), r.path(claimEnd)},
		r.failed, r.published}
	switch {
	case errors.Is(r.err, ErrLost):
		discard(r.dir, r.n)
	case r.publisher != nil:
		r.publisher.add(e)
	default:
		e.failed = r.keep
		commit(r.dir, []ended{e})
	}
	return r.err
}

// conclude writes how the attempt ended.
func (r *Recorder) conclude(o record.Outcome) error {
	s := NewSummary(o)
	final := *r.record
	if final.Summary = &s; s.over() {
		_, err := r.file.Seek(0, io.SeekStart)
		found, bad := inspect(r.file, r.record.sequence(), -1)
		if err := errors.Join(err, bad); err != nil {
			return fmt.Errorf("reading what was recorded: %w", err)
		}
		final.StepsCSV = &found.content
	}
	return final.write(r.dir)
}

// write writes how an attempt ended, sealed.
func (r *runRecord) write(dir string) error {
	b, err := r.sealed()
	if err != nil {
		return err
	}
	return writeNew(r.Attempt.file(dir, endEnd), b, false)
}

// sealed is the record as a file has it, with its checksum.
func (r *runRecord) sealed() (b []byte, err error) {
	r.Checksum = ""
	if b, err = json.Marshal(r); err != nil {
		return nil, err
	}
	if r.Checksum, err = checksumOf(b); err != nil {
		return nil, err
	}
	return indented(r)
}
