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
		for _, trials := range bases(w.Optimizers) {
			s.add(p.study(w, trials, p.Tune.Seeds, known))
		}
	}
	if len(s.Jobs) > 0 {
		s.Jobs = bySeed(s.Jobs)
		return s
	}
	s.What = "evaluation"
	for _, w := range p.Workloads {
		for _, seed := range p.Seeds {
			for _, study := range s.Studies {
				if best, ok := study.Best(); ok && study.Problem == w.Name {
					s.Answers = append(s.Answers, p.job(w, best.Optimizer, seed, 0))
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
		for _, trials := range bases(w.Optimizers) {
			for i, seed := range p.Seeds {
				own := slices.DeleteFunc(slices.Clone(trials), func(o config.Optimizer) bool { return o.Studies != nil && !slices.Contains(o.Studies, i+1) })
				study, jobs, pruned := p.study(w, own, []uint64{seed}, known)
				study.Number = i + 1
				s.add(study, jobs, pruned)
				if best, ok := study.Best(); ok {
					answer := p.job(w, best.Optimizer, seed, 0)
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

// bases are the variants of each [[optimizer]].
func bases(all []config.Optimizer) (groups [][]config.Optimizer) {
	at := map[string]int{}
	for _, o := range all {
		i, seen := at[o.Base]
		if !seen {
			i = len(groups)
			at[o.Base], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], o)
	}
	return groups
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
		chosen, isNumber := number(c.Value)
		low, high, values := math.Inf(1), math.Inf(-1), map[float64]bool{}
		for _, t := range s.Trials {
			if x, ok := number(t.Choices[i].Value); ok {
				low, high, values[x] = min(low, x), max(high, x), true
			} else {
				isNumber = false
			}
		}
		if isNumber && len(values) >= leastGrid && (chosen == low || chosen == high) {
			keys = append(keys, c.Key)
		}
	}
	return keys
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}
