package config

import (
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
)

// standardBatches are those of a model.
var standardBatches = dataset.Batching{Sizes: []int{32}, Reshuffle: true}

// supervised is a kind of problem that fits a model to data. model are the keys of [problem] that say which, and layers makes it of them.
func supervised(name, about string, model func(*Model) keys, layers func(*table, *Model)) kind {
	return kind{name: name, about: about, build: buildSupervised, least: atLeast0,
		keys: func() keys { return supervisedKeys(model, standardBatches) },
		read: func(w *Workload, t *table) { w.readSupervised(t, model, layers, standardBatches) }}
}

// supervisedKeys are those of data, of a model and of batches.
func supervisedKeys(model func(*Model) keys, standard dataset.Batching) keys {
	return slices.Concat(new(Data).keys(), model(&Model{}), batchKeys(&dataset.Batching{}, standard), keys{startFolderKey(&Problem{})})
}

// readSupervised reads the data, the model and how training meets the data.
func (w *Workload) readSupervised(t *table, model func(*Model) keys, layers func(*table, *Model), standard dataset.Batching) {
	p := &w.Problem
	p.Data = readData(t)
	before := len(t.errors)
	p.Model = &Model{}
	t.fill(append(model(p.Model), startFolderKey(p)))
	layers(t, p.Model)
	p.Model.whole = len(t.errors) == before
	p.Batching = readBatching(t, standard)
}

// buildSupervised loads the data and makes the network that is fitted to them.
func buildSupervised(w *Workload) problem.Problem {
	p := w.Problem
	data := w.buildData()
	if data == nil || !p.Model.whole {
		return nil // reported already
	}
	network, loss := w.buildNetwork(data)
	if network == nil {
		return nil
	}
	train, _, _, _ := p.Splitting.Sizes(data) // checked with the data
	before := len(w.errors)
	w.checkBatches(train)
	w.readOrder(&problem.Supervised{Data: data, Splitting: p.Splitting, Batching: *p.Batching}, data.Examples()-data.Test, train, func(tree seed.Tree) []int {
		rows, _, _ := p.Splitting.Rows(data, tree.Branch("data"))
		return rows
	})
	w.checkNormalized(network, train)
	if len(w.errors) > before {
		return nil
	}
	if n := p.Batching.Largest(train); n > model.MaxValues/network.Width() {
		w.Fault("problem.batch", fmt.Sprintf("a batch of %d examples has more than the %d values allowed in the layers, "+
			"%d for each", n, model.MaxValues, network.Width()), fmt.Sprintf("choose at most %d", model.MaxValues/network.Width()))
		return nil
	}
	start, ok := w.startWeights(network.Layout())
	if !ok {
		return nil
	}
	built := &problem.Supervised{Data: data, Network: network, Loss: loss, Reconstruct: p.Model.Target == "input",
		Splitting: w.Problem.Splitting, Batching: *p.Batching, Start: start}
	w.warnUnseen(built)
	return built
}

// warnUnseen warns of features of which the training examples do not show enough.
func (w *Workload) warnUnseen(p *problem.Supervised) {
	seed, unseen := p.Unseen(w.Seeds)
	which := ""
	if !p.Splitting.OnTest || p.Splitting.Subset != (dataset.Portion{}) {
		which = fmt.Sprintf(" of seed %d", seed)
	}
	if features := unseen.Constant; len(features) > 0 {
		name := fmt.Sprint(features[0] + 1)
		if p.Data.Names != nil {
			name += fmt.Sprintf(" (%q)", p.Data.Names[features[0]])
		}
		if more := len(features) - 1; more > 0 {
			name += fmt.Sprintf(" and %d more", more)
		}
		w.Warn("problem.dataset", fmt.Sprintf("feature %s is constant among the training examples%s, but not among the others; it "+
			"becomes 0 in all", name, which), "remove the feature, or train on examples that show it")
	}
	if unseen.Values > 0 {
		w.Warn("problem.dataset", fmt.Sprintf("values beyond those of the training examples%s are cut off to 0 or 1, as targets of binary "+
			"cross-entropy must be; among the other examples there are %d", which, unseen.Values), `write loss = "mean-squared-error", which takes any target`)
	}
}
