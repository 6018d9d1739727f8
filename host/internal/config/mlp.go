package config

import (
	"fmt"
	"maps"

	"github.com/steepest/steepest/host/internal/model"
)

var mlp = supervised("mlp", "a multilayer perceptron", readMLP)

// readMLP reads the sizes of hidden layers.
func readMLP(t *table, m *Model) {
	m.Hidden = t.ints("hidden", maxLayers)
	m.Activation = t.choice("activation", "tanh", model.Activations.Names())
	if _, given := t.keys["layer"]; given {
		t.fault(t.place("layer"), `kind = "mlp" takes no list of layers`,
			`write kind = "network", or hidden = [...] instead of the list`)
		t.known = append(t.known, "layer")
	}
	outer := m.read(t)
	dense := func(path string, more model.Settings) {
		maps.Copy(more, outer)
		m.Layers = append(m.Layers, Layer{Kind: "dense", Settings: more, path: path})
	}
	for i, units := range m.Hidden {
		dense(fmt.Sprintf("%s.hidden[%d]", t.path, i), model.Settings{"units": units, "activation": m.Activation})
	}
	dense(t.path, model.Settings{})
}
