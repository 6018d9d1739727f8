package plan

import (
	"cmp"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

// study makes the trials of an optimizer on a problem, each with all seeds, and chooses the best. It returns what is left to do for that,
// and the runs that do not go on. Where trials are halved it goes from rung to rung; else there is one, at the end.
func (p Plan) study(w *config.Workload, trials []config.Optimizer, seeds []uint64, known Known) (s Study, todo, pruned []Job) {
	s = Study{Problem: w.Name, Chosen: -1}
	for _, o := range trials {
		s.Base = o.Base
		s.Trials = append(s.Trials, Trial{Optimizer: o, Seeds: seeds})
	}
	alive := make([]int, len(trials))
	for i := range alive {
		alive[i] = i
	}
	for _, until := range append(w.Rungs(), 0) {
		todo = p.reach(w, &s, alive, until, known)
		if len(todo) > 0 {
			return s, todo, pruned
		}
		ranked := s.ranked(alive, p.better(w))
		if until == 0 {
			if s.Decided = true; len(ranked) > 0 {
				s.Chosen = ranked[0]
			}
			break
		}
		next := ranked[:min(len(ranked), goOn(len(alive), p.Halves().Eta))]
		for _, i := range alive {
			if !slices.Contains(next, i) {
				pruned = append(pruned, p.runs(w, s.Trials[i], until)...)
			}
		}
		alive = next
	}
	if !p.Search.Draws() {
		s.Edge = s.edge()
	}
	return s, nil, pruned
}

// runs are the jobs of a trial up to a rung.
func (p Plan) runs(w *config.Workload, t Trial, until int) (jobs []Job) {
	for _, seed := range t.Seeds {
		jobs = append(jobs, p.job(w, &t.Optimizer, seed, until))
	}
	return jobs
}

// reach brings the trials that are alive to a rung. It returns what is left to do until they are there.
func (p Plan) reach(w *config.Workload, s *Study, alive []int, until int, known Known) (todo []Job) {
	over := measure.Median
	if p.Tune != nil {
		over, _ = measure.ParseOver(cmp.Or(p.Tune.Over, measure.Median.String())) // it was checked
	}
	for _, i := range alive {
		t := &s.Trials[i]
		t.Steps, t.Runs, t.Made, t.Known, t.Value = cmp.Or(until, w.Steps), 0, 0, false, measure.Condensed{}
		jobs := p.runs(w, *t, until)
		for _, j := range jobs {
			t.Made += known.Steps(j)
		}
		left := open(jobs, known)
		if t.Runs = len(jobs) - len(left); len(left) > 0 {
			todo = append(todo, left...)
			continue
		}
		var values []measure.Value
		for _, j := range jobs {
			values = append(values, known.Value(j))
		}
		t.Known, t.Value = true, over.Of(values, p.better(w))
	}
	return todo
}

// ranked are those of some trials that can be chosen, the best first, of equal ones the first.
func (s Study) ranked(of []int, better record.Better) []int {
	list := slices.DeleteFunc(slices.Clone(of), func(i int) bool { return !s.Trials[i].Eligible() })
	slices.SortStableFunc(list, func(a, b int) int {
		x, _ := s.Trials[a].number()
		y, _ := s.Trials[b].number()
		if better == record.More {
			x, y = y, x
		}
		return cmp.Compare(x, y)
	})
	return list
}

// better says which values of the measure are better.
func (p Plan) better(w *config.Workload) record.Better {
	m, _ := measure.Parse(p.Judge()) // it was checked
	q, _ := m.Find(w.Quantities())
	return q.Better
}

// number is the value of a trial of which all runs ended with one; ok is false of any other, which is never chosen.
func (t Trial) number() (x float64, ok bool) {
	x, ok = t.Value.Number()
	return x, ok && t.Known && t.Value.Unknown+t.Value.Missing == 0 && !math.IsNaN(x) && !math.IsInf(x, 0)
}
