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

// Checked says of an experiment without faults what it asks for.
func Checked(w io.Writer, p plan.Plan) {
	_, _ = fmt.Fprintf(w, "%s: all is well; %s\n", terminal.Escape(p.File), asked(p))
}

// asked is how many runs a plan has, and of what.
func asked(p plan.Plan) string {
	variants, bases, steps := 0, map[string]bool{}, 0
	for _, w := range p.Workloads {
		variants = max(variants, len(w.Optimizers))
		for _, o := range w.Optimizers {
			bases[o.Base] = true
		}
	}
	optimizers := counted(len(bases), "optimizer")
	if variants > len(bases) {
		optimizers = fmt.Sprintf("%s of %s", counted(variants, "variant"), optimizers)
	}
	var spent time.Duration // where that is the budget, nobody knows how many steps it will be
	for _, j := range p.Jobs {
		if j.Workload.Budget.Time > 0 {
			spent += j.Workload.Budget.Time
		} else {
			steps += j.Steps
		}
	}
	work := counted(steps, "step")
	switch {
	case spent > 0 && steps > 0:
		work += " and steps for " + terminal.Duration(spent)
	case spent > 0:
		work = "steps for " + terminal.Duration(spent)
	}
	seeds := counted(len(p.Seeds), "seed")
	if variants*len(p.Workloads)*len(p.Seeds) != len(p.Jobs) { // some are excluded, or wait for a decision
		seeds += " (not every combination)"
	}
	return fmt.Sprintf("%s x %s x %s: %s, %s", optimizers, counted(len(p.Workloads), "problem"), seeds, counted(len(p.Jobs), "run"), work)
}

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
	tally   Tally
}

// Probed is what the runs that are left would take.
type Probed struct {
	Time   time.Duration
	Bytes  int64
	Known  bool
	AtOnce int
	Err    error // why nothing is known of some
}

// NewPlanned sets an experiment beside its results.
func NewPlanned(p plan.Plan, there store.Survey) *Planned {
	planned := &Planned{Plan: p, Survey: there}
	planned.Changes = plan.Changes(there.Written, p.Written)
	for _, j := range p.Jobs {
		planned.tally.add(there.Stands(j))
	}
	return planned
}

// Todo are the jobs that run would begin or go on with.
func (p *Planned) Todo() []plan.Job {
	return slices.DeleteFunc(slices.Clone(p.Jobs), func(j plan.Job) bool { return p.Stands(j) == store.Kept })
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
	switch {
	case p.Search.External != nil:
		line("Another program chooses the trials of optimizers with sets, at most %d of each: steepest run --trials-from COMMAND", p.Search.Trials)
	case p.Judge() != "":
		line("These are the first stage; what comes next is decided by their %s.", p.Judge())
	}
	if p.There {
		line("Results: %s: %s", terminal.Escape(p.Survey.Dir), p.tally)
	} else {
		line("Results: %s (not there yet)", terminal.Escape(p.Survey.Dir))
	}
	for _, change := range p.Changes {
		line("Changed: %s", terminal.Escape(change))
	}
	p.showProbed(line)
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
		line("About %s with %d at once, and %s on disk, by a probe of a few steps.", terminal.Duration(p.Probed.Time.Round(time.Millisecond)),
			p.Probed.AtOnce, size(p.Probed.Bytes))
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
	Changes    []string            `json:"changes,omitempty"`
	Seconds    *float64            `json:"seconds,omitempty"` // estimated, for what is left
	Bytes      *int64              `json:"bytes,omitempty"`   // likewise
	Notes      []string            `json:"notes,omitempty"`
	Warnings   []config.Diagnostic `json:"warnings,omitempty"`
	Doubts     []plan.Warning      `json:"doubts,omitempty"`
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
	if p.Probed != nil && p.Probed.Known && p.Probed.Err == nil {
		seconds := p.Probed.Time.Seconds()
		out.Seconds, out.Bytes = &seconds, &p.Probed.Bytes
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

// tallies are by problem and variant.
func (p *Planned) tallies() map[[2]string]Tally {
	all := map[[2]string]Tally{}
	for _, j := range p.Jobs {
		key := [2]string{j.Problem, j.Optimizer.Name}
		t := all[key]
		t.add(p.Stands(j))
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
			steps := any(w.Steps)
			if w.Budget.Time > 0 {
				steps = "-"
			}
			rows = append(rows, append(row, steps, t.Kept+t.Partial+t.Again+t.Remade+t.New, t.String()))
		}
	}
	return rows, more
}
