package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
)

var network = supervised("network", "a model whose layers are listed", networkKeys, readNetwork)

// networkKeys are those of a list of layers.
func networkKeys(m *Model) keys {
	input := integersKey(&m.Input, "input", maxValues, "height, width and channels of an example").ofKind("three integers").or("what the data set says")
	input.value["minItems"], input.value["maxItems"] = 3, 3
	return slices.Concat(m.keys(), keys{input,
		key{name: "layer", kind: "tables", value: arrayOf(node{"$ref": "#/$defs/layer"}), help: "`kind` and the keys of [that layer](models.md#layers)",
			read: func(*table, *key) {}}. // by readNetwork
			needed(`add a table [[problem.layer]] with kind = "dense" for each layer, or write kind = "mlp"`),
	})
}

// readNetwork reads the list of layers.
func readNetwork(t *table, m *Model) {
	if n := len(m.Input); t.given("input") && n != 3 {
		t.fault(t.place("input"), fmt.Sprintf("input has %d numbers", n),
			"write height, width and channels, such as input = [28, 28, 1]")
		m.Input = nil
	}
	subs := t.subs("layer")
	if len(subs) > maxLayers {
		t.fault(t.place("layer"), fmt.Sprintf("there are %d layers", len(subs)), fmt.Sprintf("choose at most %d", maxLayers))
		return
	}
	for i, sub := range subs {
		m.Layers = append(m.Layers, readLayer(sub, i == len(subs)-1, m.outer))
	}
}

// buildNetwork makes the network for a data set and chooses the loss if none is given. The result is nil if something is
// wrong.
func (w *Workload) buildNetwork(data *dataset.Dataset) (*model.Network, model.Loss) {
	m := w.Problem.Model
	if !w.chooseLoss(len(data.Classes)) || !w.checkRange(data) {
		return nil, model.Loss{}
	}
	loss, _ := model.Losses.Find(m.Loss)
	features := data.Features()
	in := model.Shape{features}
	if data.Shape != nil && m.takesImages() {
		in = data.Shape
	}
	if shape := model.Shape(m.Input); m.Input != nil {
		if shape.Size() != features {
			w.Fault("problem.input",
				fmt.Sprintf("an input of %v has %d values, but the data set has %d features", shape, shape.Size(), features),
				"correct the height, width or channels")
			return nil, loss
		}
		in = shape
	}
	outputs := m.outputs(loss, len(data.Classes), features)
	last := &m.Layers[len(m.Layers)-1]
	for _, k := range last.kind().Keys {
		if _, given := last.Settings[k.RecordedName()]; k.Last && !given {
			last.Settings[k.RecordedName()] = outputs
		}
	}
	network := w.network(in)
	if network == nil {
		return nil, loss
	}
	if got := network.Out.Size(); got != outputs {
		w.Fault(last.key(last.kind().Size),
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
		if takes := l.kind().Takes; takes != model.Anything {
			return takes == model.Images
		}
	}
	return false
}

// network puts the layers together behind inputs of a shape.
func (w *Workload) network(in model.Shape) *model.Network {
	m := w.Problem.Model
	var layers []model.Layer
	ok := true
	for i := range m.Layers {
		layer, err := w.layer(&m.Layers[i])
		layers, ok = append(layers, layer), ok && err
	}
	if !ok {
		return nil
	}
	network, err := model.New(in, layers)
	if misfit, ok := errors.AsType[*model.Misfit](err); ok {
		l, where := &m.Layers[min(misfit.Layer, len(m.Layers)-1)], ""
		if misfit.Layer < len(m.Layers) {
			where = fmt.Sprintf("layer %d (%s): ", misfit.Layer+1, l.Kind)
		}
		w.Fault(l.key(misfit.Key), where+misfit.Message, misfit.Remedy)
		return nil
	}
	network.L2 = m.L2
	return network
}

// chooseLoss picks the loss that fits the targets, or checks the one that is given. classes is 0 if targets are numbers.
func (w *Workload) chooseLoss(classes int) bool {
	m := w.Problem.Model
	targets := model.Targets{Input: m.Target == "input", Classes: classes,
		Standardized: strings.HasPrefix(string(w.Problem.Splitting.Scaling), "standardize")}
	if m.Loss == "" {
		m.Loss = model.DefaultLoss(targets).Name
	}
	loss, _ := model.Losses.Find(m.Loss)
	message, remedy := loss.Refuses(targets)
	if message != "" {
		w.Fault("problem.loss", message, remedy)
	}
	return message == ""
}

// checkRange refuses inputs beyond 0 and 1 as targets of a loss that needs them there. What min-max would put beyond, among the
// examples that it was not fitted to, is cut off.
func (w *Workload) checkRange(data *dataset.Dataset) bool {
	p := w.Problem
	loss, _ := model.Losses.Find(p.Loss)
	if p.Target != "input" || !loss.Bounded {
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
	w.Fault("problem.loss", fmt.Sprintf("%s needs targets from 0 to 1, but the input reaches from %.6g to %.6g", loss.Title,
		low, high), `write scale = "min-max" or, for images, "pixels", or loss = "mean-squared-error"`)
	return false
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
