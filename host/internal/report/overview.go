package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/steepest/steepest/host/internal/claim"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Overview is what came of several experiments that were run by one command: the claims of each are counted, and those that did not pass are named again.
type Overview struct {
	last        time.Time // when the last of them had ended
	experiments []overviewed
}

// overviewed is what came of one of them.
type overviewed struct {
	name         string
	runs, failed int
	took         time.Duration
	results      map[claim.Result]int
	others       []claim.Verdict
}

// NewOverview begins an overview now.
func NewOverview() *Overview { return &Overview{last: time.Now()} }

// Add takes what came of an experiment.
func (o *Overview) Add(name string, runs []store.Run, verdicts []claim.Verdict) {
	now := time.Now()
	x := overviewed{name: name, runs: len(runs), took: now.Sub(o.last), results: map[claim.Result]int{}}
	o.last = now
	for _, r := range runs {
		if r.Status == record.Failed {
			x.failed++
		}
	}
	for _, v := range verdicts {
		if x.results[v.Result]++; v.Result != claim.Pass {
			x.others = append(x.others, v)
		}
	}
	o.experiments = append(o.experiments, x)
}

// Any tells whether an experiment was added.
func (o *Overview) Any() bool { return len(o.experiments) > 0 }

// Write shows the overview, if there are several experiments. In JSON each has its own events, and there is none.
func (o *Overview) Write(w io.Writer, asJSON bool) {
	if asJSON || len(o.experiments) < 2 {
		return
	}
	total := overviewed{name: "all " + counted(len(o.experiments), "experiment"), results: map[claim.Result]int{}}
	var others []string
	for _, x := range o.experiments {
		total.runs, total.failed, total.took = total.runs+x.runs, total.failed+x.failed, total.took+x.took
		for r, n := range x.results {
			total.results[r] += n
		}
		for _, v := range x.others {
			others = append(others, strings.TrimSuffix(fmt.Sprintf("%s: %s: %s: %s", v.Result, x.name, v, v.Subject()), ": "))
		}
	}
	head := []any{"experiment", "runs", "time", "passed", "failed", "inconclusive"}
	if total.failed > 0 {
		head = append(head, "failed runs")
	}
	t := terminal.NewTable(head...)
	var right []table.ColumnConfig
	for i := range head[1:] {
		right = append(right, table.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	for _, x := range append(slices.Clone(o.experiments), total) {
		row := table.Row{terminal.Escape(x.name), x.runs, terminal.Duration(x.took)}
		for _, r := range []claim.Result{claim.Pass, claim.Fail, claim.Inconclusive} {
			row = append(row, countOrDash(x.results[r]))
		}
		t.AppendRow(append(row, countOrDash(x.failed))[:len(head)])
	}
	t.SetColumnConfigs(right)
	_, _ = fmt.Fprintf(w, "\n%s\n", t.Render())
	if len(others) > 0 {
		_, _ = fmt.Fprintln(w)
	}
	for _, text := range others {
		_, _ = fmt.Fprintln(w, terminal.Wrap(terminal.Escape(text), terminal.Columns(w)))
	}
}

// countOrDash is a number, or a dash for none, so that the eye finds those that there are.
func countOrDash(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}
