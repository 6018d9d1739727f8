// Package result is the run directory: the complete and only record of a run. It holds manifest.json (what was run),
// steps.csv (every point, appended), summary.json (how it ended) and plugin.log (what the plugin printed).
package result

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/train"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// The files of a run directory.
const (
	ManifestFile = "manifest.json"
	StepsFile    = "steps.csv"
	SummaryFile  = "summary.json"
	LogFile      = "plugin.log"
)

// Columns are those that every steps.csv begins with.
const Columns = "step,epoch,wall_seconds,train_loss,gradient_norm,update_norm,learning_rate,validation_loss,validation_accuracy"

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

// Summary is how a run ended.
type Summary struct {
	Status             train.Status `json:"status"`
	Error              string       `json:"error,omitempty"`
	Reason             string       `json:"reason,omitempty"`
	Steps              int          `json:"steps"`
	TrainLoss          Float        `json:"final_train_loss"`
	ValidationLoss     *Float       `json:"final_validation_loss,omitempty"`
	ValidationAccuracy *Float       `json:"final_validation_accuracy,omitempty"`
	StepsToTarget      *int         `json:"steps_to_target,omitempty"`
	WallSeconds        float64      `json:"wall_seconds"`
	StepTime           StepTime     `json:"step_time"`
}

// StepTime is in seconds, each the median over steps.
type StepTime struct {
	Gradient  float64 `json:"gradient_seconds"`
	Optimizer float64 `json:"optimizer_seconds"`
	Transport float64 `json:"transport_seconds"`
}

// NewSummary writes an outcome as JSON has it.
func NewSummary(o train.Outcome) Summary {
	s := Summary{
		Status: o.Status, Reason: o.Reason, Steps: o.Steps, TrainLoss: Float(o.TrainLoss), WallSeconds: o.Wall.Seconds(),
		StepTime: StepTime{o.Time.Gradient.Seconds(), o.Time.Optimizer.Seconds(), o.Time.Transport.Seconds()},
	}
	if o.Err != nil {
		s.Error = o.Err.Error()
	}
	if !math.IsNaN(o.ValidationLoss) || !math.IsNaN(o.ValidationAccuracy) { // there were validation examples
		loss := Float(o.ValidationLoss)
		s.ValidationLoss = &loss
	}
	if !math.IsNaN(o.ValidationAccuracy) { // and they have classes
		accuracy := Float(o.ValidationAccuracy)
		s.ValidationAccuracy = &accuracy
	}
	if o.StepsToTarget >= 0 {
		s.StepsToTarget = &o.StepsToTarget
	}
	return s
}

// Claim makes a new folder for results. If path is taken it tries path-2, path-3, ..., so that nothing recorded is ever
// overwritten and two programs never share a folder.
func Claim(path string) (string, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	name := path
	for i := 2; ; i++ {
		err := os.Mkdir(name, 0o755)
		if !errors.Is(err, fs.ErrExist) {
			return name, err
		}
		name = fmt.Sprintf("%s-%d", path, i)
	}
}

// flushInterval is how much of a run a power cut can cost.
const flushInterval = time.Second

// Recorder writes one run directory. Its methods are for one goroutine, but Log may be written to by any.
type Recorder struct {
	dir        string
	parameters bool
	row        []byte

	mu    sync.Mutex // of steps: the flusher runs beside the training loop
	file  *os.File
	steps *bufio.Writer
	err   error // the first that writing met
	log   *os.File
	stop  chan struct{}
	done  chan struct{}
}

// Create makes the run directory, writes the manifest and opens the log files. With parameters, each row of steps.csv
// also has every weight, in columns like layer1.weight[0].
func Create(dir string, manifest any, layout []*v1.Tensor, parameters bool) (_ *Recorder, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	if err := writeJSON(filepath.Join(dir, ManifestFile), manifest); err != nil {
		return nil, err
	}
	r := &Recorder{dir: dir, parameters: parameters, stop: make(chan struct{}), done: make(chan struct{})}
	if r.log, err = os.Create(filepath.Join(dir, LogFile)); err != nil {
		return nil, err
	}
	if r.file, err = os.Create(filepath.Join(dir, StepsFile)); err != nil {
		return nil, errors.Join(err, r.log.Close())
	}
	r.steps = bufio.NewWriterSize(r.file, 64<<10)
	header := Columns
	if parameters {
		for _, t := range layout {
			for i := range t.Length {
				header += fmt.Sprintf(",%s[%d]", t.Name, i)
			}
		}
	}
	if _, err := r.steps.WriteString(header + "\n"); err != nil {
		return nil, errors.Join(err, r.file.Close(), r.log.Close())
	}
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
func (r *Recorder) Log() *os.File { return r.log }

// Dir is the run directory.
func (r *Recorder) Dir() string { return r.dir }

// Observe appends a row. An error means that the disk does not take it; the run must stop.
func (r *Recorder) Observe(p *train.Point) error {
	b := strconv.AppendInt(r.row[:0], int64(p.Step), 10)
	b = append(b, ',')
	if p.Epoch >= 0 {
		b = strconv.AppendInt(b, int64(p.Epoch), 10)
	}
	b = append(b, ',')
	b = strconv.AppendFloat(b, p.Wall.Seconds(), 'f', 6, 64)
	b = appendNumber(b, p.TrainLoss, true)
	b = appendNumber(b, p.GradientNorm, true)
	// NaN is "not measured" for what may be missing, and a result for what may not.
	b = appendNumber(b, p.UpdateNorm, !math.IsNaN(p.LearningRate))
	b = appendNumber(b, p.LearningRate, false)
	b = appendNumber(b, p.ValidationLoss, !math.IsNaN(p.ValidationAccuracy))
	b = appendNumber(b, p.ValidationAccuracy, false)
	if r.parameters {
		for _, w := range p.Weights {
			b = appendNumber(b, w, true)
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

// appendNumber appends a comma and the shortest text that reads back as the same number; nothing for a missing one.
func appendNumber(b []byte, x float64, always bool) []byte {
	b = append(b, ',')
	if math.IsNaN(x) && !always {
		return b
	}
	return strconv.AppendFloat(b, x, 'g', -1, 64)
}

// End writes the summary and closes everything. It reports what could not be written.
func (r *Recorder) End(o train.Outcome) error {
	close(r.stop)
	<-r.done
	r.keep(r.steps.Flush())
	r.keep(r.file.Sync())
	r.keep(r.file.Close())
	if r.err != nil && o.Err == nil {
		o.Status, o.Err = train.Failed, fmt.Errorf("writing %s: %w", r.file.Name(), r.err)
	}
	r.keep(writeJSON(filepath.Join(r.dir, SummaryFile), NewSummary(o)))
	r.keep(r.log.Close())
	return r.err
}

// writeJSON writes a file whole or not at all.
func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
