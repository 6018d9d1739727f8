package metrics

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Options bound what is exported.
type Options struct {
	Quantities []Quantity    // that are measured
	MaxRuns    int           // how many runs have series of their own
	Grace      time.Duration // how long they keep them after their end
	Build      Build
	Now        func() time.Time // nil is time.Now
}

// Build says what program this is.
type Build struct{ Version, Revision, GoVersion string }

// Collector exports all runs. A scrape sees each run as of one moment: loss and step never belong to different points.
type Collector struct {
	options    Options
	quantities []*prometheus.Desc
	desc       [metricCount]*prometheus.Desc // nil for the histograms
	durations  [3]*prometheus.HistogramVec   // gradient, optimizer, boundary
	changes    atomic.Uint64                 // how often a run was added, began or ended

	mu                      sync.Mutex // never taken between two steps
	pending, running, ended []*Run     // in the order in which they became so
	dropped                 uint64
	accounts                map[source]*account
	named                   map[string]bool // experiments that have a label of their own where many runs are counted together
	experiments             map[string]map[Status]int
}

var _ prometheus.Collector = (*Collector)(nil)

// source is what a count belongs to.
type source struct{ experiment, optimizer string }

// maxExperiments is how many experiments have a label of their own where many runs are counted together, and otherExperiments what the
// others share: these series never leave.
const (
	maxExperiments   = 64
	otherExperiments = "other"
)

// account is what was counted for all runs of a source but those that are running.
type account struct {
	steps, gradients, restarts uint64
	died                       map[uint64]bool // processes
	errors                     map[string]uint64
}

// New makes a collector without runs.
func New(o Options) *Collector {
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Collector{options: o, accounts: map[source]*account{}, named: map[string]bool{}, experiments: map[string]map[Status]int{}}
	for i, d := range Definitions(o.Quantities) {
		switch i -= len(o.Quantities); {
		case i < 0:
			c.quantities = append(c.quantities, prometheus.NewDesc(d.Name, d.Help, d.Labels, nil))
		case d.Type == "histogram":
			c.durations[i-gradientDuration] = histogram(d)
		default:
			c.desc[i] = prometheus.V2.NewDesc(d.Name, d.Help, prometheus.UnconstrainedLabels(d.Labels), nil, prometheus.WithUnit(d.Unit()))
		}
	}
	return c
}

// histogram is of durations, classic and native. The classic buckets are 1, 2.5 and 5 of each decade from 100 ns to 10 s.
func histogram(d Definition) *prometheus.HistogramVec {
	var buckets []float64
	for decade := 1e7; decade >= 1; decade /= 10 {
		buckets = append(buckets, 1/decade, 2.5/decade, 5/decade)
	}
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: d.Name, Help: d.Help, Unit: d.Unit(), Buckets: append(buckets, 10),
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour,
	}, d.Labels)
}

// Add makes a run known. It is pending.
func (c *Collector) Add(i Info) *Run {
	i.Layers = slices.Clone(i.Layers[:min(len(i.Layers), MaxLayers)])
	i.Scheduled = slices.Clone(i.Scheduled[:min(len(i.Scheduled), MaxScheduled)])
	r := &Run{info: i, collector: c, pairs: sync.OnceValue(func() *pairs { return c.pairs(i) }), status: Pending}
	r.next.quantities = make([]reading, len(c.quantities))
	r.shown.quantities = make([]reading, len(c.quantities))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending = append(c.pending, r)
	c.count(i.Experiment, Pending, 1)
	r.counted = source{c.label(i.Experiment), i.Optimizer}
	c.account(r.counted)
	c.durations[0].WithLabelValues(r.counted.experiment, i.Problem)
	c.changes.Add(1)
	return r
}

// Past counts a run that ended before this program began. It has no series of its own.
func (c *Collector) Past(experiment string, s Status) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count(experiment, s, 1)
}

// Begin says that the run goes on now, from a point: 0, or where an earlier program or this one left it, be it that it paused or that it is tried again.
func (r *Run) Begin(point int) {
	c := r.collector
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.status == Running {
		r.bank(r.next.Gradients)
	}
	if point == r.next.Step-1 { // the row of its last point is written again, with the update that leads away from it
		point++
	}
	r.mu.Lock()
	for _, s := range []*state{&r.next, &r.shown} { // what was measured last stands, what is counted and timed is by the new beginning
		s.steps, s.Gradients, s.Since = 0, 0, 0
	}
	r.mu.Unlock()
	r.first, r.began, r.timedAt, r.layersAt = point, c.options.Now(), 0, 0
	r.set(Running)
	c.leave(r)
	c.running = append(c.running, r)
	c.settle()
}

// End says how the run ended, and how many gradients this program computed for it since it began. It need not have begun. One that paused may
// begin again.
func (r *Run) End(s Status, gradients int) {
	c := r.collector
	r.mu.Lock()
	r.show()
	times := r.times
	r.times, r.untaken = nil, nil
	r.mu.Unlock()
	r.observe(times)
	c.mu.Lock()
	defer c.mu.Unlock()
	r.bank(gradients)
	r.end(s)
}

