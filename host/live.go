package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/pflag"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/metrics"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// liveOptions are the flags for those who watch.
type liveOptions struct {
	set             *pflag.FlagSet
	address, config string
	wait, grace     time.Duration
	maxRuns         int
	layers          bool
}

func (o *liveOptions) flags(f *pflag.FlagSet) {
	o.set = f
	f.StringVar(&o.address, "metrics-address", "", "serve Prometheus metrics at `HOST:PORT` while running; without a host only to this machine,"+
		" such as :9464")
	f.DurationVar(&o.wait, "linger", 0, "after the last run, keep the metrics until they were scraped once more, at most this long, such as 30s")
	f.IntVar(&o.maxRuns, "metrics-max-runs", 100, "show the metrics of at most `N` runs at once")
	f.DurationVar(&o.grace, "metrics-grace", 5*time.Minute, "keep the metrics of a run this long after its end")
	f.BoolVar(&o.layers, "metrics-layers", false, fmt.Sprintf("show the gradient norm of every layer too, at most %d for a run", metrics.MaxLayers))
	f.StringVar(&o.config, "web.config.file", "", "demand TLS or a password for the metrics, as `FILE` says; docs/metrics.md has an example")
}

// check judges the flags before anything is started.
func (o *liveOptions) check() error {
	if o.address == "" {
		for _, name := range []string{"linger", "metrics-max-runs", "metrics-grace", "metrics-layers", "web.config.file"} {
			if o.set.Changed(name) {
				return exit{exitUsage, fmt.Sprintf("--%s does nothing without metrics; add --metrics-address :9464, or leave it out", name)}
			}
		}
		return nil
	}
	address, err := metrics.Address(o.address)
	if err != nil {
		return exit{exitUsage, fmt.Sprintf("--metrics-address: %v; give HOST:PORT, such as 127.0.0.1:9464", err)}
	}
	o.address = address
	if o.maxRuns < 1 {
		return exit{exitUsage, fmt.Sprintf("--metrics-max-runs %d is out of range; give at least 1", o.maxRuns)}
	}
	if o.wait < 0 || o.grace < 0 {
		return exit{exitUsage, "--linger and --metrics-grace must not be negative; give a time such as 30s"}
	}
	if err := metrics.CheckConfig(o.config); err != nil {
		return exit{exitUsage, fmt.Sprintf("--web.config.file %s: %v; docs/metrics.md shows a right one", o.config, err)}
	}
	return nil
}

// live shows the runs of all experiments. Without --metrics-address it has no collector and does nothing.
type live struct {
	collector *metrics.Collector
	server    *metrics.Server
	layers    bool
	notes     io.Writer
	runs      map[string]*liveRun // by run_id; complete before the first run begins
}

// liveRun is a run that the metrics show.
type liveRun struct {
	*metrics.Run
	began bool
}

