package plan

import (
	"cmp"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
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
				own := slices.DeleteFunc(slices.Clone(trials), func(o config.Optimizer) bool { return o.Study > 0 && o.Study != i+1 })
				study, jobs := p.study(w, own, []uint64{seed}, known)
				study.Number = i + 1
				s.add(study, jobs)
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

func (s *Stage) add(study Study, jobs []Job) {
	s.Studies, s.Jobs = append(s.Studies, study), append(s.Jobs, jobs...)
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

// study makes the trials of an optimizer on a problem, each with all seeds, and chooses the best. It returns what is left to do for that.
func (p Plan) study(w *config.Workload, trials []config.Optimizer, seeds []uint64, known Known) (s Study, todo []Job) {
	s = Study{Problem: w.Name, Base: trials[0].Base, Chosen: -1}
	over, _ := measure.ParseOver(p.Tune.Over) // it was checked; the median of one is it
	better := p.better(w)
	for _, o := range trials {
		t := Trial{Optimizer: o, Seeds: seeds, Steps: w.Steps}
		var jobs []Job
		for _, seed := range seeds {
			jobs = append(jobs, p.job(w, o, seed, 0))
		}
		if left := open(jobs, known); len(left) > 0 {
			todo = append(todo, left...)
		} else {
			t.Known, t.Value = true, condense(jobs, over, better, known)
		}
		s.Trials = append(s.Trials, t)
	}
	if s.Decided = len(todo) == 0; s.Decided {
		s.choose(better)
	}
	return s, todo
}

func condense(jobs []Job, over measure.Over, better record.Better, known Known) measure.Condensed {
	var values []measure.Value
	for _, j := range jobs {
		values = append(values, known.Value(j))
	}
	return over.Of(values, better)
}

// better says which values of the measure are better.
func (p Plan) better(w *config.Workload) record.Better {
	m, _ := measure.Parse(p.Tune.Measure) // it was checked
	q, _ := m.Find(w.Quantities())
	return q.Better
}

// number is the value of a trial of which all runs ended with one; ok is false of any other, which is never chosen.
func (t Trial) number() (x float64, ok bool) {
	x, ok = t.Value.Number()
	return x, ok && t.Known && t.Value.Unknown+t.Value.Missing == 0 && !math.IsNaN(x) && !math.IsInf(x, 0)
}

// choose takes the best trial, of equal ones the first.
func (s *Study) choose(better record.Better) {
	best := math.NaN()
	for i, t := range s.Trials {
		if x, ok := t.number(); ok && (s.Chosen < 0 || better.Improves(x, best)) {
			s.Chosen, best = i, x
		}
	}
	s.Edge = s.edge()
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
