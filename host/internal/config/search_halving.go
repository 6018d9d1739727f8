package config

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
)

// halvingKind is the name of successive halving.
const halvingKind = "halving"

// Halving is how much of its budget a trial gets before it is decided whether it gets more.
type Halving struct {
	Draw     string `json:"draw"`     // how the trials are made, as another kind of search makes them
	Eta      int    `json:"eta"`      // of so many trials one goes on
	Smallest int    `json:"smallest"` // the budget up to the first decision, in the unit of [budget], which is the largest
	Measure  string `json:"measure,omitempty"`
}

// halvingSearch is synchronous successive halving: Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter
// Optimization", AISTATS 2016, with the budgets of a bracket of Hyperband (Li et al., JMLR 18, 2018).
var halvingSearch = searchKind{
	name: halvingKind,
	help: "successive halving: after a small part of its budget one of `eta` trials goes on, with `eta` times as much, and so on",
	keys: halvingKeys,
	trials: func(e *Experiment, s Search, sets []set) [][]element {
		draw, _ := halvingDraws.Find(s.Halving.Draw)
		if draw.draws && s.Trials == 0 {
			e.fault(e.at(join(s.path, "draw")), fmt.Sprintf("draw = %q needs to know how many", draw.name), "add trials = 20, or another number of them")
			return nil
		}
		return draw.trials(e, s, sets)
	},
}

// halvingKeys are those of [search] beside kind.
func halvingKeys(s *Search) keys {
	s.Halving = &Halving{}
	h := s.Halving
	return keys{
		integerKey(&h.Smallest, "smallest", 0, 1, unbounded, "the budget up to the first decision, in the unit of `[budget]`, which is the largest").
			needed("add smallest = 10, or another budget up to the first decision, in the unit of [budget]"),
		integerKey(&h.Eta, "eta", 3, 2, 1000, "one of so many trials goes on, with so many times its budget"),
		choiceKey(&h.Draw, "draw", gridSearch.name, halvingDraws.Names(), "how the trials are made: as a search of this kind makes them"),
		integerKey(&s.Trials, "trials", 0, 1, maxRuns, "how many are drawn; needed unless `draw` is `grid`").or("none"),
		seedKey(&s.Seed, "what the values are drawn from"),
		stringKey(&h.Measure, "measure", "", "[measure](measures.md) by which is decided").
			or("that of `[tune]`, or `\"validation_loss\"`"),
	}
}

// halvingDraws are the kinds of search whose trials can be halved.
var halvingDraws = registry.List[searchKind]{gridSearch, randomSearch, haltonSearch}

// Draws tells whether trials are drawn.
func (s Search) Draws() bool {
	kind, _ := searchKinds.Find(s.Kind)
	if s.Halving != nil {
		kind, _ = halvingDraws.Find(s.Halving.Draw)
	}
	return kind.draws
}

// Halves is how trials are halved; nil if they are not.
func (e *Experiment) Halves() *Halving { return e.Search.Halving }

// Judge is the measure by which trials are judged; empty if none are.
func (e *Experiment) Judge() string {
	var given string
	switch h, x := e.Search.Halving, e.Search.External; {
	case e.Tune != nil:
		return e.Tune.Measure
	case h != nil:
		given = h.Measure
	case x != nil:
		given = x.Measure
	default:
		return ""
	}
	return cmp.Or(given, record.Standard()[record.ValidationLoss].Name)
}

// Rungs are the steps at which runs pause for a decision, without the last.
func (w *Workload) Rungs() (steps []int) {
	h := w.Search.Halving
	if h == nil {
		return nil
	}
	largest := w.Budget.units()
	for n := h.Smallest; n > 0 && n < largest; n *= h.Eta {
		if at := w.Budget.times(n).steps(w.Built); at > 0 && at < w.Steps && (len(steps) == 0 || at > steps[len(steps)-1]) {
			steps = append(steps, at)
		}
	}
	return steps
}

// units is how much a budget is, in its unit; 0 if that is a time, or nothing.
func (b Budget) units() int {
	return b.Epochs + b.Steps + b.GradientEvaluations + b.ExampleGradients + int(b.GradientEquivalents)
}

// times is a budget of as much, in the same unit.
func (b Budget) times(n int) Budget {
	switch {
	case b.Epochs > 0:
		return Budget{Epochs: n}
	case b.GradientEvaluations > 0:
		return Budget{GradientEvaluations: n}
	case b.ExampleGradients > 0:
		return Budget{ExampleGradients: n}
	case b.GradientEquivalents > 0:
		return Budget{GradientEquivalents: float64(n)}
	}
	return Budget{Steps: n}
}

// checkJudge reports a measure by which the trials of the problem cannot be judged, and budgets that cannot be halved, when that is built.
func (w *Workload) checkJudge() {
	path := "search.measure"
	if w.Tune != nil {
		path = "tune.measure"
	}
	if _, given := w.where("search.measure"); w.Tune != nil && given {
		w.Fault("search.measure", "[tune] has the measure by which trials are judged", "remove this one")
	}
	if w.Search.External != nil && w.Tune != nil && w.Tune.Protocol == AlgoPerf {
		w.Fault("tune.protocol", fmt.Sprintf("%s repeats a whole search, and one of the kind %q is made once", AlgoPerf, ExternalKind),
			`write protocol = "deepobs", or another kind of search`)
	}
	if h := w.Search.Halving; h != nil {
		switch largest := w.Budget.units(); {
		case largest == 0:
			w.Fault("search.kind", "successive halving needs a budget that can be counted", "write steps or epochs in [budget]")
		case h.Smallest >= largest:
			w.Fault("search.smallest", fmt.Sprintf("smallest = %d is not below the whole budget, which is %d", h.Smallest, largest),
				"choose a smaller one, or a larger budget")
		}
	}
	if w.Judge() == "" {
		return
	}
	s := w.Setting()
	m, err := measure.ParseIn(w.Judge(), s)
	wrong, is := errors.AsType[*measure.Error](err)
	if _, given := w.where(path); is && !given {
		w.Fault(strings.TrimSuffix(path, ".measure"), fmt.Sprintf("trials are judged by %s where no measure is given: %s", w.Judge(), wrong.Message),
			"add measure = ...: "+wrong.Remedy)
		return
	}
	if err != nil {
		w.faultMeasure(path, err)
	} else if q, _ := m.Find(s.Schema); q.Better == record.Neither {
		w.Fault(path, fmt.Sprintf("no value of %s is better than another", q.Name), "name a loss, an accuracy or steps_to_target")
	}
}
