package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
)

// buildNetwork makes the network for a data set and chooses the loss if none is given. The result is nil if something is
// wrong.
func (e *Experiment) buildNetwork(data *dataset.Dataset) (*model.Network, model.Loss) {
	m := e.Problem.Model
	if !e.chooseLoss(len(data.Classes)) || !e.checkRange(data) {
		return nil, model.Loss{}
	}
	loss, _ := model.FindLoss(m.Loss)
	features := data.Features()
	in := model.Shape{features}
	if data.Shape != nil && m.takesImages() {
		in = data.Shape
	}
	if shape := model.Shape(m.Input); m.Input != nil {
		if shape.Size() != features {
			e.Fault("problem.input",
				fmt.Sprintf("an input of %v has %d values, but the data set has %d features", shape, shape.Size(), features),
				"correct the height, width or channels")
			return nil, loss
		}
		in = shape
	}
	outputs := m.outputs(loss, len(data.Classes), features)
	last := &m.Layers[len(m.Layers)-1]
	if last.Kind == "dense" && last.Units == 0 {
		last.Units = outputs
	}
	network := e.network(in)
	if network == nil {
		return nil, loss
	}
	if got := network.Out.Size(); got != outputs {
		e.Fault(last.key("units", "filters"),
			fmt.Sprintf("layer %d (%s) has an output of %v for each example; the loss %q needs %s",
				len(m.Layers), last.Kind, network.Out, m.Loss, m.wanted(outputs)),
			"correct this layer, or leave units out of a last dense layer")
		return nil, loss
	}
	return network, loss
}

// takesImages tells whether the first layer that does not take what comes needs height, width and channels.
func (m *Model) takesImages() bool {
	for _, l := range m.Layers {
		if l.Kind != "dropout" && l.Kind != "batch-norm" {
			return l.Kind != "dense"
		}
	}
	return false
}

// network puts the layers together behind inputs of a shape.
func (e *Experiment) network(in model.Shape) *model.Network {
	m := e.Problem.Model
	var layers []model.Layer
	ok := true
	for i := range m.Layers {
		layer, err := e.layer(&m.Layers[i])
		layers, ok = append(layers, layer), ok && err
	}
	if !ok {
		return nil
	}
	network, err := model.New(in, layers)
	var misfit *model.Misfit
	if errors.As(err, &misfit) {
		l, where := &m.Layers[min(misfit.Layer, len(m.Layers)-1)], ""
		if misfit.Layer < len(m.Layers) {
			where = fmt.Sprintf("layer %d (%s): ", misfit.Layer+1, l.Kind)
		}
		e.Fault(l.key(misfit.Key), where+misfit.Message, misfit.Remedy)
		return nil
	}
	network.L2 = m.L2
	return network
}

// key is the path of the first of the layer's keys that a fault could be about.
func (l *Layer) key(names ...string) string {
	for _, name := range names {
		of := map[string]string{"units": "dense", "filters": "conv2d"}[name]
		if name != "" && (of == "" || of == l.Kind) {
			return join(l.path, name)
		}
	}
	return l.path
}

// chooseLoss picks the loss that fits the targets, or checks the one that is given. classes is 0 if targets are numbers.
func (e *Experiment) chooseLoss(classes int) bool {
	m := e.Problem.Model
	byInput := m.Target == "input"
	wrong := func(message, remedy string) bool { e.Fault("problem.loss", message, remedy); return false }
	switch {
	case m.Loss == "" && (byInput || classes == 0):
		m.Loss = "mean-squared-error"
	case m.Loss == "" && classes == 2:
		m.Loss = "binary-cross-entropy"
	case m.Loss == "":
		m.Loss = "softmax-cross-entropy"
	case m.Loss == "softmax-cross-entropy" && (byInput || classes == 0):
		return wrong("softmax cross-entropy needs classes as targets", `write loss = "mean-squared-error"`)
	case m.Loss == "binary-cross-entropy" && byInput && strings.HasPrefix(string(e.Problem.Splitting.Scaling), "standardize"):
		return wrong("binary cross-entropy needs targets from 0 to 1, but the input is standardized",
			`write scale = "min-max" or, for images, "pixels", or loss = "mean-squared-error"`)
	case m.Loss == "binary-cross-entropy" && !byInput && classes != 2:
		return wrong(fmt.Sprintf("binary cross-entropy needs two classes; the data set has %s", count(classes)),
			`write loss = "softmax-cross-entropy" for more classes, "mean-squared-error" for targets that are numbers, `+
				"or choose two classes with one_vs_rest or odd_even in the table of the data set")
	case m.Loss == "mean-squared-error" && !byInput && classes > 2:
		return wrong(fmt.Sprintf("mean squared error needs a number as target; the data set has %s", count(classes)),
			`write loss = "softmax-cross-entropy"`)
	}
	return true
}

