// Package store is the run directory: the complete and only record of a run. It holds manifest.json (what was run),
// steps.csv (every point, appended), summary.json (how it ended), plugin.log (what the plugin printed) and, until the run
// has ended, checkpoint (what is needed to go on).
package store

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
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
const Columns = "step,epoch,wall_seconds,train_loss,gradient_norm,update_norm,learning_rate,validation_loss,validation_accuracy"

// Extra are the columns that a steps.csv has beyond Columns.
type Extra struct {
	Scheduled []string     // hyperparameters, in columns like hyperparameter.beta1
	Weights   []*v1.Tensor // every weight, in columns like layer1.weight[0]; nil to leave them out
}

// HyperparameterColumn is the column of a scheduled hyperparameter. No other column has a name like it.
func HyperparameterColumn(name string) string { return "hyperparameter." + name }

// header is the first row.
func (e Extra) header() string {
	b := []byte(Columns)
	for _, name := range e.Scheduled {
		b = append(append(b, ','), HyperparameterColumn(name)...)
	}
	for _, t := range e.Weights {
		for i := range t.Length {
			b = fmt.Appendf(b, ",%s[%d]", t.Name, i)
		}
	}
	return string(append(b, '\n'))
}

// Float is a number in JSON, where NaN and the infinities are strings: "NaN", "Infinity", "-Infinity".
type Float float64

// MarshalJSON writes the shortest text that reads back as the same number.
func (f Float) MarshalJSON() ([]byte, error) {
	switch x := float64(f); {
	case math.IsNaN(x):
		return []byte(`"NaN"`), nil
	case math.IsInf(x, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(x, -1):
		return []byte(`"-Infinity"`), nil
	default:
		return json.Marshal(x)
	}
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (f *Float) UnmarshalJSON(b []byte) error {
	x, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*f = Float(x)
	return err
}

// Summary is how a run ended.
type Summary struct {
	Status             record.Status `json:"status"`
	Error              string        `json:"error,omitempty"`
	Reason             string        `json:"reason,omitempty"`
	Steps              int           `json:"steps"`
	TrainLoss          *Float        `json:"final_train_loss,omitempty"`
	ValidationLoss     *Float        `json:"final_validation_loss,omitempty"`
	ValidationAccuracy *Float        `json:"final_validation_accuracy,omitempty"`
	TestLoss           *Float        `json:"final_test_loss,omitempty"`
	TestAccuracy       *Float        `json:"final_test_accuracy,omitempty"`
	StepsToTarget      *int          `json:"steps_to_target,omitempty"`
	Restarts           int           `json:"plugin_restarts"`
	WallSeconds        float64       `json:"wall_seconds"`
	StepTime           *StepTime     `json:"step_time,omitempty"` // nil if no step was made
}

// StepTime is in seconds, each the median over steps.
type StepTime struct {
	Gradient  float64 `json:"gradient_seconds"`
	Optimizer float64 `json:"optimizer_seconds"`
	Transport float64 `json:"transport_seconds"`
}

// NewSummary writes an outcome as JSON has it.
func NewSummary(o record.Outcome) Summary {
	s := Summary{
		Status: o.Status, Reason: o.Reason, Steps: o.Steps, Restarts: o.Restarts, WallSeconds: o.Wall.Seconds(), TrainLoss: float(o.TrainLoss),
		ValidationLoss: float(o.ValidationLoss), ValidationAccuracy: float(o.ValidationAccuracy),
		TestLoss: float(o.TestLoss), TestAccuracy: float(o.TestAccuracy),
	}
	if o.Err != nil {
		s.Error = o.Err.Error()
	}
	if t := o.Time; t != (record.StepTime{}) {
		s.StepTime = &StepTime{t.Gradient.Seconds(), t.Optimizer.Seconds(), t.Transport.Seconds()}
	}
	if o.StepsToTarget >= 0 {
		s.StepsToTarget = &o.StepsToTarget
	}
	return s
}

// float is nil for what was not measured.
func float(v record.Value) *Float {
	x, measured := v.Get()
	if !measured {
		return nil
	}
	return (*Float)(&x)
}

// flushInterval is how much of a run the end of this program can cost.
const flushInterval = time.Second

// Recorder writes one run directory. Its methods are for one goroutine, but Log may be written to by any.
type Recorder struct {
	dir   string
	extra Extra
	row   []byte

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
	r = &Recorder{dir: dir, extra: extra, recorded: -1, stop: make(chan struct{}), done: make(chan struct{})}
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
	b = appendNumber(b, p.TrainLoss)
	b = appendNumber(b, p.GradientNorm)
	for _, v := range [...]record.Value{p.UpdateNorm, p.LearningRate, p.ValidationLoss, p.ValidationAccuracy} {
		if x, measured := v.Get(); measured {
			b = appendNumber(b, x)
		} else {
			b = append(b, ',')
		}
	}
	for i := range r.extra.Scheduled {
		if i < len(p.Scheduled) {
			b = appendNumber(b, p.Scheduled[i])
		} else {
			b = append(b, ',')
		}
	}
	if r.extra.Weights != nil {
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
	if r.err == nil && (o.Status == record.Finished || o.Status == record.Diverged) {
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
