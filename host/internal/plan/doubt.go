package plan

import (
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/config"
)

// Warning is something that a plan asks for and that is hardly meant, or that its answer will suffer from.
type Warning struct {
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
}

// leastSeeds is how many seeds an interval of a median needs that holds with 95 % whatever the distribution is: the chance that all
// values lie on one side of the median is 2^(1-n).
const leastSeeds = 6

// Doubts are about the experiment as a whole; those about single values are the experiment's own.
func (p Plan) Doubts() []Warning {
	return slices.Concat(p.sameTwice(), p.unequal(), p.fewSeeds())
}

// sameTwice finds variants with different names that are the same run.
func (p Plan) sameTwice() (warnings []Warning) {
	first, told := map[string]Job{}, map[string]bool{}
	for _, j := range p.Jobs {
		before, again := first[j.Identity]
		if !again {
			first[j.Identity] = j
			continue
		}
		a, b := before.name(), j.name()
		if told[a+"\x00"+b] {
			continue
		}
		told[a+"\x00"+b] = true
		warnings = append(warnings, Warning{fmt.Sprintf("%s and %s are the same: every value, the plugin and the seeds", a, b),
			"remove one of the two, or give it another value"})
	}
	return warnings
}

// name is the optimizer and its problem.
func (j Job) name() string {
	name := fmt.Sprintf("%q", j.Optimizer.Name)
	if j.Problem != "" {
		name += fmt.Sprintf(" on %q", j.Problem)
	}
	return name
}

// unequal finds optimizers of which one has more variants to be the best of than another.
func (p Plan) unequal() []Warning {
	if p.Tune != nil {
		return nil // [tune] has told
	}
	for _, w := range p.Workloads {
		var names []string
		count := map[string]int{}
		for _, o := range w.Optimizers {
			if count[o.Base]++; count[o.Base] == 1 {
				names = append(names, o.Base)
			}
			if o.Space != nil {
				count[o.Base] = w.Trials(o)
			}
		}
		if len(names) < 2 {
			continue
		}
		most := slices.MaxFunc(names, func(a, b string) int { return count[a] - count[b] })
		least := slices.MinFunc(names, func(a, b string) int { return count[a] - count[b] })
		if count[most] > count[least] {
			return []Warning{{fmt.Sprintf("unequal budgets for tuning: %q has %d variants and %q has %d; the best of more is better by chance alone",
				most, count[most], least, count[least]), "give each optimizer as many variants, or compare them with equal ones only"}}
		}
	}
	return nil
}

// fewSeeds finds problems with noise of which too few seeds are run.
func (p Plan) fewSeeds() []Warning {
	random := slices.ContainsFunc(p.Workloads, func(w *config.Workload) bool { return w.Random && w.Steps > 0 })
	n := len(p.Seeds)
	if !random || n <= 1 || n >= leastSeeds { // one seed is a trial, and has no median
		return nil
	}
	what, key := "seeds", "[seeds] count"
	if p.Tune != nil && p.Tune.Protocol == config.AlgoPerf { // each study has one seed
		what, key = "studies", "[tune] studies"
	}
	return []Warning{{fmt.Sprintf("%d %s: below %d there is no interval of a median that holds with 95 %% whatever the distribution is",
		n, what, leastSeeds), fmt.Sprintf("write %s = %d, or more", key, leastSeeds)}}
}
