// Package report shows people what happens and what came out: the progress display and the tables.
package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/config"
)

// Table sets the optimizers of an experiment side by side: medians over the seeds with the interquartile range. On a
// terminal that is too narrow its columns stand in several tables, one below the other; 0 columns is no terminal.
func Table(e *config.Experiment, rows []compare.Row, columns int) string {
	validation := e.Problem.Validates()
	accuracy := validation && e.Problem.Classifies()
	header := table.Row{"optimizer", "runs", "diverged", "train loss"}
	if validation {
		header = append(header, "validation loss")
	}
	if accuracy {
		header = append(header, "accuracy")
	}
	if e.Target != nil {
		header = append(header, "steps to target")
	}
	header = append(header, "gradient", "optimizer", "transport")
	all := []table.Row{header}
	for _, r := range rows {
		cells := table.Row{r.Optimizer, count(r), r.Diverged, spread(r.TrainLoss, number)}
		if validation {
			cells = append(cells, spread(r.ValidationLoss, number))
		}
		if accuracy {
			cells = append(cells, spread(r.ValidationAccuracy, percent))
		}
		if e.Target != nil {
			cells = append(cells, toTarget(r))
		}
		all = append(all, append(cells, duration(r.Time.Gradient), duration(r.Time.Optimizer), duration(r.Time.Transport)))
	}
	return stack(all, columns)
}

// stack renders rows, of which the first is the header, and repeats the first column in each table that it takes.
func stack(rows []table.Row, columns int) string {
	count := len(rows[0])
	wide := make([]int, count) // with the blanks around it
	for _, row := range rows {
		for i, cell := range row {
			wide[i] = max(wide[i], text.StringWidth(fmt.Sprint(cell))+2)
		}
	}
	var tables []string
	for from := 1; from < count; {
		to, width := from+1, wide[0]+wide[from]
		for to < count && (columns == 0 || width+wide[to] <= columns) {
			width += wide[to]
			to++
		}
		tables = append(tables, part(rows, from, to))
		from = to
	}
	return strings.Join(tables, "\n\n")
}

// part renders the first column and those from one to before another.
func part(rows []table.Row, from, to int) string {
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
	var align []table.ColumnConfig
	for i := range to - from {
		align = append(align, table.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight})
	}
	w.SetColumnConfigs(align)
	return w.Render()
}

// Legend says how the table's numbers were got, in lines of at most as many columns, or any number if that is 0.
func Legend(e *config.Experiment, rows []compare.Row, columns int) string {
	legend := "Median over seeds [lower, upper quartile] at the last step; a diverged run counts as infinitely bad."
	if e.Target != nil {
		sign := "<="
		if e.Target.Metric == "validation_accuracy" {
			sign = ">="
		}
		legend += fmt.Sprintf("\nTarget: %s %s %v; in brackets how many runs reached it.", e.Target.Metric, sign, e.Target.Value)
	}
	legend += "\nTime of a step: gradient in the host, update rule in the plugin, transport between them; medians."
	for _, r := range rows {
		if r.Partial > 0 {
			legend += fmt.Sprintf("\nPartial: %d of %d runs of %s did not end; they are not in its numbers.", r.Partial, r.Runs,
				r.Optimizer)
		}
		if r.Failed > 0 {
			legend += fmt.Sprintf("\nFailed: %d of %d runs of %s; they are not in its numbers.", r.Failed, r.Runs, r.Optimizer)
		}
	}
	if columns == 0 {
		return legend
	}
	lines := strings.Split(legend, "\n")
	for i, line := range lines {
		lines[i] = text.WrapSoft(line, columns)
	}
	return strings.Join(lines, "\n")
}

func count(r compare.Row) string {
	if ended := r.Finished + r.Diverged; ended < r.Runs {
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

func toTarget(r compare.Row) string {
	if r.Reached == 0 {
		return fmt.Sprintf("never (0/%d)", r.Runs)
	}
	return fmt.Sprintf("%.0f (%d/%d)", r.StepsToTarget.Median, r.Reached, r.Runs)
}

func duration(d time.Duration) string {
	switch {
	case d == 0:
		return "-"
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d.Nanoseconds())
	case d < time.Millisecond:
		return fmt.Sprintf("%.3g us", float64(d)/1e3)
	}
	return fmt.Sprintf("%.3g ms", float64(d)/1e6)
}
