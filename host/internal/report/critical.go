package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/landscape"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Of critical points a table has the weights of few, and of many points those of the lowest loss.
const criticalWeights, criticalRows = 6, 40

// CriticalPoints says which critical points were found.
func CriticalPoints(c landscape.CriticalPoints) string {
	weights := c.Parameters <= criticalWeights
	head := []any{"kind", "index", "loss", "gradient", "eigenvalues", "starts"}
	if weights {
		head = append(head, "weights")
	}
	t := terminal.NewTable(head...)
	for _, p := range c.Points[:min(criticalRows, len(c.Points))] {
		n := len(p.Eigenvalues)
		values := significant(float64(p.Eigenvalues[0]))
		if n > 1 {
			values += " to " + significant(float64(p.Eigenvalues[n-1]))
		}
		row := []any{string(p.Nature), p.Index, significant(float64(p.Loss)), number(float64(p.Gradient)), values, p.Starts}
		if weights {
			var all []string
			for _, w := range p.Weights {
				all = append(all, significant(float64(w)))
			}
			row = append(row, strings.Join(all, ", "))
		}
		t.AppendRow(row)
	}
	parts := []string{fmt.Sprintf("Critical points of %s, of %s: %s %s", terminal.Escape(c.Problem), counted(c.Parameters, "parameter"), counted(c.Starts, "start"), c.From)}
	if a := c.Around; a != nil {
		parts[0] += fmt.Sprintf(" of %s after step %d", terminal.Escape(a.Run), a.Step)
	}
	if len(c.Points) > 0 {
		parts = append(parts, t.Render())
	}
	if more := len(c.Points) - criticalRows; more > 0 {
		parts = append(parts, fmt.Sprintf("%s of higher loss; --json has all", counted(more, "more point")))
	}
	parts = append(parts, fmt.Sprintf("%s, %s, %s, %s; # even index - # odd index = %d", plural(c.Minima, "minimum", "minima"), counted(c.Saddles, "saddle"),
		plural(c.Maxima, "maximum", "maxima"), counted(c.Degenerate, "degenerate point"), c.Alternating))
	if c.Unconverged > 0 {
		parts = append(parts, fmt.Sprintf("%s led to no critical point: %d ended at a flat point of |g|², %d ran far away, %d came no further",
			counted(c.Unconverged, "start"), c.Flat, c.Far, c.Unconverged-c.Flat-c.Far))
	}
	notes := c.Notes
	if c.Around != nil {
		notes = slices.Concat(notes, c.Around.Weights)
	}
	for _, n := range notes {
		parts = append(parts, terminal.Escape(n))
	}
	return strings.Join(parts, "\n\n")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
