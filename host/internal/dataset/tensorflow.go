package dataset

import "math/bits"

// TensorFlowShuffle draws the order that tf.data's shuffle(buffer_size) of TensorFlow 1 gives the examples after
// tf.set_random_seed(seed), where seed is that of the run. Whoever makes the iterator again for each epoch, as DeepOBS does,
// meets the same order in all of them.
type TensorFlowShuffle struct {
	Buffer int    `json:"buffer"`  // examples that are drawn from at a time
	OpSeed uint64 `json:"op_seed"` // operations in the graph when the shuffle is made, its own buffer_size included
}

// shuffle reorders the examples, which must be in the order of the data. The first generator draws the seeds of the second,
// which for each place draws one of the examples in the buffer; the next example of the data takes the place that is left
// free by the first of them.
func (s *TensorFlowShuffle) shuffle(examples []int, seed uint64) {
	seeds := newPhilox(seed, s.OpSeed)
	draw := newPhilox(uint64(seeds.next()), uint64(seeds.next()))
	// A ring of as many places as the buffer has; those from start to end are filled.
	ring := make([]int, min(s.Buffer, len(examples)))
	read, start, end := 0, 0, 0
	source := append([]int(nil), examples...)
	for i := range examples {
		for read < len(source) && end-start < len(ring) {
			ring[end%len(ring)] = source[read]
			read++
			end++
		}
		offset := int(uint64(draw.next()) % uint64(end-start))
		at, first := (start+offset)%len(ring), start%len(ring)
		examples[i] = ring[at]
		ring[at], ring[first] = ring[first], ring[at]
		start++
	}
}

// philox is the generator Philox4x32-10 of TensorFlow (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3,
// SC 2011): a block cipher of ten rounds that enciphers a counter.
type philox struct {
	key     [2]uint32
	counter [4]uint32
	block   [4]uint32
	used    int
}

// newPhilox takes TensorFlow's two seeds: the first is the key, the second the upper half of the counter.
func newPhilox(seed, seed2 uint64) *philox {
	return &philox{key: [2]uint32{uint32(seed), uint32(seed >> 32)},
		counter: [4]uint32{2: uint32(seed2), 3: uint32(seed2 >> 32)}, used: 4}
}

// next returns 32 bits.
func (p *philox) next() uint32 {
	if p.used == len(p.block) {
		p.block, p.used = p.encipher(), 0
		for i := range p.counter {
			if p.counter[i]++; p.counter[i] != 0 {
				break
			}
		}
	}
	p.used++
	return p.block[p.used-1]
}

func (p *philox) encipher() [4]uint32 {
	c, key := p.counter, p.key
	for range 10 {
		high0, low0 := bits.Mul32(0xD2511F53, c[0])
		high1, low1 := bits.Mul32(0xCD9E8D57, c[2])
		c = [4]uint32{high1 ^ c[1] ^ key[0], low1, high0 ^ c[3] ^ key[1], low0}
		key[0] += 0x9E3779B9 // the golden ratio
		key[1] += 0xBB67AE85 // √3 − 1
	}
	return c
}
