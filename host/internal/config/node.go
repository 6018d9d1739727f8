package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
)

// node is a part of a JSON Schema.
type node map[string]any

// either is what any of some nodes allows.
func either(list ...node) node { return node{"anyOf": list} }

// arrayOf is an array of what a node allows.
func arrayOf(items node) node { return node{"type": "array", "items": items} }

// only is a single value.
func only(value any) node { return node{"const": value} }

// link is one in Markdown.
var link = regexp.MustCompile(`\[([^]]+)\]\([^)]+\)`)

// node is what the schema says of a key: its value, default and meaning.
func (k key) node() node {
	n := node{}
	maps.Copy(n, k.value)
	text := link.ReplaceAllString(k.help, "$1")
	if k.words != "" {
		text += "; default: " + link.ReplaceAllString(k.words, "$1")
	}
	if text != "" {
		n["description"] = text
	}
	if k.standard != nil {
		n["default"] = k.standard
	}
	return n
}

// properties are the nodes of keys by their names.
func (list keys) properties() node {
	n := node{}
	for _, k := range list {
		n[k.name] = k.node()
	}
	return n
}

// object is a table with these keys, of which those that are needed must be there; others may be.
func (list keys) object() node {
	n := node{"type": "object", "properties": list.properties()}
	var needed []string
	for _, k := range list {
		if k.need != "" {
			needed = append(needed, k.name)
		}
	}
	if needed != nil {
		n["required"] = needed
	}
	return n
}

// closed is a table with these keys and no others.
func (list keys) closed() node {
	n := list.object()
	n["additionalProperties"] = false
	return n
}

// sort is a table whose key that tells sorts apart has one of some values, with the other keys that it can have then.
type sort struct {
	names []string
	node  node
}

// sorted is a table with these keys, whose others depend on the value of the first. Where that is unknown, or a set of values, no other
// key is judged. The validators of some editors know nothing of unevaluatedProperties, so each sort has all keys; those of all sorts
// stand in front, without what they can be, for editors that complete only these.
func (list keys) sorted(sorts []sort) node {
	first := list[0]
	n := list.object()
	every := n["properties"].(node)
	var all []node
	for i, s := range sorts {
		own := node{"additionalProperties": false}
		maps.Copy(own, s.node)
		properties := list[1:].properties()
		properties[first.name] = node{}
		maps.Copy(properties, s.node["properties"].(node))
		for name, value := range properties {
			if _, is := every[name]; !is {
				every[name] = node{}
				if about := value.(node)["description"]; about != nil {
					every[name] = node{"description": about}
				}
			}
		}
		own["properties"] = properties
		if same := slices.IndexFunc(sorts[:i], func(other sort) bool { return reflect.DeepEqual(other.node, s.node) }); same >= 0 {
			for _, n := range all { // the kinds that have the same keys in common
				if is := n["if"].(node)["properties"].(node)[first.name].(node); slices.Contains(is["enum"].([]string), sorts[same].names[0]) {
					is["enum"] = append(slices.Clip(is["enum"].([]string)), s.names...)
				}
			}
			continue
		}
		is := node{"properties": node{first.name: node{"enum": s.names}}, "required": []string{first.name}}
		all = append(all, node{"if": is, "then": own})
	}
	without := anySort(every)
	for _, n := range all {
		if is := n["if"].(node)["properties"].(node)[first.name].(node); slices.Contains(is["enum"].([]string), fmt.Sprint(first.standard)) {
			without = n["then"].(node)
		}
	}
	n["allOf"] = append(all, node{"if": node{"not": node{"required": []string{first.name}}}, "then": without})
	return n
}

// anySort is a table with keys of any sort: which one is not known.
func anySort(every any) node { return node{"properties": every, "additionalProperties": false} }

// parts is a table that need not be whole, nor are tables within it: another file can have the rest. Tables in arrays are whole.
func (n node) parts() node {
	n = n.tables(node.parts)
	delete(n, "required")
	sorts, _ := n["allOf"].([]node)
	for i, s := range sorts {
		if s["if"].(node)["not"] != nil { // another file can name the sort
			sorts[i]["then"] = anySort(n["properties"])
		}
	}
	return n
}

// needs is what parts leaves out of a table: which keys must be there.
func (n node) needs() node {
	inner, some := n.tables(node.needs), node{}
	if n["required"] != nil {
		some["required"] = n["required"]
	}
	properties, _ := inner["properties"].(node)
	maps.DeleteFunc(properties, func(_ string, value any) bool { return len(value.(node)) == 0 })
	if len(properties) > 0 {
		some["properties"] = properties
	}
	sorts, _ := inner["allOf"].([]node)
	for i, s := range sorts {
		if then := n["allOf"].([]node)[i]["then"]; s["if"].(node)["not"] != nil && !reflect.DeepEqual(then, anySort(n["properties"])) {
			sorts[i]["then"] = then // the sort that it is unless another is named
		}
	}
	sorts = slices.DeleteFunc(sorts, func(s node) bool { return len(s["then"].(node)) == 0 })
	if len(sorts) > 0 {
		some["allOf"] = sorts
	}
	return some
}

