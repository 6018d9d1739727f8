package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/landscape"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Spectrum says what was found of the eigenvalues of a Hessian.
func Spectrum(s landscape.Spectrum) string {
	t := terminal.NewTable("", "")
	row := func(name, format string, values ...any) { t.AppendRow([]any{name, fmt.Sprintf(format, values...)}) }
	row("parameters", "%d", s.Parameters)
	row("loss", "%s", number(float64(s.Loss)))
	for i := range s.Largest {
		p := s.Largest[len(s.Largest)-1-i]
		row(fmt.Sprintf("eigenvalue %d", i+1), "%s ± %s", significant(float64(p.Value)), number(float64(p.Residual)))
	}
	for i, p := range s.Smallest {
		if at := s.Parameters - len(s.Smallest) + i + 1; at > len(s.Largest) {
			row(fmt.Sprintf("eigenvalue %d", s.Parameters-i), "%s ± %s", significant(float64(p.Value)), number(float64(p.Residual)))
		}
	}
	negative, trace := fmt.Sprintf("%.4g %%", 100*s.Negative), significant(float64(s.Trace))
	if s.Exact {
		negative += fmt.Sprintf(" (%d)", int(math.Round(s.Negative*float64(s.Parameters))))
	} else {
		negative, trace = "about "+negative, trace+" ± "+number(float64(*s.Error))
	}
	row("negative", "%s", negative)
	row("trace", "%s", trace)
	if s.Condition != nil {
		row("condition", "%s", number(float64(*s.Condition)))
	}
	row("products", "%d", s.Products)
	how := "All eigenvalues"
	if !s.Exact {
		how = fmt.Sprintf("The %d eigenvalues at each end, and an estimate of the density", len(s.Largest))
	}
	return around(s.Found, how+" of the Hessian of the loss", t.Render())
}

// Slice says what was found along a line or on a plane.
func Slice(s landscape.Slice) string {
	head := []any{"", "length", "from", "to"}
	switch {
	case s.Axes[0].Value != nil:
		head = append(head, "eigenvalue")
	case s.Axes[0].Share != nil:
		head = append(head, "share of variance")
	}
	t := terminal.NewTable(head...)
	for _, x := range s.Axes {
		row := []any{terminal.Escape(x.Label), number(float64(x.Length)), number(float64(x.At[0])), number(float64(x.At[len(x.At)-1]))}
		switch {
		case x.Value != nil:
			row = append(row, significant(float64(*x.Value))+" ± "+number(float64(*x.Residual)))
		case x.Share != nil:
			row = append(row, fmt.Sprintf("%.4g %%", 100*float64(*x.Share)))
		}
		t.AppendRow(row)
	}
	parts := []string{t.Render()}
	if len(s.Axes) == 1 {
		parts = append(parts, profile(s))
	} else {
		parts = append(parts, plane(s))
	}
	if len(s.Marks) > 0 {
		t := terminal.NewTable("run", "x", "y", "loss")
		for _, m := range s.Marks {
			t.AppendRow([]any{terminal.Escape(m.Name), number(float64(m.X)), number(float64(m.Y)), significant(float64(m.Loss))})
		}
		parts = append(parts, t.Render())
	}
	if s.Angle != nil {
		parts = append(parts, fmt.Sprintf("%.3g degrees between the directions", float64(*s.Angle)))
	}
	if s.Barrier != nil {
		parts = append(parts, "barrier "+number(float64(*s.Barrier)))
	}
	what := "Along a line"
	if len(s.Axes) == 2 {
		what = "On a plane"
	}
	return around(s.Found, what+", the loss", strings.Join(parts, "\n\n"))
}

// around puts a table between what it is of and its notes.
func around(f landscape.Found, what, table string) string {
	text := fmt.Sprintf("%s around the weights of %s after step %d\n\n%s", what, terminal.Escape(f.Run), f.Step, table)
	for _, n := range slices.Concat(f.Notes, f.Weights) {
		text += "\n\n" + terminal.Escape(n)
	}
	return text
}

// profileRows is about how many points of a profile the terminal shows; the file has all.
const profileRows = 21

// profile is a table of the loss along a line.
func profile(s landscape.Slice) string {
	parabola := s.Parabola()
	head := []any{"at", "loss"}
	if parabola != nil {
		head = append(head, "second order")
	}
	t := terminal.NewTable(head...)
	at := s.Axes[0].At
	rows := min(profileRows, len(at))
	for k := range rows {
		i := k * (len(at) - 1) / (rows - 1)
		row := []any{number(float64(at[i])), significant(float64(s.Values[0][i]))}
		if parabola != nil {
			row = append(row, significant(parabola[i]))
		}
		t.AppendRow(row)
	}
	return t.Render()
}

// plane says where on a plane the loss is lowest and highest.
func plane(s landscape.Slice) string {
	t := terminal.NewTable("", "x", "y", "loss")
	add := func(name string, better func(a, b float64) bool) {
		found, x, y := math.NaN(), 0, 0
		for j, row := range s.Values {
			for i, v := range row {
				if v := float64(v); v-v == 0 && (math.IsNaN(found) || better(v, found)) {
					found, x, y = v, i, j
				}
			}
		}
		t.AppendRow([]any{name, number(float64(s.Axes[0].At[x])), number(float64(s.Axes[1].At[y])), significant(found)})
	}
	t.AppendRow([]any{"weights", "0", "0", significant(float64(s.Loss))})
	add("lowest", func(a, b float64) bool { return a < b })
	add("highest", func(a, b float64) bool { return a > b })
	return t.Render()
}

func significant(x float64) string { return fmt.Sprintf("%.6g", x) }
