package export

import (
	"cmp"
	"context"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/picture"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/metrics"
	"github.com/steepest/steepest/metrics/openmetrics"
)

// openMetrics is the text that promtool makes a database of, in the names and labels of the live metrics.
var openMetrics = format{name: "openmetrics", text: func(ctx context.Context, j *job, w io.Writer) error {
	runs := make([]openmetrics.Run, len(j.runs))
	passes, folders := 0, map[string]*folder{}
	var ids metrics.RunIDs
	for i, r := range j.runs {
		runs[i] = folderOf(folders, r).recorded(r)
		runs[i].RunID = ids.Of(runs[i].RunID)
		passes += openmetrics.Passes(j.Quantities, runs[i])
		runs[i].Column = func(name string, visit func(int, time.Duration, float64, bool) error) error {
			defer func() { j.ended++ }()
			if r.Columns != nil && !slices.Contains(r.Columns, name) {
				return nil // it had no such diagnostic
			}
			return r.Column(name, func(step int, wall time.Duration, value float64, measured bool) error {
				j.show(r, step)
				if err := ctx.Err(); err != nil {
					return err
				}
				return visit(step, wall, value, measured)
			})
		}
	}
	j.passes = float64(passes) / float64(max(len(runs), 1))
	return openmetrics.Write(w, j.Quantities, runs, openmetrics.Axis(cmp.Or(j.Axis, string(openmetrics.Time))))
}}

// folder is what the runs in a folder of results share.
type folder struct {
	id    string
	looks picture.Looks
}

// folderOf is that of a run, read once.
func folderOf(known map[string]*folder, r *store.Record) *folder {
	dir := filepath.Join(r.Dir, "..")
	f := known[dir]
	if f == nil {
		f = &folder{id: store.ExperimentID(dir)}
		f.looks.Meet(store.OptimizersOf(dir)...)
		known[dir] = f
	}
	return f
}

// recorded says of a run what the live metrics say.
func (f *folder) recorded(r *store.Record) openmetrics.Run {
	seedless := r.Asked()
	seedless.Seed = 0
	return openmetrics.Run{
		Info: metrics.Info{
			Experiment: r.Experiment.Name, Problem: r.ProblemName(), Optimizer: r.Optimizer.PluginNames(),
			RunID: store.RunID(f.id, r.Identity, r.Execution), Variant: r.Optimizer.Name, Seed: r.Seed, Run: r.Run, Color: f.looks.Of(&r.Optimizer).Number(),
			VariantID: store.RunID(f.id, seedless.Identity(), r.Execution), ConfigHash: r.ConfigHash, PluginVersion: r.PluginVersions(), Scheduled: r.Scheduled(),
		},
		Instance: cmp.Or(r.Node, "unknown"), Status: metrics.Status(r.Status), Began: r.Started, Finals: measure.AtEnd(r.Outcome),
	}
}
