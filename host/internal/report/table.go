// Package report shows people what happens and what came out: the progress display and the tables.
package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Tables are those of all problems of an experiment, each under its name. Rows of which no run ended are left out; see [Legend].
func Tables(e *config.Experiment, rows []compare.Row, width int) string {
	var parts []string
	for _, w := range e.Workloads {
		own := slices.DeleteFunc(slices.Clone(rows), func(r compare.Row) bool { return r.Problem != w.Name || unknown(r) })
		if len(own) == 0 {
			continue
		}
		text := Table(w, own, width)
		if w.Name != "" {
			text = terminal.Escape(w.Name) + "\n\n" + text
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "\n\n\n")
}

// Table sets the optimizers on a problem side by side: medians over the seeds with the interquartile range. On a
// terminal that is too narrow its columns stand in several tables, one below the other; the width 0 is no terminal.
func Table(w *config.Workload, rows []compare.Row, width int) string {
	var all []table.Row
	for _, cells := range Cells(w, rows) {
		var row table.Row
		for i, cell := range cells {
			if i == 0 {
				cell = terminal.Escape(cell)
			}
			row = append(row, cell)
		}
		all = append(all, row)
	}
	return stack(all, width)
}

// Cells are those of a table, row by row. The first row is the header, and the first column has the optimizers as they are called.
func Cells(w *config.Workload, rows []compare.Row) [][]string {
	stopped, pruned, failed := 0, 0, 0
	for _, r := range rows {
		stopped, pruned, failed = stopped+r.Stopped, pruned+r.Pruned, failed+r.Failed
	}
	type column struct {
		name  string
		shown bool
		cell  func(compare.Row) string
	}
	columns := []column{
		{"optimizer", true, func(r compare.Row) string { return r.Optimizer }},
		{"runs", true, count},
		{"diverged", true, func(r compare.Row) string { return strconv.Itoa(r.Diverged) }},
		{"stopped", stopped > 0, func(r compare.Row) string { return strconv.Itoa(r.Stopped) }},
		{"pruned", pruned > 0, func(r compare.Row) string { return strconv.Itoa(r.Pruned) }},
		{"failed", failed > 0, func(r compare.Row) string { return strconv.Itoa(r.Failed) }},
	}
	for _, q := range w.Quantities().Finals() {
		measured := slices.ContainsFunc(rows, func(r compare.Row) bool { return r.Final[q.Name].N > 0 })
		columns = append(columns, column{q.Title, measured || w.Problem.Has(q.Needs),
			func(r compare.Row) string { return spread(r.Final[q.Name], format(q)) }})
	}
	columns = append(columns,
		column{"steps to target", w.Target != nil, toTarget},
		column{"gradients to target", w.Target != nil && slices.ContainsFunc(rows, asksForGradients), gradientsToTarget},
		column{"gradient", true, func(r compare.Row) string { return duration(r.Time.Gradient) }},
		column{"optimizer", true, func(r compare.Row) string { return duration(r.Time.Optimizer) }},
		column{"transport", true, func(r compare.Row) string { return duration(r.Time.Transport) }})
	all := make([][]string, len(rows)+1)
	for _, column := range columns {
		if !column.shown {
			continue
		}
		all[0] = append(all[0], column.name)
		for i, r := range rows {
			all[i+1] = append(all[i+1], column.cell(r))
		}
	}
	return all
}

// stack renders rows, of which the first is the header, and repeats the first column in each table that it takes. What does not
// fit beside the first column even alone is broken into lines, and so is that column where it takes more than half of the
// terminal.
func stack(rows []table.Row, columns int) string {
	count := len(rows[0])
	wide := make([]int, count) // with the blanks around it
	for _, row := range rows {
		for i, cell := range row {
			wide[i] = max(wide[i], text.StringWidth(fmt.Sprint(cell))+2)
		}
	}
	if columns > 0 {
		wide[0] = min(wide[0], max(columns/2, 6))
		for i := range wide[1:] {
			wide[i+1] = min(wide[i+1], max(columns-wide[0], 6))
		}
	}
	var tables []string
	for from := 1; from < count; {
		to, width := from+1, wide[0]+wide[from]
		for to < count && (columns == 0 || width+wide[to] <= columns) {
			width += wide[to]
			to++
		}
		tables = append(tables, part(rows, from, to, wide))
		from = to
	}
	return strings.Join(tables, "\n\n")
}

// part renders the first column and those from one to before another, as wide as they may be.
func part(rows []table.Row, from, to int, wide []int) string {
	w := table.NewWriter()
	w.SetStyle(table.StyleLight)
	w.Style().Format.Header = text.FormatDefault
	w.Style().Options.DrawBorder = false
	w.Style().Options.SeparateColumns = false
	w.SuppressTrailingSpaces()
	for i, row := range rows {
		cells := append(table.Row{row[0]}, row[from:to]...)
		if i == 0 {
			w.AppendHeader(cells)
		} else {
			w.AppendRow(cells)
		}
	}
	all := []table.ColumnConfig{{Number: 1, WidthMax: wide[0] - 2, WidthMaxEnforcer: text.WrapSoft}}
	for i, width := range wide[from:to] {
		all = append(all, table.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight, WidthMax: width - 2,
			WidthMaxEnforcer: text.WrapSoft})
	}
	w.SetColumnConfigs(all)
	return w.Render()
}

