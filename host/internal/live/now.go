package live

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/picture"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// How much is shown of what there may be any number of.
const (
	mostRows     = 24 // of runs
	mostFigures  = 4  // of problems
	mostLogs     = 6  // of runs
	mostLogLines = 8  // of each
	mostLogBytes = 2 << 10

	// A curve of a run has so many points, fewer where there are many runs: what is kept of all of them is bounded.
	mostPoints  = 200
	leastPoints = 16
	allPoints   = 150_000
)

// The states of runs that have no status.
const (
	running = "running"
	waiting = "waiting" // it has not begun
)

// states are those that a run can have, in the order in which people want to know of them.
var states = []string{running, waiting, string(record.Paused), string(record.Interrupted), string(record.Failed), string(record.Diverged),
	string(record.Stopped), string(record.Pruned), string(record.Finished)}

// run is one that is asked for, or that is being made though it was not known yet that it would be asked for.
type run struct {
	store.Going                   // its Progress is nil as long as it waits
	optimizer   *config.Optimizer // its variant
	problem     string
	rows        []store.Sampled
}

// state is what a run is doing, or how it ended.
func (r run) state() string {
	switch {
	case r.Progress == nil:
		return waiting
	case r.Ended:
		return string(r.Status)
	case r.Alive:
		return running
	}
	return string(record.Interrupted) // its program is gone
}

// over tells whether a run has a part in the report, or none for good.
func (r run) over() bool {
	return r.Progress != nil && r.Ended && (r.Status.Over() || r.Status == record.Failed)
}

// key is what tells the runs of an experiment apart.
type key struct {
	problem, optimizer string
	seed               uint64
}

// memory is what was found out of runs and does not change.
type memory struct {
	rows map[*store.Progress][]store.Sampled // of those that ended
	met  map[string]bool                     // the folders of runs that were seen alive
}

// runs are those of the jobs as they stand, in the order of the jobs, and behind them what is made beyond these.
func (m *memory) runs(jobs []plan.Job, seen []store.Going) []run {
	var all []run
	at := map[key]int{}
	for _, j := range jobs {
		at[key{j.Problem, j.Optimizer.Name, j.Seed}] = len(all)
		all = append(all, run{optimizer: j.Optimizer, problem: j.Problem})
	}
	for _, g := range seen {
		k := key{g.Problem, g.Optimizer, g.Seed}
		if g.Alive {
			m.met[g.Dir] = true
		}
		switch i, asked := at[k]; {
		case asked && (all[i].Progress == nil || g.Alive || !all[i].Alive && g.Started.After(all[i].Started)):
			all[i].Going = g
		case !asked && (m.met[g.Dir] || len(jobs) == 0):
			at[k] = len(all)
			all = append(all, run{Going: g, problem: g.Problem, optimizer: &config.Optimizer{Name: g.Optimizer, Base: g.Base}})
		}
	}
	return all
}

// sample reads what is drawn of runs.
func (m *memory) sample(runs []run) {
	n := min(max(allPoints/max(len(runs), 1), leastPoints), mostPoints)
	kept := map[*store.Progress][]store.Sampled{}
	for i := range runs {
		r := &runs[i]
		if r.Progress == nil {
			continue
		}
		rows, known := m.rows[r.Progress]
		if !known {
			rows, _ = r.Sample(trainLoss.Name, n) // what is wrong with a record is told elsewhere
		}
		if r.rows = rows; r.Ended {
			kept[r.Progress] = rows
		}
	}
	m.rows = kept
}

var trainLoss = record.Standard()[record.TrainLoss]

// drawing is a figure in both sizes.
type drawing struct {
	Caption      string
	Wide, Narrow template.HTML
}

// figures draw the courses of the runs, problem by problem; those first of which there are runs that go on.
func figures(name string, runs []run) (all []drawing, left int, err error) {
	var problems []string
	busy := map[string]bool{}
	for _, r := range runs {
		if !slices.Contains(problems, r.problem) {
			problems = append(problems, r.problem)
		}
		busy[r.problem] = busy[r.problem] || r.state() == running
	}
	slices.SortStableFunc(problems, func(a, b string) int {
		switch {
		case busy[a] && !busy[b]:
			return -1
		case busy[b] && !busy[a]:
			return 1
		}
		return 0
	})
	for _, p := range problems {
		title := name
		if p != "" {
			title += ", " + p
		}
		c, there := picture.SoFar(title, trainLoss, ways(runs, p))
		switch {
		case !there:
			continue
		case len(all) == mostFigures:
			left++
			continue
		}
		d := drawing{Caption: "The train loss of each variant so far, against step, on " + title + "."}
		if d.Wide, err = svg(c, figure.Screen); err == nil {
			d.Narrow, err = svg(c, figure.Phone)
		}
		if err != nil {
			return nil, 0, err
		}
		all = append(all, d)
	}
	return all, left, nil
}

