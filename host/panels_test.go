//go:build unix

package main

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/metrics/openmetrics"
)

// kept is a run as it is on disk.
type kept struct {
	store.Run
	name    string
	columns map[string]map[int]float64 // of steps.csv, by the step
	last    int                        // step
}

// at is what was measured of a column at a step, or not long before.
func (r *kept) at(column string, step, before int) (float64, bool) {
	for back := range before + 1 {
		if x, ok := r.columns[column][step-back]; ok {
			return x, step <= r.last
		}
	}
	return 0, false
}

// final is what was measured of a column last.
func (r *kept) final(column string) (float64, bool) { return r.at(column, r.last, r.last) }

func readRuns(t *testing.T, dir string) (all []*kept, rows []compare.Row) {
	results, err := store.OpenResults(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var runs []store.Run
	for run, err := range results.Runs(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		r := &kept{Run: store.Run{Outcome: run.Outcome}, columns: map[string]map[int]float64{}}
		r.Optimizer, r.Status = &config.Optimizer{Name: run.Optimizer.Name}, run.Status
		runs = append(runs, r.Run)
		r.name = filepath.Base(run.Dir)
		r.name = r.name[:strings.LastIndex(r.name, "-")]
		f, err := os.Open(filepath.Join(run.Dir, "steps.csv"))
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(f).ReadAll()
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		for i, column := range lines[0] {
			r.columns[column] = map[int]float64{}
			for step, line := range lines[1:] {
				if x, err := strconv.ParseFloat(line[i], 64); err == nil {
					r.columns[column][step] = x
				}
				r.last = step
			}
		}
		all = append(all, r)
	}
	return all, compare.Rows(runs, record.Standard())
}

// wanted are the values of a query, by what names their series and the step. What is NaN may be anything.
type wanted map[string]float64

const panelSteps = 30 // of a run

// each has a value for each run and step.
func (w wanted) each(runs []*kept, value func(r *kept, step int) (float64, bool)) wanted {
	for _, r := range runs {
		for step := range panelSteps + 1 {
			if x, ok := value(r, step); ok && step <= r.last {
				w[fmt.Sprint(r.name, " ", step)] = x
			}
		}
	}
	return w
}

// over has a value for each variant and step of what its runs have there.
func (w wanted) over(runs []*kept, value func(r *kept, step int) (float64, bool), of func(step int, all []float64) float64) wanted {
	all := map[string][]float64{}
	steps := map[string]int{}
	for _, r := range runs {
		for step := range panelSteps + 1 {
			if x, ok := value(r, step); ok {
				key := fmt.Sprint(r.Optimizer.Name, " ", step)
				all[key], steps[key] = append(all[key], x), step
			}
		}
	}
	for key, x := range all {
		w[key] = of(steps[key], quantile.Sorted(x))
	}
	return w
}

// byStep starts a Prometheus of the results in a folder by step. What is asked of it is about the steps before the last.
func byStep(t *testing.T, dir, results string, last int64) *server {
	t.Helper()
	script, err := filepath.Abs("../metrics/prometheus/by-step.sh")
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	serve(t, dir, []string{plugin.PathEnv + "=" + pluginDir}, address, script, "-d", "by-step", "-a", address, results)
	return &server{t: t, url: "http://" + address, end: time.Unix(openmetrics.Origin+last, 0)}
}

// TestPanels: on the step axis, the values of the panels of 48 runs are those of the records: of curves at every step, and of tables at
// the end.
func TestPanels(t *testing.T) {
	known(t)
	t.Parallel()
	needPrometheus(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "short.toml")
	text := strings.NewReplacer("40_000", strconv.Itoa(panelSteps), "count = 4", "count = 8", "= 500", "= 10").Replace(eventful)
	for i, name := range []string{"sgd", "momentum", "adam"} {
		text += fmt.Sprintf("[[optimizer]]\nplugin = %q\nlr = %g\n", name, 0.01/float64(i+1))
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	run := exec.Command("steepest", "run", "--quiet", "--jobs", "4", "--out", filepath.Join(dir, "short"), file)
	run.Env = append(os.Environ(), plugin.PathEnv+"="+pluginDir)
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := byStep(t, dir, "short", panelSteps)
	runs, rows := readRuns(t, filepath.Join(dir, "short"))
	if len(runs) != 48 {
		t.Fatalf("%d runs", len(runs))
	}
	all := wantedOf(runs, rows)
	for _, name := range []string{"experiment", "compare-by-step", "run"} {
		g, chosen := s.ask(name, "(live only)")
		for _, p := range g.Panels {
			for _, q := range p.Targets {
				want, known := all[p.Title+", "+q.RefID]
				delete(all, p.Title+", "+q.RefID)
				if !known {
					continue
				}
				found, err := s.values(interpolate(q.Expr, chosen), q.Instant)
				if err != nil {
					t.Fatal(err)
				}
				s.compare(p.Title+", "+q.RefID, found, want)
			}
		}
	}
	for place := range all {
		t.Errorf("there is no query %s", place)
	}
}

// TestPanelsOfThinRecords: where not every step is on record, a point of a curve by step is the last one that is, however wide the view.
func TestPanelsOfThinRecords(t *testing.T) {
	known(t)
	t.Parallel()
	needPrometheus(t)
	dir := t.TempDir()
	thin := "problem = { kind = \"sphere\", dimension = 2 }\nbudget = { steps = 30 }\nrecord = { every = 7 }\noptimizer = [{ plugin = \"sgd\", lr = 0.1 }]\n"
	if err := os.WriteFile(filepath.Join(dir, "thin.toml"), []byte(thin), 0o644); err != nil {
		t.Fatal(err)
	}
	if code := within(dir).steepest([]string{"run", "--quiet", "thin.toml"}, io.Discard, os.Stderr); code != exitOK {
		t.Fatalf("exit code %d", code)
	}
	s := byStep(t, dir, "runs/thin", 30)
	var g grafana
	b, err := os.ReadFile("../metrics/grafana/dashboards/compare-by-step.json")
	if err != nil || json.Unmarshal(b, &g) != nil {
		t.Fatal(err)
	}
	chosen := s.choose(g)
	chosen["__interval"], chosen["__rate_interval"], s.end = "10s", "11s", time.Unix(openmetrics.Origin+20, 0)
	asked := 0
	for _, p := range g.Panels {
		for _, q := range p.Targets {
			if q.RefID != "step" || strings.Contains(p.Title, "alidation") {
				continue
			}
			found, err := s.values(interpolate(q.Expr, chosen), true)
			if err != nil || len(found) != 1 || found[0].Value[1] != "14" {
				t.Errorf("%s: %v, %v; want step 14", p.Title, found, err)
			}
			asked++
		}
	}
	if asked < 4 {
		t.Errorf("only %d panels", asked)
	}
}

// compare compares the values of a query with what is on record.
func (s *server) compare(place string, found values, want wanted) {
	seen := 0
	for _, r := range found {
		if r.Value != nil {
			r.Values = [][]any{r.Value}
		}
		for _, v := range r.Values {
			key := cmp.Or(r.Metric["run"], r.Metric["variant"], r.Metric["status"], r.Metric["experiment"])
			if len(r.Value) == 0 {
				key = fmt.Sprint(key, " ", int64(v[0].(float64))-openmetrics.Origin)
			}
			x, _ := strconv.ParseFloat(v[1].(string), 64)
			y, known := want[key]
			if !known || math.Abs(x-y) > 1e-12*math.Abs(y) && !math.IsInf(y, 0) || math.IsInf(y, 0) && math.Abs(x) < 1e300 {
				s.t.Errorf("%s: %s is %g, on record %g (%t)", place, key, x, y, known)
				return
			}
			seen++
		}
	}
	if seen != len(want) || seen == 0 {
		s.t.Errorf("%s: %d values, on record %d", place, seen, len(want))
	}
}

// wantedOf are the values of queries on record, by the title of the panel and the reference of the query.
func wantedOf(runs []*kept, rows []compare.Row) map[string]wanted {
	column := func(name string, before int) func(*kept, int) (float64, bool) {
		return func(r *kept, step int) (float64, bool) {
			x, ok := r.at(name, step, before)
			return x, ok && x < 1e6
		}
	}
	median := func(_ int, all []float64) float64 { return quantile.Of(all, 0.5) }
	step := func(step int, _ []float64) float64 { return float64(step) }
	all := map[string]wanted{}
	for title, value := range map[string]func(*kept, int) (float64, bool){
		"Training loss": column("train_loss", 0), "Validation loss": column("validation_loss", 4), "Gradient norm": column("gradient_norm", 0),
	} {
		held := value
		if title == "Validation loss" {
			held = column("validation_loss", panelSteps)
		}
		all[title+", median and quartiles of the runs that go on, A"] = wanted{}.over(runs, held, median)
		all[title+", median and quartiles of the runs that go on, B"] = wanted{}.over(runs, held, func(step int, all []float64) float64 {
			return quantile.Of(all, 0.25+0.5*float64(step%2))
		})
		if title != "Gradient norm" {
			all[title+" by step, median (exported runs only), value"] = wanted{}.over(runs, value, median)
			all[title+" by step, median (exported runs only), step"] = wanted{}.over(runs, value, step)
		}
	}
	lowest := slices.SortedFunc(slices.Values(runs), func(a, b *kept) int {
		x, _ := a.final("train_loss")
		y, _ := b.final("train_loss")
		return cmp.Compare(x, y)
	})
	lowest = slices.DeleteFunc(lowest, func(r *kept) bool { x, _ := r.final("train_loss"); return !(x < 1e300) })[:10]
	single := wanted{}.each(lowest, column("train_loss", 0))
	all["Training loss of single runs, the 10 lowest of each problem, A"] = single
	for title, name := range map[string]string{"Training loss": "train_loss", "Validation loss": "validation_loss", "Gradient norm": "gradient_norm",
		"Update norm": "update_norm", "Learning rate": "learning_rate"} {
		before := 0
		if name == "validation_loss" {
			before = 4
		}
		value := column(name, before)
		all[title+" by step, the 10 lowest runs of each problem, value"] = wanted{}.each(lowest, value)
		all[title+" by step, the 10 lowest runs of each problem, step"] = wanted{}.each(lowest, func(r *kept, step int) (float64, bool) {
			_, there := value(r, step)
			return float64(step), there
		})
	}

	last := func(name string, least func(r *kept) (float64, bool)) {
		w := wanted{}
		for _, r := range runs {
			if x, ok := least(r); ok {
				w[r.name] = x
			}
		}
		all["Runs, the 100 with the latest points, "+name] = w
	}
	last("step", func(r *kept) (float64, bool) { return float64(r.last), true })
	last("status is", func(*kept) (float64, bool) { return 1, true })
	for _, name := range []string{"train_loss", "validation_loss", "gradient_norm"} {
		last(strings.ReplaceAll(name, "_", " "), func(r *kept) (float64, bool) { return r.final(name) })
	}

	final := func(name string, of func(compare.Row) float64) {
		w := wanted{}
		for _, r := range rows {
			w[r.Optimizer] = of(r)
		}
		all["Final loss, as the command's table has it, "+name] = w
	}
	final("runs", func(r compare.Row) float64 { return float64(r.Final["train_loss"].N) })
	final("train loss", func(r compare.Row) float64 { return r.Final["train_loss"].Median })
	final("lower quartile", func(r compare.Row) float64 { return r.Final["train_loss"].Low })
	final("upper quartile", func(r compare.Row) float64 { return r.Final["train_loss"].High })
	final("validation loss", func(r compare.Row) float64 { return r.Final["validation_loss"].Median })
	final("accuracy", func(r compare.Row) float64 { return r.Final["validation_accuracy"].Median })

	states, beyond, trained, validated := wanted{}, wanted{}, wanted{}, wanted{}
	for _, r := range runs {
		name := r.Optimizer.Name
		if x, _ := r.final("train_loss"); !(x < 1e6) {
			beyond[name]++
		} else {
			beyond[name] += 0
		}
		for from, to := range map[string]wanted{"train_loss": trained, "validation_loss": validated} {
			for x := range maps.Values(r.columns[from]) {
				if old, known := to[name]; x < 1e6 && (!known || x < old) {
					to[name] = x
				}
			}
		}
		states[string(r.Status)]++
	}
	all["Runs beyond the axis, A"] = beyond
	all["Lowest loss so far, lowest train loss"], all["Lowest loss so far, lowest validation loss"] = trained, validated
	for _, status := range []string{"finished", "diverged"} {
		all["Experiments, "+status] = wanted{"short": states[status]}
	}
	all["Experiments, ended"] = wanted{"short": 1}
	return all
}
