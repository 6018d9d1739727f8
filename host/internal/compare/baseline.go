package compare

import (
	"fmt"
	"strings"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/proto"
)

// chooseBaseline takes the row with the best median if nobody named one, and one is needed.
func (p *Problem) chooseBaseline(c *Comparison) {
	if c.all || p.Baseline != "" || len(p.Rows) < 2 || p.quantity.Better == record.Neither {
		return
	}
	var best *Entry
	for _, r := range p.Rows {
		if r.Value != nil && (best == nil || p.median(r) < p.median(best)) {
			best = r
		}
	}
	if best != nil {
		p.Baseline, p.BestMedian = best.Name, true
	}
}

// baseline finds the row that was named, on each problem.
func (c *Comparison) baseline(name string) error {
	var names []string
	found := false
	for _, p := range c.Problems {
		var own []string
		for _, r := range p.Rows {
			names = append(names, r.Name)
			if r.Name == name {
				own = []string{r.Name}
				break
			}
			if r.Base == name {
				own = append(own, r.Name)
			}
		}
		switch {
		case len(own) == 1:
			p.Baseline, found = own[0], true
		case len(own) > 1:
			return &NoBaseline{fmt.Sprintf("--baseline %q may be %s", name, strings.Join(own, ", ")), "name one of them"}
		}
	}
	if !found {
		return &NoBaseline{fmt.Sprintf("--baseline: there is no row %q", name), proto.DidYouMean(name, names)}
	}
	return nil
}

// NoBaseline is the error of a baseline that is no row, and the remedy.
type NoBaseline struct{ What, Remedy string }

func (e *NoBaseline) Error() string { return e.What + "; " + e.Remedy }
