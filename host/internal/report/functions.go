package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/terminal"
)

var year = regexp.MustCompile(`\b(19|20)\d\d\b`)

// Functions are the analytic functions as people read them, the sources as authors and year.
func Functions(columns int) string {
	w := terminal.NewTable("NAME", "VARIABLES", "MINIMUM", "SOURCE")
	others := config.ProblemKinds()
	for _, f := range problem.Functions {
		lowest := "not known"
		if value, x, ok := f.Lowest(f.Dimension); ok {
			lowest = problem.Short(value) + " at " + problem.Coordinates(x)
		} else if len(f.Critical(f.Dimension)) > 0 {
			lowest = "none"
		}
		authors, _, _ := strings.Cut(f.Source, ":")
		w.AppendRow(table.Row{f.Name, f.Variables(), lowest, authors + " " + year.FindString(f.Source)})
		others = slices.DeleteFunc(others, func(kind string) bool { return kind == f.Name })
	}
	return fmt.Sprintf("%s\n\nOther kinds: %s", w.Fit(columns), terminal.Hanging(strings.Join(others, ", "), 13, columns))
}

// Function is what is known of a function, a fact in a line.
func Function(f *problem.Function, columns int) string {
	var b strings.Builder
	for _, fact := range append([][2]string{{"name", f.Name}, {"formula", f.Formula}}, f.Facts()...) {
		_, _ = fmt.Fprintf(&b, "%-16s %s\n", fact[0], terminal.Hanging(fact[1], 17, columns))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
