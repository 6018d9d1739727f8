package plan

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/measure"
)

// told is what a test says of runs.
type told struct {
	reached map[string]int                                        // up to which step a run was made, by its ID
	failed  map[string]bool                                       // by its ID
	pruned  map[string]int                                        // where, by its ID
	value   func(optimizer string, seed uint64, step int) float64 // of the measure; infinite if the run diverged before
}

var _ Known = (*told)(nil)

func (k *told) Ended(j Job) bool {
	if at, pruned := k.pruned[j.ID]; pruned {
		return at >= j.Pause()
	}
	return k.failed[j.ID] || k.reached[j.ID] >= j.Pause()
}

func (k *told) Steps(j Job) int { return min(k.reached[j.ID], j.Pause()) }

func (k *told) Value(j Job) measure.Value {
	if k.failed[j.ID] {
		return measure.Value{}
	}
	return measure.Known(k.value(j.Optimizer.Name, j.Seed, j.Pause()))
}

// follow makes all stages, at most so many jobs at a time, and returns how many steps that took and the last stage.
func (k *told) follow(t *testing.T, p Plan, most int) (steps int, last Stage) {
	t.Helper()
	for range 10_000 {
		s := p.Next(k)
		for _, j := range s.Pruned {
			if _, over := k.pruned[j.ID]; !over && k.reached[j.ID] < j.Steps && !k.failed[j.ID] {
				k.pruned[j.ID] = k.reached[j.ID]
			}
		}
		if len(s.Jobs) == 0 {
			return steps, s
		}
		for _, j := range s.Jobs[:min(most, len(s.Jobs))] {
			if _, over := k.pruned[j.ID]; over { // by another search, or before something had failed: it is made again
				delete(k.pruned, j.ID)
				k.reached[j.ID] = 0
			}
			steps += j.Pause() - k.reached[j.ID]
			k.reached[j.ID] = j.Pause()
		}
	}
	t.Fatal("it does not end")
	return 0, last
}

func newTold(value func(string, uint64, int) float64) *told {
	return &told{map[string]int{}, map[string]bool{}, map[string]int{}, value}
}

const tuned = `
[problem]
kind = "rosenbrock"
gradient_noise = 0.1
[budget]
steps = 27
%s
[[optimizer]]
plugin = "sgd"
lr = { grid = [1, 2, 3, 4, 5, 6, 7, 8, 9] }
[[optimizer]]
plugin = "other"
lr = { grid = [1, 2, 3, 4, 5, 6, 7, 8, 9] }
`

// lr is the learning rate in the name of a variant.
func lr(name string) (x float64) {
	_, text, _ := strings.Cut(name, "lr=")
	_, _ = fmt.Sscan(text, &x)
	return x
}

// TestHalving: rungs, budgets and the order of promotion are those of Jamieson and Talwalkar: of nine trials three get three times as
// much, and of them one again three times as much.
func TestHalving(t *testing.T) {
	const search = "[search]\nkind = \"halving\"\nsmallest = 3\neta = 3\nmeasure = \"train_loss\"\n[seeds]\ncount = 3"
	// The best at the end is 5; at the first rung 7, 6, 5 lead, then 6 and 5.
	value := func(name string, seed uint64, step int) float64 {
		x := lr(name)
		return math.Abs(x-5-2*float64(27-step)/27) + 0.01*float64(seed)
	}
	k := newTold(value)
	p := planOf(t, fmt.Sprintf(tuned, search))
	if len(p.Jobs) != 2*9*3 || p.Jobs[0].Until != 3 || p.Jobs[0].Steps != 27 {
		t.Fatalf("%d jobs, the first until %d of %d", len(p.Jobs), p.Jobs[0].Until, p.Jobs[0].Steps)
	}
	steps, last := k.follow(t, p, math.MaxInt)
	if want := 2 * 3 * (9*3 + 3*(9-3) + 1*(27-9)); steps != want {
		t.Errorf("%d steps, want %d", steps, want)
	}
	if got, want := p.Outline(), (Outline{Trials: Work{Runs: 2 * 9 * 3, Steps: steps}}); got != want {
		t.Errorf("it was to take %v, want %v", got, want)
	}
	for _, s := range last.Studies {
		var got []int
		for _, tr := range s.Trials {
			got = append(got, tr.Steps)
		}
		best, ok := s.Best()
		if !ok || best.Chosen() != "lr=5" && best.Chosen() != "lr=6" || best.Steps != 27 {
			t.Errorf("%s: chosen %v of %v", s.Base, best.Chosen(), got)
		}
		slices.Sort(got)
		if !slices.Equal(got, []int{3, 3, 3, 3, 3, 3, 9, 9, 27}) {
			t.Errorf("%s: trials end at %v", s.Base, got)
		}
	}
	if len(last.Answers) != 2*9*3 {
		t.Errorf("%d answers", len(last.Answers))
	}
	// One job at a time, or some, and asked again after each: the same decisions.
	for _, most := range []int{1, 2, 5} {
		again := newTold(value)
		if n, other := again.follow(t, p, most); n != steps || fmt.Sprint(other.Studies) != fmt.Sprint(last.Studies) {
			t.Errorf("%d jobs at a time: %d steps", most, n)
		}
	}
}

