package metrics

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range slices.Concat(c.quantities, c.desc[:]) {
		if d != nil {
			ch <- d
		}
	}
	for _, h := range c.durations {
		h.Describe(ch)
	}
}

// view is a run as a scrape sees it.
type view struct {
	*Run
	state
	status Status
	began  time.Time // zero if it has not
}

// views are the runs that have series, each as of one moment.
func (c *Collector) views() []view {
	var all []view
	for _, r := range c.shown() {
		all = append(all, view{Run: r, state: r.read(), status: r.status, began: r.began})
	}
	return all
}

// Collect implements prometheus.Collector. What needs the lock is copied at first: whoever is slow to take the metrics
// keeps no run from beginning or ending.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	views, totals, dropped := c.views(), c.totals(), c.dropped
	running := slices.Clone(c.running)
	counts := map[string]map[Status]int{}
	for experiment, of := range c.experiments {
		counts[experiment] = maps.Clone(of)
	}
	c.mu.Unlock()

	for _, r := range running {
		r.observe(r.take())
	}
	for i := range views {
		views[i].collect(ch)
	}
	for experiment, of := range counts {
		for _, s := range Statuses {
			ch <- c.metric(experimentRuns, float64(of[s]), labelsOf(experimentRuns, experiment, string(s)))
		}
	}
	for of, a := range totals {
		labels := labelsOf(stepsTotal, of.experiment, of.optimizer)
		ch <- c.metric(stepsTotal, float64(a.steps), labels)
		ch <- c.metric(gradientsTotal, float64(a.gradients), labels)
		ch <- c.metric(restartsTotal, float64(a.restarts), labels)
		ch <- c.metric(deathsTotal, float64(a.deaths), labels)
		for _, kind := range ErrorKinds {
			ch <- c.metric(errorsTotal, float64(a.errors[kind]), labelsOf(errorsTotal, of.experiment, of.optimizer, kind))
		}
	}
	ch <- c.metric(runsInFlight, float64(len(running)), nil)
	ch <- c.metric(droppedTotal, float64(dropped), nil)
	b := c.options.Build
	ch <- c.metric(buildInfo, 1, labelsOf(buildInfo, b.Version, b.Revision, b.GoVersion))
	for _, h := range c.durations {
		h.Collect(ch)
	}
}

// total is an account as of one moment.
type total struct {
	steps, gradients, restarts uint64
	deaths                     int
	errors                     map[string]uint64
}

// totals are all accounts with what the running runs counted so far.
func (c *Collector) totals() map[source]total {
	all := map[source]total{}
	for of, a := range c.accounts {
		all[of] = total{a.steps, a.gradients, a.restarts, len(a.died), maps.Clone(a.errors)}
	}
	for _, r := range c.running {
		a := all[r.counted]
		r.mu.Lock()
		a.steps += r.shown.steps
		a.gradients += uint64(r.shown.Gradients)
		r.mu.Unlock()
		all[r.counted] = a
	}
	return all
}

// collect sends the series of one run.
func (v *view) collect(ch chan<- prometheus.Metric) {
	c, p := v.collector, v.pairs()
	ch <- c.metric(runInfo, 1, p.info)
	for i, s := range Statuses {
		x := 0.0
		if s == v.status {
			x = 1
		}
		ch <- c.metric(runStatus, x, p.status[i])
	}
	for _, counter := range p.nonFinite {
		for kind, labels := range counter.kinds {
			count := 0.0
			if len(v.nonFinite) > 0 {
				count = float64(v.nonFinite[counter.quantity][kind])
			}
			ch <- c.metric(nonFiniteTotal, count, labels)
		}
	}
	for i, of := range v.quantities {
		if of.measured {
			ch <- metric{desc: c.quantities[i], value: of.value, labels: p.value}
		}
	}
	if v.began.IsZero() {
		return
	}
	ch <- c.metric(runStart, seconds(v.began), p.run)
	if !v.state.began {
		return
	}
	ch <- c.metric(runStep, float64(v.Step), p.run)
	ch <- c.metric(runLastStep, seconds(v.began.Add(v.Since)), p.run)
	if v.Epoch >= 0 {
		ch <- c.metric(runEpoch, float64(v.Epoch), p.run)
	}
	for i, x := range v.scheduled {
		ch <- c.metric(hyperparameter, x, p.scheduled[i])
	}
	for i, norm := range v.layers {
		ch <- c.metric(layerGradientNorm, norm, p.layers[i])
	}
	v.layersAsked.Store(true)
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

// pairs are the labels of a run's series.
type pairs struct {
	value, run, info []*dto.LabelPair
	status           [][]*dto.LabelPair
	nonFinite        []counter
	scheduled        [][]*dto.LabelPair
	layers           [][]*dto.LabelPair
}

// counter has the labels of the counts of a quantity, by their kinds.
type counter struct {
	quantity int
	kinds    [len(nonFiniteKinds)][]*dto.LabelPair
}

func (c *Collector) pairs(i Info) *pairs {
	p := &pairs{
		value: pairsOf(ofValue, i.Experiment, i.Problem, i.Optimizer, i.RunID),
		run:   labelsOf(runStep, i.RunID),
		info: labelsOf(runInfo, i.RunID, i.Experiment, i.Problem, i.Optimizer, i.Variant, strconv.FormatUint(i.Seed, 10), i.Run, strconv.Itoa(i.Color),
			i.VariantID, i.ConfigHash, i.PluginVersion),
	}
	for _, s := range Statuses {
		p.status = append(p.status, labelsOf(runStatus, i.RunID, string(s)))
	}
	for _, quantity := range i.Quantities {
		name := c.options.Quantities[quantity].NonFinite
		if name == "" {
			continue
		}
		counter := counter{quantity: quantity}
		for k, kind := range nonFiniteKinds {
			counter.kinds[k] = labelsOf(nonFiniteTotal, i.RunID, name, kind)
		}
		p.nonFinite = append(p.nonFinite, counter)
	}
	for _, name := range i.Scheduled {
		p.scheduled = append(p.scheduled, labelsOf(hyperparameter, i.RunID, name))
	}
	for _, layer := range i.Layers {
		p.layers = append(p.layers, labelsOf(layerGradientNorm, i.RunID, layer))
	}
	return p
}

// labelsOf gives values to a metric's labels, in the order of the table.
func labelsOf(metric int, values ...string) []*dto.LabelPair {
	return pairsOf(table[metric].Labels, values...)
}

func pairsOf(names []string, values ...string) []*dto.LabelPair {
	var pairs []*dto.LabelPair
	for i, name := range names {
		pairs = append(pairs, &dto.LabelPair{Name: &name, Value: new(Label(values[i]))})
	}
	slices.SortFunc(pairs, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return pairs
}

// metric is a value with labels that are ready made: a scrape of many runs has thousands.
type metric struct {
	desc    *prometheus.Desc
	counter bool
	value   float64
	labels  []*dto.LabelPair
}

var _ prometheus.Metric = metric{}

func (c *Collector) metric(which int, value float64, labels []*dto.LabelPair) metric {
	return metric{c.desc[which], table[which].Type == "counter", value, labels}
}

// Desc implements prometheus.Metric.
func (m metric) Desc() *prometheus.Desc { return m.desc }

// Write implements prometheus.Metric.
func (m metric) Write(out *dto.Metric) error {
	out.Label = m.labels
	if m.counter {
		out.Counter = &dto.Counter{Value: &m.value}
	} else {
		out.Gauge = &dto.Gauge{Value: &m.value}
	}
	return nil
}
