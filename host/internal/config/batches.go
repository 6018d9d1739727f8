package config

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
)

// readBatching reads the keys of [problem] that say how training meets the data.
func readBatching(t *table, standard dataset.Batching) *dataset.Batching {
	b := standard
	t.fill(batchKeys(&b, standard))
	if b.Replace && slices.Contains(b.Sizes, 0) {
		t.fault(t.place("replacement"), "the full batch has every example once", "remove replacement, or give batch as a number")
	}
	if b.Reshuffle || b.Replace || b.Order != nil {
		b.TensorFlow = nil
	}
	return &b
}

// batchKeys are those of [problem] that say how training meets the data.
func batchKeys(b *dataset.Batching, standard dataset.Batching) keys {
	size := either(node{"type": "integer", "minimum": 1}, only("full"))
	stages := keys{
		{name: "sizes", value: arrayOf(size), need: "write the sizes", help: "examples in a step, of each stage"},
		{name: "milestones", value: arrayOf(node{"type": "integer", "minimum": 1}), need: "write the epochs", help: "the epoch at which each next size takes over"},
	}
	var order dataset.Order
	return keys{
		{name: "batch", kind: "integer, `\"full\"` or table", value: either(size, stages.closed()), standard: standard.Sizes[0], help: "examples in a step",
			read: func(t *table, _ *key) { readBatch(t, b) }},
		boolKey(&b.Replace, "replacement", standard.Replace, "draw every example of a batch anew from all"),
		boolKey(&b.DropLast, "drop_last", standard.DropLast, "leave an epoch's last batch out if it is smaller than the others"),
		boolKey(&b.Reshuffle, "reshuffle", standard.Reshuffle, "every epoch has an order of its own; without it, all epochs repeat the first's"),
		tableKey("order", orderKeys(&order), "`{ file = \"batches.csv\" }`: which examples each step sees, see [there](data.md#the-order-of-another-program)").
			then(func() { b.Order = &order }),
	}
}

func orderKeys(o *dataset.Order) keys {
	return keys{stringKey(&o.File, "file", "", "a line for each step with the numbers of its examples").needed(`write order = { file = "batches.csv" }`)}
}

// readBatch reads how many examples there are in a batch.
func readBatch(t *table, b *dataset.Batching) {
	v, _ := t.lookup("batch")
	if _, isTable := v.(map[string]any); !isTable {
		if v != nil {
			b.Sizes = []int{t.batchSize("batch", join(t.path, "batch"), v)}
		}
		return
	}
	sub, _ := t.sub("batch")
	before := len(t.errors)
	sizes, milestones := sub.batchSizes("sizes"), sub.ints("milestones", maxValues)
	sub.done()
	if len(t.errors) == before && (len(sizes) != len(milestones)+1 || !ascending(milestones)) {
		t.fault(t.place("batch"), "batch needs sizes and, between each two, the epoch at which the next takes over",
			`write it like batch = { sizes = [32, 64, "full"], milestones = [10, 20] }`)
	}
	if len(t.errors) == before {
		b.Sizes, b.Milestones = sizes, milestones
	}
}

// ascending tells whether each number is larger than the one before.
func ascending(list []int) bool {
	for i := 1; i < len(list); i++ {
		if list[i] <= list[i-1] {
			return false
		}
	}
	return true
}

// batchSize reads a number of examples, or "full", which is 0.
func (t *table) batchSize(key, path string, v any) int {
	if s, ok := v.(string); ok {
		if s != "full" {
			t.fault(t.at(path), fmt.Sprintf("%s = %q is neither a number nor \"full\"", key, s),
				"write batch = 32 or batch = \"full\"")
		}
		return 0
	}
	return t.toInt(key, path, v, 32, 1, math.MaxInt32)
}

func (t *table) batchSizes(key string) []int {
	v, _ := t.lookup(key)
	list, _ := v.([]any)
	sizes := make([]int, len(list))
	for i, e := range list {
		sizes[i] = t.batchSize(key, fmt.Sprintf("%s[%d]", join(t.path, key), i), e)
	}
	return sizes
}

// checkBatches reports batches larger than the examples that they are dealt from. A default that is too large is the
// full batch.
func (w *Workload) checkBatches(train int) {
	b := w.Problem.Batching
	if _, given := w.where("problem.batch"); !given || b.Replace {
		return
	}
	if largest := slices.Max(b.Sizes); largest > train {
		w.Fault("problem.batch", fmt.Sprintf("a batch of %d examples is larger than the %d that train", largest, train),
			fmt.Sprintf(`choose at most %d, or write "full"`, train))
	}
}

