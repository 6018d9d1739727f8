package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/sweep"
	"github.com/steepest/steepest/host/internal/train"
)

// Resumption is one time that a run was gone on with by another program.
type Resumption struct {
	Time time.Time `json:"time"`
	Host Program   `json:"host"`
}

// Reopen opens the directory of a run that did not end, to go on with it. It refuses a run of another experiment or
// plugin than the manifest's: its steps would not fit together.
func Reopen(dir string, m Manifest, extra Extra) (*Recorder, error) {
	begun, err := begunAs(dir, m)
	if err == nil && begun.Plugin.SHA256 != m.Plugin.SHA256 {
		err = misfit(dir, "plugin binary", begun.Plugin.SHA256+", now "+m.Plugin.SHA256)
	}
	if err != nil {
		return nil, err
	}
	r, err := open(dir, extra)
	if err != nil {
		return nil, err
	}
	// From here on the folder is this program's alone.
	if _, over, err := ReadOutcome(dir); err != nil || over {
		return nil, errors.Join(fmt.Errorf("%s was ended by another steepest meanwhile", dir), err, r.abandon())
	}
	begun.Resumed = append(begun.Resumed, Resumption{time.Now().UTC(), m.Host})
	if err := errors.Join(tidy(dir), atomicfile.WriteJSON(filepath.Join(dir, ManifestFile), begun)); err != nil {
		return nil, errors.Join(err, r.abandon())
	}
	return r, nil
}

// Fits refuses the results of a run that was begun as another one: those of the runs beside it would not compare.
func Fits(dir string, e *config.Experiment, r sweep.Run) error {
	_, err := begunAs(dir, Manifest{Experiment: e, Optimizer: r.Optimizer, Steps: r.Steps})
	return err
}

// begunAs reads how a run was begun, which must be as the manifest m has it, but for the plugin.
func begunAs(dir string, m Manifest) (begun Manifest, err error) {
	path := filepath.Join(dir, ManifestFile)
	b, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(b, &begun)
	}
	if err == nil && begun.Experiment == nil {
		err = errors.New("it does not say which experiment it is of")
	}
	if err != nil {
		return begun, fmt.Errorf("%s: %w", path, err)
	}
	for _, part := range []struct {
		name       string
		begun, now any
	}{
		{"content of its data files", begun.Experiment.Problem.Content, m.Experiment.Problem.Content},
		{"problem", begun.Experiment.Problem, m.Experiment.Problem}, {"number of steps", begun.Steps, m.Steps},
		{"recorded columns", begun.Experiment.Record, m.Experiment.Record},
		{"target", begun.Experiment.Target, m.Experiment.Target},
		{"optimizer", begun.Optimizer.Hyperparameters, m.Optimizer.Hyperparameters},
		{"clipping of gradients", begun.Optimizer.Gradient, m.Optimizer.Gradient},
	} {
		before, err1 := generic(part.begun)
		now, err2 := generic(part.now)
		if err := errors.Join(err1, err2); err != nil {
			return begun, fmt.Errorf("%s: the %s cannot be compared: %w", path, part.name, err)
		}
		if change := difference(before, now); change != "" {
			return begun, misfit(dir, part.name, change)
		}
	}
	return begun, nil
}

func misfit(dir, what, change string) error {
	return fmt.Errorf("%s was begun with another %s (%s); its steps would not fit together: run anew without --resume", dir, what,
		change)
}

// tidy removes what does not hold any more when a run goes on: the summary of how it was cut off, and files that a
// program was killed over.
func tidy(dir string) error {
	stale := []string{filepath.Join(dir, SummaryFile)}
	for _, name := range []string{ManifestFile, SummaryFile, CheckpointFile} {
		halves, err := filepath.Glob(filepath.Join(dir, name+".*"))
		if err != nil {
			return err
		}
		stale = append(stale, halves...)
	}
	for _, file := range stale {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// generic is a value as JSON has it.
func generic(v any) (g any, err error) {
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &g)
	}
	return g, err
}

