package report

import (
	"fmt"
	"io"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Checked says of an experiment without faults what it asks for.
func Checked(w io.Writer, p plan.Plan) {
	_, _ = fmt.Fprintf(w, "%s: all is well; %s\n", terminal.Escape(p.File), asked(p))
	columns := terminal.Columns(w)
	for _, text := range toJudge(p, false) {
		_, _ = fmt.Fprintln(w, "  "+terminal.Hanging("claim: "+text, 2, columns))
	}
}

// mostClaims is how many claims are listed unless all are asked for.
const mostClaims = 20

// toJudge are the claims that will be judged, in words.
func toJudge(p plan.Plan, all bool) (texts []string) {
	for i, c := range p.Expect {
		if i == mostClaims && !all {
			return append(texts, fmt.Sprintf("... and %d more", len(p.Expect)-i))
		}
		texts = append(texts, terminal.Escape(c.String()))
	}
	return texts
}

// asked is how many runs a plan has, and of what. Where it is decided on the way how far it goes, that is at most so many.
func asked(p plan.Plan) string {
	variants, bases := 0, map[string]bool{}
	for _, w := range p.Workloads {
		variants = max(variants, len(w.Optimizers))
		for _, o := range w.Optimizers {
			bases[o.Base] = true
		}
	}
	optimizers := counted(len(bases), "optimizer")
	if variants > len(bases) {
		optimizers = fmt.Sprintf("%s of %s", counted(variants, "variant"), optimizers)
	}
	work := p.Outline()
	of := fmt.Sprintf("%s x %s", optimizers, counted(len(p.Workloads), "problem"))
	switch u := p.Tune; {
	case u != nil && u.Protocol == config.AlgoPerf:
		of += " in " + counted(u.Studies, "study")
	case u != nil:
		of += fmt.Sprintf(": %s with %s to tune", counted(work.Trials.Runs, "run"), seedsText(u.Seeds))
		if more := len(p.More()); more > 0 { // else all of the evaluation are among them
			of += fmt.Sprintf(", then up to %d more of each optimizer, with %s, to evaluate", more, seedsText(p.Seeds))
		}
	default:
		of += " x " + counted(len(p.Seeds), "seed")
		if p.Search.External == nil && variants*len(p.Workloads)*len(p.Seeds) != work.Trials.Runs {
			of += " (not every combination)" // some are excluded
		}
	}
	if p.Search.External != nil {
		of += fmt.Sprintf(", up to %s each that another program chooses", counted(p.Search.Trials, "trial"))
	}
	text := of + ": " + taken(work.Total())
	if p.Staged() {
		text += " at most"
	}
	return text
}

// taken is how much work there is. Where a time is the budget, nobody knows how many steps it will be.
func taken(w plan.Work) string {
	steps := counted(w.Steps, "step")
	switch {
	case w.Time > 0 && w.Steps > 0:
		steps += " and steps for " + terminal.Duration(w.Time)
	case w.Time > 0:
		steps = "steps for " + terminal.Duration(w.Time)
	}
	return counted(w.Runs, "run") + ", " + steps
}

// decisions say how it is decided on the way what is run, and what is decided so far.
func (p *Planned) decisions(line func(string, ...any)) {
	if x := p.Search.External; x != nil {
		line("Another program chooses the trials of optimizers with sets, at most %d of each: steepest run --trials-from COMMAND", p.Search.Trials)
	}
	if h := p.Halves(); h != nil {
		line("At each rung one of %d trials of an optimizer goes on, chosen by their %s; the others are pruned.", h.Eta, p.Judge())
	}
	var chosen []string
	for _, s := range p.Stage.Studies {
		if best, ok := s.Best(); ok && s.Number == 0 {
			name := terminal.Escape(best.Name)
			if s.Problem != "" {
				name += " on " + terminal.Escape(s.Problem)
			}
			chosen = append(chosen, name)
		}
	}
	switch n := len(p.Stage.Jobs); {
	case p.Judge() == "":
	case n == 0 && len(p.Stage.Asks) == 0 && len(chosen) > 0:
		line("Everything is decided by their %s: %s.", p.Judge(), registry.Sentence(chosen, "and"))
	case n == 0 && len(p.Stage.Asks) == 0 && len(p.Stage.Studies) > 0:
		line("Everything is decided by their %s.", p.Judge())
	case p.Stage.What == "evaluation":
		line("Chosen by their %s: %s. What is left evaluates them.", p.Judge(), registry.Sentence(chosen, "and"))
	case n == 0 && len(p.Stage.Asks) > 0:
		line("Next: more trials, which depend on the %s of those that are known.", p.Judge())
	case p.Staged() && n > 0:
		line("Next: %s; what follows is decided by their %s.", counted(n, "run"), p.Judge())
	}
}
