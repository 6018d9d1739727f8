package config

import (
	"errors"
	"fmt"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

// Tune is how the values of each optimizer are chosen before it is compared with others.
type Tune struct {
	Protocol string   `json:"protocol"`
	Measure  string   `json:"measure"`           // by which trials are judged
	Over     string   `json:"over,omitempty"`    // how the runs of a trial, one for each seed, are condensed
	Seeds    []uint64 `json:"seeds,omitempty"`   // of the trials, where these are not those of the evaluation
	Studies  int      `json:"studies,omitempty"` // how often the search is repeated
}

// The protocols. docs/tuning.md is their manual.
const (
	// DeepOBS makes every trial on its own seeds, and the best one again on the seeds of the experiment.
	DeepOBS = "deepobs"
	// AlgoPerf repeats the whole search in studies, and takes the median over them of the best trial's measure.
	AlgoPerf = "algoperf"
)

// Of the published protocols: DeepOBS tunes with seed 42 and evaluates ten seeds from there on; AlgoPerf has five studies.
const (
	deepOBSSeed     = 42
	deepOBSCount    = 10
	algoPerfStudies = 5
)

// keys are those of [tune], as far as the protocol has them.
func (u *Tune) keys() keys {
	list := keys{choiceKey(&u.Protocol, "protocol", "", []string{DeepOBS, AlgoPerf}, "how values are chosen").
		needed(`add protocol = "deepobs" or "algoperf"`)}
	standard := record.Standard()[record.ValidationLoss].Name
	if u.Protocol == AlgoPerf {
		standard = measure.StepsToTarget
	}
	list = append(list, stringKey(&u.Measure, "measure", standard, "the measure by which trials are judged").
		or("`\"validation_loss\"`; of `algoperf` `\"steps_to_target\"`"))
	if u.Protocol != AlgoPerf {
		list = append(list,
			key{name: "seeds", kind: "integers", help: "of `deepobs`: the seeds of each trial", standard: []int{deepOBSSeed},
				value: node{"type": "array", "items": node{"type": "integer", "minimum": 1}, "minItems": 1},
				read:  func(t *table, k *key) { u.Seeds = t.seeds(k.name, u.Protocol == DeepOBS) }},
			stringKey(&u.Over, "over", measure.Median.String(), "of `deepobs`: how the runs of a trial become one number where it has several seeds"))
	}
	if u.Protocol != DeepOBS {
		list = append(list, integerKey(&u.Studies, "studies", algoPerfStudies, 1, maxRuns,
			"of `algoperf`: how many times the search is repeated, each with a seed and trials of its own"))
	}
	return list
}

// tuneNode is [tune], by its protocol.
func tuneNode() node {
	var sorts []sort
	protocol := (&Tune{}).keys()[:1]
	for _, name := range []string{DeepOBS, AlgoPerf} {
		sorts = append(sorts, sort{[]string{name}, (&Tune{Protocol: name}).keys()[1:].object()})
	}
	return protocol.sorted(sorts)
}

// seeds reads the seeds of trials, each once.
func (t *table) seeds(key string, known bool) (seeds []uint64) {
	list := t.ints(key, maxRuns)
	if _, given := t.keys[key]; !given && known {
		list = []int{deepOBSSeed}
	}
	used := map[int]bool{}
	for i, s := range list {
		if used[s] {
			t.fault(t.at(fmt.Sprintf("%s[%d]", join(t.path, key), i)), fmt.Sprintf("the seed %d stands there twice", s), "write each once")
		}
		used[s] = true
		seeds = append(seeds, uint64(s))
	}
	return seeds
}

// readTune reads [tune].
func (e *Experiment) readTune(t *table) {
	sub, ok := t.sub("tune")
	if !ok {
		return
	}
	u := &Tune{}
	u.Protocol, _ = sub.keys["protocol"].(string) // the other keys depend on it
	sub.read(u.keys())
	e.Tune = u
	over, err := measure.ParseOver(u.Over)
	switch {
	case u.Over != "" && err != nil:
		e.faultMeasure("tune.over", err)
	case over == measure.IQR:
		sub.fault(sub.place("over"), "how far runs scatter does not say how good a trial is", `write over = "median"`)
	}
}

// studies is how often the search is repeated; 0 if it is not a matter of studies.
func (e *Experiment) studies() int {
	if e.Tune == nil {
		return 0
	}
	return e.Tune.Studies
}

// faultMeasure reports what is wrong with the text of a key.
func (d *document) faultMeasure(path string, err error) {
	if wrong, is := errors.AsType[*measure.Error](err); is {
		d.fault(d.within(d.at(path), wrong), wrong.Message, wrong.Remedy)
	}
}

// defaultSeeds are those of the experiment where the file leaves them open.
func (u *Tune) defaultSeeds() seeds {
	switch {
	case u == nil:
	case u.Protocol == DeepOBS:
		return seeds{deepOBSCount, deepOBSSeed}
	case u.Protocol == AlgoPerf:
		return seeds{u.Studies, 1}
	}
	return seeds{1, 1}
}

// checkBudgets warns of optimizers that get unequal numbers of trials, which is no fair comparison.
func (e *Experiment) checkBudgets() {
	if e.Tune == nil {
		return
	}
	for _, w := range e.Workloads {
		counts, order := map[string]int{}, []string(nil)
		for _, o := range w.Optimizers {
			if counts[o.Base]++; counts[o.Base] == 1 {
				order = append(order, o.Base)
			}
			if o.Space != nil {
				counts[o.Base] = e.Search.Trials
			}
		}
		for i, base := range order {
			if i > 0 && counts[base] != counts[order[0]] {
				e.Warn("tune", fmt.Sprintf("unequal tuning budgets: %d trials of %s, %d of %s", counts[order[0]], order[0], counts[base], base),
					"give every optimizer sets of as many values, or the same number of trials: who may try more finds more")
				return
			}
		}
	}
}
