package exporter

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/metrics"
)

// TestObserve: what is known of a point, by its quantities, diagnostics and scheduled hyperparameters, is what a scrape sees.
func TestObserve(t *testing.T) {
	quantities := Quantities()
	collector := metrics.New(metrics.Options{Quantities: quantities, MaxRuns: 1, Grace: time.Hour})
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collector)
	schema := append(record.Standard(), diagnose.Quantities(diagnose.Every())...)
	schema = append(schema, record.Hyperparameter("beta1"), record.Hyperparameter("beta2"))
	places := placesOf(quantities, schema)
	live := collector.Add(metrics.Info{Quantities: measured(places), Scheduled: []string{"beta1", "beta2"}, Layers: []string{"a", "b"}})
	r := newRun(live, quantities, places, schema, 9, []train.Layer{{Name: "a", Begin: 0, End: 2}, {Name: "b", Begin: 2, End: 3}})
	r.live.Begin(3)
	p := &record.Sample{Step: 4, Epoch: 1, Gradient: []float64{3, 4, 5}, Gradients: 7, Values: make([]record.Value, len(schema))}
	want := map[string]float64{"steepest_run_step": 4, "steepest_run_epoch": 1, "steepest_steps_total": 1, "steepest_gradient_evaluations_total": 7,
		"steepest_hyperparameter beta1": 100, "steepest_hyperparameter beta2": 101, "steepest_layer_gradient_norm a": 5,
		"steepest_layer_gradient_norm b": 5, "steepest_sharpness": float64(schema.Index("sharpness"))}
	for i, q := range schema {
		p.Set(i, float64(i))
		if q.Column {
			want["steepest_"+q.Name] = float64(i)
		}
	}
	for i, name := range []string{"hyperparameter.beta1", "hyperparameter.beta2"} {
		p.Set(len(schema)-2+i, float64(100+i))
		delete(want, "steepest_"+name)
	}
	if err := r.Observe(p); err != nil {
		t.Fatal(err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			name := f.GetName()
			for _, l := range m.Label {
				if l.GetName() == "hyperparameter" || l.GetName() == "layer" {
					name += " " + l.GetValue()
				}
			}
			got[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	for name, x := range want {
		if y, ok := got[name]; !ok || y != x {
			t.Errorf("%s is %v, %v; want %v", name, y, ok, x)
		}
	}
	for name := range got {
		if strings.HasPrefix(name, "steepest_test_") { // of the test examples, known at the end alone
			t.Errorf("%s is exported and not known of points", name)
		}
	}
}

// TestStandardQuantitiesAreKept: dashboards of others rely on the names and texts of the metrics.
func TestStandardQuantitiesAreKept(t *testing.T) {
	b, err := os.ReadFile(shipped + "testdata/exposition.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range Quantities()[:len(record.Standard().Columns())] {
		if !strings.Contains(string(b), "# HELP steepest_"+q.Name+" "+q.Help+"\n") {
			t.Errorf("%s was not exported before as: %s", q.Name, q.Help)
		}
	}
}

// BenchmarkObserve is what a point of 10 us pays for metrics.
func BenchmarkObserve(b *testing.B) {
	quantities, schema := Quantities(), record.Standard()
	collector := metrics.New(metrics.Options{Quantities: quantities, MaxRuns: 1})
	r := newRun(collector.Add(metrics.Info{}), quantities, placesOf(quantities, schema), schema, math.MaxInt, nil)
	r.live.Begin(0)
	p := &record.Sample{Values: make([]record.Value, len(schema)), Time: record.StepTime{Gradient: 1, Optimizer: 1, Transport: 1}}
	for q := range record.LearningRate + 1 {
		p.Set(q, 1)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Step, p.Wall, p.Gradients = p.Step+1, p.Wall+10*time.Microsecond, p.Gradients+1
		if err := r.Observe(p); err != nil {
			b.Fatal(err)
		}
	}
}
