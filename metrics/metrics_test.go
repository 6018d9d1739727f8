package metrics

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

var update = flag.Bool("update", false, "write the fixture instead of comparing with it")

// clock is a time that only the test moves.
type clock struct{ time.Time }

func (c *clock) now() time.Time          { return c.Time }
func (c *clock) advance(d time.Duration) { c.Time = c.Add(d) }

// The quantities of the tests.
const (
	trainLoss = iota
	gradientNorm
	updateNorm
	learningRate
	validationLoss
	validationAccuracy
)

var quantities = []Quantity{
	trainLoss:          {"train_loss", "Loss on the batch of the last recorded step.", "", "loss", false},
	gradientNorm:       {"gradient_norm", "Euclidean norm of the gradient of the last recorded step.", "before clipping", "gradient_norm", false},
	updateNorm:         {"update_norm", "Euclidean norm of the last update.", "", "update_norm", false},
	learningRate:       {"learning_rate", "Learning rate of the last update.", "", "", false},
	validationLoss:     {"validation_loss", "Loss on the validation examples when last evaluated.", "", "", false},
	validationAccuracy: {"validation_accuracy", "Share of the validation examples classified correctly when last evaluated.", "0 to 1", "", false},
}

func newCollector(maxRuns int) (*Collector, *prometheus.Registry, *clock) {
	at := &clock{time.Unix(1_700_000_000, 0)}
	c := New(Options{Quantities: quantities, MaxRuns: maxRuns, Grace: time.Minute, Build: Build{"v1.2.3", "0123abc", "go1.26"}, Now: at.now})
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	return c, registry, at
}

func info(id string) Info {
	return Info{Experiment: "quickstart", Problem: "mlp", Optimizer: "adam", RunID: "quickstart/" + id, Variant: `adam, "slow"`, Seed: 7, Run: id, Color: 4,
		Quantities: []int{trainLoss, gradientNorm, updateNorm, learningRate, validationLoss, validationAccuracy},
		VariantID:  "0123456789abcdef-0123456789ab", ConfigHash: "0123456789ab", PluginVersion: "v0.1.0"}
}

// set notes what was measured.
func set(r *Run, measured map[int]float64) {
	for quantity, x := range measured {
		r.Set(quantity, x)
	}
}

// fixture is a state with everything in it: a run under way, one that diverged, one that never began, one to come.
func fixture() (*Collector, *prometheus.Registry) {
	c, registry, at := newCollector(10)
	first := info("adam-seed1")
	first.Layers, first.Scheduled = []string{"layer1", "layer2"}, []string{"beta1", "beta2"}
	running, diverged, failed := c.Add(first), c.Add(info("adam-seed2")), c.Add(Info{Experiment: "quickstart", Problem: "mlp",
		Optimizer: "sgd", RunID: "quickstart/sgd-seed1", Variant: "sgd"})
	c.Add(info("adam-seed3"))
	c.Past("quickstart", Finished)
	running.Begin(0)
	set(running, map[int]float64{trainLoss: 0.5, gradientNorm: 2, updateNorm: 0.25, learningRate: 0.125, validationLoss: 0.75, validationAccuracy: 0.875})
	running.SetScheduled([]float64{0.5, 0.999})
	running.SetLayers(0, []float64{1, math.Sqrt(3)})
	running.Record(&Point{Step: 0, Gradients: 1, Time: StepTime{10 * time.Microsecond, 300 * time.Nanosecond, 2 * time.Microsecond}})
	set(running, map[int]float64{trainLoss: 0.25, gradientNorm: 1})
	running.Record(&Point{Step: 1, Epoch: 1, Gradients: 2, Since: 1500 * time.Millisecond,
		Time: StepTime{9 * time.Microsecond, 0, 2 * time.Microsecond}})
	running.PluginError("crash")
	running.PluginRestarted()
	diverged.Begin(4) // it was resumed there
	set(diverged, map[int]float64{trainLoss: math.NaN(), gradientNorm: math.Inf(1)})
	diverged.Record(&Point{Step: 5, Epoch: -1, Gradients: 1})
	at.advance(time.Second)
	diverged.End(Diverged, 1)
	failed.PluginError("start")
	failed.End(Failed, 0)
	return c, registry
}

