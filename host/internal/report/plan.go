package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// counted is a number of things, in groups of three digits.
func counted(n int, noun string) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	switch stem, y := strings.CutSuffix(noun, "y"); {
	case n == 1:
		return digits + " " + noun
	case y:
		return digits + " " + stem + "ies"
	}
	return digits + " " + noun + "s"
}

// Tally is how many runs stand how.
type Tally struct {
	Kept    int `json:"kept"`    // they are over
	Partial int `json:"partial"` // there is something to go on with
	Again   int `json:"measure_again"`
	Remade  int `json:"make_again"`
	New     int `json:"new"`
}

func (t *Tally) add(s store.Standing) {
	switch s {
	case store.Kept:
		t.Kept++
	case store.Partial:
		t.Partial++
	case store.Again:
		t.Again++
	case store.Remade:
		t.Remade++
	default:
		t.New++
	}
}

func (t *Tally) join(u Tally) {
	t.Kept, t.Partial, t.Again, t.Remade, t.New = t.Kept+u.Kept, t.Partial+u.Partial, t.Again+u.Again, t.Remade+u.Remade, t.New+u.New
}

// String names what there is some of.
func (t Tally) String() string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{t.New, "new"}, {t.Partial, "to go on with"}, {t.Again, "to measure again"}, {t.Remade, "to make again"}, {t.Kept, "kept"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return strings.Join(parts, ", ")
}

// Planned is what `steepest plan` shows of an experiment.
type Planned struct {
	plan.Plan
	store.Survey
	Changes []string // of the file, since its results
	Probed  *Probed  // nil if nothing was probed
	// Stage is what is next, and what was decided up to there.
	Stage plan.Stage

	jobs  []plan.Job
	tally Tally
}

// Probed is what the runs that are left would take.
type Probed struct {
	Time   time.Duration
	Bytes  int64
	Known  bool
	AtOnce int
	Err    error // why nothing is known of some
}

// NewPlanned sets an experiment beside its results: the stage that is next, and all jobs up to there.
func NewPlanned(p plan.Plan, there store.Survey, next plan.Stage, jobs []plan.Job) *Planned {
	planned := &Planned{Plan: p, Survey: there, Stage: next, jobs: jobs}
	planned.Changes = plan.Changes(there.Written, p.Written)
	for _, t := range planned.tallies() {
		planned.tally.join(t)
	}
	return planned
}

// Changed says what differs in a file from the experiment that was begun with it last, and what becomes of its runs.
func Changed(w io.Writer, p plan.Plan, before map[string]any, todo int) {
	changes := plan.Changes(before, p.Written)
	if len(changes) == 0 {
		return
	}
	_, _ = fmt.Fprintf(w, "note: the experiment in %s was changed since its last run: %s; %d to run, %d kept\n", terminal.Escape(p.File),
		terminal.Escape(strings.Join(changes, ", ")), todo, len(p.Jobs)-todo)
}

// mostVariants is how many variants the table shows unless all are asked for.
const mostVariants = 40

// Show writes it for people, or as JSON.
func (p *Planned) Show(w io.Writer, asJSON, all bool) {
	if asJSON {
		_ = json.NewEncoder(w).Encode(p.json())
		return
	}
	columns := terminal.Columns(w)
	line := func(format string, args ...any) {
		_, _ = fmt.Fprintln(w, terminal.Wrap(fmt.Sprintf(format, args...), columns))
	}
	if p.Question != "" {
		line("%s\n", terminal.Escape(p.Name+": "+p.Question))
	}
	rows, more := p.rows(all)
	_, _ = fmt.Fprintln(w, stack(rows, columns))
	if more > 0 {
		line(" and %s; --all shows them", counted(more, "more variant"))
	}
	line("")
	line("%s", asked(p.Plan))
	p.decisions(line)
	if p.There {
		line("Results: %s: %s", terminal.Escape(p.Survey.Dir), p.tally)
	} else {
		line("Results: %s (not there yet)", terminal.Escape(p.Survey.Dir))
	}
	for _, change := range p.Changes {
		line("Changed: %s", terminal.Escape(change))
	}
	p.showProbed(line)
	for _, text := range toJudge(p.Plan, all) {
		line("Claim: %s", text)
	}
	for _, note := range p.Notes {
		line("note: %s", terminal.Escape(note))
	}
	for _, warning := range p.Warnings() {
		_, _ = fmt.Fprintf(w, "\nwarning: %s\n", terminal.EscapeLines(warning.String()))
	}
	for _, d := range p.Doubts() {
		_, _ = fmt.Fprintf(w, "\nwarning: %s\n  remedy: %s\n", terminal.Wrap(terminal.Escape(d.Message), columns), terminal.Wrap(d.Remedy, columns))
	}
}

func (p *Planned) showProbed(line func(string, ...any)) {
	switch {
	case p.Probed == nil:
	case p.Probed.Err != nil:
		line("A probe failed, as the runs would: %s", terminal.EscapeLines(p.Probed.Err.Error()))
	case p.Probed.Known:
		what := ""
		if p.Staged() {
			what = " for what is next"
		}
		line("About %s with %d at once%s, and %s on disk, by a probe of a few steps.", terminal.Duration(p.Probed.Time.Round(time.Millisecond)),
			p.Probed.AtOnce, what, size(p.Probed.Bytes))
	}
}