// Legend says how the table's numbers were got, in lines of at most as many columns, or any number if that is 0.
func Legend(e *config.Experiment, rows []compare.Row, columns int) string {
	legend := "Median over seeds [lower, upper quartile] at the last step; a diverged run counts as infinitely bad."
	diverged := "diverged"
	if slices.ContainsFunc(rows, func(r compare.Row) bool { return r.Stopped > 0 }) {
		diverged = "diverged or were stopped on a plateau"
	}
	if targets := targets(e); targets != "" {
		legend += "\nTarget: " + targets + "; in brackets how many runs reached it. The others, whose steps ran out or which " + diverged + ", " +
			"count as never."
	}
	if slices.ContainsFunc(e.Workloads, func(w *config.Workload) bool { return w.Stop.Target }) {
		legend += "\nA run ends where it reaches the target: all else is of there."
	}
	legend += "\nTime of a step: gradient in the host, update rule in the plugin, transport between them; medians."
	return terminal.Wrap(legend+missing(e, rows), columns)
}

// unknown tells whether no run of a row has ended: it has no numbers.
func unknown(r compare.Row) bool { return r.Partial > 0 && r.Partial == r.Runs }

// mostMissing is of how many rows is told apart which runs are not in their numbers.
const mostMissing = 3

// missing says, in lines, which runs are in no number.
func missing(e *config.Experiment, rows []compare.Row) (lines string) {
	var none []string // of which nothing has ended
	partial, runs, planned := 0, 0, 0
	for _, r := range rows {
		if name := terminal.Escape(r.Optimizer); unknown(r) {
			if r.Problem != "" {
				name += " on " + terminal.Escape(r.Problem)
			}
			none = append(none, name)
		} else if r.Partial > 0 {
			partial, runs = partial+1, runs+r.Partial
		}
		planned += r.Runs
	}
	if len(none) > 0 {
		names := none[:min(len(none), mostMissing)]
		if more := len(none) - len(names); more > 0 {
			names = append(slices.Clone(names), fmt.Sprintf("%d more", more))
		}
		lines += "\nPartial: no run of " + registry.Sentence(names, "or") + " ended; not in the table."
	}
	if partial > mostMissing {
		lines += fmt.Sprintf("\nPartial: of the others %d of %d runs did not end; not in the numbers.", runs, planned)
	}
	for _, r := range rows {
		told := ""
		if r.Failed > 0 {
			told += fmt.Sprintf("\nFailed: %d of %d runs of %s; not in its numbers.", r.Failed, r.Runs, terminal.Escape(r.Optimizer))
			if r.Damaged > 0 {
				told += fmt.Sprintf(" Of %d the record is damaged.", r.Damaged)
			}
		}
		if r.Partial > 0 && !unknown(r) && partial <= mostMissing {
			told += fmt.Sprintf("\nPartial: %d of %d runs of %s did not end; not in its numbers.", r.Partial, r.Runs, terminal.Escape(r.Optimizer))
		}
		if told != "" {
			lines += told + however(e, r)
		}
	}
	return lines
}