// checkRange refuses inputs beyond 0 and 1 as targets of the binary cross-entropy, which could fall without bound. What
// min-max would put there among the examples that it was not fitted to is cut off.
func (e *Experiment) checkRange(data *dataset.Dataset) bool {
	p := e.Problem
	if p.Target != "input" || p.Loss != "binary-cross-entropy" {
		return true
	}
	if p.Splitting.Scaling == dataset.MinMax {
		p.Splitting.Clip = true
	}
	if p.Splitting.Scaling != dataset.Unscaled {
		return true
	}
	low, high := data.Range()
	if low >= 0 && high <= 1 {
		return true
	}
	e.Fault("problem.loss", fmt.Sprintf("binary cross-entropy needs targets from 0 to 1, but the input reaches from %.6g to %.6g",
		low, high), `write scale = "min-max" or, for images, "pixels", or loss = "mean-squared-error"`)
	return false
}

func count(classes int) string {
	if classes == 0 {
		return "none: its targets are numbers"
	}
	return fmt.Sprint(classes)
}

// outputs is how many values the last layer must have.
func (m *Model) outputs(loss model.Loss, classes, features int) int {
	switch {
	case m.Target == "input":
		return features
	case loss.ByClass:
		return classes
	}
	return 1
}

func (m *Model) wanted(outputs int) string {
	switch {
	case m.Target == "input":
		return fmt.Sprintf("%d, one for each input", outputs)
	case outputs == 1:
		return "1"
	}
	return fmt.Sprintf("%d, one for each class", outputs)
}

// layer turns a layer of the file into one of a model; ok tells whether its files could be read.
func (e *Experiment) layer(l *Layer) (_ model.Layer, ok bool) {
	activation, _ := model.FindActivation(l.Activation)
	window := model.Window{Size: l.Size, Stride: l.Stride, Same: l.Padding == "same"}
	var layer model.Layer
	weight, bias := model.DefaultWeight(activation), model.Initializer{Name: "zeros"}
	ok = e.initializer(l.Weight, &weight) && e.initializer(l.Bias, &bias)
	switch l.Kind {
	case "dense":
		layer = model.Dense{Units: l.Units, NoBias: l.NoBias, Weight: weight, Bias: bias}
	case "conv2d":
		layer = model.Conv2D{Filters: l.Filters, Window: window, NoBias: l.NoBias, Weight: weight, Bias: bias}
	case "max-pool", "average-pool":
		return model.Pool{Window: window, Average: l.Kind == "average-pool"}, ok
	case "flatten":
		return model.Flatten{}, ok
	case "dropout":
		return model.Dropout{Rate: l.Rate}, ok
	case "batch-norm":
		layer = model.BatchNorm{Epsilon: l.Epsilon, Scale: model.Initializer{Name: "constant", Value: 1}}
	}
	return model.Activated{Layer: layer, Activation: activation}, ok
}

// initializer replaces the default if another one is given.
func (e *Experiment) initializer(f *Initializer, into *model.Initializer) (ok bool) {
	if f == nil {
		return true
	}
	*into = model.Initializer{Name: f.Kind, Value: f.Value, Mean: f.Mean, StdDev: f.StdDev, Low: f.Low, High: f.High,
		Gain: f.Gain, Normal: f.Normal}
	if f.Kind != "file" {
		return true
	}
	values := e.readMatrix(join(f.path, "file"), f.File)
	if values == nil {
		return false
	}
	into.Values = values.RawMatrix().Data
	return true
}
