package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// labelled are the variants of one table with what distinguishes them: the choices from sets of which they have several values, as
// short as these differ.
func labelled(all []variant) []variant {
	if len(all) == 0 {
		return all
	}
	_, named := all[0].keys["name"]
	for j := range all[0].choices {
		values := map[string]any{}
		for _, v := range all {
			values[exact(v.choices[j].Value)] = v.choices[j].Value
		}
		digits := enough(values)
		for i := range all {
			c := &all[i].choices[j]
			c.name = readableKey(all[i].keys, c.Key)
			if c.text = shortest(c.Value, digits); len(values) > 1 && (named || !isPlugin(c.Key)) { // else the plugin is the name
				all[i].label = strings.TrimSpace(all[i].label + " " + c.name + "=" + c.text)
			}
		}
	}
	return all
}

// isPlugin tells whether a key of an optimizer's table names a plugin.
func isPlugin(key string) bool {
	found := inGroup.FindStringSubmatch(key)
	return key == "plugin" || found != nil && found[2] == "plugin"
}

// enough is with how many digits the texts of different values differ.
func enough(values map[string]any) int {
	for digits := 4; digits < 17; digits++ {
		texts := map[string]bool{}
		for _, v := range values {
			texts[shortest(v, digits)] = true
		}
		if len(texts) == len(values) {
			return digits
		}
	}
	return 17
}

// exact is a text that only an equal value has; 1 and 1.0 are equal.
func exact(v any) string { return shortest(v, 17) }

// shortest is a value as it stands in names, its numbers with at most so many digits.
func shortest(v any, digits int) string {
	switch v := v.(type) {
	case float64:
		return shortNumber(v, digits)
	case int64:
		if digits >= 17 && v == int64(float64(v)) {
			return shortNumber(float64(v), digits)
		}
		return strconv.FormatInt(v, 10)
	case string:
		if v == "" || unquoted(v) != "" || strings.ContainsFunc(v, func(r rune) bool {
			return r <= ' ' || strings.ContainsRune(`="[]{}`, r) || !strconv.IsPrint(r)
		}) {
			return strconv.Quote(v)
		}
		return v
	case []any:
		var parts []string
		for _, x := range v {
			parts = append(parts, shortest(x, digits))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, key+"="+shortest(v[key], digits))
		}
		return "{" + strings.Join(parts, " ") + "}"
	case []map[string]any:
		var list []any
		for _, m := range v {
			list = append(list, m)
		}
		return shortest(list, digits)
	}
	return fmt.Sprint(v)
}

// shortNumber is a number with at most so many digits, 17 for all that it needs.
func shortNumber(x float64, digits int) string {
	if digits >= 17 {
		digits = -1
	}
	text := strconv.FormatFloat(x, 'g', digits, 64)
	mantissa, exponent, scientific := strings.Cut(text, "e")
	if !scientific {
		return text
	}
	if n, err := strconv.Atoi(exponent); err == nil {
		if n >= 0 && n < 6 { // such as 1e+05 for 123456, as much as digits say
			return strconv.FormatFloat(x, 'f', 0, 64)
		}
		return mantissa + "e" + strconv.Itoa(n)
	}
	return text
}
