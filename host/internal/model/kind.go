package model

import "github.com/steepest/steepest/host/internal/registry"

// LayerKind is a kind of layer that an experiment can name. Each has a file of its own, with the layer.
type LayerKind struct {
	Name  string
	Keys  []Key
	Help  string // of one without keys, or more than they say
	Takes Takes
	Size  string // the key that says how many values or channels come out; "" if that follows from the input
	Make  func(Settings) Layer
}

func (k *LayerKind) String() string { return k.Name }

// Takes is what a layer needs as its input.
type Takes int

// What a layer can need.
const (
	Anything Takes = iota
	Vectors
	Images
)

// LayerKinds are the layers that an experiment can name, in the order of the manual.
var LayerKinds = registry.List[*LayerKind]{&denseKind, &conv2DKind, &maxPoolKind, &averagePoolKind, &flattenKind, &dropoutKind, &batchNormKind}

// Key is what can be set for a layer or an initialiser.
type Key struct {
	Name     string // in an experiment
	Recorded string // in the record, if that differs
	Type     Type
	Default  any      // of the type; nil for what is zero
	Like     string   // the key whose value is the default
	Needed   string   // if there is no default: what to write
	Last     bool     // in a last layer it may be left out, and follows from the data
	Choices  []string // of a Choice or a Switch
	In       string   // the interval of a Number, such as "[0,1)"; "" for any
	AtLeast  string   // the key below whose value a Number must not be
	Help     string
}

// Type is what a key's value can be.
type Type int

// The types of values, as they are kept in [Settings].
const (
	Whole  Type = iota // int of at least 1
	Number             // float64
	Pair               // [2]int, height and width
	Choice             // string
	Switch             // bool: whether it is not the default, of two choices or true
	Start              // Initializer
	File               // []float64, the content
)

// RecordedName is the key's name in the record.
func (k Key) RecordedName() string {
	if k.Recorded != "" {
		return k.Recorded
	}
	return k.Name
}

// Settings are values by the names of their keys in the record. What is zero may be left out.
type Settings map[string]any

func setting[T any](s Settings, name string) T { v, _ := s[name].(T); return v }

// activationKey is the function applied to what comes out of a layer.
var activationKey = Key{Name: "activation", Type: Choice, Default: linear.Name, Choices: Activations.Names(),
	Help: "see [Activations](#activations)"}

// activation is the setting of activationKey.
func (s Settings) activation() Activation {
	a, _ := Activations.Find(setting[string](s, activationKey.Name))
	return a
}

// StartKeys are how weights and biases start; they can be set for all layers.
var StartKeys = []Key{{Name: "weight_init", Type: Start, Help: "see [Initial values](#initial-values)"}, {Name: "bias_init", Type: Start}}

// parameterKeys are those of a layer with weights and biases.
var parameterKeys = append([]Key{activationKey, {Name: "bias", Recorded: "no_bias", Type: Switch, Help: "whether b is added"}}, StartKeys...)

// parameters are the settings of parameterKeys.
func (s Settings) parameters() (weight, bias Initializer, noBias bool) {
	if weight = setting[Initializer](s, "weight_init"); weight == nil {
		weight = DefaultWeight(s.activation())
	}
	return weight, setting[Initializer](s, "bias_init"), setting[bool](s, "no_bias")
}