// checkNormalized reports batches in which a layer that normalises over the batch would meet a single value: its variance
// is 0, and so is everything that comes out, whatever the weights.
func (w *Workload) checkNormalized(network *model.Network, train int) {
	b := w.Problem.Batching
	layer, values := network.Normalized()
	if values != 1 {
		return // there is none, or each image has several
	}
	for i, size := range b.Sizes {
		if size == 0 || !b.Replace {
			size = min(cmp.Or(size, train), train)
		}
		var what string
		remedy := "choose a larger batch"
		switch {
		case size == 1:
			what = "a batch of one example"
		case !b.Replace && !b.DropLast && train%size == 1:
			what = fmt.Sprintf("the last of an epoch's batches, which has one of the %d examples that train", train)
			remedy = "write drop_last = true, or choose another batch"
		default:
			continue
		}
		path := "problem.batch"
		if len(b.Sizes) > 1 {
			path = fmt.Sprintf("problem.batch.sizes[%d]", i)
		}
		if _, given := w.where("problem.batch"); !given {
			path = w.Problem.Layers[layer].path
		}
		w.Fault(path, fmt.Sprintf("layer %d (%s) cannot normalise over %s", layer+1, w.Problem.Layers[layer].Kind, what), remedy)
		return
	}
}

// readOrder reads the file that lists the batches, and checks it against the sizes of the batches, the budget and, for
// each seed, the examples that train. p is the problem without it. The data have the given number of examples, test part excluded, of which some train.
func (w *Workload) readOrder(p problem.Problem, examples, train int, trains func(seed.Tree) []int) {
	b := w.Problem.Batching
	if b.Order == nil || b.Order.File == "" {
		return
	}
	const path = "problem.order.file"
	name := b.Order.File
	order, sum, err := dataset.ReadOrder(w.fileAt(path, name))
	if err != nil {
		w.faultFile(path, name, err)
		return
	}
	order.File = name
	b.Order = order
	w.keep("order", sum)
	steps, listed := w.Budget.steps(p), order.Steps()
	if !b.Lists(train, steps) {
		asked, remedy := fmt.Sprintf("the budget has %d", steps), fmt.Sprintf("list %d steps, or shorten the budget", steps)
		if w.Budget.Time > 0 {
			asked, remedy = "nobody knows how many the budget's time is enough for", fmt.Sprintf("write steps = %d", listed)
		}
		if b.Reshuffle && len(b.Milestones) == 0 && listed == b.Steps(train, 1) {
			remedy += ", or write reshuffle = false to meet the same batches in every epoch"
		}
		w.Fault(path, fmt.Sprintf("%s lists %d steps, but %s", w.fileAt(path, name), listed, asked), remedy)
		return
	}
	if k, message, remedy := w.misfit(order, steps, examples, train, trains); message != "" {
		w.Fault(path, fmt.Sprintf("%s:%d: %s", w.fileAt(path, name), order.Line(k), message), remedy)
	}
}

// misfit finds the first step of an order that has another number of examples than its batch, or one that does not train with
// every seed. The message is empty if there is none.
func (w *Workload) misfit(order *dataset.Order, steps, examples, train int, trains func(seed.Tree) []int) (k int, message,
	remedy string) {
	for k := range min(order.Steps(), steps) {
		if got, want := len(order.Step(k)), w.Problem.Batching.Size(train, k); got != want {
			return k, fmt.Sprintf("step %d has %d examples, but a batch has %d", k, got, want),
				"make batch and drop_last those that the file was written with"
		}
	}
	seeds := w.Seeds
	if train == examples {
		seeds = seeds[:min(1, len(seeds))] // all train, whatever the seed
	}
	for _, s := range seeds {
		held := make([]bool, examples)
		if train < examples {
			for i := range held {
				held[i] = true
			}
			for _, row := range trains(seed.New(s)) {
				held[row] = false
			}
		}
		for k := range order.Steps() {
			for _, row := range order.Step(k) {
				switch {
				case int(row) >= examples:
					return k, fmt.Sprintf("there is no example %d; the last is %d", row, examples-1),
						"count the examples from 0, without a header"
				case held[row]:
					return k, fmt.Sprintf("example %d does not train with seed %d", row, s),
						"write validation = 0, or list examples that train: steepest data split FILE --seed N shows them"
				}
			}
		}
	}
	return 0, "", ""
}
