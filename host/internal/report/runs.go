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
			t.AppendRow([]any{terminal.Escape(r.Optimizer.Name), terminal.Escape(r.ProblemName()), r.Seed, archive.Status(r), r.Outcome.Steps, loss(r),
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

// loss is the train loss that a run ended with. Where that is no number of a comparison, since it diverged or was pruned, it is marked.
func loss(r *store.Record) string {
	x, measured := r.Outcome.Final.Of(record.Standard()[record.TrainLoss].Name).Get()
	switch {
	case !measured:
		return "-"
	case r.Status.Over() && r.Status != record.Finished && r.Status != record.Stopped:
		return fmt.Sprintf("%s (%s)", number(x), r.Status)
	}
	return number(x)
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
			head := listedJSON{f.Name, r.Dir, r.Identity, r.ProblemName(), o.Name, cmp.Or(o.Base, o.Name), o.PluginNames(), o.Hyperparameters, r.Seed, r.Started, f.Tags}
			if r.Status == "" {
				_ = lines.Encode(store.Object{head, map[string]string{"status": archive.Status(r)}})
				continue
			}
			_ = lines.Encode(store.Object{head, store.NewSummary(r.Outcome)})
		}
	}
}

// ToRemove says what is to be removed, and how many runs that are.
func ToRemove(w io.Writer, found []archive.Found, done bool) (count int) {
	for _, f := range found {
		if f.Whole() {
			_, _ = fmt.Fprintf(w, "%s, with %s\n", terminal.Escape(f.Dir), counted(f.Count(), "run"))
			count += max(f.Count(), 1)
			continue
		}
		for _, r := range f.Chosen {
			_, _ = fmt.Fprintln(w, terminal.Escape(r.Dir))
			count++
		}
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