// TestHalvingJudges: neither a failed nor a diverged trial goes on, of equal ones the first does, and when what had failed is made after all,
// the decisions are those of a search in which nothing failed.
func TestHalvingJudges(t *testing.T) {
	const search = "[search]\nkind = \"halving\"\nsmallest = 3\neta = 3\nmeasure = \"train_loss\"\n[seeds]\ncount = 2"
	k := newTold(func(name string, _ uint64, _ int) float64 {
		switch lr(name) {
		case 1, 2:
			return math.Inf(1)
		case 3:
			return 0
		}
		return 1
	})
	p := planOf(t, fmt.Sprintf(tuned, search))
	for _, j := range p.Jobs {
		if lr(j.Optimizer.Name) == 3 && j.Seed == 1 { // it would be the best
			k.failed[j.ID] = true
		}
	}
	_, last := k.follow(t, p, math.MaxInt)
	for _, s := range last.Studies {
		if best, _ := s.Best(); best.Chosen() != "lr=4" {
			t.Errorf("%s: %v", s.Base, best.Chosen())
		}
		for i, want := range []int{3, 3, 3, 27, 9, 9, 3, 3, 3} {
			if got := s.Trials[i].Steps; got != want {
				t.Errorf("%s: trial %d ends at %d, want %d", s.Base, i+1, got, want)
			}
		}
	}
	clear(k.failed)
	if s := p.Next(k); len(s.Jobs) != 2 || s.Jobs[0].Until != 3 {
		t.Errorf("%d jobs after what had failed did not", len(s.Jobs))
	}
	_, last = k.follow(t, p, math.MaxInt)
	_, want := newTold(k.value).follow(t, p, math.MaxInt)
	if got, want := fmt.Sprint(last.Studies), fmt.Sprint(want.Studies); got != want {
		t.Errorf("decided is %s, want %s", got, want)
	}
}

