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

	outer model.Settings // the initialisers that are given for all layers
	whole bool           // nothing in it is wrong so far
}

// targets are what a model can be compared with.
var targets = []string{"label", "input"}

// keys are those that every model has.
func (m *Model) keys() keys {
	m.outer = model.Settings{}
	starts := settingKeys(model.StartKeys, m.outer, false, nil)
	starts[0].words, starts[1].words = "Glorot's, before a rectifier He's", "zeros"
	for i := range starts {
		starts[i].kind, starts[i].help = "string or table", "how they start, in layers that do not say it: [one of these](models.md#initial-values)"
	}
	return append(keys{
		choiceKey(&m.Loss, "loss", "", model.Losses.Names(), "[one of these](models.md#losses): a mean over the batch, computed from logits").
			ofKind("string").or("what fits the targets"),
		choiceKey(&m.Target, "target", "label", targets, "`\"input\"` makes an autoencoder"),
		{name: "l2", kind: "number or table", value: either(node{"type": "number", "minimum": 0}, l2Keys(&m.L2).closed()), standard: 0,
			help: "penalty λ/2 Σ w² on the weights, or `{ weight = 1e-4, bias = 1e-4, scale = 1e-4 }`",
			read: func(t *table, _ *key) { readL2(t, &m.L2) }},
	}, starts...)
}

// l2Keys are the penalties of each role.
func l2Keys(l *model.L2) keys {
	return keys{
		numberKey(&l.Weight, "weight", 0, "[0,inf)", "of weights"),
		numberKey(&l.Bias, "bias", 0, "[0,inf)", "of biases"),
		numberKey(&l.Scale, "scale", 0, "[0,inf)", "of scales"),
	}
}

// readL2 reads a number, for the weights alone, or a table with one for each role.
func readL2(t *table, l *model.L2) {
	if _, isTable := t.keys["l2"].(map[string]any); isTable {
		sub, _ := t.sub("l2")
		sub.read(l2Keys(l))
		return
	}
	l.Weight = t.number("l2", 0, func(x float64) bool { return x >= 0 },
		"a number of at least 0, or a table such as { weight = 1e-4, bias = 1e-4 }")
}
