package export

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/tfevents"
)

// tensorBoard is a folder for each run, with an event file: every quantity is a scalar, histograms are such, and the hyperparameters are there for the table of
// those. If the runs are of several results, each of these has a folder of its own.
var tensorBoard = format{name: "tensorboard", folder: func(ctx context.Context, j *job, dir string) error {
	names := j.folders()
	for i, r := range j.runs {
		folder := filepath.Join(dir, names[i])
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		name := fmt.Sprintf("events.out.tfevents.%d.steepest", r.Started.Unix())
		err := createFile(filepath.Join(folder, name), func(w io.Writer) error { return j.events(ctx, r, w) })
		if err != nil {
			return err
		}
	}
	return nil
}}

// folders are names for the runs: their own, or those of their folders where several have the same, in a folder with that of their
// results if these are several.
func (j *job) folders() []string {
	results, count := map[string]string{}, map[[2]string]int{} // names of folders of results; how many runs in one have a name
	for _, r := range j.runs {
		parent := filepath.Dir(absolute(r.Dir))
		results[parent] = ""
		count[[2]string{parent, r.Run}]++
	}
	used := map[string]bool{}
	names := make([]string, len(j.runs))
	for i, r := range j.runs {
		parent := filepath.Dir(absolute(r.Dir))
		if len(results) > 1 && results[parent] == "" {
			name := filepath.Base(parent)
			for n := 2; used[name]; n++ {
				name = fmt.Sprintf("%s-%d", filepath.Base(parent), n)
			}
			results[parent], used[name] = name, true
		}
		name := r.Run
		if count[[2]string{parent, name}] > 1 || name != filepath.Base(name) || name == ".." { // which no run is called
			name = filepath.Base(absolute(r.Dir))
		}
		names[i] = filepath.Join(results[parent], name)
	}
	return names
}

func absolute(dir string) string {
	if whole, err := filepath.Abs(dir); err == nil {
		return whole
	}
	return dir
}

// events writes the event file of a run.
func (j *job) events(ctx context.Context, r *store.Record, w io.Writer) error {
	out := tfevents.NewWriter(w, r.Started)
	hyperparameters, err := sessionOf(r)
	if err != nil {
		return fmt.Errorf("%s: %w", r.Dir, err)
	}
	out.Begin(hyperparameters, r.Started)
	quantities := r.Quantities()
	histograms := diagnose.Histograms(quantities)
	binned := map[int]bool{}
	for _, h := range histograms {
		for _, i := range h.Columns {
			binned[i] = true
		}
	}
	last := r.Started
	err = j.points(ctx, r, func(p *store.Point) error {
		last = r.Started.Add(p.Wall)
		for i, name := range quantities {
			if x, measured := p.Values[i].Get(); measured && !binned[i] {
				out.Scalar(name, p.Step, last, x)
			}
		}
		for _, h := range histograms {
			if low, high, shares := h.At(p.Values); shares != nil {
				out.Histogram(h.Name, p.Step, last, low, high, shares)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	switch r.Status {
	case record.Finished, record.Diverged, record.Stopped:
		out.End(tfevents.Succeeded, last)
	case record.Failed:
		out.End(tfevents.Failed, last)
	default:
		out.End(tfevents.Running, last)
	}
	return out.Close()
}

// sessionOf are the hyperparameters of a run, beside the name and the plugin of its optimizer.
func sessionOf(r *store.Record) (map[string]any, error) {
	all := map[string]any{"optimizer": r.Optimizer.Name, "plugin": r.Optimizer.PluginNames(), "problem": r.ProblemName()}
	cells, err := describe(r)
	for _, c := range cells {
		switch name, is := hyperparameter(c.name); {
		case !is:
		case c.cell.kind == truth:
			all[name] = c.cell.n != 0
		case c.cell.kind == text:
			all[name] = c.cell.s
		default:
			all[name] = c.cell.as(number).x
		}
	}
	return all, err
}
