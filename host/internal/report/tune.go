package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Chosen sets side by side what was chosen for each optimizer, of how many trials, and by which value. Of the runs of the experiment are those
// that the chosen one was evaluated with.
func Chosen(p plan.Plan, studies []plan.Study, runs []store.Run, width int) string {
	m, _ := measure.Parse(p.Judge())
	q, _ := m.Find(p.Quantities())
	problems := slices.ContainsFunc(studies, func(s plan.Study) bool { return s.Problem != "" })
	numbered := slices.ContainsFunc(studies, func(s plan.Study) bool { return s.Number > 0 })
	rows := []table.Row{{"optimizer"}}
	head := func(shown bool, name string) {
		if shown {
			rows[0] = append(rows[0], name)
		}
	}
	head(problems, "problem")
	head(numbered, "study")
	head(true, "trials")
	head(true, "steps")
	head(true, "chosen")
	head(true, m.String())
	head(true, "at the edge")
	evaluated := p.Tune != nil && p.Tune.Protocol == config.DeepOBS
	head(evaluated, "evaluation")
	for _, s := range studies {
		row := table.Row{terminal.Escape(s.Base)}
		if problems {
			row = append(row, terminal.Escape(s.Problem))
		}
		if numbered {
			row = append(row, s.Number)
		}
		chosen, value := "undecided", "-"
		if best, ok := s.Best(); ok {
			chosen, value = terminal.Escape(best.Chosen()), condensed(best.Value, q)
		} else if s.Decided {
			chosen = "none"
		}
		edge := cmp.Or(strings.Join(s.Edge, ", "), "no")
		if row = append(row, tried(s), strconv.Itoa(s.Steps()), chosen, value, edge); evaluated {
			n, made := evaluation(p, s, runs)
			row = append(row, fmt.Sprintf("%s, %s", counted(n, "run"), counted(made, "step")))
		}
		rows = append(rows, row)
	}
	return stack(rows, width)
}

// tried is how many trials there were, and how many of them could not be chosen.
func tried(s plan.Study) string {
	known, bad := 0, 0
	for _, t := range s.Trials {
		if t.Known {
			if known++; !t.Eligible() {
				bad++
			}
		}
	}
	text := strconv.Itoa(len(s.Trials))
	if known < len(s.Trials) {
		text = fmt.Sprintf("%d of %s", known, text)
	}
	if bad > 0 {
		text += fmt.Sprintf(", %d without a finite value", bad)
	}
	return text
}

// condensed is a value as a table has it.
func condensed(c measure.Condensed, q record.Quantity) string {
	x, measured := c.Number()
	if !measured {
		return c.Value.String()
	}
	if q.Range == record.Norm && !q.Column {
		return steps(x)
	}
	return strconv.FormatFloat(x, 'g', 6, 64)
}

// evaluation is how many runs of the chosen trial ended with the seeds of the experiment, and how many steps they made. Those that also
// tuning needed are among them.
func evaluation(p plan.Plan, s plan.Study, runs []store.Run) (n, steps int) {
	best, ok := s.Best()
	for _, r := range runs {
		if ok && r.Problem == s.Problem && r.Optimizer.Name == best.Name && r.Status.Ended() && slices.Contains(p.Seeds, r.Seed) {
			n, steps = n+1, steps+r.Outcome.Steps
		}
	}
	return n, steps
}

// budgets are how many runs each optimizer had, in one number if that is the same.
func budgets(all []plan.Budget) string {
	var each []string
	same := true
	for _, b := range all {
		name := terminal.Escape(b.Base)
		if b.Problem != "" {
			name += " on " + terminal.Escape(b.Problem)
		}
		each, same = append(each, counted(b.Runs, "run")+" of "+name), same && b.Runs == all[0].Runs
	}
	if same && len(all) > 0 {
		return counted(all[0].Runs, "run") + " for each optimizer"
	}
	return strings.Join(each, ", ")
}

// ChosenLegend says how the table of what was chosen was got.
func ChosenLegend(p plan.Plan, studies []plan.Study, runs []store.Run, columns int) string {
	var lines []string
	u := p.Tune
	budget := budgets(plan.Budgets(studies))
	what := fmt.Sprintf("Chosen by %s", p.Judge())
	switch {
	case u == nil && p.Search.External != nil:
		lines = append(lines, fmt.Sprintf("%s over %s, by another program: at most %s of each optimizer. They are all in the comparison.", what,
			seedsText(p.Seeds), counted(p.Search.Trials, "trial")))
	case u == nil:
		lines = append(lines, fmt.Sprintf("%s over %s: at each rung one of %d trials of an optimizer went on, and the others were pruned. They are "+
			"in no number of the comparison.", what, seedsText(p.Seeds), p.Halves().Eta))
	case u.Protocol == config.DeepOBS:
		var again []plan.Budget
		for _, s := range studies {
			if best, ok := s.Best(); ok {
				n, _ := evaluation(p, s, runs)
				again = append(again, plan.Budget{Problem: s.Problem, Base: best.Name, Runs: n})
			}
		}
		text := fmt.Sprintf("%s with %s: %s.", what, seedsText(u.Seeds), budget)
		if len(again) > 0 {
			text += fmt.Sprintf(" The chosen ones were evaluated with %s: %s.", seedsText(p.Seeds), budgets(again))
		}
		lines = append(lines, text)
	default:
		var scores []string
		for _, s := range p.Scores(studies) {
			text := "undecided"
			if s.Decided {
				text = condensed(s.Value, s.Quantity)
			}
			name := terminal.Escape(s.Base)
			if s.Problem != "" {
				name += " on " + terminal.Escape(s.Problem)
			}
			scores = append(scores, name+" "+text)
		}
		lines = append(lines, fmt.Sprintf("%s in %s with a seed each: %s. Median over the studies of the best trial: %s.", what,
			counted(u.Studies, "study"), budget, strings.Join(scores, "; ")))
	}
	for _, s := range studies {
		if len(s.Edge) > 0 {
			best, _ := s.Best()
			lines = append(lines, fmt.Sprintf("warning: the chosen %s of %s lies on the edge of its grid; a better value may lie beyond: widen it.",
				registry.Sentence(s.Edge, "and"), terminal.Escape(best.Name)))
		}
	}
	return terminal.Wrap(strings.Join(lines, "\n"), columns)
}

// seedsText is "seed 42" or "seeds 42 to 51".
func seedsText(seeds []uint64) string {
	if len(seeds) == 1 {
		return fmt.Sprintf("seed %d", seeds[0])
	}
	last := seeds[len(seeds)-1]
	if last-seeds[0] == uint64(len(seeds)-1) {
		return fmt.Sprintf("seeds %d to %d", seeds[0], last)
	}
	var texts []string
	for _, s := range seeds {
		texts = append(texts, strconv.FormatUint(s, 10))
	}
	return "seeds " + registry.Sentence(texts, "and")
}

// studyEvent is what is known of the trials of an optimizer on a problem.
type studyEvent struct {
	event
	store.Study
}

// Studies writes what was chosen, and the whole curve of trials.
func (j *JSON) Studies(p plan.Plan, studies []plan.Study) {
	for _, s := range store.NewStudies(p, studies) {
		j.write(studyEvent{j.event("study"), s})
	}
}