// serve begins to answer scrapes, if that is wanted.
func (o *liveOptions) serve(notes io.Writer) (*live, error) {
	if o.address == "" {
		return &live{}, nil
	}
	build := metrics.Build{GoVersion: runtime.Version()}
	build.Version, build.Revision = store.Version()
	l := &live{collector: metrics.New(metrics.Options{MaxRuns: o.maxRuns, Grace: o.grace, Build: build}),
		layers: o.layers, notes: notes, runs: map[string]*liveRun{}}
	registry := prometheus.NewRegistry()
	registry.MustRegister(l.collector, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	var err error
	if l.server, err = metrics.Serve(o.address, o.config, l.collector, registry); err != nil {
		remedy := "choose another --metrics-address, such as 127.0.0.1:9464"
		if errors.Is(err, syscall.EADDRINUSE) {
			remedy = "end the program that uses the port, or choose another one; :0 takes any that is free"
		}
		return nil, exit{exitUsage, fmt.Sprintf("cannot serve metrics at %s: %v; %s", o.address, err, remedy)}
	}
	_, _ = fmt.Fprintf(notes, "metrics at %smetrics\n", l.server.URL)
	if !l.server.Loopback() && o.config == "" {
		_, _ = fmt.Fprintf(notes, "note: whoever can reach %s can read them; --web.config.file asks for a password\n", l.server.Addr)
	}
	return l, nil
}

// linger waits for a last scrape.
func (l *live) linger(ctx context.Context, most time.Duration) {
	if l.server == nil || most == 0 {
		return
	}
	_, _ = fmt.Fprintf(l.notes, "waiting up to %s until %smetrics is scraped once more; Ctrl-C ends it at once\n", terminal.Duration(most), l.server.URL)
	if !l.server.Linger(ctx, most) && ctx.Err() == nil {
		_, _ = fmt.Fprintf(l.notes, "nobody scraped the last values within %s; they are in the results\n", terminal.Duration(most))
	}
}

func (l *live) close() {
	if l.server != nil {
		l.server.Close()
	}
}

// runID is the label of a run.
func runID(e ready, r plan.Job) string {
	dir, err := filepath.Abs(e.folder.Dir)
	if err != nil {
		dir = e.folder.Dir
	}
	return metrics.RunID(filepath.Base(dir), r.ID, e.folder.Run(r).Execution)
}

// plan makes the runs of an experiment known to the metrics.
func (l *live) plan(ctx context.Context, e ready, pool *plugin.Pool) {
	if l.collector == nil {
		return
	}
	for _, r := range e.folder.Before() {
		l.collector.Past(e.Name, metrics.Status(r.Status))
	}
	hash, layers := store.ConfigHash(e.Experiment), []string(nil)
	if l.layers {
		for _, part := range layersOf(e.Built.Layout()) {
			layers = append(layers, part.name)
		}
	}
	for _, r := range e.folder.Todo() {
		version := ""
		if p, err := pool.Start(ctx, r.Optimizer.Plugin); err == nil { // else its runs will say why not
			version = p.Description.Version
		}
		l.runs[runID(e, r)] = &liveRun{Run: l.collector.Add(metrics.Info{
			Experiment: e.Name, Problem: e.Problem.Kind, Optimizer: r.Optimizer.Plugin, RunID: runID(e, r), Variant: r.Optimizer.Name,
			Seed: r.Seed, ConfigHash: hash, PluginVersion: version, Scheduled: r.Optimizer.Scheduled(), Layers: layers,
		})}
	}
}

// ended shows how a run ended, also one that could not begin.
func (l *live) ended(e ready, r plan.Job, o record.Outcome) {
	if l.collector == nil {
		return
	}
	s := l.runs[runID(e, r)]
	if !s.began && o.Status == record.Failed && plugin.Kind(o.Err) == plugin.KindStart {
		s.PluginError(plugin.KindStart)
	}
	s.End(metrics.Status(o.Status))
}

// follow observes a run for the metrics.
func (l *live) follow(e ready, r plan.Job, files *store.Recorder) []record.Observer {
	if l.collector == nil {
		return nil
	}
	s := l.runs[runID(e, r)]
	f := &follower{live: s.Run, steps: r.Steps}
	step, wall := files.Recorded()
	f.before = wall
	f.scheduled = len(e.Quantities())
	if l.layers {
		f.layers = layersOf(e.Built.Layout())
		f.layers = f.layers[:min(len(f.layers), metrics.MaxLayers)]
		f.norms = make([]float64, len(f.layers))
	}
	s.began = true
	s.Begin(max(step, 0))
	return []record.Observer{f}
}

// follower reports a run to the metrics.
type follower struct {
	live      *metrics.Run
	steps     int
	before    time.Duration // that the run took before this program began
	gradients int           // that the metrics know of
	scheduled int           // where the scheduled hyperparameters begin in the schema
	point     metrics.Point // reused
	layers    []layer
	norms     []float64
}

var _ record.FailureObserver = (*follower)(nil)

// Observe reports what is on record: the live view may lag behind it, never run ahead of it.
func (f *follower) Observe(p *record.Sample) error {
	f.count(p.Gradients)
	since := p.Wall - f.before
	f.point = metrics.Point{Step: p.Step, Epoch: p.Epoch, Since: since}
	f.point.TrainLoss, _ = p.Get(record.TrainLoss).Get()
	f.point.GradientNorm, _ = p.Get(record.GradientNorm).Get()
	f.point.UpdateNorm, f.point.HasUpdate = p.Get(record.UpdateNorm).Get()
	f.point.LearningRate, f.point.HasRate = p.Get(record.LearningRate).Get()
	for i, v := range p.Values[f.scheduled:min(len(p.Values), f.scheduled+metrics.MaxScheduled)] {
		f.point.Scheduled[i], f.point.HasScheduled = v.Get()
	}
	f.point.ValidationLoss, f.point.HasValidation = p.Get(record.ValidationLoss).Get()
	f.point.ValidationAccuracy, f.point.HasAccuracy = p.Get(record.ValidationAccuracy).Get()
	f.live.Record(&f.point)
	if t := p.Time; t != (record.StepTime{}) {
		f.live.Time(metrics.StepTime{Gradient: t.Gradient, Optimizer: t.Optimizer, Boundary: t.Transport})
	}
	last := p.Step == f.steps || math.IsNaN(f.point.GradientNorm) || math.IsInf(f.point.GradientNorm, 0)
	if len(f.layers) > 0 && (last || f.live.LayersDue(since)) {
		for i, part := range f.layers {
			f.norms[i] = train.Norm(p.Gradient[part.begin:part.end])
		}
		f.live.Layers(since, f.norms)
	}
	return nil
}

// count tells the metrics how many gradients were computed.
func (f *follower) count(gradients int) {
	for ; f.gradients < gradients; f.gradients++ {
		f.live.Gradient()
	}
}

// End counts the gradients that were computed after the last new point.
func (f *follower) End(o record.Outcome) error {
	f.count(o.Gradients)
	return nil
}

// PluginFailed counts a failed call of the plugin.
func (f *follower) PluginFailed(err error, again bool) {
	f.live.PluginError(plugin.Kind(err))
	if again {
		f.live.PluginRestarted()
	}
}

// layer is a part of the weight vector.
type layer struct {
	name       string
	begin, end int
}

// layersOf joins the tensors of a layer: layer1.weight and layer1.bias are layer1.
func layersOf(layout []*v1.Tensor) []layer {
	var all []layer
	for _, t := range layout {
		name := t.Name
		if i := strings.LastIndexByte(name, '.'); i > 0 {
			name = name[:i]
		}
		if n := len(all); n == 0 || all[n-1].name != name {
			all = append(all, layer{name: name, begin: int(t.Offset)})
		}
		all[len(all)-1].end = int(t.Offset + t.Length)
	}
	return all
}
