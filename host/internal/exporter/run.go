package exporter

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/picture"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/metrics"
)

// Experiment are the runs of one experiment. A nil one shows nothing.
type Experiment struct {
	runs  map[string]*run   // by the id of their jobs
	ids   map[string]string // run_id, likewise
	id    string            // of the experiment; see [store.RunID]
	looks picture.Looks     // of its optimizers

	exporter *Exporter
	plan     plan.Plan
	folder   *store.Folder
	pool     *plugin.Pool
}

// Add makes the runs of an experiment known that have a folder: those that ended before this program began, and those to come.
func (x *Exporter) Add(ctx context.Context, p plan.Plan, folder *store.Folder,
	pool *plugin.Pool) *Experiment {
	if x == nil {
		return nil
	}
	for _, r := range folder.Before() {
		x.collector.Past(p.Name, metrics.Status(r.Status))
	}
	all := &Experiment{runs: map[string]*run{}, ids: map[string]string{}, id: store.ExperimentID(folder.Dir), looks: picture.LooksOf(p), exporter: x, plan: p, folder: folder, pool: pool}
	all.name(folder.Jobs())
	if x.sending != nil {
		for _, r := range folder.Unsent() {
			x.sending.rest(folder, r, all.info(r.Job))
		}
	}
	all.Extend(ctx, folder.Todo())
	return all
}

// name gives every run its run_id, also those that are over: of two that would share one, each has the same after a resume, and, since they are in the
// order of their names, in exports.
func (e *Experiment) name(jobs []plan.Job) {
	for _, job := range slices.SortedFunc(slices.Values(jobs), func(a, b plan.Job) int { return cmp.Compare(a.ID, b.ID) }) {
		if e.ids[job.ID] == "" {
			e.ids[job.ID] = e.exporter.runIDs.Of(store.RunID(e.id, job.Identity, e.folder.Run(job).Execution))
		}
	}
}

// info says what a run is that has a name.
func (e *Experiment) info(job plan.Job) metrics.Info {
	return metrics.Info{Experiment: e.plan.Name, Problem: cmp.Or(job.Problem, job.Workload.Problem.Kind), Optimizer: job.Optimizer.PluginNames(),
		RunID: e.ids[job.ID], Variant: job.Optimizer.Name, Seed: job.Seed, Run: job.ID, Color: e.looks.Of(job.Optimizer).Number(),
		VariantID: store.RunID(e.id, e.plan.Asked(job.Workload, job.Optimizer, 0).Identity(), e.folder.Run(job).Execution),
		Scheduled: job.Optimizer.Scheduled()}
}

// Extend makes runs known that are to come too.
func (e *Experiment) Extend(ctx context.Context, jobs []plan.Job) {
	if e == nil {
		return
	}
	e.Look()
	x, hash := e.exporter, store.ConfigHash(e.plan.Experiment)
	e.name(e.folder.Jobs())
	for _, job := range jobs {
		if e.runs[job.ID] != nil {
			continue
		}
		var layers []train.Layer
		var names []string
		if x.options.Layers {
			layers = train.Layers(job.Workload.Built.Layout())
			layers = layers[:min(len(layers), metrics.MaxLayers)]
		}
		for _, part := range layers {
			names = append(names, part.Name)
		}
		var versions []string
		for _, name := range job.Optimizer.Plugins() {
			if p, err := e.pool.Start(ctx, name); err == nil { // else its runs will say why not
				versions = append(versions, p.Description.Version)
			}
		}
		schema := job.Workload.Schema(*job.Optimizer)
		places := placesOf(x.quantities, schema)
		info := e.info(job)
		info.ConfigHash, info.PluginVersion, info.Quantities, info.Layers = hash, strings.Join(versions, "+"), measured(places), names
		r := newRun(x.collector.Add(info), x.quantities, places, schema, job.Steps, layers)
		r.info, r.job = info, job
		e.runs[job.ID] = r
	}
	if x.sending != nil {
		x.sending.sender.Wake() // before the first point
	}
}

// Begin says that a run goes on now, from what is on record of it, and returns who observes it.
func (e *Experiment) Begin(job plan.Job, files *store.Recorder) []record.Observer {
	if e == nil {
		return nil
	}
	recorded, wall := files.Recorded()
	r := e.runs[job.ID]
	r.began, r.before = true, wall
	r.live.Begin(max(recorded, 0))
	if s := e.exporter.sending; s != nil {
		r.feed = s.follow(r.feed, e.folder, e.folder.Run(job), r.info, files)
	}
	return []record.Observer{r}
}

// End says how a run ended, also one that could not begin.
func (e *Experiment) End(job plan.Job, o record.Outcome) {
	if e == nil {
		return
	}
	r := e.runs[job.ID]
	r.notStarted(o)
	r.end(o)
	r.feed.end(o.Status)
}

