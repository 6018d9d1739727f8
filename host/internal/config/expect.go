package config

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/claim"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/proto"
)

// maxClaims is the most tables [[expect]].
const maxClaims = 1000

// expectation reads a claim: text is kept until it is known what runs can be measured by.
type expectation struct {
	claim.Claim
	measure, over string
}

// keys are those of [[expect]].
func (x *expectation) keys() keys {
	return keys{
		stringKey(&x.Text, "claim", "", "the claim in words, shown with its verdict").or("what the keys say"),
		stringKey(&x.measure, "measure", "", "the number of each run that it is about").ofKind("[measure](measures.md)").
			needed(`name one, such as measure = "train_loss" or "steps_to_target"`),
		stringKey(&x.over, "over", measure.Median.String(), "how the numbers of the seeds become one: `\"median\"`, `\"mean\"`, `\"quantile P\"`, `\"iqr\"` or "+
			"`\"all\"`, of which each must be as claimed"),
		stringKey(&x.Optimizer, "optimizer", "", "whose number it is, by the name of the optimizer or of one variant").or("each optimizer's"),
		stringKey(&x.Problem, "problem", "", "on which problem").or("on each"),
		limitKey(&x.LessThan, "less_than", "a number, or the name of the optimizer whose number it is"),
		limitKey(&x.GreaterThan, "greater_than", "likewise"),
		intervalKey(&x.Between, "between", "two numbers, which are included"),
		numberKey(&x.Factor, "factor", 1, "(0,inf)", "by which the other optimizer's number is multiplied before it is compared"),
		choiceKey(&x.Trend, "trend", "", claim.Trends, "what is compared is how the measure changes with what `against` names"),
		stringKey(&x.Against, "against", "", "the key of what was swept, such as `lr` or `problem.batch`").or("required with `trend`"),
		choiceKey(&x.Scale, "scale", claim.Linear, claim.Scales, "of a `slope`: with `log` both axes are logarithmic"),
		numberKey(&x.Confidence, "confidence", 0.95, "(0.5,1)", "of the interval by which it is judged"),
	}
}

// claimNode is [[expect]]: with one relation, or with a trend that is a claim by itself.
func claimNode() node {
	n := new(expectation).keys().closed()
	n["dependentRequired"] = node{"trend": []string{"against"}, "against": []string{"trend"}, "scale": []string{"trend"}}
	var one []node
	for _, name := range relations {
		one = append(one, node{"required": []string{name}})
	}
	monotone := []claim.Trend{claim.Increasing, claim.Decreasing}
	n["if"] = node{"properties": node{"trend": node{"enum": monotone}}, "required": []string{"trend"}}
	n["then"], n["else"] = node{"not": node{"anyOf": one}}, node{"oneOf": one}
	return n
}

// relations are the keys of which a claim has one.
var relations = []string{"less_than", "greater_than", "between"}