// difference is the first key, of those of two values as JSON has them, with different values; empty if there is none.
func difference(a, b any) string {
	x, isMap := a.(map[string]any)
	y, both := b.(map[string]any)
	if !isMap || !both {
		if reflect.DeepEqual(a, b) {
			return ""
		}
		return shown(a) + ", now " + shown(b)
	}
	all := maps.Clone(x)
	maps.Copy(all, y)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if change := difference(x[key], y[key]); change != "" {
			return key + " " + change
		}
	}
	return ""
}

func shown(v any) string {
	if v == nil {
		return "none"
	}
	text, _ := json.Marshal(v) // it came from JSON
	return string(text)
}

// ReadOutcome returns how a run ended; ok is false if it can be gone on with.
func ReadOutcome(dir string) (o train.Outcome, ok bool, err error) {
	path := filepath.Join(dir, SummaryFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return o, false, nil
	}
	var s Summary
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return o, false, fmt.Errorf("%s: %w", path, err)
	}
	return s.outcome(), s.Status == train.Finished || s.Status == train.Diverged, nil
}

// outcome is the inverse of NewSummary, but for the text of an error.
func (s Summary) outcome() train.Outcome {
	value := func(x *Float) record.Value {
		if x == nil {
			return record.Value{}
		}
		return record.Measured(float64(*x))
	}
	seconds := func(x float64) time.Duration { return time.Duration(x * float64(time.Second)) }
	o := train.Outcome{
		Status: s.Status, Reason: s.Reason, Steps: s.Steps, TrainLoss: value(s.TrainLoss), Restarts: s.Restarts,
		ValidationLoss: value(s.ValidationLoss), ValidationAccuracy: value(s.ValidationAccuracy),
		TestLoss: value(s.TestLoss), TestAccuracy: value(s.TestAccuracy), StepsToTarget: -1, Wall: seconds(s.WallSeconds),
		Time: train.StepTime{Gradient: seconds(s.StepTime.Gradient), Optimizer: seconds(s.StepTime.Optimizer),
			Transport: seconds(s.StepTime.Transport)},
	}
	if s.StepsToTarget != nil {
		o.StepsToTarget = *s.StepsToTarget
	}
	return o
}

const (
	rowLimit     = 1 << 20 // longer than any two rows
	stepColumn   = 0
	wallColumn   = 2
	updateColumn = 5
)

// rewind puts the end of steps.csv behind its last complete row and finds out which point that is. The row of a run that
// failed in the middle of a step is not complete. A new file, or one that was cut off within the header, gets the header.
func (r *Recorder) rewind(header string) error {
	size, err := r.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	head := make([]byte, min(size, int64(len(header))))
	if _, err := r.file.ReadAt(head, 0); err != nil {
		return err
	}
	if string(head) != header[:len(head)] {
		return errors.New("its columns are not those of this program and experiment")
	}
	end := int64(len(header))
	if len(head) < len(header) {
		if _, err := r.file.WriteAt([]byte(header), 0); err != nil {
			return err
		}
	} else if end, err = r.lastRow(end, size); err != nil {
		return err
	}
	_, err = r.file.Seek(end, io.SeekStart)
	return errors.Join(r.file.Truncate(end), err)
}

// lastRow returns where the last complete row ends.
func (r *Recorder) lastRow(start, size int64) (int64, error) {
	start = max(size-rowLimit, start)
	tail := make([]byte, size-start)
	if _, err := r.file.ReadAt(tail, start); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	for end := bytes.LastIndexByte(tail, '\n') + 1; end > 0; {
		begin := bytes.LastIndexByte(tail[:end-1], '\n') + 1
		cells := strings.Split(string(tail[begin:end-1]), ",")
		if len(cells) < strings.Count(Columns, ",")+1 {
			return 0, fmt.Errorf("the row %q has too few columns", tail[begin:end])
		}
		if cells[updateColumn] != "" {
			step, err1 := strconv.Atoi(cells[0])
			wall, err2 := strconv.ParseFloat(cells[wallColumn], 64)
			r.recorded, r.wall = step, time.Duration(wall*float64(time.Second))
			return start + int64(end), errors.Join(err1, err2)
		}
		end = begin
	}
	return start, nil
}
