package config

import (
	"fmt"
	"maps"
	"slices"
)

// found is a table in place of a value.
type found struct {
	keys map[string]any
	path string
}

// site is where in a table or an array something stands that others are put in place of, or that has such sites within.
type site struct {
	key    string // in a table
	index  int    // in an array
	found         // what stands there, if there is nothing within
	within []site
}

// sitesIn are the sites of the tables in a value that are what is looked for.
func sitesIn(v any, path string, is func(found) bool) (sites []site) {
	add := func(inner any, s site, path string) {
		if keys, isTable := inner.(map[string]any); isTable && is(found{keys, path}) {
			s.found = found{keys, path}
		} else if s.within = sitesIn(inner, path, is); len(s.within) == 0 {
			return
		}
		sites = append(sites, s)
	}
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			add(inner, site{key: key}, join(path, key))
		}
	case []any:
		for i, inner := range v {
			add(inner, site{index: i}, fmt.Sprintf("%s[%d]", path, i))
		}
	case []map[string]any:
		for i, inner := range v {
			add(inner, site{index: i}, fmt.Sprintf("%s[%d]", path, i))
		}
	}
	return sites
}

// tablesIn are what stands at sites.
func tablesIn(sites []site) (all []found) {
	for _, s := range sites {
		if len(s.within) == 0 {
			all = append(all, s.found)
		}
		all = append(all, tablesIn(s.within)...)
	}
	return all
}

// put is a value with others at the sites, without those for which there is nil. Only what has sites is copied.
func put(v any, sites []site, value func(found) any) any {
	at := func(inner any, s site) any {
		if len(s.within) == 0 {
			return value(s.found)
		}
		return put(inner, s.within, value)
	}
	if len(sites) == 0 {
		return v
	}
	switch v := v.(type) {
	case map[string]any:
		v = maps.Clone(v)
		for _, s := range sites {
			if v[s.key] = at(v[s.key], s); v[s.key] == nil {
				delete(v, s.key)
			}
		}
		return v
	case []any:
		v = slices.Clone(v)
		for _, s := range sites {
			v[s.index] = at(v[s.index], s)
		}
		return v
	case []map[string]any:
		v = slices.Clone(v)
		for _, s := range sites {
			v[s.index], _ = at(v[s.index], s).(map[string]any)
		}
		return v
	}
	return v
}