// ways are the courses of the runs on a problem, by their variants.
func ways(runs []run, problem string) (all []picture.Way) {
	at := map[string]int{}
	for _, r := range runs {
		if r.problem != problem {
			continue
		}
		i, seen := at[r.optimizer.Name]
		if !seen {
			i = len(all)
			at[r.optimizer.Name], all = i, append(all, picture.Way{Optimizer: r.optimizer})
		}
		if r.Progress != nil {
			all[i].Runs = append(all[i].Runs, picture.Course{Rows: r.rows, Status: r.Status})
		}
	}
	return all
}

// svg draws a figure. What is in it is escaped there.
func svg(f figure.Figure, size figure.Size) (template.HTML, error) {
	var b bytes.Buffer
	err := figure.Write(&b, f, figure.Options{Format: "svg", Size: size})
	return template.HTML(b.String()), err
}

// count is how many runs are in the same state.
type count struct {
	State string
	N     int
}

func counts(runs []run) (all []count) {
	of := map[string]int{}
	for _, r := range runs {
		of[r.state()]++
	}
	for _, s := range states {
		if of[s] > 0 {
			all = append(all, count{s, of[s]})
		}
	}
	return all
}

// sentence says how many runs are in which state.
func sentence(counts []count) string {
	var parts []string
	for _, c := range counts {
		parts = append(parts, fmt.Sprintf("%d %s", c.N, c.State))
	}
	return strings.Join(parts, ", ")
}

// row is what the table has of a run.
type row struct {
	Optimizer, Problem, State, Steps, Loss, Time, Error string
	Seed                                                uint64
}

// begun are the runs that were, those that go on first, then those that were begun last.
func begun(runs []run) []run {
	sorted := slices.DeleteFunc(slices.Clone(runs), func(r run) bool { return r.Progress == nil })
	slices.SortStableFunc(sorted, func(a, b run) int {
		if first := a.state() == running; first != (b.state() == running) {
			if first {
				return -1
			}
			return 1
		}
		return b.Started.Compare(a.Started)
	})
	return sorted
}

// rows are those of the table, of as many runs as it shows. The others are counted.
func rows(runs []run) (shown []row, left []count) {
	sorted := begun(runs)
	for _, r := range sorted[:min(len(sorted), mostRows)] {
		shown = append(shown, r.row())
	}
	left = counts(sorted[len(shown):])
	if n := len(runs) - len(sorted); n > 0 {
		left = append(left, count{waiting, n})
	}
	return shown, left
}

// reached is how far a run has come, with the last loss that it measured.
func (r run) reached() (at store.Sampled) {
	switch n := len(r.rows); {
	case r.Progress == nil:
		return at
	case r.Ended || n == 0:
		return store.Sampled{Step: r.Step, Wall: r.Wall, Value: r.Loss}
	default:
		at = r.rows[n-1]
		for i := n - 1; i >= 0 && at.Value == (record.Value{}); i-- {
			at.Value = r.rows[i].Value
		}
		return at
	}
}

func (r run) row() row {
	at := r.reached()
	out := row{Optimizer: r.Optimizer, Seed: r.Seed, Problem: r.problem, State: r.state(), Steps: strconv.Itoa(at.Step), Loss: "–", Time: terminal.Duration(at.Wall), Error: r.Error}
	if r.Steps > 0 {
		out.Steps += " of " + strconv.Itoa(r.Steps)
	}
	if x, measured := at.Value.Get(); measured {
		out.Loss = strconv.FormatFloat(x, 'g', 4, 64)
	}
	return out
}

// printed is the end of what the plugin of a run printed.
type printed struct {
	Optimizer, Problem string
	Seed               uint64
	Text               string
}

// logs are the ends of what plugins printed, of as many runs as are shown.
func logs(runs []run) (all []printed) {
	sorted := begun(runs)
	for _, r := range sorted[:min(len(sorted), 4*mostLogs)] {
		if text := tail(store.LogOf(r.Dir)); text != "" {
			if all = append(all, printed{r.Optimizer, r.problem, r.Seed, text}); len(all) == mostLogs {
				break
			}
		}
	}
	return all
}

// tail are the last lines of a file.
func tail(path string) string {
	if path == "" {
		return ""
	}
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return ""
	}
	from := max(info.Size()-mostLogBytes, 0)
	b, err := io.ReadAll(io.NewSectionReader(f, from, mostLogBytes))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimRight(strings.ToValidUTF8(string(b), "\uFFFD"), "\n"), "\n")
	if from > 0 && len(lines) > 1 {
		lines = lines[1:]
	}
	return strings.Join(lines[max(0, len(lines)-mostLogLines):], "\n")
}
