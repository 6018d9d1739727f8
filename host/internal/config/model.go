package config

import (
	"fmt"

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

// Layer is one of the network's layers. Which fields count depends on Kind.
type Layer struct {
	Kind       string       `json:"kind"`
	Units      int          `json:"units,omitempty"`
	Filters    int          `json:"filters,omitempty"`
	Size       [2]int       `json:"size,omitzero"` // of the kernel or window: height and width
	Stride     [2]int       `json:"stride,omitzero"`
	Padding    string       `json:"padding,omitempty"`
	NoBias     bool         `json:"no_bias,omitempty"`
	Activation string       `json:"activation,omitempty"`
	Rate       float64      `json:"rate,omitempty"`
	Epsilon    float64      `json:"epsilon,omitempty"`
	Weight     *Initializer `json:"weight_init,omitempty"`
	Bias       *Initializer `json:"bias_init,omitempty"`

	path string
}

// Initializer is how a tensor starts. Which fields count depends on Kind.
type Initializer struct {
	Kind   string  `json:"kind"`
	Value  float64 `json:"value,omitempty"`
	Mean   float64 `json:"mean,omitempty"`
	StdDev float64 `json:"stddev,omitempty"`
	Low    float64 `json:"low,omitempty"`
	High   float64 `json:"high,omitempty"`
	Gain   float64 `json:"gain,omitempty"`
	Normal bool    `json:"normal,omitempty"`
	File   string  `json:"file,omitempty"`

	path string
}

// Kinds of layers and of padding, and what a target can be.
var (
	layerKinds   = []string{"dense", "conv2d", "max-pool", "average-pool", "flatten", "dropout", "batch-norm"}
	paddings     = []string{"valid", "same"}
	targets      = []string{"label", "input"}
	initializers = append(append([]string(nil), model.InitializerNames...), "file")
)

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
	weight, bias := readInit(t, "weight_init", nil), readInit(t, "bias_init", nil)
	if kind == "mlp" {
		for i, units := range m.Hidden {
			m.Layers = append(m.Layers, Layer{Kind: "dense", Units: units, Activation: m.Activation, Weight: weight, Bias: bias,
				path: fmt.Sprintf("%s.hidden[%d]", t.path, i)})
		}
		m.Layers = append(m.Layers, Layer{Kind: "dense", Weight: weight, Bias: bias, path: t.path})
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
		m.Layers = append(m.Layers, readLayer(sub, i == len(subs)-1, weight, bias))
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

func readLayer(t *table, last bool, weight, bias *Initializer) Layer {
	l := Layer{path: t.path}
	t.required("kind", "add kind = \"dense\" or another of "+quoted(layerKinds[1:]))
	l.Kind = t.choice("kind", "", layerKinds)
	switch l.Kind {
	case "dense":
		if !last {
			t.required("units", "add units = 100; only the last layer's follow from the data")
		}
		l.Units = t.integer("units", 0, 1)
	case "conv2d":
		t.required("filters", "add filters = 32, the number of channels that come out")
		t.required("kernel", "add kernel = 3, or height and width such as kernel = [3, 5]")
		l.Filters = t.integer("filters", 1, 1)
		l.Size, l.Stride = t.pair("kernel", [2]int{1, 1}), t.pair("stride", [2]int{1, 1})
		l.Padding = t.choice("padding", "valid", paddings)
	case "max-pool", "average-pool":
		l.Size = t.pair("size", [2]int{2, 2})
		l.Stride = t.pair("stride", l.Size)
		l.Padding = t.choice("padding", "valid", paddings)
	case "dropout":
		t.required("rate", "add rate = 0.5, the probability that a value is dropped")
		l.Rate = t.number("rate", 0, func(x float64) bool { return x >= 0 && x < 1 }, "a number of at least 0 and below 1")
	case "batch-norm":
		l.Epsilon = t.number("epsilon", 1e-5, func(x float64) bool { return x > 0 }, "a number above 0")
		l.Activation = t.choice("activation", "linear", model.ActivationNames())
	case "flatten":
	default:
		return l // of an unknown kind no key can be judged
	}
	if l.Kind == "dense" || l.Kind == "conv2d" {
		l.Activation = t.choice("activation", "linear", model.ActivationNames())
		l.NoBias = !t.boolean("bias", true)
		l.Weight, l.Bias = readInit(t, "weight_init", weight), readInit(t, "bias_init", bias)
	}
	t.done()
	return l
}

// pair reads a whole number for both height and width, or an array of the two.
func (t *table) pair(key string, standard [2]int) [2]int {
	if list, isList := t.keys[key].([]any); isList {
		both := t.ints(key, 1, maxValues)
		if len(list) != 2 {
			t.fault(t.place(key), fmt.Sprintf("%s has %d numbers", key, len(list)),
				fmt.Sprintf("write height and width, such as %s = [3, 5]", key))
			return standard
		}
		return [2]int{both[0], both[1]}
	}
	if _, given := t.lookup(key); !given {
		return standard
	}
	n := t.integer(key, 1, 1)
	return [2]int{n, n}
}

// readInit reads the name of an initialiser, or a table with its kind and what it takes.
func readInit(t *table, key string, standard *Initializer) *Initializer {
	v, given := t.lookup(key)
	if !given {
		return standard
	}
	f := &Initializer{path: join(t.path, key)}
	sub := &table{document: t.document, path: f.path, keys: map[string]any{}}
	switch v := v.(type) {
	case string:
		if f.Kind = t.choice(key, "", initializers); f.Kind == "" {
			return standard
		}
	case map[string]any:
		sub, _ = t.sub(key)
		if _, isFile := sub.keys["file"]; isFile {
			f.Kind = "file"
			break
		}
		sub.required("kind", "add kind = \"normal\" or another of "+quoted(initializers))
		if f.Kind = sub.choice("kind", "", initializers); f.Kind == "" {
			return standard
		}
	default:
		t.wrong(key, "a name or a table", v, `"glorot" or { kind = "normal", stddev = 0.1 }`)
		return standard
	}
	f.read(sub)
	return f
}

// read reads what an initialiser takes.
func (f *Initializer) read(t *table) {
	number := func(key string, standard float64) float64 {
		return t.number(key, standard, func(float64) bool { return true }, "a finite number")
	}
	needs := func(key, example string) {
		t.required(key, fmt.Sprintf("write { kind = %q, %s }", f.Kind, example))
	}
	switch f.Kind {
	case "constant":
		needs("value", "value = 0.1")
		f.Value = number("value", 0)
	case "normal", "truncated-normal":
		needs("stddev", "stddev = 0.05")
		f.Mean = number("mean", 0)
		f.StdDev = t.number("stddev", 0, func(x float64) bool { return x >= 0 }, "a number of at least 0")
	case "uniform":
		needs("low", "low = -0.1, high = 0.1")
		needs("high", "low = -0.1, high = 0.1")
		f.Low = number("low", 0)
		f.High = t.number("high", f.Low, func(x float64) bool { return x >= f.Low }, "a number of at least low")
	case "glorot", "he":
		f.Normal = t.choice("distribution", "uniform", []string{"uniform", "normal"}) == "normal"
	case "orthogonal":
		f.Gain = number("gain", 1)
	case "file":
		t.required("file", `write { file = "weights.csv" }`)
		f.File = t.str("file", "")
	}
	t.str("kind", "") // known
	t.done()
}