// size is a number of bytes with three digits.
func size(bytes int64) string {
	x, unit := float64(bytes), "bytes"
	for _, larger := range []string{"kB", "MB", "GB", "TB"} {
		if x < 999.5 {
			break
		}
		x, unit = x/1000, larger
	}
	return strconv.FormatFloat(x, 'g', 3, 64) + " " + unit
}

// plannedJSON is a plan for programs.
type plannedJSON struct {
	Experiment string              `json:"experiment"`
	File       string              `json:"file"`
	Directory  string              `json:"directory"`
	Runs       Tally               `json:"runs"`
	Variants   []variantJSON       `json:"variants"`
	AtMost     *workJSON           `json:"at_most,omitempty"` // where it is decided on the way how far it goes
	Stage      string              `json:"stage,omitempty"`   // that is next
	Changes    []string            `json:"changes,omitempty"`
	Seconds    *float64            `json:"seconds,omitempty"` // estimated, for what is left
	Bytes      *int64              `json:"bytes,omitempty"`   // likewise
	Claims     []string            `json:"claims,omitempty"`  // in words
	Notes      []string            `json:"notes,omitempty"`
	Warnings   []config.Diagnostic `json:"warnings,omitempty"`
	Doubts     []plan.Warning      `json:"doubts,omitempty"`
}

type workJSON struct {
	Runs    int     `json:"runs"`
	Steps   int     `json:"steps"`
	Seconds float64 `json:"seconds,omitempty"` // of steps that a time bounds
}

type variantJSON struct {
	Problem   string          `json:"problem,omitempty"`
	Optimizer string          `json:"optimizer"`
	Base      string          `json:"base"`
	Choices   []config.Choice `json:"choices,omitempty"`
	Steps     *int            `json:"steps,omitempty"` // not known of a budget of time
	Runs      Tally           `json:"runs"`
}

func (p *Planned) json() plannedJSON {
	out := plannedJSON{Experiment: p.Name, File: p.File, Directory: p.Survey.Dir, Runs: p.tally, Changes: p.Changes, Notes: p.Notes,
		Warnings: p.Warnings(), Doubts: p.Doubts(), Variants: []variantJSON{}}
	for _, c := range p.Expect {
		out.Claims = append(out.Claims, c.String())
	}
	if p.Probed != nil && p.Probed.Known && p.Probed.Err == nil {
		seconds := p.Probed.Time.Seconds()
		out.Seconds, out.Bytes = &seconds, &p.Probed.Bytes
	}
	if p.Staged() {
		w := p.Outline().Total()
		out.AtMost = &workJSON{w.Runs, w.Steps, w.Time.Seconds()}
		if len(p.Stage.Jobs)+len(p.Stage.Asks) > 0 {
			out.Stage = p.Stage.What
		}
	}
	tallies := p.tallies()
	for _, w := range p.Workloads {
		for _, o := range w.Optimizers {
			v := variantJSON{w.Name, o.Name, o.Base, o.Choices, &w.Steps, tallies[[2]string{w.Name, o.Name}]}
			if w.Budget.Time > 0 {
				v.Steps = nil
			}
			out.Variants = append(out.Variants, v)
		}
	}
	return out
}

// tallies are by problem and variant. Of what is not left, nothing is to be done.
func (p *Planned) tallies() map[[2]string]Tally {
	left := map[string]bool{}
	for _, j := range p.Stage.Jobs {
		left[j.ID] = true
	}
	all := map[[2]string]Tally{}
	for _, j := range p.jobs {
		key, stands := [2]string{j.Problem, j.Optimizer.Name}, store.Kept
		if left[j.ID] {
			stands = p.Stands(j)
		}
		t := all[key]
		t.add(stands)
		all[key] = t
	}
	return all
}

// rows are the variants with what varies among them, and how many are left out.
func (p *Planned) rows(all bool) (rows []table.Row, more int) {
	problems := len(p.Workloads) > 1
	keys := map[string]bool{}
	var order []string
	for _, w := range p.Workloads {
		for _, o := range w.Optimizers {
			for _, c := range o.Choices {
				if !keys[c.Name()] {
					keys[c.Name()], order = true, append(order, c.Name())
				}
			}
		}
	}
	header := table.Row{"optimizer"}
	if problems {
		header = table.Row{"problem", "optimizer"}
	}
	for _, key := range order {
		header = append(header, key)
	}
	rows = []table.Row{append(header, "steps", "runs", "state")}
	tallies := p.tallies()
	for _, w := range p.Workloads {
		for _, o := range w.Optimizers {
			if len(rows) > mostVariants && !all {
				more++
				continue
			}
			row := table.Row{terminal.Escape(o.Base)}
			if problems {
				row = table.Row{terminal.Escape(w.Name), terminal.Escape(o.Base)}
			}
			for _, key := range order {
				cell := ""
				if i := slices.IndexFunc(o.Choices, func(c config.Choice) bool { return c.Name() == key }); i >= 0 {
					cell = terminal.Escape(o.Choices[i].String())
				}
				row = append(row, cell)
			}
			t := tallies[[2]string{w.Name, o.Name}]
			if o.Space != nil {
				for _, trial := range w.Proposed(o).Trials {
					t.join(tallies[[2]string{w.Name, trial.Name}])
				}
			}
			steps, runs, state := any(w.Steps), any(t.Kept+t.Partial+t.Again+t.Remade+t.New), t.String()
			if w.Budget.Time > 0 {
				steps = "-"
			}
			if o.Space != nil {
				state = strings.TrimPrefix(state+", trials that another program chooses", ", ")
			}
			rows = append(rows, append(row, steps, runs, state))
		}
	}
	return rows, more
}