func TestExposition(t *testing.T) {
	_, registry := fixture()
	problems, err := testutil.GatherAndLint(registry)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&got, f); err != nil {
			t.Fatal(err)
		}
	}
	const file = "testdata/exposition.txt"
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || got.String() != string(want) {
		t.Errorf("the exposition differs from %s (%v); see what -update changes:\n%s", file, err, &got)
	}

	// The definitions are neither more nor less than what is exported.
	exported := map[string]*dto.MetricFamily{}
	for _, f := range families {
		exported[f.GetName()] = f
	}
	for _, d := range Definitions(quantities) {
		f := exported[d.Name]
		if f == nil {
			t.Errorf("%s is not exported", d.Name)
			continue
		}
		delete(exported, d.Name)
		var labels []string
		for _, l := range f.Metric[0].Label {
			labels = append(labels, l.GetName())
		}
		slices.Sort(d.Labels)
		if !slices.Equal(labels, d.Labels) || f.GetHelp() != d.Help || strings.ToLower(f.GetType().String()) != d.Type {
			t.Errorf("%s is a %v of %v: %s", d.Name, f.GetType(), labels, f.GetHelp())
		}
		if h := f.Metric[0].Histogram; d.Type == "histogram" && (h.GetSchema() != 3 || len(h.PositiveDelta) == 0 || len(h.Bucket) != 25) {
			t.Errorf("%s is not both classic and native: %v", d.Name, h)
		}
	}
	if len(exported) > 0 {
		t.Errorf("exported without a definition: %v", exported)
	}
}

