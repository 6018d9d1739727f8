package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Checked says of an experiment without faults what it asks for.
func Checked(w io.Writer, p plan.Plan) {
	_, _ = fmt.Fprintf(w, "%s: all is well; %s\n", terminal.Escape(p.File), asked(p))
}

// asked is how many runs a plan has, and of what.
func asked(p plan.Plan) string {
	variants, steps := 0, 0
	for _, w := range p.Workloads {
		variants = max(variants, len(w.Optimizers))
	}
	for _, j := range p.Jobs {
		steps += j.Steps
	}
	return fmt.Sprintf("%s x %s x %s = %s, %s", counted(variants, "optimizer"), counted(len(p.Workloads), "problem"),
		counted(len(p.Seeds), "seed"), counted(len(p.Jobs), "run"), counted(steps, "step"))
}

// counted is a number of things, in groups of three digits.
func counted(n int, noun string) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n == 1 {
		return digits + " " + noun
	}
	return digits + " " + noun + "s"
}

// State is how many runs of a variant are done and what is to be done with the others.
type State struct{ Kept, GoOn, Again, New int }

// Planned is what `steepest plan` shows of an experiment.
type Planned struct {
	plan.Plan
	Directory string                       // where its results are, or will be
	There     bool                         // whether they are there
	States    func(plan.Job) (state State) // of one run: a one for what is to be done
	Changes   []string                     // against what the results have
	Estimate  string                       // of time and disk; empty if nothing is to be done
}

// mostVariants is how many variants the table shows unless all are asked for.
const mostVariants = 40

// Plan shows what would be run.
func Plan(w io.Writer, p Planned, all bool) {
	columns := terminal.Columns(w)
	if p.Question != "" {
		_, _ = fmt.Fprintf(w, "%s\n\n", terminal.Wrap(terminal.Escape(p.Name+": "+p.Question), columns))
	}
	rows, more := variantRows(p, all)
	_, _ = fmt.Fprintf(w, "%s\n", stack(rows, columns))
	if more > 0 {
		_, _ = fmt.Fprintf(w, " and %s more; --all shows them\n", counted(more, "variant"))
	}
	_, _ = fmt.Fprintf(w, "\n%s\n", asked(p.Plan))
	var total State
	for _, j := range p.Jobs {
		total.add(p.States(j))
	}
	where := "Results: " + terminal.Escape(p.Directory)
	if p.There {
		where += ": " + total.String()
	} else {
		where += " (new)"
	}
	_, _ = fmt.Fprintln(w, terminal.Wrap(where, columns))
	for _, change := range p.Changes {
		_, _ = fmt.Fprintln(w, terminal.Wrap("Changed: "+terminal.Escape(change), columns))
	}
	if p.Estimate != "" {
		_, _ = fmt.Fprintln(w, terminal.Wrap(p.Estimate, columns))
	}
}

func (s *State) add(t State) {
	s.Kept, s.GoOn, s.Again, s.New = s.Kept+t.Kept, s.GoOn+t.GoOn, s.Again+t.Again, s.New+t.New
}

// String names what there is some of.
func (s State) String() string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{s.Kept, "kept"}, {s.GoOn, "to go on with"}, {s.Again, "to measure again"}, {s.New, "new"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return strings.Join(parts, ", ")
}

// variantRows are the variants of a plan with what varies among them, and how many are left out.
func variantRows(p Planned, all bool) (rows []table.Row, more int) {
	problems := len(p.Workloads) > 1
	keys := map[string]bool{}
	var order []string
	for _, w := range p.Workloads {
		for _, o := range w.Optimizers {
			for _, c := range o.Choices {
				if !keys[c.Key] {
					keys[c.Key], order = true, append(order, c.Key)
				}
			}
		}
	}
	header := table.Row{"optimizer"}
	if problems {
		header = table.Row{"problem", "optimizer"}
	}
	for _, key := range order {
		header = append(header, key)
	}
	rows = []table.Row{append(header, "steps", "runs", "state")}
	states := map[[2]string]State{}
	for _, j := range p.Jobs {
		key := [2]string{j.Problem, j.Optimizer.Name}
		s := states[key]
		s.add(p.States(j))
		states[key] = s
	}
	for _, w := range p.Workloads {
		for _, o := range w.Optimizers {
			if len(rows) > mostVariants && !all {
				more++
				continue
			}
			row := table.Row{terminal.Escape(o.Base)}
			if problems {
				row = table.Row{terminal.Escape(w.Name), terminal.Escape(o.Base)}
			}
			for _, key := range order {
				cell := ""
				if i := slices.IndexFunc(o.Choices, func(c config.Choice) bool { return c.Key == key }); i >= 0 {
					cell = terminal.Escape(o.Choices[i].String())
				}
				row = append(row, cell)
			}
			s := states[[2]string{w.Name, o.Name}]
			rows = append(rows, append(row, w.Steps, s.Kept+s.GoOn+s.Again+s.New, s.String()))
		}
	}
	return rows, more
}
