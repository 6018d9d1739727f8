package remote

import (
	"math"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// registry sends what a registry has now.
type registry struct {
	prometheus.Gatherer
	except func(metric string) bool // what is sent otherwise
	common []Label
	shown  map[Series]bool // that were sent last
}

// gather calls add for each series as it is now, and for those that are not there any more.
func (r *registry) gather(add func(Series, float64)) error {
	families, err := r.Gather()
	now := make(map[Series]bool, len(r.shown))
	for _, f := range families {
		if r.except(f.GetName()) {
			continue
		}
		for _, m := range f.Metric {
			samplesOf(m, func(suffix string, value float64, more ...Label) {
				series := r.series(f.GetName()+suffix, m, more...)
				now[series] = true
				add(series, value)
			})
		}
	}
	for series := range r.shown {
		if !now[series] {
			add(series, Stale)
		}
	}
	r.shown = now
	return err
}

func (r *registry) series(name string, m *dto.Metric, more ...Label) Series {
	labels := append(append([]Label{{MetricName, name}}, r.common...), more...)
	for _, l := range m.Label {
		labels = append(labels, Label{l.GetName(), l.GetValue()})
	}
	return NewSeries(labels...)
}

// samplesOf calls add for each sample of a metric, as the text that is scraped has them.
func samplesOf(m *dto.Metric, add func(suffix string, value float64, more ...Label)) {
	switch {
	case m.Gauge != nil:
		add("", m.Gauge.GetValue())
	case m.Counter != nil:
		add("", m.Counter.GetValue())
	case m.Untyped != nil:
		add("", m.Untyped.GetValue())
	case m.Summary != nil:
		for _, q := range m.Summary.Quantile {
			add("", q.GetValue(), Label{"quantile", bound(q.GetQuantile())})
		}
		add("_sum", m.Summary.GetSampleSum())
		add("_count", float64(m.Summary.GetSampleCount()))
	case m.Histogram != nil:
		for _, b := range m.Histogram.Bucket {
			if !math.IsInf(b.GetUpperBound(), 1) {
				add("_bucket", float64(b.GetCumulativeCount()), Label{"le", bound(b.GetUpperBound())})
			}
		}
		add("_bucket", float64(m.Histogram.GetSampleCount()), Label{"le", "+Inf"})
		add("_sum", m.Histogram.GetSampleSum())
		add("_count", float64(m.Histogram.GetSampleCount()))
	}
}

// bound is a number as OpenMetrics has it in a label.
func bound(x float64) string {
	text := strconv.FormatFloat(x, 'g', -1, 64)
	if !strings.ContainsAny(text, ".eIN") {
		text += ".0"
	}
	return text
}
