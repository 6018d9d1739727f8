package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/steepest/steepest/host/internal/model"
)

var mlp = supervised("mlp", "a multilayer perceptron", mlpKeys, readMLP)

// mlpKeys are those of the short form of a model.
func mlpKeys(m *Model) keys {
	return slices.Concat(keys{
		integersKey(&m.Hidden, "hidden", maxLayers, "units of each hidden layer; none makes a linear model").or("`[]`"),
		choiceKey(&m.Activation, "activation", "tanh", model.Activations.Names(), "after each hidden layer, [one of these](models.md#activations)").
			ofKind("string"),
	}, m.keys())
}

// readMLP makes the layers.
func readMLP(t *table, m *Model) {
	if _, given := t.keys["layer"]; given {
		t.fault(t.place("layer"), `kind = "mlp" takes no list of layers`,
			`write kind = "network", or hidden = [...] instead of the list`)
		t.known = append(t.known, "layer")
	}
	dense := func(path string, more model.Settings) {
		maps.Copy(more, m.outer)
		m.Layers = append(m.Layers, Layer{Kind: "dense", Settings: more, path: path})
	}
	for i, units := range m.Hidden {
		dense(fmt.Sprintf("%s.hidden[%d]", t.path, i), model.Settings{"units": units, "activation": m.Activation})
	}
	dense(t.path, model.Settings{})
}
