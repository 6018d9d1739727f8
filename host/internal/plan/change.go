package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Changes are what differs between two experiments as their files have them, such as "optimizer.sgd.lr 0.01 -> 0.02". Tables of an array
// are known by their names, or else by what they are. Of nothing there are no changes.
func Changes(before, now map[string]any) (changes []string) {
	if before == nil {
		return nil
	}
	a, err1 := canonical(before)
	b, err2 := canonical(now)
	if err1 != nil || err2 != nil {
		return nil
	}
	changed("", a, b, &changes)
	return changes
}

func changed(path string, a, b any, changes *[]string) {
	x, isTable := tables(a)
	y, both := tables(b)
	if isTable && both {
		all := maps.Clone(x)
		maps.Copy(all, y)
		for _, key := range slices.Sorted(maps.Keys(all)) {
			inner := key
			if path != "" {
				inner = path + "." + key
			}
			changed(inner, x[key], y[key], changes)
		}
		return
	}
	if before, now := short(a), short(b); before != now {
		*changes = append(*changes, fmt.Sprintf("%s %s -> %s", path, before, now))
	}
}

// tables are the keys of a table, or the tables of an array by their names; ok is false if a value is neither.
func tables(v any) (keys map[string]any, ok bool) {
	switch v := v.(type) {
	case map[string]any:
		return v, true
	case []any:
		keys = map[string]any{}
		for i, inner := range v {
			t, is := inner.(map[string]any)
			if !is {
				return nil, false
			}
			name := ""
			for _, key := range []string{"name", "plugin", "kind"} {
				if text, given := t[key].(string); given && name == "" {
					name = text
				}
			}
			if name == "" {
				name = fmt.Sprint(i + 1)
			}
			if _, twice := keys[name]; twice {
				name = fmt.Sprintf("%s (%d)", name, i+1)
			}
			keys[name] = t
		}
		return keys, len(v) > 0
	}
	return nil, false
}

// mostShort is how many bytes of a value are shown.
const mostShort = 60

// short is a value as people see it.
func short(v any) string {
	if v == nil {
		return "none"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "?"
	}
	text := string(b)
	if len(text) > mostShort {
		text = strings.ToValidUTF8(text[:mostShort-3], "") + "..."
	}
	return text
}
