package config

import (
	_ "embed"
	"maps"
	"slices"

	"github.com/BurntSushi/toml"

	"github.com/steepest/steepest/host/internal/problem"
)

//go:embed deepobs.toml
var deepOBSFile string

// presets are named problems, as the keys of [problem] that they stand for.
var presets = func() map[string]map[string]any {
	var all map[string]map[string]any
	if _, err := toml.Decode(deepOBSFile, &all); err != nil {
		panic(err)
	}
	for _, name := range []string{"mlp", "2c2d"} { // the networks are the same on both data sets
		fashion := maps.Clone(all["mnist_"+name])
		fashion["dataset"] = "fashion-mnist"
		all["fmnist_"+name] = fashion
	}
	return all
}()

// presetKinds are the named problems, whose keys give way to those of the experiment.
func presetKinds() []kind {
	var list []kind
	for _, name := range slices.Sorted(maps.Keys(presets)) {
		list = append(list, kind{name: name, about: "[networks of DeepOBS](models.md#problems-of-deepobs)", build: buildSupervised, least: atLeast0,
			keys: func() keys { return presetKeys(presets[name]) },
			read: func(w *Workload, t *table) {
				for key, value := range presets[name] {
					if _, given := t.keys[key]; !given {
						t.keys[key] = value
					}
				}
				standard := standardBatches
				standard.TensorFlow = problem.PublishedShuffle(2) // images and classes
				w.readSupervised(t, networkKeys, readNetwork, standard)
			}})
	}
	return list
}

// presetKeys are those of a network, by default with the values of a preset.
func presetKeys(preset map[string]any) keys {
	list := supervisedKeys(networkKeys, standardBatches)
	for i := range list {
		if value, given := preset[list[i].name]; given {
			list[i].standard, list[i].words, list[i].need = value, "", ""
		}
	}
	return list
}
