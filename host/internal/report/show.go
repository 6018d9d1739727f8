package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/archive"
	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Shown shows results, and of single runs what was asked and how they ended, as JSON has it, which everybody can read.
func Shown(w, notes io.Writer, found []archive.Found) {
	for _, f := range found {
		_, _ = fmt.Fprintf(w, "%s: %s, begun %s from %s\n", terminal.Escape(f.Dir), terminal.Escape(f.Name), f.Began.Local().Format(time.DateTime),
			terminal.Escape(f.File))
		if f.Notes != "" {
			_, _ = fmt.Fprintln(w, terminal.Wrap(terminal.Escape(f.Notes), terminal.Columns(w)))
		}
		if f.Whole() && f.Count() != 1 {
			showResults(w, notes, f)
			continue
		}
		for _, r := range f.Chosen {
			showRun(w, r)
		}
	}
}

// mostRuns is how many runs of results are listed.
const mostRuns = 20

// showResults shows the runs of some results by their variants, each if they are few, and what was chosen.
func showResults(w, notes io.Writer, f archive.Found) {
	_, _ = fmt.Fprintf(w, "%s: %s\n", counted(f.Count(), "run"), states(f.States))
	studies, err := f.Studies()
	if err != nil {
		_, _ = fmt.Fprintf(notes, "note: %s cannot be read: %s\n", store.StudiesFile, terminal.EscapeLines(err.Error()))
	}
	if len(studies) > 0 {
		_, _ = fmt.Fprintf(w, "\n%s\n", showStudies(studies).Fit(terminal.Columns(w)))
	}
	if f.Count() == 0 {
		return
	}
	_, _ = fmt.Fprintln(w)
	showVariants(w, f.Chosen)
	if f.Count() <= mostRuns {
		_, _ = fmt.Fprintln(w)
		listRuns(w, []archive.Found{f})
	} else {
		_, _ = fmt.Fprintf(w, "`steepest runs list --runs %s` lists each run.\n", terminal.Escape(f.Dir))
	}
}

// showVariants sets the optimizers side by side: how many of their runs ended how, and medians over those of what they ended with.
func showVariants(w io.Writer, records []*store.Record) {
	type key struct{ problem, optimizer string }
	status, steps := map[key]map[string]int{}, map[key]int{}
	problems, target := map[string]bool{}, false
	var runs []store.Run
	ordered := slices.SortedStableFunc(slices.Values(records), func(a, b *store.Record) int {
		return cmp.Or(strings.Compare(cmp.Or(a.Optimizer.Base, a.Optimizer.Name), cmp.Or(b.Optimizer.Base, b.Optimizer.Name)), a.Optimizer.Trial-b.Optimizer.Trial)
	})
	for _, r := range ordered {
		k := key{r.ProblemName(), r.Optimizer.Name}
		if r.Imported != nil {
			k.optimizer += " (imported)" // one of ours may have its name
		}
		if status[k] == nil {
			status[k] = map[string]int{}
		}
		status[k][archive.Status(r)]++
		steps[k] = max(steps[k], r.Outcome.Steps)
		problems[k.problem], target = true, target || r.Target != nil
		runs = append(runs, store.Run{Job: plan.Job{Problem: k.problem, Optimizer: &config.Optimizer{Name: k.optimizer}, Seed: r.Seed, Steps: r.Steps}, Outcome: r.Outcome})
	}
	rows := compare.Rows(runs, record.Standard())
	finals := slices.DeleteFunc(record.Standard().Finals(), func(q record.Quantity) bool {
		return !slices.ContainsFunc(rows, func(r compare.Row) bool { return r.Final[q.Name].N > 0 })
	})
	head := []any{"optimizer", "problem", "runs", "states", "steps"}
	for _, q := range finals {
		head = append(head, q.Title)
	}
	if target {
		head = append(head, "steps to target")
	}
	t := terminal.NewTable(head...)
	for _, r := range rows[:min(len(rows), mostVariants)] {
		k := key{r.Problem, r.Optimizer}
		row := []any{terminal.Escape(r.Optimizer), terminal.Escape(r.Problem), r.Runs, states(status[k]), steps[k]}
		for _, q := range finals {
			row = append(row, spread(r.Final[q.Name], format(q)))
		}
		if target {
			row = append(row, toTarget(r))
		}
		t.AppendRow(row)
	}
	_, _ = fmt.Fprintln(w, t.Fit(terminal.Columns(w)))
	if more := len(rows) - mostVariants; more > 0 {
		_, _ = fmt.Fprintf(w, "and %s\n", counted(more, "variant"))
	}
	_, _ = fmt.Fprintln(w, terminal.Wrap("Median over seeds [lower, upper quartile] of runs that finished, diverged or stopped; one that diverged counts as infinitely bad.",
		terminal.Columns(w)))
}

