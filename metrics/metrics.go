// Package metrics is the live view of runs for Prometheus. It is never the record: that is the run directory.
package metrics

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Labels say which run a value belongs to.
type Labels struct {
	Experiment, Problem, Optimizer, RunID string
	Seed                                  uint64
}

// Sample is the state of a run after a point: all its metrics, taken at once.
type Sample struct {
	Step           int
	Steps          int // updates applied
	TrainLoss      float64
	GradientNorm   float64
	UpdateNorm     float64
	LearningRate   float64
	ValidationLoss float64 // the last one measured
	HasUpdate      bool    // whether an update was made yet
	HasRate        bool    // whether the optimizer has a learning rate
	HasValidation  bool    // whether the validation loss was measured yet
}

// Run receives the samples of one run.
type Run struct {
	values []string // of the labels
	seed   string

	mu     sync.Mutex
	sample Sample
	begun  bool
}

// Update replaces the sample by what change makes of it.
func (r *Run) Update(change func(*Sample)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.sample)
	r.begun = true
}

// Collector exports all runs. A scrape sees each run as of one moment: loss and step never belong to different points.
type Collector struct {
	mu   sync.Mutex
	runs []*Run
}

var _ prometheus.Collector = (*Collector)(nil)

// Add makes a run known.
func (c *Collector) Add(l Labels) *Run {
	r := &Run{values: []string{l.Experiment, l.Problem, l.Optimizer, l.RunID}, seed: strconv.FormatUint(l.Seed, 10)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.runs = append(c.runs, r)
	return r
}

var labelNames = []string{"experiment", "problem", "optimizer", "run_id"}

func describe(name, help string, more ...string) *prometheus.Desc {
	return prometheus.NewDesc("steepest_"+name, help, append(append([]string(nil), labelNames...), more...), nil)
}

var (
	trainLoss      = describe("train_loss", "Loss on the batch of the last recorded step.")
	validationLoss = describe("validation_loss", "Loss on the validation examples when last evaluated.")
	gradientNorm   = describe("gradient_norm", "Euclidean norm of the gradient of the last recorded step.")
	updateNorm     = describe("update_norm", "Euclidean norm of the last update.")
	learningRate   = describe("learning_rate", "Learning rate of the last update.")
	runStep        = describe("run_step", "Number of the last recorded point; 0 is the start.")
	stepsTotal     = describe("steps_total", "Updates applied to the weights.")
	runInfo        = describe("run_info", "Always 1; the labels describe the run.", "seed")
)

// Describe implements prometheus.Collector.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{trainLoss, validationLoss, gradientNorm, updateNorm, learningRate, runStep, stepsTotal, runInfo} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	runs := append([]*Run(nil), c.runs...)
	c.mu.Unlock()
	for _, r := range runs {
		r.mu.Lock()
		s, begun := r.sample, r.begun
		r.mu.Unlock()
		ch <- prometheus.MustNewConstMetric(runInfo, prometheus.GaugeValue, 1, append(append([]string(nil), r.values...), r.seed)...)
		if !begun {
			continue
		}
		gauge := func(d *prometheus.Desc, x float64) {
			ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, x, r.values...)
		}
		gauge(trainLoss, s.TrainLoss)
		gauge(gradientNorm, s.GradientNorm)
		gauge(runStep, float64(s.Step))
		if s.HasUpdate {
			gauge(updateNorm, s.UpdateNorm)
		}
		if s.HasRate {
			gauge(learningRate, s.LearningRate)
		}
		if s.HasValidation {
			gauge(validationLoss, s.ValidationLoss)
		}
		ch <- prometheus.MustNewConstMetric(stepsTotal, prometheus.CounterValue, float64(s.Steps), r.values...)
	}
}

// Serve answers scrapes of /metrics at the address until the context ends. It returns the address it listens on, whose
// port differs from the given one if that was 0.
func Serve(ctx context.Context, address string, gatherer prometheus.Gatherer) (net.Addr, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(`<!doctype html><title>Steepest</title><p>Steepest: <a href="/metrics">metrics</a>`))
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			_ = listener.Close()
		}
	}()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return listener.Addr(), nil
}
