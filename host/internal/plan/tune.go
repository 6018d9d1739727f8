package plan

import (
	"cmp"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/config"
)

// deepOBS is the protocol of Schneider, Balles and Hennig, "DeepOBS: A Deep Learning Optimizer Benchmark Suite", ICLR 2019: every trial is
// made with the tuning seeds, and the best of each optimizer again with those of the experiment.
func (p Plan) deepOBS(known Known) Stage {
	s := Stage{What: "tuning"}
	for _, w := range p.Workloads {
		for _, x := range searches(w) {
			s.add(p.study(w, x.trials, p.Tune.Seeds, known))
			s.ask(p, x)
		}
	}
	if len(s.Jobs)+len(s.Asks) > 0 {
		s.Jobs = bySeed(s.Jobs)
		return s
	}
	s.What = "evaluation"
	for _, w := range p.Workloads {
		for _, seed := range p.Seeds {
			for _, study := range s.Studies {
				if best, ok := study.Best(); ok && study.Problem == w.Name {
					s.Answers = append(s.Answers, p.job(w, &best.Optimizer, seed, 0))
				}
			}
		}
	}
	s.Jobs = open(s.Answers, known)
	return s
}

// algoPerf is the external tuning ruleset of Dahl et al., "Benchmarking Neural Network Training Algorithms", 2023: every study has its own
// seed and, where trials are drawn, its own trials. An optimizer is as good as the median over the studies of its best trials.
func (p Plan) algoPerf(known Known) Stage {
	s := Stage{What: "studies"}
	for _, w := range p.Workloads {
		for _, x := range searches(w) {
			for i, seed := range p.Seeds {
				study, jobs, pruned := p.study(w, x.study(i+1), []uint64{seed}, known)
				study.Number = i + 1
				s.add(study, jobs, pruned)
				if best, ok := study.Best(); ok {
					answer := p.job(w, &best.Optimizer, seed, 0)
					answer.Optimizer.Name = study.Base // they are one row
					s.Answers = append(s.Answers, answer)
				}
			}
		}
	}
	s.Jobs = bySeed(s.Jobs)
	return s
}

func (s *Stage) add(study Study, jobs, pruned []Job) {
	s.Studies, s.Jobs, s.Pruned = append(s.Studies, study), append(s.Jobs, jobs...), append(s.Pruned, pruned...)
}

// bySeed puts the jobs of a problem's first seed first, as all lists of jobs have them.
func bySeed(jobs []Job) []Job {
	problems, seeds := map[*config.Workload]int{}, map[uint64]int{}
	for _, j := range jobs {
		if _, seen := problems[j.Workload]; !seen {
			problems[j.Workload] = len(problems)
		}
		if _, seen := seeds[j.Seed]; !seen {
			seeds[j.Seed] = len(seeds)
		}
	}
	slices.SortStableFunc(jobs, func(a, b Job) int {
		return cmp.Or(problems[a.Workload]-problems[b.Workload], seeds[a.Seed]-seeds[b.Seed])
	})
	return jobs
}

// search is that of an optimizer on a problem.
type search struct {
	workload *config.Workload
	base     string
	space    *config.Optimizer // nil if the trials are in the file
	trials   []config.Optimizer
}

// searches are those of each [[optimizer]].
func searches(w *config.Workload) (all []*search) {
	at := map[string]*search{}
	for _, o := range w.Optimizers {
		x := at[o.Base]
		if x == nil {
			x = &search{workload: w, base: o.Base}
			at[o.Base], all = x, append(all, x)
		}
		if o.Space == nil {
			x.trials = append(x.trials, o)
		} else {
			x.space, x.trials = &o, w.Proposed(o).Trials
		}
	}
	return all
}

// study are the trials of a study, by its number: where they are drawn, it has its own.
func (x *search) study(number int) []config.Optimizer {
	return slices.DeleteFunc(slices.Clone(x.trials), func(o config.Optimizer) bool { return o.Studies != nil && !slices.Contains(o.Studies, number) })
}

// points are the optimizers of which runs can be made: those of the file, and the trials that another program chose.
func points(w *config.Workload) (all []config.Optimizer) {
	for _, x := range searches(w) {
		all = append(all, x.trials...)
	}
	return all
}

// ask asks for more trials of a search, whose study was added last: those of a batch at once, and the next when the batch is known.
func (s *Stage) ask(p Plan, x *search) {
	if x.space == nil {
		return
	}
	study := &s.Studies[len(s.Studies)-1]
	study.Base = x.base
	most, have := x.workload.Trials(*x.space), len(x.trials)
	if x.workload.Proposed(*x.space).Over || have >= most {
		return
	}
	known := !slices.ContainsFunc(study.Trials, func(t Trial) bool { return !t.Known })
	study.Decided, study.Chosen = false, -1
	if batch := p.Search.External.Batch; known || have%batch > 0 {
		s.Asks = append(s.Asks, Ask{x.workload, *x.space, min(batch-have%batch, most-have)})
	}
}

// leastGrid is the fewest values of which the first and the last are worth to be warned of.
const leastGrid = 3

// edge are the keys whose chosen number is the smallest or the largest of its grid: better ones may lie beyond.
func (s *Study) edge() (keys []string) {
	best, ok := s.Best()
	if !ok {
		return nil
	}
	for i, c := range best.Choices {
		chosen, isNumber := c.Number()
		low, high, values := math.Inf(1), math.Inf(-1), map[float64]bool{}
		for _, t := range s.Trials {
			if x, ok := t.Choices[i].Number(); ok {
				low, high, values[x] = min(low, x), max(high, x), true
			} else {
				isNumber = false
			}
		}
		if isNumber && len(values) >= leastGrid && (chosen == low || chosen == high) {
			keys = append(keys, c.Name())
		}
	}
	return keys
}
