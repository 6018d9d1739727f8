package config

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/steepest/steepest/host/internal/schedule"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Plugins are what some plugins say of themselves.
type Plugins []*v1.DescribeResponse

// JSONSchema is a JSON Schema of experiment files, for editors, with the hyperparameters of some plugins. It knows what each key can be;
// what depends on several keys, on data or on a plugin's own judgement only the reader of a file knows.
func (plugins Plugins) JSONSchema() ([]byte, error) {
	e := &Experiment{}
	optimizer, group := optimizerNode(plugins)
	whole, problem := e.keys().closed(), problemNode()
	delete(whole, "required") // what is missing another file can have that includes this one, or is included
	n, needs := whole.parts(), whole.needs()
	needs["properties"].(node)["problem"] = node{"$ref": "#/$defs/whole-problem"}
	n["if"], n["else"] = node{"required": []string{"include"}}, needs
	n["$schema"], n["title"] = "https://json-schema.org/draft/2020-12/schema", "Steepest experiment"
	n["$defs"] = node{
		"time":          node{"type": "string", "pattern": `^([0-9]*\.?[0-9]+(ns|us|µs|μs|ms|s|m|h))+$`, "examples": []string{"500ms", "30s", "5m"}},
		"problem":       settable(problem.parts()),
		"whole-problem": problem.needs(),
		"layer":         settable(layerNode()),
		"initializer":   settable(initializerNode()),
		"gradient":      settable(gradientKeys(Gradient{}).closed()),
		"optimizer":     settable(optimizer),
		"group":         settable(group),
		"schedule":      settable(scheduleNode()),
	}
	n = copied(n).(node) // some of it is kept from one schema to the next
	shared(n)
	return json.MarshalIndent(n, "", "  ")
}

// problemNode is [problem], by its kind.
func problemNode() node {
	kind := key{name: "kind", value: node{"enum": ProblemKinds()}, need: "name it", help: "what is minimised"}
	name := key{name: "name", value: node{"type": "string"}, help: "how one of several problems is called in results"}
	var sorts []sort
	for _, k := range kinds {
		list := k.keys()
		for _, own := range ownKeys() {
			if i := slices.IndexFunc(list, func(k key) bool { return k.name == own.name }); i >= 0 { // target can be either
				list[i].value = either(list[i].value, own.value)
			} else {
				list = append(list, own)
			}
		}
		sorts = append(sorts, sort{[]string{k.name}, list.object()})
	}
	return keys{kind, name}.sorted(sorts)
}

// optimizerNode is [[optimizer]], by its plugin, and group is [[optimizer.group]] by its.
func optimizerNode(plugins Plugins) (whole, group node) {
	list := optimizerKeys(&Optimizer{})
	var names []string
	var sorts, grouped []sort
	for _, p := range plugins {
		names = append(names, p.Name)
		hypers := node{}
		for _, h := range p.Hyperparameters {
			hypers[h.Name] = hyperNode(h)
		}
		groups := groupKeys(&Group{}).properties()
		for name, h := range hypers {
			if _, taken := groups[name]; !taken {
				groups[name] = h
			}
		}
		ofOwn := node{"type": "object", "properties": groups, "additionalProperties": false}
		either := node{"if": node{"required": []string{"plugin"}}, "then": node{"$ref": "#/$defs/group"}, "else": ofOwn}
		own, inGroup := node{"group": arrayOf(either)}, node{}
		maps.Copy(own, hypers)
		maps.Copy(inGroup, hypers)
		maps.DeleteFunc(inGroup, func(name string, _ any) bool { _, taken := groupKeys(&Group{}).properties()[name]; return taken })
		sorts, grouped = append(sorts, sort{[]string{p.Name}, node{"properties": own}}), append(grouped, sort{[]string{p.Name}, node{"properties": inGroup}})
	}
	if names == nil {
		return list.sorted(nil), groupKeys(&Group{}).object()
	}
	groups := groupKeys(&Group{})
	list[0].value, groups[0].value = node{"enum": names}, node{"enum": names}
	return list.sorted(sorts), groups.sorted(grouped)
}