// limitKey is a number or a name.
func limitKey(p **claim.Limit, name, help string) key {
	return key{name: name, kind: "number or string", value: node{"type": []string{"number", "string"}}, words: "none", help: help,
		read: func(t *table, _ *key) {
			v, given := t.lookup(name)
			if !given {
				return
			}
			if text, is := v.(string); is && text != "" && unquoted(v) == "" {
				*p = &claim.Limit{Optimizer: text}
				return
			}
			*p = &claim.Limit{Number: t.number(name, 0, finite, "a number, or the name of an optimizer")}
		}}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// intervalKey is an array of two numbers in their order.
func intervalKey(p **[2]float64, name, help string) key {
	return key{name: name, kind: "numbers", value: node{"type": "array", "items": node{"type": "number"}, "minItems": 2, "maxItems": 2},
		words: "none", help: help, read: func(t *table, _ *key) {
			if _, given := t.keys[name]; !given {
				t.known = append(t.known, name)
				return
			}
			list := t.numbers(name, []float64{0.1, 0.2})
			if list[0] > list[1] {
				t.fault(t.place(name), name+" has the larger number first", fmt.Sprintf("write %s = [%v, %v]", name, list[1], list[0]))
			}
			*p = (*[2]float64)(list)
		}}
}

// readExpect reads what must come out. The problems and optimizers were read before.
func (e *Experiment) readExpect(t *table) {
	subs := t.subs("expect")
	if len(subs) > maxClaims {
		t.fault(t.at("expect"), fmt.Sprintf("there are %d tables [[expect]]", len(subs)), fmt.Sprintf("write at most %d", maxClaims))
		return
	}
	for _, sub := range subs {
		x := expectation{}
		sub.read(x.keys())
		before := len(e.errors)
		e.checkClaim(sub, &x)
		if len(e.errors) == before {
			e.Expect = append(e.Expect, x.Claim)
			e.expectPaths = append(e.expectPaths, sub.path)
		}
	}
}

// checkClaim reports what is wrong with a claim as far as the file says it.
func (e *Experiment) checkClaim(t *table, x *expectation) {
	var err error
	if x.Over, err = measure.ParseOver(x.over); err != nil {
		t.faultMeasure(t.path+".over", err)
	}
	if x.Factor == 1 {
		x.Factor = 0
	}
	t.checkRelation(x)
	t.checkTrend(x)
	t.checkOver(x)
	on := e.claimed(t, x.Problem, x.Optimizer)
	if len(on) == 0 || x.measure == "" {
		return
	}
	q, ok := t.claimMeasure(x, on)
	if !ok {
		return
	}
	if rival := x.Rival(); rival != "" {
		e.checkRival(t, x, rival, on)
	}
	if x.Trend == "" {
		t.checkLimits(x, q)
	}
	if x.Against != "" {
		t.checkSwept(x, on)
	}
}

// checkRelation reports a claim that compares with nothing, or with several things.
func (t *table) checkRelation(x *expectation) {
	var given []string
	for _, key := range relations {
		if t.given(key) {
			given = append(given, key)
		}
	}
	switch {
	case x.Trend.Monotone() && len(given) > 0:
		t.fault(t.place(given[0]), fmt.Sprintf("trend = %q is a claim by itself", x.Trend), "remove "+given[0])
	case x.Trend.Monotone():
	case len(given) == 0 && !t.hasUnknown():
		t.fault(t.at(t.path), "[[expect]] says not what must come out", `write less_than, greater_than or between, such as less_than = 0.1`)
	case len(given) > 1:
		t.fault(t.place(given[1]), "[[expect]] has "+strings.Join(given, " and "), "write one of them; between = [low, high] has two ends")
	}
	if x.Factor != 0 && x.Rival() == "" {
		t.fault(t.place("factor"), "factor is for another optimizer's number", "multiply the number itself")
	}
}

// hasUnknown tells whether a table has keys that nobody reads, which is reported: one of them may be what is missing.
func (t *table) hasUnknown() bool {
	for key := range t.keys {
		if !slices.Contains(t.known, key) {
			return true
		}
	}
	return false
}

// checkTrend reports keys that go without each other.
func (t *table) checkTrend(x *expectation) {
	switch {
	case x.Trend != "" && x.Against == "":
		t.fault(t.at(t.path), fmt.Sprintf("trend = %q says not against what", x.Trend), `write against = "lr", or the key of whatever was swept`)
	case x.Trend == "" && x.Against != "":
		t.fault(t.place("against"), "against is for a trend", `write trend = "slope", "correlation", "increasing" or "decreasing"`)
	case x.Trend != "" && x.Rival() != "":
		t.fault(t.place("trend"), "a trend is compared with numbers", "write between = [low, high], less_than or greater_than with a number")
	}
	if x.Scale == claim.Linear {
		x.Scale = ""
	} else if x.Trend != claim.Slope {
		t.fault(t.place("scale"), "scale is for a slope: ranks and order are the same on every scale", "remove it")
	}
}

// checkOver reports ways to condense runs where these are compared one by one.
func (t *table) checkOver(x *expectation) {
	switch {
	case !t.given("over") || x.Over == measure.Median:
	case x.Trend != "" && x.Over == measure.IQR:
	case x.Trend != "":
		t.fault(t.place("over"), "a trend is one of all seeds", `remove over, or write over = "iqr" for that of their interquartile range`)
	case x.Rival() != "" && x.Over != measure.All:
		t.fault(t.place("over"), "optimizers are compared seed by seed, and the differences by their median", `write over = "all" if each must be as claimed, `+
			"or remove over")
	}
}

// claimed are the problems that a claim or a figure is about, and reports names that are none.
func (e *Experiment) claimed(t *table, problem, optimizer string) (on []*Workload) {
	var problems, optimizers []string
	known := false
	for _, w := range e.Workloads {
		problems = append(problems, w.Name)
	}
	for _, w := range e.Workloads {
		if problem == "" || claim.Names(problem, w.Name, problems) {
			on = append(on, w)
		}
	}
	if len(on) == 0 {
		t.fault(t.place("problem"), fmt.Sprintf("there is no problem %q", problem), proto.DidYouMean(problem, problems))
		return nil
	}
	for _, w := range on {
		for _, o := range w.Optimizers {
			known = known || optimizer == o.Name || optimizer == o.Base
			optimizers = append(optimizers, o.Base, o.Name)
		}
	}
	if optimizer != "" && !known {
		t.fault(t.place("optimizer"), fmt.Sprintf("there is no optimizer %q", optimizer), proto.DidYouMean(optimizer, distinct(optimizers)))
		return nil
	}
	return on
}

func distinct(names []string) []string {
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(s string) bool { return s == "" })
}

