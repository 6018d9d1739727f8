package report

import (
	"encoding/json"
	"io"
	"sync"

	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// JSON writes a line of JSON for every warning, for the beginning and the end of every run, and for the end of the experiment, for programs.
// docs/json.md is its manual.
type JSON struct {
	mu                    sync.Mutex
	enc                   *json.Encoder
	experiment, directory string
}

// NewJSON writes the events of an experiment whose results are in a directory.
func NewJSON(w io.Writer, experiment, directory string) *JSON {
	return &JSON{enc: json.NewEncoder(w), experiment: experiment, directory: directory}
}

// event is what every line has.
type event struct {
	Event      string `json:"event"` // such as run_began; docs/json.md has all
	Experiment string `json:"experiment"`
	Directory  string `json:"directory"`
}

// warningEvent is what the experiment asks for that is hardly meant.
type warningEvent struct {
	event
	config.Diagnostic
}

// runEvent is the beginning or the end of a run.
type runEvent struct {
	event
	Run       string         `json:"run_id"`
	Problem   string         `json:"problem,omitempty"` // its name
	Optimizer string         `json:"optimizer"`
	Seed      uint64         `json:"seed"`
	Summary   *store.Summary `json:"summary,omitempty"`
}

// experimentEvent is the end of an experiment.
type experimentEvent struct {
	event
	ExitCode int            `json:"exit_code"`
	Table    []store.Object `json:"table"`
	Warning  string         `json:"warning,omitempty"` // where runs are compared that met different arithmetic
}

// rowHead, what is said of each quantity that a run measured at the end, and rowTail are a [compare.Row].
type rowHead struct {
	Problem   string `json:"problem,omitempty"` // its name
	Optimizer string `json:"optimizer"`
	Runs      int    `json:"runs"`
	Finished  int    `json:"finished"`
	Diverged  int    `json:"diverged"`
	Stopped   int    `json:"stopped,omitempty"`
	Pruned    int    `json:"pruned,omitempty"`
	Failed    int    `json:"failed"`
	Partial   int    `json:"interrupted"`
}

type rowTail struct {
	StepsToTarget *targetJSON `json:"steps_to_target,omitempty"`
	Gradient      *spreadJSON `json:"gradient_seconds,omitempty"`
	Optimizing    *spreadJSON `json:"optimizer_seconds,omitempty"`
	Transport     *spreadJSON `json:"transport_seconds,omitempty"`
}

// spreadJSON is a [compare.Spread].
type spreadJSON struct {
	N      int         `json:"n"`
	Low    store.Float `json:"lower_quartile"`
	Median store.Float `json:"median"`
	High   store.Float `json:"upper_quartile"`
	Best   store.Float `json:"median_at_best"`
	Worst  store.Float `json:"median_at_worst"`
}

// targetJSON is how the n runs stand to the target, and when half of them had reached it.
type targetJSON struct {
	spreadJSON
	Reached  int `json:"reached"`
	Censored int `json:"censored"`
	Never    int `json:"never"`
}

func newSpreadJSON(s compare.Spread) *spreadJSON {
	if s.N == 0 {
		return nil
	}
	return &spreadJSON{s.N, store.Float(s.Low), store.Float(s.Median), store.Float(s.High), store.Float(s.Best), store.Float(s.Worst)}
}

func newRowJSON(e *config.Experiment, r compare.Row) store.Object {
	o := store.Object{rowHead{r.Problem, r.Optimizer, r.Runs, r.Finished, r.Diverged, r.Stopped, r.Pruned, r.Failed, r.Partial}}
	for _, q := range e.Quantities().Finals() {
		if s := newSpreadJSON(r.Final[q.Name]); s != nil {
			o = append(o, store.Final(q.Name, s))
		}
	}
	tail := rowTail{Gradient: newSpreadJSON(r.Time.Gradient), Optimizing: newSpreadJSON(r.Time.Optimizer),
		Transport: newSpreadJSON(r.Time.Transport)}
	if s := newSpreadJSON(r.StepsToTarget); e.HasTarget() && s != nil {
		tail.StepsToTarget = &targetJSON{*s, r.Reached, r.Censored, s.N - r.Reached - r.Censored}
	}
	return append(o, tail)
}

func (j *JSON) write(line any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	_ = j.enc.Encode(line)
}

func (j *JSON) event(name string) event { return event{name, j.experiment, j.directory} }

// Warn writes a warning about the experiment.
func (j *JSON) Warn(d config.Diagnostic) { j.write(warningEvent{j.event("warning"), d}) }

// stageEvent is the beginning of a stage of an experiment that has several.
type stageEvent struct {
	event
	Stage string `json:"stage"`
	Runs  int    `json:"runs"`
}

// Expect implements Display.
func (j *JSON) Expect(what string, jobs []plan.Job) {
	if what != "" {
		j.write(stageEvent{j.event("stage_began"), what, len(jobs)})
	}
}

// Begin implements Display.
func (j *JSON) Begin(r plan.Job) *Meter {
	j.write(runEvent{j.event("run_began"), r.ID, r.Problem, r.Optimizer.Name, r.Seed, nil})
	return &Meter{run: r}
}

// End implements Display.
func (j *JSON) End(r plan.Job, o record.Outcome) {
	s := store.NewSummary(o)
	j.write(runEvent{j.event("run_ended"), r.ID, r.Problem, r.Optimizer.Name, r.Seed, &s})
}

// Again implements Display: the run ended as it did, and begins once more.
func (j *JSON) Again(r plan.Job, o record.Outcome) { j.End(r, o) }

// Stop implements Display.
func (j *JSON) Stop() {}

// Table writes the end of the experiment: the table, with the steps to the target if there is one, and the exit code.
func (j *JSON) Table(e *config.Experiment, rows []compare.Row, mixed string, exitCode int) {
	end := experimentEvent{j.event("experiment_ended"), exitCode, []store.Object{}, mixed}
	for _, r := range rows {
		end.Table = append(end.Table, newRowJSON(e, r))
	}
	j.write(end)
}
