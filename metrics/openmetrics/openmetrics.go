// Package openmetrics writes recorded runs as OpenMetrics text with timestamps, in the names and labels of the live
// metrics, for `promtool tsdb create-blocks-from openmetrics`.
package openmetrics

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Axis is what the time of a sample stands for.
type Axis string

// The axes.
const (
	Time Axis = "time" // when the point was recorded
	Step Axis = "step" // the number of the step: step n is n seconds after Origin
)

// Axes are all of them.
var Axes = []string{string(Time), string(Step)}

// Origin is where axis step begins: 2000-01-01T00:00:00Z, in seconds since 1970. It is so long ago that no run of less
// than 800 million steps reaches a live sample, and after 1970, so that no range that is looked at begins before time 0.
const Origin = 946684800

// Run is a recorded run.
type Run struct {
	Experiment, Problem, Optimizer, ID string
	Variant, ConfigHash, PluginVersion string
	Seed                               uint64
	Status                             string // how it ended; empty if it did not
	Began                              time.Time

	// Column calls visit for every point, in order, with a quantity of the point: step, epoch, train_loss, gradient_norm,
	// update_norm, learning_rate, validation_loss or validation_accuracy. It ends with the first error and returns it.
	Column func(name string, visit func(step int, wall time.Duration, value float64, measured bool) error) error
}

// family is one metric.
type family struct {
	name, help string
	column     string
	write      func(*writer, Run, string) error
}

// families are all of them. Each is written by reading the points of all runs once.
var families = []family{
	{"train_loss", "Loss on the batch of the step.", "train_loss", (*writer).quantity},
	{"validation_loss", "Loss on the validation examples, where it was evaluated.", "validation_loss", (*writer).quantity},
	{"validation_accuracy", "Share of the validation examples classified correctly, where it was evaluated.",
		"validation_accuracy", (*writer).quantity},
	{"gradient_norm", "Euclidean norm of the gradient of the step.", "gradient_norm", (*writer).quantity},
	{"update_norm", "Euclidean norm of the update of the step.", "update_norm", (*writer).quantity},
	{"learning_rate", "Learning rate of the update of the step.", "learning_rate", (*writer).quantity},
	{"run_step", "Number of the point; 0 is the start.", "step", (*writer).number},
	{"run_epoch", "Completed passes over the training data.", "epoch", (*writer).number},
	{"run_info", "Always 1; the labels describe the run.", "step", (*writer).info},
	{"run_status", "1 for the status of the run at the step, 0 for another.", "step", (*writer).status},
}

// Families is how many metrics are written: how often each run is read.
var Families = len(families)

// Write writes all points of the runs. What it holds in memory does not grow with their number. Runs must differ in ID.
func Write(w io.Writer, runs []Run, axis Axis) error {
	out := &writer{Writer: bufio.NewWriterSize(w, 64<<10), axis: axis}
	for _, f := range families {
		_, _ = fmt.Fprintf(out, "# HELP steepest_%s %s\n# TYPE steepest_%s gauge\n", f.name, f.help, f.name)
		for _, r := range runs {
			out.name, out.last = "steepest_"+f.name, minTime
			if err := f.write(out, r, f.column); err != nil {
				return err
			}
		}
	}
	_, _ = out.WriteString("# EOF\n")
	return out.Flush()
}

// writer writes samples. Its errors stick: each sample reports the first.
type writer struct {
	*bufio.Writer
	axis Axis
	name string
	last int64 // time of the sample before, in milliseconds since 1970
	line []byte
}

// minTime is before all samples.
const minTime = -1 << 62

// at is the time of a point, in milliseconds since 1970, which is all that Prometheus tells apart. Of two samples with one
// time it keeps one, so a point that follows its predecessor within a millisecond is put one millisecond after it.
func (w *writer) at(r Run, step int, wall time.Duration) int64 {
	t := (Origin + int64(step)) * 1000
	if w.axis == Time {
		t = max(r.Began.Add(wall).UnixMilli(), w.last+1)
	}
	w.last = t
	return t
}

// sample writes a line.
func (w *writer) sample(labels string, value float64, ms int64) error {
	b := append(w.line[:0], w.name...)
	b = append(b, labels...)
	b = append(b, ' ')
	b = strconv.AppendFloat(b, value, 'g', -1, 64) // NaN, +Inf, -Inf
	b = append(b, ' ')
	b = strconv.AppendInt(b, ms/1000, 10)
	if rest := ms % 1000; rest != 0 {
		b = append(b, '.', byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
	}
	w.line = append(b, '\n')
	_, err := w.Write(w.line)
	return err
}

// quantity writes what was measured along a run.
func (w *writer) quantity(r Run, column string) error {
	return w.series(r, column, labels("experiment", r.Experiment, "problem", r.Problem, "optimizer", r.Optimizer, "run_id", r.ID))
}

// number writes where a run stood.
func (w *writer) number(r Run, column string) error {
	return w.series(r, column, labels("run_id", r.ID))
}

func (w *writer) series(r Run, column, labels string) error {
	return r.Column(column, func(step int, wall time.Duration, value float64, measured bool) error {
		t := w.at(r, step, wall)
		if !measured {
			return nil
		}
		return w.sample(labels, value, t)
	})
}

// info says at every point what the run is, so that it can be joined there.
func (w *writer) info(r Run, column string) error {
	labels := labels("run_id", r.ID, "variant", r.Variant, "seed", strconv.FormatUint(r.Seed, 10), "config_hash", r.ConfigHash,
		"plugin_version", r.PluginVersion)
	return r.Column(column, func(step int, wall time.Duration, _ float64, _ bool) error {
		return w.sample(labels, 1, w.at(r, step, wall))
	})
}

// status says that the run was running at every point, and at the last one how it ended, if it did.
func (w *writer) status(r Run, column string) error {
	running := labels("run_id", r.ID, "status", "running")
	begun, last := false, int64(0)
	err := r.Column(column, func(step int, wall time.Duration, _ float64, _ bool) (err error) {
		if begun {
			err = w.sample(running, 1, last)
		}
		begun, last = true, w.at(r, step, wall)
		return err
	})
	switch {
	case err != nil || !begun:
		return err
	case r.Status == "":
		return w.sample(running, 1, last)
	}
	if err := w.sample(running, 0, last); err != nil {
		return err
	}
	return w.sample(labels("run_id", r.ID, "status", r.Status), 1, last)
}

var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// labels writes names and values in turn.
func labels(pairs ...string) string {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(pairs[i] + `="` + escape.Replace(strings.ToValidUTF8(pairs[i+1], "\ufffd")) + `"`)
	}
	return b.String() + "}"
}
