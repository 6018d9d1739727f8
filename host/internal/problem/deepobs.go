package problem

import "github.com/steepest/steepest/host/internal/dataset"

// The stochastic functions of DeepOBS (Schneider, Balles, Hennig: DeepOBS: A Deep Learning Optimizer Benchmark Suite, ICLR
// 2019). Functions and data are those published, number by number, whatever the seed of a run, and so are the sizes and, for
// each seed, the order of the rows.
const trainingSeed, testSeed = 42, 43

// PublishedShuffle is how the published runs shuffled data that are held in a number of tensors, each of which is an
// operation of TensorFlow's graph, as is the size of the buffer.
func PublishedShuffle(tensors int) *dataset.TensorFlowShuffle {
	return &dataset.TensorFlowShuffle{Buffer: 20_000, OpSeed: uint64(tensors) + 1}
}