// values are the samples of a metric, by the value of a label.
func values(t *testing.T, g prometheus.Gatherer, name, label string) map[string]float64 {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.Metric {
			if f.GetName() != prefix+name {
				continue
			}
			key := ""
			for _, l := range m.Label {
				if l.GetName() == label {
					key = l.GetValue()
				}
			}
			all[key] += m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return all
}

// TestNothingIsTorn: whatever the writer does, a scrape sees numbers of one point, and never an older one than before.
func TestNothingIsTorn(t *testing.T) {
	c, _, _ := newCollector(1)
	i := info("a")
	i.Layers = make([]string, 5)
	r := c.Add(i)
	r.Begin(0)
	stop := make(chan struct{})
	var writer, readers sync.WaitGroup
	writer.Go(func() {
		norms := make([]float64, 5)
		for k := 1; ; k++ {
			select {
			case <-stop:
				return
			default:
			}
			x := float64(k)
			if r.LayersDue(time.Duration(k)) {
				for i := range norms {
					norms[i] = x
				}
				r.SetLayers(time.Duration(k), norms)
			}
			set(r, map[int]float64{trainLoss: x, gradientNorm: x, updateNorm: x, learningRate: x})
			d := time.Duration(k)
			r.Record(&Point{Step: k, Epoch: k, Gradients: k, Since: d, Time: StepTime{d, d, d}})
		}
	})
	for range 3 {
		readers.Go(func() {
			last := 0
			for n := 0; n < 3000 || last < 3000; n++ {
				s := r.read()
				x := float64(s.Step)
				if s.Step < last || s.began && (s.quantities[trainLoss].value != x || s.quantities[gradientNorm].value != x ||
					s.quantities[updateNorm].value != x || s.quantities[learningRate].value != x || s.Epoch != s.Step || s.Since != time.Duration(s.Step) || s.steps != uint64(s.Step) || s.Gradients != s.Step) {
					t.Errorf("torn after step %d: %+v", last, s)
					return
				}
				last = s.Step
				for _, x := range s.layers {
					if x != s.layers[0] {
						t.Errorf("torn layers: %v", s.layers)
						return
					}
				}
				for _, d := range r.take() {
					if d.Gradient != d.Optimizer || d.Gradient != d.Boundary {
						t.Errorf("torn times: %v", d)
					}
				}
			}
		})
	}
	readers.Wait()
	close(stop)
	writer.Wait()
}

// TestManyRuns: which runs have series, and that totals forget none.
func TestManyRuns(t *testing.T) {
	c, registry, at := newCollector(3)
	runs := map[string]*Run{}
	for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
		i := info(id)
		i.RunID = id
		runs[id] = c.Add(i)
	}
	step := func(id string, steps int) {
		for k := range steps + 1 {
			runs[id].Record(&Point{Step: k})
		}
	}
	for _, s := range []struct {
		what    string
		do      func()
		shown   string
		dropped float64
		steps   float64
	}{
		{"the first to come", func() {}, "abc", 0, 0},
		{"runs go on", func() { runs["e"].Begin(0); runs["f"].Begin(0); step("e", 2) }, "aef", 0, 2},
		{"more run than fit", func() { runs["a"].Begin(0); runs["b"].Begin(0); step("b", 3) }, "aef", 0, 5},
		{"one ends and has no room", func() { runs["e"].End(Finished, 0) }, "abf", 1, 5},
		{"another ends", func() { at.advance(50 * time.Second); runs["f"].End(Finished, 0) }, "abf", 1, 5},
		{"the ended one gives way", func() { runs["c"].Begin(0); step("c", 1) }, "abc", 2, 6},
		{"room again", func() { runs["a"].End(Interrupted, 0); runs["b"].End(Diverged, 0) }, "abc", 2, 6},
		{"and for one to come", func() { at.advance(59 * time.Second); runs["c"].End(Failed, 0) }, "abc", 2, 6},
		{"the grace is over", func() { at.advance(time.Second) }, "cd", 2, 6},
	} {
		s.do()
		var shown []string
		for id := range values(t, registry, "run_status", "run_id") {
			shown = append(shown, id)
		}
		slices.Sort(shown)
		if got := strings.Join(shown, ""); got != s.shown {
			t.Errorf("%s: shows %s, want %s", s.what, got, s.shown)
		}
		if got := values(t, registry, "run_series_dropped_total", "")[""]; got != s.dropped {
			t.Errorf("%s: %v dropped, want %v", s.what, got, s.dropped)
		}
		if got := values(t, registry, "steps_total", "optimizer")["adam"]; got != s.steps {
			t.Errorf("%s: %v steps, want %v", s.what, got, s.steps)
		}
	}
	want := "map[diverged:1 failed:1 finished:2 interrupted:1 paused:0 pending:1 pruned:0 running:0 stopped:0]"
	if got := fmt.Sprint(values(t, registry, "experiment_runs", "status")); got != want {
		t.Errorf("runs: %s, want %s", got, want)
	}
}

