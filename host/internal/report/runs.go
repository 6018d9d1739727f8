package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/archive"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Listing says how runs are listed.
type Listing struct {
	Runs bool // each, else the experiments
	JSON bool
}

// Listed lists runs. It returns how many have damaged records, which it tells of.
func Listed(w, notes io.Writer, found []archive.Found, l Listing) (faults int) {
	for _, f := range found {
		for _, err := range f.Faults {
			_, _ = fmt.Fprintf(notes, "damaged: %s\n", terminal.EscapeLines(err.Error()))
		}
		faults += len(f.Faults)
	}
	switch {
	case l.JSON:
		listJSON(w, found)
	case l.Runs:
		listRuns(w, found)
	default:
		listExperiments(w, found)
	}
	return faults
}

func listExperiments(w io.Writer, found []archive.Found) {
	slices.SortStableFunc(found, func(a, b archive.Found) int { return a.Began.Compare(b.Began) })
	t := terminal.NewTable("experiment", "runs", "states", "began", "tags", "folder")
	for _, f := range found {
		t.AppendRow([]any{terminal.Escape(f.Name), f.Count(), states(f.States), f.Began.Local().Format(time.DateTime),
			terminal.Escape(strings.Join(f.Tags, ", ")), terminal.Escape(f.Dir)})
	}
	_, _ = fmt.Fprintln(w, t.Fit(terminal.Columns(w)))
}

// states are how many runs ended how.
func states(count map[string]int) string {
	var parts []string
	for _, s := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%d %s", count[s], s))
	}
	return strings.Join(parts, ", ")
}

func listRuns(w io.Writer, found []archive.Found) {
	t := terminal.NewTable("optimizer", "problem", "seed", "status", "steps", "train loss", "folder")
	count := 0
	for _, f := range found {
		for _, r := range f.Chosen {
			loss := "-"
			if x, measured := r.Outcome.Final[record.Standard()[record.TrainLoss].Name].Get(); measured {
				loss = number(x)
			}
			t.AppendRow([]any{terminal.Escape(r.Optimizer.Name), terminal.Escape(r.ProblemName()), r.Seed, archive.Status(r), r.Outcome.Steps, loss,
				terminal.Escape(r.Dir)})
			count++
		}
	}
	if count == 0 {
		_, _ = fmt.Fprintln(w, "no run")
		return
	}
	_, _ = fmt.Fprintln(w, t.Fit(terminal.Columns(w)))
}

// listedJSON is a run in a list for programs; what it ended with follows.
type listedJSON struct {
	Experiment      string         `json:"experiment"`
	Directory       string         `json:"directory"`
	Identity        string         `json:"identity"`
	Problem         string         `json:"problem"`
	Optimizer       string         `json:"optimizer"`
	Base            string         `json:"base"`
	Plugin          string         `json:"plugin"`
	Hyperparameters map[string]any `json:"hyperparameters"`
	Seed            uint64         `json:"seed"`
	Started         time.Time      `json:"started"`
	Tags            []string       `json:"tags,omitempty"`
}

func listJSON(w io.Writer, found []archive.Found) {
	lines := json.NewEncoder(w)
	for _, f := range found {
		for _, r := range f.Chosen {
			o := r.Optimizer
			head := listedJSON{f.Name, r.Dir, r.Identity, r.ProblemName(), o.Name, cmp.Or(o.Base, o.Name), o.Plugin, o.Hyperparameters, r.Seed, r.Started, f.Tags}
			if r.Status == "" {
				_ = lines.Encode(store.Object{head, map[string]string{"status": archive.Status(r)}})
				continue
			}
			_ = lines.Encode(store.Object{head, store.NewSummary(r.Outcome)})
		}
	}
}

// Shown shows results, and of single runs what was asked and how they ended, as JSON has it, which everybody can read.
func Shown(w io.Writer, found []archive.Found) {
	for _, f := range found {
		_, _ = fmt.Fprintf(w, "%s: %s, begun %s from %s\n", terminal.Escape(f.Dir), terminal.Escape(f.Name), f.Began.Local().Format(time.DateTime),
			terminal.Escape(f.File))
		if f.Notes != "" {
			_, _ = fmt.Fprintln(w, terminal.Wrap(terminal.Escape(f.Notes), terminal.Columns(w)))
		}
		if f.Whole() && f.Count() != 1 {
			_, _ = fmt.Fprintf(w, "%s: %s\n", counted(f.Count(), "run"), states(f.States))
			continue
		}
		for _, r := range f.Chosen {
			showRun(w, r)
		}
	}
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
		line("optimizer", fmt.Sprintf("%s (plugin %s %s)", r.Optimizer.Name, r.Plugin.Name, r.Plugin.Version))
	} else {
		line("optimizer", r.Optimizer.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Optimizer.Hyperparameters)) {
		line("  "+name, archive.Text(r.Optimizer.Hyperparameters[name]))
	}
	line("seed", fmt.Sprint(r.Seed))
	line("steps", fmt.Sprintf("%d of %d", r.Outcome.Steps, r.Steps))
	for _, name := range slices.Sorted(maps.Keys(r.Outcome.Final)) {
		x, _ := r.Outcome.Final[name].Get()
		line("final "+name, fmt.Sprint(x))
	}
	if r.Outcome.StepsToTarget >= 0 {
		line("steps to target", fmt.Sprint(r.Outcome.StepsToTarget))
	}
	line("wall time", terminal.Duration(r.Outcome.Wall))
	line("started", r.Started.Local().Format(time.DateTime))
	for _, met := range r.Met() {
		if made {
			line("numerics", met.String())
		}
	}
	if r.Outcome.Err != nil {
		line("error", r.Outcome.Err.Error())
	}
}

// ToRemove says what is to be removed, and how many runs that are.
func ToRemove(w io.Writer, found []archive.Found, done bool) (count int) {
	for _, f := range found {
		switch {
		case len(f.Chosen) == 0 && f.Count() > 0:
			continue
		case f.Whole():
			_, _ = fmt.Fprintf(w, "%s, with %s\n", terminal.Escape(f.Dir), counted(f.Count(), "run"))
		default:
			for _, r := range f.Chosen {
				_, _ = fmt.Fprintln(w, terminal.Escape(r.Dir))
			}
		}
		count += max(len(f.Chosen), 1)
	}
	switch {
	case count == 0:
		_, _ = fmt.Fprintln(w, "no run; nothing was removed")
	case !done:
		_, _ = fmt.Fprintln(w, "nothing was removed; add --yes to remove them")
	}
	return count
}

// Garbage says what was found in results.
func Garbage(w io.Writer, dir string, files int, bytes int64, dry bool) {
	what := "removed"
	if dry {
		what = "to remove"
	}
	_, _ = fmt.Fprintf(w, "%s: %s %s, %s\n", terminal.Escape(dir), counted(files, "file"), what, size(bytes))
}
