// Package openmetrics writes recorded runs as OpenMetrics text with timestamps, in the names and labels of the live
// metrics, for `promtool tsdb create-blocks-from openmetrics`.
package openmetrics

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/metrics"
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
	metrics.Info
	Instance string         // the host on which it was made
	Status   metrics.Status // how it ended; empty if it did not
	Began    time.Time
	Finals   map[string]float64 // what is known at its end, by the names of quantities

	// Column calls visit for every point, in order, with a quantity of the point: step, epoch, the name of one of the quantities,
	// or HyperparameterColumn and the name of one in Scheduled. It ends with the first error and returns it.
	Column func(name string, visit func(step int, wall time.Duration, value float64, measured bool) error) error
}

// HyperparameterColumn begins the name of the column of a hyperparameter.
const HyperparameterColumn = "hyperparameter."

// family is a metric and the quantity that it is written from.
type family struct {
	metrics.Definition
	column string
	write  func(w *writer, r Run, column, labels string) error
}

// families are all of them, first the quantities. Each is written by reading the points of all runs once.
func families(quantities []metrics.Quantity) []family {
	all := make([]family, 0, len(quantities)+len(others))
	for i, d := range metrics.Definitions(quantities) {
		if i < len(quantities) && quantities[i].Final {
			all = append(all, family{d, "step", final(quantities[i].Name)})
		} else if i < len(quantities) {
			all = append(all, family{d, quantities[i].Name, (*writer).series})
		} else if f, is := others[d.Name]; is {
			all = append(all, family{d, f.column, f.write})
		}
	}
	return all
}

// others are the families beside the quantities, by the names of their metrics.
var others = map[string]family{
	"steepest_hyperparameter": {column: HyperparameterColumn, write: (*writer).scheduled},
	"steepest_run_step":       {column: "step", write: (*writer).series},
	"steepest_run_epoch":      {column: "epoch", write: (*writer).series},
	"steepest_run_info":       {column: "step", write: (*writer).info},
	"steepest_run_status":     {column: "step", write: (*writer).status},
}

// Passes is how often a run is read.
func Passes(quantities []metrics.Quantity, r Run) int {
	passes := len(others) - 1 + len(r.Scheduled) + min(len(r.Finals), 1)
	for _, q := range quantities {
		if !q.Final {
			passes++
		}
	}
	return passes
}

// Write writes what is known of the quantities at all points of the runs. What it holds in memory does not grow with their number.
// Runs must differ in RunID.
func Write(w io.Writer, quantities []metrics.Quantity, runs []Run, axis Axis) error {
	out := &writer{Writer: bufio.NewWriterSize(w, 64<<10), axis: axis, ends: map[string]int64{}}
	for _, f := range families(quantities) {
		_, _ = fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", f.Name, f.Help, f.Name, f.Type)
		for _, r := range runs {
			out.name, out.last = f.Name, minTime
			if err := f.write(out, r, f.column, labels(r, f.Labels)); err != nil {
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
	ends map[string]int64 // times of the last points of runs, by their RunID, as far as they are known
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

// series writes the quantity wherever it was measured.
func (w *writer) series(r Run, column, labels string) error {
	return r.Column(column, func(step int, wall time.Duration, value float64, measured bool) error {
		t := w.at(r, step, wall)
		if !measured {
			return nil
		}
		return w.sample(labels, value, t)
	})
}

// final writes what is known of a quantity at the run's end, at its last point.
func final(quantity string) func(*writer, Run, string, string) error {
	return func(w *writer, r Run, column, labels string) error {
		x, known := r.Finals[quantity]
		if !known {
			return nil
		}
		end, known := w.ends[r.RunID]
		if !known {
			err := r.Column(column, func(step int, wall time.Duration, _ float64, _ bool) error { end = w.at(r, step, wall); return nil })
			if err != nil || w.last == minTime { // it has no points
				return err
			}
			w.ends[r.RunID] = end
		}
		return w.sample(labels, x, end)
	}
}

// scheduled writes each hyperparameter that changes.
func (w *writer) scheduled(r Run, column, labels string) error {
	for _, name := range r.Scheduled {
		w.last = minTime
		with := strings.TrimSuffix(labels, "}") + `,hyperparameter="` + escape(name) + `"}`
		if err := w.series(r, column+name, with); err != nil {
			return err
		}
	}
	return nil
}

// info says at every point what the run is, so that it can be joined there.
func (w *writer) info(r Run, column, labels string) error {
	return r.Column(column, func(step int, wall time.Duration, _ float64, _ bool) error {
		return w.sample(labels, 1, w.at(r, step, wall))
	})
}

// status says that the run was running at every point, and at the last one how it ended, if it did.
func (w *writer) status(r Run, column, labels string) error {
	with := func(s metrics.Status) string {
		return strings.TrimSuffix(labels, "}") + `,status="` + escape(string(s)) + `"}`
	}
	running := with(metrics.Running)
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
	return w.sample(with(r.Status), 1, last)
}

// Job is the label job of recorded runs, as that of the shipped configuration for those that are scraped.
const Job = "steepest"

// labels writes those of the names that a run has, and what Prometheus adds to what it scrapes: so both are asked for in the same way.
func labels(r Run, names []string) string {
	i := r.Info
	values := map[string]string{
		"experiment": i.Experiment, "problem": i.Problem, "optimizer": i.Optimizer, "run_id": i.RunID, "variant": i.Variant,
		"seed": strconv.FormatUint(i.Seed, 10), "run": i.Run, "color": strconv.Itoa(i.Color), "variant_id": i.VariantID, "config_hash": i.ConfigHash, "plugin_version": i.PluginVersion,
		"job": Job, "instance": r.Instance,
	}
	var pairs []string
	for _, name := range slices.Concat([]string{"job", "instance"}, names) {
		if value, ok := values[name]; ok {
			pairs = append(pairs, name+`="`+escape(value)+`"`)
		}
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func escape(value string) string { return escapes.Replace(metrics.Label(value)) }
