package config

import "github.com/steepest/steepest/host/internal/model"

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

// read reads the keys that every model has. It returns the initialisers that are given for all layers.
func (m *Model) read(t *table) (outer model.Settings) {
	m.Loss, m.Target, m.L2 = t.choice("loss", "", model.Losses.Names()), t.choice("target", "label", targets), readL2(t)
	return t.settings(model.StartKeys, false, nil)
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
