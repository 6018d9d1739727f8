package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Datasets lists the data sets that have names, on a terminal of so many columns.
func Datasets(v environ.Variables, columns int) string {
	w := terminal.NewTable("NAME", "WHAT IT HAS", "WHERE")
	for _, k := range dataset.Catalog() {
		w.AppendRow(table.Row{k.Name, k.Summary, where(k, v)})
	}
	return w.Fit(columns)
}

// where says in a few words where a data set is.
func where(k dataset.Known, v environ.Variables) string {
	switch {
	case k.Fetched != nil:
		folder, err := k.Fetched.Folder(v)
		if err != nil {
			return "not here: steepest data fetch " + k.Name
		}
		return folder
	case k.Options != nil:
		return "synthetic"
	}
	return "embedded"
}

// Dataset is a data set as people read it, on a terminal of so many columns.
func Dataset(d *dataset.Dataset, columns int) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(&b, "%-12s %s\n", name, terminal.Hanging(terminal.Escape(fmt.Sprintf(format, args...)), 13, columns))
	}
	line("name", "%s", d.Name)
	line("source", "%s", d.Source)
	if d.Test > 0 {
		line("examples", "%d and %d for testing", d.Examples()-d.Test, d.Test)
	} else {
		line("examples", "%d", d.Examples())
	}
	shape := ""
	if d.Shape != nil {
		shape = fmt.Sprintf(" (images, %d x %d x %d)", d.Shape[0], d.Shape[1], d.Shape[2])
	}
	low, high := d.Range()
	line("features", "%d%s from %.6g to %.6g", d.Features(), shape, low, high)
	line("scale", "%s, unless the experiment says otherwise", d.ScalingOf(""))
	line("memory", "%.3g MB", float64(d.X.Bytes())/1e6)
	if d.Regression() {
		low, high = math.Inf(1), math.Inf(-1)
		for _, y := range d.Y {
			low, high = min(low, y), max(high, y)
		}
		line("target", "a number from %.6g to %.6g", low, high)
	} else {
		count := make([]int, len(d.Classes))
		for _, y := range d.Y {
			count[int(y)]++
		}
		var parts []string
		for i, class := range d.Classes[:min(len(d.Classes), 20)] {
			if r := []rune(class); len(r) > 40 {
				class = string(r[:40]) + "..."
			}
			parts = append(parts, fmt.Sprintf("%s (%d)", class, count[i]))
		}
		if len(d.Classes) > 20 {
			parts = append(parts, "...")
		}
		line("classes", "%d: %s", len(d.Classes), strings.Join(parts, ", "))
	}
	for _, key := range slices.Sorted(maps.Keys(d.Content)) {
		line(key, "%d bytes, sha256 %s", d.Content[key].Bytes, d.Content[key].SHA256)
	}
	for _, w := range d.Warnings {
		line("warning", "%s; %s", w.Message, w.Remedy)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Options are the settings of a synthetic data set.
func Options(options []dataset.Option, columns int) string {
	w := terminal.NewTable("OPTION", "DEFAULT", "ALLOWED", "MEANING")
	for _, o := range options {
		w.AppendRow(table.Row{o.Name, o.Default, o.Allowed(), o.Help})
	}
	return w.Fit(columns)
}