// Again says that a run failed and is tried again.
func (e *Experiment) Again(job plan.Job, o record.Outcome) {
	if e == nil {
		return
	}
	r := e.runs[job.ID]
	r.notStarted(o)
	r.live.PluginRestarted()
}

// Look shows how the runs stand that others made meanwhile, or that do not go on.
func (e *Experiment) Look() {
	if e == nil {
		return
	}
	for _, r := range e.runs {
		if now := e.folder.Run(r.job); now.Over() {
			r.setFinals(now.Outcome)
			r.live.Stands(metrics.Status(now.Status))
			r.feed.end(now.Status)
		}
	}
}

// run reports a run to the metrics.
type run struct {
	live       *metrics.Run
	info       metrics.Info
	job        plan.Job
	feed       *feed // nil if nothing is sent
	steps      int
	began      bool
	before     time.Duration // that the run took before this program began
	all        []metrics.Quantity
	quantities []place
	from, to   int       // places of the scheduled hyperparameters in the schema
	scheduled  []float64 // reused
	layers     []train.Layer
	norms      []float64 // reused
}

// place is where a quantity stands in the schema, and among the metrics.
type place struct{ sample, metric int }

var _ record.FailureObserver = (*run)(nil)

// placesOf are those of the quantities that a run measures.
func placesOf(quantities []metrics.Quantity, schema record.Schema) (all []place) {
	for i, q := range quantities {
		if at := schema.Index(q.Name); at >= 0 {
			all = append(all, place{at, i})
		}
	}
	return all
}

// measured are the places among the metrics.
func measured(places []place) (all []int) {
	for _, at := range places {
		all = append(all, at.metric)
	}
	return all
}

func newRun(live *metrics.Run, all []metrics.Quantity, quantities []place, schema record.Schema, steps int, layers []train.Layer) *run {
	r := &run{live: live, all: all, steps: steps, quantities: quantities, to: len(schema), layers: layers, norms: make([]float64, len(layers))}
	for r.from = r.to; r.from > 0 && strings.HasPrefix(schema[r.from-1].Name, record.HyperparameterPrefix); r.from-- {
	}
	return r
}

// Observe reports what is on record: the live view may lag behind it, never run ahead of it.
func (r *run) Observe(p *record.Sample) error {
	for _, at := range r.quantities {
		if x, measured := p.Get(at.sample).Get(); measured {
			r.live.Set(at.metric, x)
		}
	}
	r.scheduled = r.scheduled[:0]
	for _, v := range p.Values[r.from:r.to] {
		if x, measured := v.Get(); measured {
			r.scheduled = append(r.scheduled, x)
		}
	}
	if len(r.scheduled) > 0 {
		r.live.SetScheduled(r.scheduled)
	}
	since := p.Wall - r.before
	if len(r.layers) > 0 && p.Gradient != nil && (r.last(p) || r.live.LayersDue(since)) {
		for i, part := range r.layers {
			r.norms[i] = part.Norm(p.Gradient)
		}
		r.live.SetLayers(since, r.norms)
	}
	r.live.Record(&metrics.Point{Step: p.Step, Epoch: p.Epoch, Since: since, Gradients: p.Gradients,
		Time: metrics.StepTime{Gradient: p.Time.Gradient, Optimizer: p.Time.Optimizer, Boundary: p.Time.Transport}})
	return nil
}

// last tells whether no step leads away from a point.
func (r *run) last(p *record.Sample) bool {
	norm, _ := p.Get(record.GradientNorm).Get()
	return p.Step == r.steps || math.IsNaN(norm) || math.IsInf(norm, 0)
}

// End does nothing: the outcome is not known yet, as the record may fail.
func (r *run) End(record.Outcome) error { return nil }

// end says how the run ended, and with which numbers: those of the table, over all examples.
func (r *run) end(o record.Outcome) {
	r.setFinals(o)
	r.live.End(metrics.Status(o.Status), o.Gradients)
}

func (r *run) setFinals(o record.Outcome) {
	finals := measure.AtEnd(o)
	for i, q := range r.all {
		if x, known := finals[q.Name]; known && q.Final {
			r.live.Set(i, x)
		}
	}
}

// notStarted counts that the plugin of a run did not start, before the run began.
func (r *run) notStarted(o record.Outcome) {
	if !r.began && o.Status == record.Failed && plugin.Kind(o.Err) == plugin.KindStart {
		r.live.PluginError(plugin.KindStart)
		r.died(o.Err)
	}
}

// died counts the death of a process, if an error is of one.
func (r *run) died(err error) {
	if process, died := plugin.Death(err); died {
		r.live.PluginDied(process)
	}
}

// PluginFailed counts a failed call of the plugin.
func (r *run) PluginFailed(err error, again bool) {
	r.live.PluginError(plugin.Kind(err))
	r.died(err)
	if again {
		r.live.PluginRestarted()
	}
}