// however says between what the numbers of a row would be with the runs that are not in them.
func however(e *config.Experiment, r compare.Row) string {
	q := record.Standard()[record.TrainLoss]
	loss := r.Final[q.Name]
	var bounds []string
	if loss.N > 0 && !(math.IsInf(loss.Best, 0) && math.IsInf(loss.Worst, 0) && loss.Best != loss.Worst) {
		bounds = append(bounds, fmt.Sprintf("median %s would be %s", q.Title, between(loss, number)))
	}
	if loss.N > 0 && e.HasTarget() {
		bounds = append(bounds, "steps to target would be "+between(r.StepsToTarget, steps))
	}
	if len(bounds) == 0 {
		return ""
	}
	return " However they had ended, its " + strings.Join(bounds, ", and its ") + "."
}

// targets are what the runs are to reach, problem by problem if that differs.
func targets(e *config.Experiment) string {
	all := e.Quantities()
	var names, list []string
	for _, w := range e.Workloads {
		if w.Target == nil {
			continue
		}
		q, _ := w.Target.Measure.Find(all)
		list = append(list, fmt.Sprintf("%s %s %v", w.Target.Measure, q.Better.Sign(), w.Target.Value))
		names = append(names, terminal.Escape(w.Name))
	}
	if len(list) == 0 {
		return ""
	}
	if len(slices.Compact(slices.Clone(list))) > 1 || len(list) < len(e.Workloads) {
		for i := range list {
			list[i] += " on " + names[i]
		}
		return strings.Join(list, ", ")
	}
	return list[0]
}

// between says where the median would be with the runs that are missing.
func between(s compare.Spread, format func(float64) string) string {
	if s.Best == s.Worst {
		return format(s.Best)
	}
	if s.Worst < s.Best { // more is better
		s.Best, s.Worst = s.Worst, s.Best
	}
	return format(s.Best) + " to " + format(s.Worst)
}

// Results says where the results are.
func Results(dir string, columns int) string {
	where := "Results: " + terminal.Escape(dir)
	what := fmt.Sprintf("(a folder for each run: %s, %s)", store.RunFile, store.StepsFile)
	if columns == 0 || text.StringWidth(where)+1+text.StringWidth(what) <= columns {
		return where + " " + what
	}
	return where + "\n" + terminal.Wrap(what, columns)
}

func count(r compare.Row) string {
	if ended := r.Finished + r.Diverged + r.Stopped; ended < r.Runs {
		return fmt.Sprintf("%d of %d", ended, r.Runs)
	}
	return strconv.Itoa(r.Runs)
}

func spread(s compare.Spread, format func(float64) string) string {
	switch {
	case s.N == 0:
		return "-"
	case s.N == 1:
		return format(s.Median)
	}
	return fmt.Sprintf("%s [%s, %s]", format(s.Median), format(s.Low), format(s.High))
}

// format is how the values of a quantity are shown.
func format(q record.Quantity) func(float64) string {
	if q.Range == record.Share {
		return percent
	}
	return number
}

func number(x float64) string {
	if math.IsInf(x, 0) {
		return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(x, 'g', -1, 64), "+")) // inf, -inf
	}
	return strconv.FormatFloat(x, 'g', 3, 64)
}

func percent(x float64) string {
	if x-x != 0 { // infinite or NaN
		return number(x)
	}
	return strconv.FormatFloat(100*x, 'f', 1, 64) + "%"
}

func steps(x float64) string {
	if math.IsInf(x, 1) {
		return "never"
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// asksForGradients tells whether steps are not what gradients are: without that, one column says both.
func asksForGradients(r compare.Row) bool {
	return r.GradientsToTarget.N > 0 && r.GradientsToTarget.Median != r.StepsToTarget.Median
}

func toTarget(r compare.Row) string { return untilTarget(r, r.StepsToTarget) }

func gradientsToTarget(r compare.Row) string { return untilTarget(r, r.GradientsToTarget) }

func untilTarget(r compare.Row, s compare.Spread) string {
	switch {
	case s.N == 0:
		return "-"
	case r.Reached == 0:
		return fmt.Sprintf("not reached (0/%d)", s.N)
	case math.IsInf(s.Median, 1):
		return fmt.Sprintf("not reached by half (%d/%d)", r.Reached, s.N)
	}
	return fmt.Sprintf("%s (%d/%d)", steps(s.Median), r.Reached, s.N)
}

func duration(seconds compare.Spread) string {
	if seconds.N == 0 {
		return "-"
	}
	return terminal.Duration(time.Duration(math.Round(seconds.Median * 1e9)))
}
