package config

import (
	_ "embed"
	"maps"
	"slices"

	"github.com/BurntSushi/toml"
)

//go:embed deepobs.toml
var deepOBSFile string

// deepOBS are named problems, as the keys of [problem] that they stand for. The networks are the same on both data sets.
var deepOBS = func() map[string]map[string]any {
	var presets map[string]map[string]any
	if _, err := toml.Decode(deepOBSFile, &presets); err != nil {
		panic(err)
	}
	for _, name := range []string{"mlp", "2c2d"} {
		fashion := maps.Clone(presets["mnist_"+name])
		fashion["dataset"] = "fashion-mnist"
		presets["fmnist_"+name] = fashion
	}
	return presets
}()

// modelKinds are the kinds of problem that fit a model to data.
var modelKinds = append([]string{"mlp", "network"}, slices.Sorted(maps.Keys(deepOBS))...)

// preset puts the keys that a named problem stands for below those that are given.
func preset(t *table) {
	kind, _ := t.keys["kind"].(string)
	for key, value := range deepOBS[kind] {
		if _, given := t.keys[key]; !given {
			t.keys[key] = value
		}
	}
}

func (p Problem) hasModel() bool { return slices.Contains(modelKinds, p.Kind) }
