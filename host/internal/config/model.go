package config

import (
	"fmt"
	"maps"

	"github.com/steepest/steepest/host/internal/model"
)

// Model is a network and what it is fitted by.
type Model struct {
	Hidden     []int    `json:"hidden,omitempty"`     // of kind mlp
	Activation string   `json:"activation,omitempty"` // likewise
	Input      []int    `json:"input,omitempty"`      // height, width, channels; empty for what the data set says
	Layers     []Layer  `json:"layers"`               // all, in order
	Loss       string   `json:"loss"`
	Target     string   `json:"target"` // label or input
	L2         model.L2 `json:"l2"`

	whole bool // nothing in it is wrong so far
}

// targets are what a model can be compared with.
var targets = []string{"label", "input"}

// readModel reads the keys of [problem] that describe the network and its loss.
func readModel(t *table, kind string) *Model {
	before := len(t.errors)
	m := readNetwork(t, kind)
	m.whole = len(t.errors) == before
	return m
}

func readNetwork(t *table, kind string) *Model {
	m := &Model{}
	if kind == "mlp" {
		m.Hidden = t.ints("hidden", 1, maxLayers)
		m.Activation = t.choice("activation", "tanh", model.ActivationNames())
		if _, given := t.keys["layer"]; given {
			t.fault(t.place("layer"), `kind = "mlp" takes no list of layers`,
				`write kind = "network", or hidden = [...] instead of the list`)
			t.known = append(t.known, "layer")
		}
	}
	m.Loss, m.Target, m.L2 = t.choice("loss", "", model.LossNames()), t.choice("target", "label", targets), readL2(t)
	outer := t.settings(model.StartKeys, false, nil)
	if kind == "mlp" {
		dense := func(path string, more model.Settings) {
			maps.Copy(more, outer)
			m.Layers = append(m.Layers, Layer{Kind: "dense", Settings: more, path: path})
		}
		for i, units := range m.Hidden {
			dense(fmt.Sprintf("%s.hidden[%d]", t.path, i), model.Settings{"units": units, "activation": m.Activation})
		}
		dense(t.path, model.Settings{})
		return m
	}
	if _, given := t.lookup("input"); given {
		m.Input = t.ints("input", 1, maxValues)
		if len(m.Input) != 3 {
			t.fault(t.place("input"), fmt.Sprintf("input has %d numbers", len(m.Input)),
				"write height, width and channels, such as input = [28, 28, 1]")
			m.Input = nil
		}
	}
	t.required("layer", `add a table [[problem.layer]] with kind = "dense" for each layer, or write kind = "mlp"`)
	subs := t.subs("layer")
	if len(subs) > maxLayers {
		t.fault(t.place("layer"), fmt.Sprintf("there are %d layers", len(subs)), fmt.Sprintf("choose at most %d", maxLayers))
		return m
	}
	for i, sub := range subs {
		m.Layers = append(m.Layers, readLayer(sub, i == len(subs)-1, outer))
	}
	return m
}

// readL2 reads a number, for the weights alone, or a table with one for each role.
func readL2(t *table) (l model.L2) {
	atLeast0 := func(x float64) bool { return x >= 0 }
	const want = "a number of at least 0"
	if _, isTable := t.keys["l2"].(map[string]any); !isTable {
		l.Weight = t.number("l2", 0, atLeast0, want+", or a table such as { weight = 1e-4, bias = 1e-4 }")
		return l
	}
	sub, _ := t.sub("l2")
	l = model.L2{Weight: sub.number("weight", 0, atLeast0, want), Bias: sub.number("bias", 0, atLeast0, want),
		Scale: sub.number("scale", 0, atLeast0, want)}
	sub.done()
	return l
}