// showStudies are what was chosen of how many trials, and by what.
func showStudies(studies []store.Study) *terminal.Table {
	t := terminal.NewTable("tuned", "problem", "study", "trials", "chosen", "value", "by", "at the edge")
	for _, s := range studies {
		number, chosen, value := "-", "none", "-"
		if s.Number > 0 {
			number = strconv.Itoa(s.Number)
		}
		if c := s.Chosen; c != nil {
			chosen = terminal.Escape(c.Optimizer)
			if value = c.State; c.Value != nil {
				value = strconv.FormatFloat(float64(*c.Value), 'g', 6, 64)
			}
		}
		t.AppendRow([]any{terminal.Escape(s.Optimizer), cmp.Or(terminal.Escape(s.Problem), "-"), number, len(s.Trials), chosen, value, s.Measure,
			cmp.Or(terminal.Escape(strings.Join(s.Edge, ", ")), "no")})
	}
	return t
}

func showRun(w io.Writer, r *store.Record) {
	line := func(what, text string) {
		if text != "" {
			_, _ = fmt.Fprintf(w, "  %-18s %s\n", what, terminal.Escape(text))
		}
	}
	line("run", r.Run)
	line("identity", r.Identity)
	line("status", strings.TrimSuffix(archive.Status(r)+", "+r.Outcome.Reason, ", "))
	line("problem", r.ProblemName())
	made := r.Plugin.Name != "" // here, not imported
	if made {
		var plugins []string
		for _, p := range r.Plugins() {
			plugins = append(plugins, strings.TrimSpace(p.Name+" "+p.Version))
		}
		line("optimizer", fmt.Sprintf("%s (plugin %s)", r.Optimizer.Name, registry.Sentence(plugins, "and")))
	} else {
		line("optimizer", r.Optimizer.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Optimizer.Hyperparameters)) {
		line("  "+name, archive.Text(r.Optimizer.Hyperparameters[name]))
	}
	for _, g := range r.Optimizer.Groups {
		line("group "+g.Name, strings.Join(g.Tensors, ", "))
		line("  plugin", g.Plugin)
		for _, name := range slices.Sorted(maps.Keys(g.Hyperparameters)) {
			if text := archive.Text(g.Hyperparameters[name]); g.Plugin != "" || text != archive.Text(r.Optimizer.Hyperparameters[name]) {
				line("  "+name, text)
			}
		}
	}
	if r.Optimizer.Initialization != "" {
		line("start", "proposed by the "+r.Optimizer.Initialization)
	}
	line("seed", fmt.Sprint(r.Seed))
	line("steps", fmt.Sprintf("%d of %d", r.Outcome.Steps, r.Steps))
	for name, v := range r.Outcome.Final.All() {
		x, _ := v.Get()
		line("final "+name, fmt.Sprint(x))
	}
	if r.Outcome.StepsToTarget >= 0 {
		line("steps to target", fmt.Sprint(r.Outcome.StepsToTarget))
	}
	if made || r.Outcome.Wall > 0 {
		line("wall time", terminal.Duration(r.Outcome.Wall))
	}
	if i := r.Imported; i != nil {
		line("imported", i.Time.Local().Format(time.DateTime)+" from "+i.Source)
		if i.Plugin != nil {
			line("plugin", strings.TrimSpace(i.Plugin.Name+" "+i.Plugin.Version)+", SHA-256 "+i.Plugin.SHA256+", driven by "+i.Within)
		}
	} else {
		line("started", r.Started.Local().Format(time.DateTime))
	}
	for _, met := range r.Met() {
		if made {
			line("numerics", met.String())
		}
	}
	if r.Outcome.Err != nil {
		line("error", r.Outcome.Err.Error())
	}
}