// claimMeasure reads the measure, which the runs on each of the problems must have.
func (t *table) claimMeasure(x *expectation, on []*Workload) (q record.Quantity, ok bool) {
	for _, w := range on {
		m, err := measure.ParseIn(x.measure, w.Setting())
		if err != nil {
			t.faultMeasure(join(t.path, "measure"), err)
			return q, false
		}
		x.Measure = m
		q, _ = m.Find(w.Quantities())
	}
	return q, true
}

// checkRival reports another optimizer that there is not, or that is several.
func (e *Experiment) checkRival(t *table, x *expectation, rival string, on []*Workload) {
	key := "less_than"
	if x.GreaterThan != nil {
		key = "greater_than"
	}
	var names []string
	for _, w := range on {
		var is []string
		for _, o := range w.Optimizers {
			names = append(names, o.Base, o.Name)
			switch {
			case o.Name == rival:
				is = []string{rival}
			case o.Base == rival && !slices.Contains(is, rival):
				is = append(is, o.Name)
			}
		}
		if rival == x.Optimizer {
			t.fault(t.place(key), fmt.Sprintf("%q is compared with itself", rival), "name another")
			return
		}
		if len(is) > 1 && e.Tune == nil { // which chooses one
			t.fault(t.place(key), fmt.Sprintf("%q are %d variants", rival, len(is)), fmt.Sprintf("name one, such as %q", is[0]))
			return
		}
		if len(is) > 0 {
			return
		}
	}
	t.fault(t.place(key), fmt.Sprintf("there is no optimizer %q", rival), proto.DidYouMean(rival, distinct(names)))
}

// checkLimits reports numbers that the quantity cannot have.
func (t *table) checkLimits(x *expectation, q record.Quantity) {
	check := func(key string, n float64) {
		if want, ok := measure.Limit(q, n); !ok {
			t.fault(t.place(key), fmt.Sprintf("%s is never %v", q.Name, n), "choose "+want)
		}
	}
	if x.LessThan != nil && x.LessThan.Optimizer == "" {
		check("less_than", x.LessThan.Number)
	}
	if x.GreaterThan != nil && x.GreaterThan.Optimizer == "" {
		check("greater_than", x.GreaterThan.Number)
	}
	if x.Between != nil {
		check("between", x.Between[0])
		check("between", x.Between[1])
	}
}

// sweptNumbers are the numbers of each key of which there are several values: of the optimizers, or of one, and of the problems.
func sweptNumbers(on []*Workload, optimizer string) map[string][]float64 {
	numbers := map[string][]float64{}
	note := func(prefix string, choices []Choice) {
		for _, c := range choices {
			list := numbers[prefix+c.Key]
			if n, is := c.Number(); is && !slices.Contains(list, n) {
				list = append(list, n)
			}
			numbers[prefix+c.Key] = list
		}
	}
	for _, w := range on {
		note(problemRoot+".", w.Choices)
		for _, o := range w.Optimizers {
			if optimizer == "" || optimizer == o.Base || optimizer == o.Name {
				note("", o.Choices)
			}
		}
	}
	return numbers
}

// checkSwept reports a key of which there are not at least two numbers.
func (t *table) checkSwept(x *expectation, on []*Workload) {
	numbers := sweptNumbers(on, x.Optimizer)
	names := slices.Sorted(maps.Keys(numbers))
	values, swept := numbers[x.Against]
	switch {
	case len(names) == 0:
		t.fault(t.place("against"), "nothing was swept", "give a key several values, such as lr = { grid = [0.01, 0.1] }")
	case !swept:
		t.fault(t.place("against"), fmt.Sprintf("%q was not swept", x.Against), proto.DidYouMean(x.Against, names))
	case len(values) < 2:
		t.fault(t.place("against"), fmt.Sprintf("%s has %d numbers; a trend needs two", x.Against, len(values)), "give it more values")
	case x.Scale == claim.Log && slices.Min(values) <= 0:
		t.fault(t.place("scale"), fmt.Sprintf("not every value of %s is above 0", x.Against), `write scale = "linear"`)
	}
}

// checkExpect reports measures that the built problems cannot have.
func (e *Experiment) checkExpect() {
	for i, c := range e.Expect {
		var problems []string
		for _, w := range e.Workloads {
			problems = append(problems, w.Name)
		}
		for _, w := range e.Workloads {
			if c.Problem != "" && !claim.Names(c.Problem, w.Name, problems) {
				continue
			}
			if err := c.Measure.Check(w.Setting()); err != nil {
				e.faultMeasure(e.expectPaths[i]+".measure", err)
				break
			}
		}
	}
}
