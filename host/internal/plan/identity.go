package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

// Asked is what is asked of a run: all that its bits follow from, but for the numerics that it meets. What is recorded of the run,
// what it is called, and where its files are is not in it.
type Asked struct {
	Problem         config.Problem
	Plugin          string
	Program         string            // SHA-256 of the plugin's
	Others          map[string]string // likewise of those of groups of tensors with another plugin, by its name; nil without any
	Hyperparameters map[string]any    // every one, or the table of its schedule; under "group" those of groups of tensors
	Gradient        config.Gradient
	Initialization  string // empty if it starts where the problem does
	Seed            uint64
	Steps           int           // of the whole run; [config.MaxSteps] if a time bounds them
	Time            time.Duration // that its steps may take; 0 if their number is given
	Stop            measure.Stop
	MaxAsks         int // of a step; 0 if it is that of the manual
	// Of a run that stops at its target, that is asked too, and of one that stops by its validation examples, when these are evaluated.
	Target     *measure.Target
	Validation record.Cadence
}

// OfGroups are the programs of an optimizer's plugins beside its own, by their names; nil if there are none.
func OfGroups(o *config.Optimizer, program func(plugin string) string) (programs map[string]string) {
	for _, name := range o.Plugins()[1:] {
		if programs == nil {
			programs = map[string]string{}
		}
		programs[name] = program(name)
	}
	return programs
}

// StoppedBy is what is asked of a run that may end before its budget.
func (a Asked) StoppedBy(stop measure.Stop, target *measure.Target, v record.Cadence) Asked {
	a.Stop = stop
	if stop.Target {
		a.Target = target
	}
	if stop.Validates(target) {
		a.Validation = v
	}
	return a
}

// Identity is the SHA-256 of what is asked, in hexadecimal; empty if it cannot be written as JSON. A setting that a later version
// adds changes no identity where its value is zero.
func (a Asked) Identity() string {
	whole := map[string]any{}
	for _, part := range a.parts() {
		value, err := canonical(part.value)
		if err != nil {
			return ""
		}
		if value != nil || !part.later {
			whole[part.key] = value
		}
	}
	b, err := json.Marshal(whole)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Difference names the first part in which another run is asked something else, and what; empty if there is none.
func (a Asked) Difference(now Asked) (part, change string) {
	parts := now.parts()
	for i, before := range a.parts() {
		if change := Change(before.value, parts[i].value); change != "" {
			return before.name, change
		}
	}
	return "", ""
}

type part struct {
	key, name string // for the identity, and for people
	value     any
	later     bool // it was added: where it is zero, it is not in the identity
}

// parts are in the order in which a reader wants to hear of their differences.
func (a Asked) parts() []part {
	content := a.Problem.Content
	a.Problem.Content = nil
	return []part{
		{key: "content", name: "content of its data files", value: content}, {key: "problem", name: "problem", value: a.Problem},
		{key: "steps", name: "number of steps", value: a.Steps}, {key: "time", name: "time of its steps", value: a.Time, later: true},
		{key: "plugin", name: "plugin", value: a.Plugin},
		{key: "hyperparameters", name: "optimizer", value: a.Hyperparameters},
		{key: "gradient", name: "clipping of gradients", value: a.Gradient},
		{key: "initialization", name: "start", value: a.Initialization, later: true}, {key: "program", name: "plugin binary", value: a.Program},
		{key: "others", name: "plugin binary of a group", value: a.Others, later: true},
		{key: "seed", name: "seed", value: a.Seed}, {key: "max_asks", name: "max_asks", value: a.MaxAsks, later: true},
		{key: "stop", name: "rule to stop by", value: a.Stop, later: true}, {key: "target", name: "target to stop at", value: a.Target, later: true},
		{key: "validation", name: "evaluation of what it stops by", value: a.Validation, later: true}}
}

// Change is the first key, of those of two values as JSON has them, with different values, and these; empty if there is
// none.
func Change(before, now any) string {
	a, err1 := canonical(before)
	b, err2 := canonical(now)
	if err1 != nil || err2 != nil {
		return "it cannot be compared"
	}
	return difference(a, b)
}

func difference(a, b any) string {
	x, isMap := a.(map[string]any)
	y, both := b.(map[string]any)
	if isMap && b == nil {
		y, both = nil, true
	}
	if both && a == nil {
		x, isMap = nil, true
	}
	if !isMap || !both {
		if reflect.DeepEqual(a, b) {
			return ""
		}
		return shown(a) + ", now " + shown(b)
	}
	all := maps.Clone(x)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, y)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if change := difference(x[key], y[key]); change != "" {
			return key + " " + change
		}
	}
	return ""
}

func shown(v any) string {
	if v == nil {
		return "none"
	}
	text, _ := json.Marshal(v) // it came from JSON
	return string(text)
}

// canonical is a value as JSON has it, with numbers as they are written, and without what is zero; a problem without paths.
func canonical(v any) (any, error) {
	if p, is := v.(config.Problem); is {
		v = p.WithoutPaths()
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var g any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&g); err != nil {
		return nil, err
	}
	return slim(g), nil
}

// slim removes the keys of a value whose values are zero; it is nil if nothing is left.
func slim(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for key, value := range x {
			if x[key] = slim(value); x[key] == nil {
				delete(x, key)
			}
		}
		if len(x) == 0 {
			return nil
		}
	case []any:
		for i := range x {
			if inner, isMap := x[i].(map[string]any); isMap {
				x[i] = slim(inner) // an element keeps its place
			}
		}
		if len(x) == 0 {
			return nil
		}
	case json.Number:
		if f, err := x.Float64(); err == nil && f == 0 {
			return nil
		}
	case string:
		if x == "" {
			return nil
		}
	case bool:
		if !x {
			return nil
		}
	}
	return v
}