// tables is a table with something made of those within it, and of its sorts.
func (n node) tables(of func(node) node) node {
	n = maps.Clone(n)
	if properties, ok := n["properties"].(node); ok {
		all := node{}
		for name, value := range properties {
			all[name] = of(value.(node))
		}
		n["properties"] = all
	}
	if sorts, ok := n["allOf"].([]node); ok {
		sorts = slices.Clone(sorts)
		for i, s := range sorts {
			sorts[i] = node{"if": s["if"], "then": of(s["then"].(node))}
		}
		n["allOf"] = sorts
	}
	return n
}

// settable is a node with a set of values allowed wherever a value is.
func settable(v any) any {
	switch v := v.(type) {
	case node:
		n := node{}
		for name, inner := range v {
			switch name {
			case "if": // judges what is
				n[name] = inner
			case "properties":
				all := node{}
				for key, value := range inner.(node) {
					all[key] = orSet(value.(node))
				}
				n[name] = all
			default:
				n[name] = settable(inner)
			}
		}
		return n
	case []node:
		list := slices.Clone(v)
		for i := range list {
			list[i] = settable(v[i]).(node)
		}
		return list
	}
	return v
}

// orSet is what a node allows, or a set of it.
func orSet(v node) node {
	one := settable(v).(node)
	if len(one) == 0 || len(one) == 1 && one["description"] != nil {
		return one // anything
	}
	n := node{}
	for _, name := range []string{"description", "default"} {
		if about, ok := one[name]; ok {
			n[name] = about
			delete(one, name)
		}
	}
	var sets []node
	for _, k := range setKinds {
		if list := k.of(v); list != nil {
			list["description"] = link.ReplaceAllString(k.help, "$1")
			n := node{"type": "object", "properties": node{k.name: list}, "required": []string{k.name}, "additionalProperties": false}
			if k.whole {
				n["properties"].(node)["integer"] = node{"type": "boolean", "description": "only whole numbers"}
			}
			sets = append(sets, n)
		}
	}
	for i := len(sets) - 1; i >= 0; i-- {
		one = node{"if": node{"type": "object", "required": sets[i]["required"]}, "then": sets[i], "else": one}
	}
	maps.Copy(n, one)
	return n
}

// ofValues is an array of values, in which there is no set.
func ofValues(v node) node { return node{"type": "array", "items": v, "minItems": 1} }

// ofNumbers is an array of so many numbers, if the values are numbers; else nil.
func ofNumbers(n int) func(node) node {
	return func(v node) node {
		if !numeric(v) {
			return nil
		}
		return node{"type": "array", "items": node{"type": "number"}, "minItems": n, "maxItems": n}
	}
}

// numeric tells whether some number can be what a node allows.
func numeric(v node) bool {
	list, _ := v["anyOf"].([]node)
	if plain, ok := v["else"].(node); ok { // of a hyperparameter that can have a schedule
		list = append(list, plain)
	}
	return v["type"] == "number" || v["type"] == "integer" || slices.ContainsFunc(list, numeric)
}

// copied is a copy that has nothing in common with what it is made from.
func copied(v any) any {
	switch v := v.(type) {
	case node:
		n := node{}
		for name, inner := range v {
			n[name] = copied(inner)
		}
		return n
	case []node:
		list := slices.Clone(v)
		for i := range list {
			list[i] = copied(v[i]).(node)
		}
		return list
	}
	return v
}

// shared moves what several keys have in common to $defs of a schema, under the name of one of the keys.
func shared(schema node) {
	defs := schema["$defs"].(node)
	times, moved := map[string]int{}, map[string]string{}
	properties(schema, func(_ node, _, text string) bool { times[text]++; return true })
	properties(schema, func(all node, name, text string) bool {
		if times[text] < 2 {
			return true
		}
		def, again := moved[text]
		if !again {
			def = name
			for i := 2; defs[def] != nil; i++ {
				def = fmt.Sprintf("%s-%d", name, i)
			}
			moved[text], defs[def] = def, all[name]
		}
		all[name] = node{"$ref": "#/$defs/" + def}
		return !again
	})
}

// leastShared is the length of what is worth sharing.
const leastShared = 100

// properties calls f for what a key can be, wherever it is long, before it looks into that, if f says so.
func properties(v any, f func(all node, name, text string) bool) {
	switch v := v.(type) {
	case node:
		all, _ := v["properties"].(node)
		for _, name := range slices.Sorted(maps.Keys(all)) {
			value := all[name]
			if b, err := json.Marshal(value); err != nil || len(b) < leastShared || f(all, name, string(b)) {
				properties(value, f)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if name != "properties" {
				properties(v[name], f)
			}
		}
	case []node:
		for _, inner := range v {
			properties(inner, f)
		}
	}
}
