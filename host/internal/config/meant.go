package config

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// What people write who mean something else, and what they are told.

// elsewhere are the tables in which keys stand that people look for in others.
var elsewhere = map[string]string{"lr": "[[optimizer]]", "steps": "[budget]", "epochs": "[budget]",
	"batch": "[problem]", "dataset": "[problem]", "hidden": "[problem]", "l2": "[problem]", "clip_norm": "[gradient]"}

// didYouMean is the remedy for a key that is none of the names in a table: the one that it is called here, the table where it stands, or
// the name that is nearest to it, and all.
func didYouMean(key, table string, names []string) string {
	own := key
	if _, ok := elsewhere[key]; !ok {
		own = proto.Called(key, slices.Collect(maps.Keys(elsewhere)))
	}
	if own != "" && strings.Trim(elsewhere[own], "[]") != strings.Trim(table, "[]") && proto.Called(key, names) == "" {
		return fmt.Sprintf("%s stands in %s", own, elsewhere[own])
	}
	return proto.DidYouMean(key, names)
}

// schedules are what other programs call keys for schedules.
var schedules = []string{"lr_schedule", "schedule", "scheduler", "lr_scheduler"}

// meantHyperparameter is the remedy for a hyperparameter that is none of some names.
func meantHyperparameter(key string, names []string) string {
	if slices.Contains(schedules, key) && slices.Contains(names, LearningRate) {
		return `a schedule is a value of what it schedules: write lr = { schedule = "cosine", from = 0.1 }`
	}
	return didYouMean(key, optimizerRoot, names)
}

// meant is the remedy for a value of the wrong type that would be right without its quotation marks, with some, or without
// its fraction of zero; "" for any other.
func meant(p *v1.Hyperparameter, raw any) string {
	var other any
	switch x := raw.(type) {
	case string:
		var keys map[string]any
		if _, err := toml.Decode("value = "+unquoted(x), &keys); err == nil {
			other = keys["value"]
		}
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1<<53 && p.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER {
			other = int64(x)
		}
	}
	if p.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_STRING && other == nil {
		other = fmt.Sprint(raw)
	}
	value := toValue(other, p.Type)
	switch _, isString := raw.(string); {
	case value == nil || proto.CheckValue(p, value) != nil:
		return ""
	case isString:
		return fmt.Sprintf("remove the quotation marks: %s = %s", p.Name, proto.FormatValue(value))
	}
	return fmt.Sprintf("write %s = %s", p.Name, proto.FormatValue(value))
}

// unquoted is the number or truth value that a string holds, as it would be written; "" if it holds none.
func unquoted(v any) string {
	s, _ := v.(string)
	var keys map[string]any
	if s == "" || len(s) > 40 || strings.ContainsAny(s, "\n#") {
		return ""
	}
	if _, err := toml.Decode("value = "+strings.ToLower(strings.TrimSpace(s)), &keys); err != nil {
		return ""
	}
	switch keys["value"].(type) {
	case int64, float64, bool:
		return strings.ToLower(strings.TrimSpace(s))
	}
	return ""
}

// asWhole is the remedy for a number with a fraction that a set computed where a whole one is needed; "" if none did.
func (d *document) asWhole(path string) string {
	kind := d.computed(path)
	if kind == "" {
		return ""
	}
	return fmt.Sprintf("write { %s = [...], integer = true } for whole numbers", kind)
}

// listOf is the remedy for a list of values in place of one; "" if it is none.
func listOf(key string, raw any) string {
	list, _ := raw.([]any)
	if len(list) == 0 || len(list) > 20 {
		return ""
	}
	var values []string
	for _, v := range list {
		switch v := v.(type) {
		case string:
			values = append(values, strconv.Quote(v))
		case bool, int64, float64:
			values = append(values, literal(v))
		default:
			return ""
		}
	}
	return fmt.Sprintf("for a variant with each of these values write %s = { grid = [%s] }", key, strings.Join(values, ", "))
}

// foreignSets are keys of the tables by which other programs write sets, and what may stand beside them.
var foreignSets, besideThem = []string{"values", "range", "min", "max", "low", "high", "lower", "upper"}, []string{"distribution", "type", "log", "step", "q"}

// foreignSet is a table that is hardly anything but a set as another program writes it: the key that shows it, and its values, which are
// two where it is an interval; ok is false if it is none.
func foreignSet(f found) (key string, values []any, interval, ok bool) {
	for name := range f.keys {
		if !slices.Contains(foreignSets, name) && !slices.Contains(besideThem, name) || strings.HasSuffix(f.path, "_init") {
			return "", nil, false, false // initial values have a low and a high
		}
	}
	for _, name := range foreignSets {
		v, given := f.keys[name]
		if !given {
			continue
		}
		key = cmp.Or(key, name)
		if list, isList := v.([]any); isList {
			return key, list, name == "range" && len(list) == 2, len(list) > 0
		}
		values = append(values, v)
	}
	return key, values, true, len(values) == 2
}

// setMeant is the remedy for a set as another program writes it.
func setMeant(f found, values []any, interval bool) string {
	key := f.path[strings.LastIndex(f.path, ".")+1:]
	if !interval {
		return listOf(key, values)
	}
	low, _ := toFloat(values[0])
	points, ends := "grid", fmt.Sprintf("%s, %s", literal(values[0]), literal(values[1]))
	draws := fmt.Sprintf("{ uniform = [%s] }", ends)
	if low > 0 {
		points, draws = "log_grid", fmt.Sprintf("{ log_uniform = [%s] }", ends)
		ends += ", 5"
	}
	remedy := fmt.Sprintf("write %s = { %s = [%s] }", key, points, ends)
	if root, _, _ := strings.Cut(header(f.path), "."); root == optimizerRoot {
		remedy += fmt.Sprintf(", or %s with [search] to draw from it", draws)
	}
	return remedy
}
