package export

import (
	"cmp"
	"context"
	"io"
	"path/filepath"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/metrics"
	"github.com/steepest/steepest/metrics/openmetrics"
)

// openMetrics is the text that promtool makes a database of, in the names and labels of the live metrics.
var openMetrics = format{name: "openmetrics", text: func(ctx context.Context, j *job, w io.Writer) error {
	runs := make([]openmetrics.Run, len(j.runs))
	passes := 0
	for i, r := range j.runs {
		runs[i] = recorded(r)
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

// recorded says of a run what the live metrics say.
func recorded(r *store.Record) openmetrics.Run {
	folder, err := filepath.Abs(r.Dir)
	if err != nil {
		folder = r.Dir
	}
	return openmetrics.Run{
		Info: metrics.Info{
			Experiment: r.Experiment.Name, Problem: r.ProblemName(), Optimizer: r.Optimizer.Plugin,
			RunID: metrics.RunID(filepath.Base(filepath.Dir(folder)), r.Run, r.Execution), Variant: r.Optimizer.Name, Seed: r.Seed,
			ConfigHash: r.ConfigHash, PluginVersion: r.Plugin.Version, Scheduled: r.Scheduled(),
		},
		Status: metrics.Status(r.Status), Began: r.Started,
	}
}