// TestNextForgetsOtherSearches: whatever runs another search made, and pruned, what is decided is what is decided where there are none.
func TestNextForgetsOtherSearches(t *testing.T) {
	value := func(name string, seed uint64, step int) float64 {
		r := rand.New(rand.NewPCG(uint64(lr(name)), seed*100+uint64(step)))
		return r.Float64()
	}
	const halving = "[search]\nkind = \"halving\"\nsmallest = %d\neta = %d\nmeasure = \"train_loss\"\n[seeds]\ncount = %d"
	const deepOBS = "[tune]\nprotocol = \"deepobs\"\nmeasure = \"train_loss\"\nseeds = [%s]\n[search]\nkind = \"halving\"\nsmallest = 3"
	first := fmt.Sprintf(halving, 3, 3, 2)
	for name, c := range map[string]struct{ before, now string }{
		"seeds":        {first, fmt.Sprintf(halving, 3, 3, 4)},
		"fewer seeds":  {fmt.Sprintf(halving, 3, 3, 4), first},
		"eta":          {first, fmt.Sprintf(halving, 3, 2, 2)},
		"smallest":     {first, fmt.Sprintf(halving, 6, 3, 2)},
		"all":          {first, "[seeds]\ncount = 2"},
		"tuning seeds": {fmt.Sprintf(deepOBS, "42"), fmt.Sprintf(deepOBS, "42, 43")},
	} {
		k := newTold(value)
		k.follow(t, planOf(t, fmt.Sprintf(tuned, c.before)), math.MaxInt)
		p := planOf(t, fmt.Sprintf(tuned, c.now))
		_, got := k.follow(t, p, math.MaxInt)
		_, want := newTold(value).follow(t, p, math.MaxInt)
		if g, w := fmt.Sprint(got.Studies, names(got.Answers)), fmt.Sprint(want.Studies, names(want.Answers)); g != w {
			t.Errorf("%s: decided is\n%s, want\n%s", name, g, w)
		}
		if g, w := names(got.Pruned), names(want.Pruned); !slices.Equal(g, w) {
			t.Errorf("%s: pruned are\n%v, want\n%v", name, g, w)
		}
	}
}

// TestStepsMade: the steps of a study are those made, of runs that ended early too.
func TestStepsMade(t *testing.T) {
	k := newTold(func(string, uint64, int) float64 { return 1 })
	p := planOf(t, fmt.Sprintf(tuned, "[tune]\nprotocol = \"deepobs\"\nmeasure = \"train_loss\""))
	_, last := k.follow(t, p, math.MaxInt)
	if n := last.Studies[0].Steps(); n != 9*27 {
		t.Errorf("%d steps, want %d", n, 9*27)
	}
	id := p.Jobs[0].ID
	k.failed[id], k.reached[id] = true, 5
	if n := p.Next(k).Studies[0].Steps(); n != 8*27+5 {
		t.Errorf("%d steps, want %d", n, 8*27+5)
	}
	one := Trial{Runs: 1}
	b := Budgets([]Study{{Base: "a", Trials: []Trial{one, one, one}}, {Base: "b", Trials: []Trial{one}}, {Base: "b", Trials: []Trial{one}}})
	if want := []Budget{{Base: "a", Runs: 3}, {Base: "b", Runs: 2}}; !slices.Equal(b, want) {
		t.Errorf("%v, want %v", b, want)
	}
}

// names are the IDs of jobs.
func names(jobs []Job) (ids []string) {
	for _, j := range jobs {
		ids = append(ids, fmt.Sprintf("%s until %d", j.ID, j.Until))
	}
	return ids
}

// TestDeepOBS: every trial with the tuning seeds, the best again with those of the evaluation; runs of both are one.
func TestDeepOBS(t *testing.T) {
	k := newTold(func(name string, _ uint64, _ int) float64 { return math.Abs(lr(name) - 1) })
	p := planOf(t, fmt.Sprintf(tuned, "[tune]\nprotocol = \"deepobs\"\nmeasure = \"train_loss final\""))
	if len(p.Jobs) != 18 || p.Jobs[0].Seed != 42 || p.Next(k).What != "tuning" {
		t.Fatalf("%d jobs, the first with seed %d", len(p.Jobs), p.Jobs[0].Seed)
	}
	steps, last := k.follow(t, p, 3)
	if steps != 27*(18+2*9) || last.What != "evaluation" || len(last.Answers) != 20 {
		t.Errorf("%d steps, %d answers", steps, len(last.Answers))
	}
	for i, j := range last.Answers {
		if lr(j.Optimizer.Name) != 1 || j.Seed != uint64(42+i/2) {
			t.Errorf("answer %d: %s with seed %d", i, j.Optimizer.Name, j.Seed)
		}
	}
	for _, s := range last.Studies {
		if !slices.Equal(s.Edge, []string{"lr"}) {
			t.Errorf("%s: the edge is %v", s.Base, s.Edge)
		}
	}
	// NaN is never chosen, nor is a trial without any number.
	k = newTold(func(name string, _ uint64, _ int) float64 {
		if lr(name) == 4 {
			return 7
		}
		return math.NaN()
	})
	_, last = k.follow(t, p, math.MaxInt)
	if best, _ := last.Studies[0].Best(); lr(best.Name) != 4 || len(last.Studies[0].Edge) > 0 {
		t.Errorf("%v", best.Name)
	}
	k = newTold(func(string, uint64, int) float64 { return math.Inf(1) })
	if _, last = k.follow(t, p, math.MaxInt); len(last.Answers) != 0 || last.Studies[0].Chosen != -1 || !last.Studies[0].Decided {
		t.Errorf("%d answers", len(last.Answers))
	}
}