// Stands says how a run stands that this program does not make at the moment: another one made it, or it paused and does not go on.
func (r *Run) Stands(s Status) {
	c := r.collector
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.status == Running || r.status == s {
		return
	}
	r.mu.Lock()
	r.show()
	r.mu.Unlock()
	r.end(s)
}

func (r *Run) end(s Status) {
	c := r.collector
	r.ended = c.options.Now()
	r.set(s)
	c.leave(r)
	c.ended = append(c.ended, r)
	c.settle()
}

// bank counts what the run did since it began for good.
func (r *Run) bank(gradients int) {
	a := r.collector.account(r.counted)
	a.steps += r.next.steps
	a.gradients += uint64(gradients)
}

// PluginRestarted counts that the plugin is started again for this run.
func (r *Run) PluginRestarted() {
	c := r.collector
	c.mu.Lock()
	defer c.mu.Unlock()
	c.account(r.counted).restarts++
}

// PluginDied counts that a process of the plugin is lost, by a number that no other process has; once, whichever runs say so.
func (r *Run) PluginDied(process uint64) {
	c := r.collector
	c.mu.Lock()
	defer c.mu.Unlock()
	c.account(r.counted).died[process] = true
}

// PluginError counts a failed call of the plugin; kind is one of ErrorKinds.
func (r *Run) PluginError(kind string) {
	c := r.collector
	c.mu.Lock()
	defer c.mu.Unlock()
	c.account(r.counted).errors[kind]++
}

func (r *Run) set(s Status) {
	c := r.collector
	c.count(r.info.Experiment, r.status, -1)
	r.status = s
	c.count(r.info.Experiment, s, 1)
	c.changes.Add(1)
}

func (c *Collector) count(experiment string, s Status, n int) {
	if c.experiments[experiment] == nil {
		c.experiments[experiment] = map[Status]int{}
	}
	c.experiments[experiment][s] += n
}

// label is what an experiment is called where many runs are counted together.
func (c *Collector) label(experiment string) string {
	if !c.named[experiment] && len(c.named) == maxExperiments {
		return otherExperiments
	}
	c.named[experiment] = true
	return experiment
}

func (c *Collector) account(of source) *account {
	a := c.accounts[of]
	if a == nil {
		a = &account{died: map[uint64]bool{}, errors: map[string]uint64{}}
		c.accounts[of] = a
		for _, d := range c.durations[optimizerDuration-gradientDuration:] {
			d.WithLabelValues(of.experiment, of.optimizer)
		}
	}
	return a
}

// settle lets ended runs go whose grace is over, and the oldest of them where there are too many runs.
func (c *Collector) settle() {
	now := c.options.Now()
	c.ended = slices.DeleteFunc(c.ended, func(r *Run) bool { return now.Sub(r.ended) >= c.options.Grace })
	if surplus := min(len(c.running)+len(c.ended)-c.options.MaxRuns, len(c.ended)); surplus > 0 {
		c.ended = slices.Delete(c.ended, 0, surplus)
		c.dropped += uint64(surplus)
	}
}

// shown are the runs that have series: those that run, those that ended, and, where there is room left, those to come.
func (c *Collector) shown() []*Run {
	c.settle()
	all := slices.Concat(c.running, c.ended, c.pending)
	return all[:min(len(all), c.options.MaxRuns)]
}

// leave takes a run from where it is.
func (c *Collector) leave(r *Run) {
	c.pending, c.running, c.ended = remove(c.pending, r), remove(c.running, r), remove(c.ended, r)
}

func remove(runs []*Run, r *Run) []*Run {
	if i := slices.Index(runs, r); i >= 0 {
		return slices.Delete(runs, i, i+1)
	}
	return runs
}

// observe puts the times of steps into the histograms, and says of the slowest of them which step it was, if it was slow.
func (r *Run) observe(times []timedStep) {
	r.observing.Lock()
	defer r.observing.Unlock()
	c := r.collector
	for part, h := range []prometheus.Observer{
		c.durations[0].WithLabelValues(r.counted.experiment, r.info.Problem),
		c.durations[1].WithLabelValues(r.counted.experiment, r.info.Optimizer),
		c.durations[2].WithLabelValues(r.counted.experiment, r.info.Optimizer),
	} {
		slowest, all := -1, &r.observed[part]
		for i, t := range times {
			d := t.parts()[part]
			all.sum, all.count = all.sum+d, all.count+1
			if slowest < 0 || d > times[slowest].parts()[part] {
				slowest = i
			}
		}
		for i, t := range times {
			d := t.parts()[part]
			if i == slowest && all.slow(d) {
				h.(prometheus.ExemplarObserver).ObserveWithExemplar(d.Seconds(),
					prometheus.Labels{"run_id": Label(r.info.RunID), "step": strconv.Itoa(t.step)})
				continue
			}
			h.Observe(d.Seconds())
		}
	}
}

// durations are the times that were observed of a part of the steps of a run.
type durations struct {
	sum   time.Duration
	count int
}

// slowFrom is how many times as long as the others on average a slow one takes.
const slowFrom = 2

// slow tells whether one of them is far above the others.
func (d durations) slow(t time.Duration) bool {
	return d.count > 1 && t > slowFrom*(d.sum-t)/time.Duration(d.count-1)
}
