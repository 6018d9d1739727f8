package config

import (
	"bytes"
	"maps"
	"slices"

	"github.com/BurntSushi/toml"
)

// order is how tables follow each other in a file that people write; all others stand behind.
var order = []string{"include", "problem", "budget", "target", "stop", "seeds", "search", "tune", "record", "optimizer", "exclude", "expect"}

// Text is an experiment's file with some keys, such as those that were written when its runs were made. It is empty without any.
func Text(written map[string]any) string {
	var b bytes.Buffer
	part := func(keys map[string]any) {
		if len(keys) == 0 {
			return
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		e := toml.NewEncoder(&b)
		e.Indent = ""
		_ = e.Encode(keys) // it was read from a file of this format
	}
	plain, tables := map[string]any{}, map[string]any{}
	for key, x := range written {
		switch x.(type) {
		case map[string]any, []map[string]any, []any:
			tables[key] = x
		default:
			plain[key] = x
		}
	}
	part(plain)
	for _, key := range append(slices.Clone(order), slices.Sorted(maps.Keys(tables))...) {
		if x, is := tables[key]; is {
			part(map[string]any{key: x})
			delete(tables, key)
		}
	}
	return b.String()
}
