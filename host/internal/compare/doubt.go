package compare

import (
	"fmt"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/record"
)

func (c *Comparison) warn(concern, problem, format string, a ...any) {
	c.Warnings = append(c.Warnings, Warning{concern, problem, fmt.Sprintf(format, a...)})
}

// doubt says what a reader must know beside the numbers of a problem.
func (c *Comparison) doubt(p *Problem) {
	c.doubtSeeds(p)
	c.doubtBudgets(p)
	c.doubtPrograms(p)
	if p.mixedTargets {
		c.warn("targets", p.Name, "the runs have several targets, so that nothing is said of the way there")
	}
	if len(p.Rows) > 0 && p.target != nil && p.target.Measure.Quantity == record.Standard()[record.TrainLoss].Name && p.Rows[0].all[0].Problem.Batching != nil {
		c.warn("noisy_target", p.Name, "the target is met by the loss on a single batch, which noise may do before the loss is there on the whole")
	}
	for _, r := range p.Rows {
		if n := r.Failed + r.Partial; n > 0 {
			c.warn("missing_runs", p.Name, "%d of %d runs of %s failed or did not end; they are in no number", n, r.Runs, r.Name)
		}
		if r.Missing > 0 {
			c.warn("missing_runs", p.Name, "%d of %d runs of %s ended without %s", r.Missing, r.Runs, r.Name, p.Measure)
		}
		if r.Variants > 1 && c.By != ByVariant {
			c.warn("pooled", p.Name, "%s is of %d variants: of each seed their median counts", r.Name, r.Variants)
		}
	}
}

func (c *Comparison) doubtSeeds(p *Problem) {
	most := 0
	few := 0
	if len(p.Rows) == 0 {
		return
	}
	fewest := p.Rows[0].Seeds
	same := true
	for _, r := range p.Rows {
		fewest, most = min(fewest, r.Seeds), max(most, r.Seeds)
		same = same && slices.Equal(r.seeds, p.Rows[0].seeds)
		if r.Value != nil && float64(r.Value.Median.Coverage) < c.Confidence {
			few++
		}
	}
	if few > 0 {
		c.warn("too_few_seeds", p.Name, "%d of %d rows have too few seeds for an interval of %g %%: coverage says how much theirs have", few, len(p.Rows), 100*c.Confidence)
	}
	switch {
	case fewest != most:
		c.warn("unequal_seeds", p.Name, "rows have %d to %d seeds", fewest, most)
	case !same:
		c.warn("unequal_seeds", p.Name, "rows have different seeds; pairs are of those that both have")
	}
}

func (c *Comparison) doubtBudgets(p *Problem) {
	var budgets, trials []string
	count := map[string]int{}
	var bases []string
	for _, r := range p.tried() {
		if count[r.Base] == 0 {
			bases = append(bases, r.Base)
		}
		count[r.Base] += r.Variants
	}
	unequal := false
	for _, b := range bases {
		trials = append(trials, fmt.Sprintf("%s %d", b, count[b]))
		unequal = unequal || count[b] != count[bases[0]]
	}
	if unequal {
		c.warn("unequal_trials", p.Name, "optimizers had different numbers of variants to be good with: %s", strings.Join(trials, ", "))
	}
	for _, r := range p.Rows {
		for _, m := range r.all {
			text := fmt.Sprintf("%d steps", m.Steps)
			if m.Manifest.Time > 0 {
				text = m.Manifest.Time.String()
			}
			if m.Imported == nil && !slices.Contains(budgets, text) {
				budgets = append(budgets, text)
			}
		}
	}
	if len(budgets) > 1 {
		c.warn("unequal_budgets", p.Name, "runs have different budgets: %s", strings.Join(budgets, ", "))
	}
}

func (c *Comparison) doubtPrograms(p *Problem) {
	var machines []string
	numerics, imported := false, false
	var first *member
	for _, r := range p.Rows {
		plugins := map[string]bool{}
		for _, m := range r.all {
			if m.Imported != nil {
				imported = true
				continue
			}
			if text := fmt.Sprintf("%s, %d cores", m.Machine.CPU, m.Machine.Cores); !slices.Contains(machines, text) {
				machines = append(machines, text)
			}
			plugins[m.PluginSums()] = true
			if first == nil {
				first = m
			}
			for _, n := range m.Met() {
				numerics = numerics || first.Numerics.Difference(n) != ""
			}
		}
		if len(plugins) > 1 {
			c.warn("plugin_versions", p.Name, "the runs of %s were made by %d versions of a plugin", r.Name, len(plugins))
		}
	}
	if len(machines) > 1 {
		c.warn("machines", p.Name, "runs were made on different machines, so that their seconds do not compare: %s", strings.Join(machines, "; "))
	}
	if imported && first != nil {
		c.warn("imported", p.Name, "runs of other programs hardly began at the same weights and met the same batches: their pairs with others share no more than the number of the seed")
	}
	if numerics {
		c.warn("numerics", p.Name, "runs met different arithmetic or versions of Steepest")
	}
}