// TestRunsBeginAgain: a run that pauses and goes on, or is tried again when its plugin died, is one run, and what it did counts once.
func TestRunsBeginAgain(t *testing.T) {
	c, registry, at := newCollector(3)
	paused, tried, elsewhere := c.Add(info("a")), c.Add(info("b")), c.Add(info("c"))
	for _, s := range []struct {
		what             string
		do               func()
		steps, gradients float64
		age              float64 // of the first run's last point; negative if it has none
		want             string
	}{
		{"begun", func() { paused.Begin(0); tried.Begin(0) }, 0, 0, -1, "map[pending:1 running:2]"},
		{"going", func() {
			at.advance(10 * time.Second)
			paused.Record(&Point{Step: 4, Since: 10 * time.Second, Gradients: 5, Time: StepTime{1, 1, 1}})
			tried.Record(&Point{Step: 6, Gradients: 7})
		}, 10, 12, 0, "map[pending:1 running:2]"},
		{"paused", func() { paused.End(Paused, 5); at.advance(20 * time.Second) }, 10, 12, 20, "map[paused:1 pending:1 running:1]"},
		{"both begin again", func() { paused.Begin(3); tried.Begin(6) }, 10, 12, 0, "map[pending:1 running:2]"},
		{"they go on", func() {
			at.advance(5 * time.Second)
			paused.Record(&Point{Step: 5, Since: 4 * time.Second, Gradients: 2})
			tried.Record(&Point{Step: 8, Gradients: 3})
		}, 13, 17, 1, "map[pending:1 running:2]"},
		{"what goes on here is not as others say", func() { paused.Stands(Pruned); elsewhere.Stands(Finished) }, 13, 17, 1, "map[finished:1 running:2]"},
		{"a pause that is the end", func() { paused.End(Paused, 2); paused.Stands(Pruned); tried.End(Failed, 3) }, 13, 17, 1, "map[failed:1 finished:1 pruned:1]"},
	} {
		s.do()
		got := values(t, registry, "experiment_runs", "status")
		for status, n := range got {
			if n == 0 {
				delete(got, status)
			}
		}
		if fmt.Sprint(got) != s.want {
			t.Errorf("%s: %v, want %s", s.what, got, s.want)
		}
		if n := len(values(t, registry, "run_info", "run")); n != 3 {
			t.Errorf("%s: %d runs", s.what, n)
		}
		steps, gradients := values(t, registry, "steps_total", "optimizer")["adam"], values(t, registry, "gradient_evaluations_total", "optimizer")["adam"]
		if steps != s.steps || gradients != s.gradients {
			t.Errorf("%s: %v steps and %v gradients, want %v and %v", s.what, steps, gradients, s.steps, s.gradients)
		}
		if last, is := values(t, registry, "run_last_step_timestamp_seconds", "run_id")["quickstart/a"]; is != (s.age >= 0) || is && float64(at.Unix())-last != s.age {
			t.Errorf("%s: the last point is %v s old, want %v", s.what, float64(at.Unix())-last, s.age)
		}
	}
}

// TestRunsOfOthers: what is known of the end of a run that another program made is shown.
func TestRunsOfOthers(t *testing.T) {
	c, registry, _ := newCollector(3)
	r := c.Add(info("a"))
	r.Set(validationLoss, 0.5)
	r.Stands(Finished)
	if got := fmt.Sprint(values(t, registry, "validation_loss", "run_id"), values(t, registry, "run_step", "run_id")); got != "map[quickstart/a:0.5] map[]" {
		t.Error(got)
	}
}

// TestLayersDue: norms are computed when somebody looked, or once a second, and for no more than MaxLayers.
func TestLayersDue(t *testing.T) {
	c, registry, _ := newCollector(1)
	i := info("a")
	for k := range MaxLayers + 1 {
		i.Layers = append(i.Layers, fmt.Sprint("layer", k))
	}
	r := c.Add(i)
	r.Begin(0)
	r.Record(&Point{})
	norms := make([]float64, MaxLayers)
	for _, s := range []struct {
		at     time.Duration
		scrape bool
		due    bool
	}{{0, false, true}, {1, false, false}, {layerInterval, false, true}, {layerInterval + 1, false, false}, {layerInterval + 2, true, true}} {
		if s.scrape {
			if n := len(values(t, registry, "layer_gradient_norm", "layer")); n != MaxLayers {
				t.Errorf("%d layers", n)
			}
		}
		if r.LayersDue(s.at) != s.due {
			t.Errorf("at %v: due is %v", s.at, !s.due)
		}
		if s.due {
			r.SetLayers(s.at, norms)
			r.Record(&Point{})
		}
	}
}

// BenchmarkRecord is what a step of 10 us pays: all of it less than 100 ns.
func BenchmarkRecord(b *testing.B) {
	c, _, _ := newCollector(1)
	r := c.Add(info("a"))
	r.Begin(0)
	p := Point{Time: StepTime{1, 1, 1}}
	b.ReportAllocs()
	for b.Loop() {
		p.Step++
		for q := range learningRate + 1 {
			r.Set(q, 1)
		}
		r.Record(&p)
		if p.Step%1024 == 0 { // as if somebody scraped
			r.times = r.times[:0]
		}
	}
}

