package main

import (
	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
)

// network is one that is measured. torch_steps.py has the same under the same names.
type network struct {
	name   string
	in     model.Shape
	layers []model.Layer
	loss   string
	batch  int
}

func dense(units int, activation string) model.Layer {
	a, _ := model.Activations.Find(activation)
	return model.Activated{Layer: model.Dense{Units: units, Weight: model.DefaultWeight(a)}, Activation: a}
}

func conv(filters int) model.Layer {
	relu, _ := model.Activations.Find("relu")
	window := model.Window{Size: [2]int{5, 5}, Stride: [2]int{1, 1}, Same: true}
	return model.Activated{Layer: model.Conv2D{Filters: filters, Window: window, Weight: model.DefaultWeight(relu)}, Activation: relu}
}

var half = model.Pool{Window: model.Window{Size: [2]int{2, 2}, Stride: [2]int{2, 2}}}

var networks = []network{
	{"2-16-1, batch 32", model.Shape{2}, []model.Layer{dense(16, "tanh"), dense(1, "linear")}, "binary-cross-entropy", 32},
	{"784-128-1, batch 64", model.Shape{784}, []model.Layer{dense(128, "tanh"), dense(1, "linear")}, "binary-cross-entropy", 64},
	{"DeepOBS perceptron, batch 128", model.Shape{784}, []model.Layer{dense(1000, "relu"), dense(500, "relu"), dense(100, "relu"),
		dense(10, "linear")}, "softmax-cross-entropy", 128},
	{"DeepOBS 2c2d, batch 128", model.Shape{28, 28, 1}, []model.Layer{conv(32), half, conv(64), half, model.Flatten{},
		dense(1024, "relu"), dense(10, "linear")}, "softmax-cross-entropy", 128},
}

// examples is how many rows of random data batches are gathered from.
const examples = 4096

// objective fits a network to random examples.
type objective struct {
	network *model.Network
	loss    model.Loss
	init    seed.Tree
	pass    *model.Pass
	data, x *mat.Dense
	classes []float64
	y       []float64
}

var _ problem.Objective = (*objective)(nil)

func (n network) objective(tree seed.Tree) (*objective, error) {
	network, err := model.New(n.in, n.layers)
	if err != nil {
		return nil, err
	}
	loss, _ := model.Losses.Find(n.loss)
	o := &objective{network: network, loss: loss, init: tree.Branch("init"), pass: network.NewPass(tree),
		data: mat.NewDense(examples, n.in.Size(), nil), x: mat.NewDense(n.batch, n.in.Size(), nil),
		classes: make([]float64, examples), y: make([]float64, n.batch)}
	r := tree.Branch("data").Rand()
	for i := range o.data.RawMatrix().Data {
		o.data.RawMatrix().Data[i] = r.Float64()
	}
	for i := range o.classes {
		o.classes[i] = float64(r.IntN(max(network.Out.Size(), 2)))
	}
	return o, nil
}

func (o *objective) Initialize(weights []float64) { o.network.Initialize(o.init, weights) }

func (o *objective) Gradient(k int, weights, gradient []float64) float64 {
	for i := range o.y {
		row := (k*len(o.y) + i) * 7 % examples
		o.x.SetRow(i, o.data.RawRowView(row))
		o.y[i] = o.classes[row]
	}
	return o.pass.Gradient(o.loss, k, weights, o.x, o.y, gradient)
}

func (o *objective) Evaluate(problem.Part, []float64) problem.Evaluation {
	return problem.Evaluation{}
}