// TestAlgoPerf: every study has a seed and, where they are drawn, trials of its own; the score is the median over the studies, and a
// study in which nothing reached the target is worse than any number.
func TestAlgoPerf(t *testing.T) {
	const tune = "[tune]\nprotocol = \"algoperf\"\nmeasure = \"train_loss\"\nstudies = 5\n"
	value := func(name string, seed uint64, _ int) float64 {
		if seed <= 2 {
			return math.Inf(1)
		}
		return 10*float64(seed) + math.Abs(lr(name)-4)
	}
	k := newTold(value)
	p := planOf(t, fmt.Sprintf(tuned, tune))
	steps, last := k.follow(t, p, 7)
	if steps != 27*18*5 || len(last.Studies) != 10 || len(last.Answers) != 6 {
		t.Errorf("%d steps, %d studies, %d answers", steps, len(last.Studies), len(last.Answers))
	}
	for _, s := range p.Scores(last.Studies) {
		if x, ok := s.Value.Number(); !ok || x != 50 { // 30, 40, 50 and two that are infinite
			t.Errorf("%s: %v", s.Base, s.Value)
		}
	}
	text := strings.ReplaceAll(fmt.Sprintf(tuned, tune+"[search]\nkind = \"random\"\ntrials = 7"), "grid = [1, 2, 3, 4, 5, 6, 7, 8, 9]", "uniform = [0, 9]")
	p = planOf(t, text)
	if n := len(p.Jobs); n != 2*5*7 {
		t.Fatalf("%d jobs", n)
	}
	seeds := map[string]uint64{}
	for _, j := range p.Jobs {
		if other, seen := seeds[j.Optimizer.Name]; seen && other != j.Seed {
			t.Errorf("%s has the seeds %d and %d", j.Optimizer.Name, other, j.Seed)
		}
		seeds[j.Optimizer.Name] = j.Seed
	}
	_, last = newTold(value).follow(t, p, math.MaxInt)
	for _, s := range last.Studies {
		if len(s.Trials) != 7 {
			t.Errorf("study %d of %s has %d trials", s.Number, s.Base, len(s.Trials))
		}
	}
}

// TestNextIsTheSame: whatever was made in whichever order, what follows is the same.
func TestNextIsTheSame(t *testing.T) {
	const search = "[tune]\nprotocol = \"deepobs\"\nmeasure = \"train_loss\"\nseeds = [3, 5]\n[search]\nkind = \"halving\"\nsmallest = 3"
	noise := func(name string, seed uint64, step int) float64 {
		r := rand.New(rand.NewPCG(uint64(lr(name)), seed*100+uint64(step)))
		return r.Float64()
	}
	p := planOf(t, fmt.Sprintf(tuned, search))
	steps, last := newTold(noise).follow(t, p, math.MaxInt)
	for most := range 7 {
		if n, other := newTold(noise).follow(t, p, most+1); n != steps || fmt.Sprint(other.Studies, len(other.Answers)) != fmt.Sprint(last.Studies, len(last.Answers)) {
			t.Errorf("%d at a time: %d steps, want %d", most+1, n, steps)
		}
	}
}