// BenchmarkScrape is of runs under way, as text.
func BenchmarkScrape(b *testing.B) {
	for _, runs := range []int{100, 1000} {
		b.Run(fmt.Sprint("runs=", runs), func(b *testing.B) {
			c, registry, _ := newCollector(runs)
			for i := range runs {
				r := c.Add(info(fmt.Sprintf("adam-seed%d", i)))
				r.Begin(0)
				for q := range quantities {
					r.Set(q, math.Pi)
				}
				r.Record(&Point{})
			}
			var text bytes.Buffer
			b.ReportAllocs()
			for b.Loop() {
				text.Reset()
				families, err := registry.Gather()
				if err != nil {
					b.Fatal(err)
				}
				for _, f := range families {
					if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(text.Len()), "bytes")
		})
	}
}

// TestTimedSteps: all of the first steps are in the histograms, then some at regular times, in runs however long.
func TestTimedSteps(t *testing.T) {
	c, registry, _ := newCollector(1)
	r := c.Add(info("a"))
	r.Begin(0)
	for _, scrape := range []struct{ steps, want int }{{1000, 1000}, {100_000, timedAtFirst + 100}, {100_000, timedAtFirst + 200}} {
		for range scrape.steps {
			r.Record(&Point{Step: r.next.Step + 1, Since: r.next.Since + 10*time.Microsecond, Time: StepTime{1, 1, 1}})
		}
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetType() != dto.MetricType_HISTOGRAM {
				continue
			}
			if n := int(f.Metric[0].Histogram.GetSampleCount()); n < scrape.want-2 || n > scrape.want {
				t.Errorf("%s: %d steps at step %d, want %d", f.GetName(), n, r.next.Step, scrape.want)
			}
		}
	}
}

// TestDeaths: a process that dies with several runs in it is one death of each experiment and optimizer that it served.
func TestDeaths(t *testing.T) {
	c, registry, _ := newCollector(9)
	other := info("c")
	other.Experiment = "another"
	a, b, d := c.Add(info("a")), c.Add(info("b")), c.Add(other)
	for _, r := range []*Run{a, b, d} {
		r.Begin(0)
		r.PluginDied(1)
	}
	a.PluginDied(2)
	a.End(Failed, 0)
	want := `
# HELP steepest_plugin_deaths_total Processes of the plugin that died, hung or did not start.
# TYPE steepest_plugin_deaths_total counter
steepest_plugin_deaths_total{experiment="another",optimizer="adam"} 1
steepest_plugin_deaths_total{experiment="quickstart",optimizer="adam"} 2
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "steepest_plugin_deaths_total"); err != nil {
		t.Error(err)
	}
}

// TestExperimentsAreBounded: what never leaves is by so many experiments, and all others together.
func TestExperimentsAreBounded(t *testing.T) {
	c, registry, _ := newCollector(9)
	for i := range maxExperiments + 3 {
		of := info(fmt.Sprint(i))
		of.Experiment = fmt.Sprint("e", i)
		r := c.Add(of)
		r.Begin(0)
		r.PluginRestarted()
		r.End(Failed, 0)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, f := range families {
		for _, m := range f.Metric {
			if f.GetName() != "steepest_plugin_restarts_total" {
				continue
			}
			seen++
			want := 1.0
			if m.Label[0].GetValue() == otherExperiments {
				want = 3
			}
			if m.Label[0].GetName() != "experiment" || m.GetCounter().GetValue() != want {
				t.Errorf("%v, want %v", m, want)
			}
		}
	}
	if seen != maxExperiments+1 {
		t.Errorf("%d experiments have series, want %d", seen, maxExperiments+1)
	}
}