// hyperNode is a value of a hyperparameter, or a schedule of it.
func hyperNode(h *v1.Hyperparameter) node {
	var n node
	switch h.Type {
	case v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT:
		n = within(h.Interval)
	case v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER:
		n = within(h.Interval)
		n["type"] = "integer"
	case v1.HyperparameterType_HYPERPARAMETER_TYPE_BOOLEAN:
		n = node{"type": "boolean"}
	default:
		n = node{"type": "string"}
		if len(h.Choices) > 0 {
			n = node{"enum": h.Choices}
		}
	}
	if h.Schedulable {
		n = node{"if": node{"type": "object"}, "then": node{"$ref": "#/$defs/schedule"}, "else": n}
	}
	n["description"], n["default"] = h.Doc, proto.Plain(h.Default)
	return n
}

// scheduleNode is a schedule, by its name.
func scheduleNode() node {
	var sorts []sort
	for _, k := range schedule.Kinds {
		sorts = append(sorts, sort{[]string{k.Name}, scheduleKeys(k).object()})
	}
	var unit string
	warmup := &scheduleLister{needed: map[string]bool{}}
	readWarmup(warmup)
	name := key{name: "schedule", value: node{"enum": schedule.Kinds.Names()}, need: "name it", help: "how the value changes from step to step"}
	return append(keys{name, unitKey(&unit)}, warmup.list...).sorted(sorts)
}

// scheduleKeys are those of a kind of schedule: all that it asks for, whichever are given.
func scheduleKeys(k *schedule.Kind) keys {
	l := &scheduleLister{}
	runs := 0
	for ; runs < 1<<len(l.asked); runs++ {
		l.given, l.needed = runs, map[string]bool{}
		k.Read(l)
		for i, one := range l.list {
			if one.need != "" && !l.needed[one.name] {
				l.list[i].need = "" // one or another of several
			}
		}
	}
	return l.list
}

// scheduleLister notes which keys a schedule asks for.
type scheduleLister struct {
	asked  []string // keys of which the schedule asked whether they are given
	given  int      // which of them are, by their bits
	needed map[string]bool
	list   keys
}

var _ schedule.Keys = (*scheduleLister)(nil)

func (l *scheduleLister) add(name string, value node, standard any, help string) {
	if !slices.ContainsFunc(l.list, func(k key) bool { return k.name == name }) {
		k := key{name: name, value: value, standard: standard, help: help}
		if l.needed[name] && l.given == 0 {
			k.need = "give it"
		}
		l.list = append(l.list, k)
	}
}

// Given implements [schedule.Keys], as do those that follow.
func (l *scheduleLister) Given(name string) bool {
	if !slices.Contains(l.asked, name) {
		l.asked = append(l.asked, name)
	}
	return l.given>>slices.Index(l.asked, name)&1 == 1
}

// Require notes that a key must be there.
func (l *scheduleLister) Require(name, _ string) { l.needed[name] = true }

// Number notes a number.
func (l *scheduleLister) Number(name string, standard float64, _ func(float64) bool, want string) float64 {
	l.add(name, node{"type": "number"}, nil, want)
	return standard
}

// Needed notes a number.
func (l *scheduleLister) Needed(name string, ok func(float64) bool, want string) float64 {
	l.needed[name] = true
	return l.Number(name, 1, ok, want)
}

// Numbers notes an array of numbers.
func (l *scheduleLister) Numbers(name string) []float64 {
	l.add(name, arrayOf(node{"type": "number"}), nil, "numbers")
	return []float64{1}
}

// Whole notes a whole number.
func (l *scheduleLister) Whole(name string, standard, low int) int {
	l.add(name, node{"type": "integer", "minimum": low}, standard, "a whole number")
	return standard
}

// Time notes a whole number.
func (l *scheduleLister) Time(name string, standard, low int) int {
	l.add(name, node{"type": "integer", "minimum": low}, nil, "steps, or epochs as unit says")
	return standard
}

// Times notes an array of whole numbers.
func (l *scheduleLister) Times(name string) []int {
	l.add(name, arrayOf(node{"type": "integer", "minimum": 1}), nil, "steps, or epochs as unit says")
	return nil
}

// Choice notes one of several strings.
func (l *scheduleLister) Choice(name string, choices ...string) string {
	l.add(name, node{"enum": choices}, choices[0], "one of several")
	return choices[0]
}

// Rest is not known.
func (l *scheduleLister) Rest() int { return 0 }

// Ignore notes nothing.
func (l *scheduleLister) Ignore(...string) {}

// Fault cares for nothing: there is no file.
func (l *scheduleLister) Fault(string, string, string) {}
