// Package seed derives every random number of a run from one integer through a tree with named branches, so that what
// one part draws never depends on how much another part drew.
package seed

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// Tree is a node of the seed tree: 256 bits from which generators and further branches follow.
type Tree struct {
	node [32]byte
	seed uint64
}

// New returns the root of the tree of a run's seed.
func New(seed uint64) Tree {
	return Tree{sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("steepest/seed/1"), seed)), seed}
}

// Node is the node's 256 bits, which seed a ChaCha8 generator.
func (t Tree) Node() [32]byte { return t.node }

// Seed is the seed of the run that the whole tree is of, for what another program drew from that number. Nothing of our
// own must be drawn from it: it is the same in all branches.
func (t Tree) Seed() uint64 { return t.seed }

// Branch returns the branch of the given name: SHA-256 of the node and the name.
func (t Tree) Branch(name string) Tree {
	return Tree{sha256.Sum256(append(t.node[:], name...)), t.seed}
}

// Index returns the i-th of a branch's numbered twigs, such as the epochs of the batch order.
func (t Tree) Index(i int) Tree {
	const n = len(t.node)
	var b [n + 1 + 8]byte // on the stack: twigs are taken at every step
	copy(b[:], t.node[:])
	b[n] = '#'
	binary.LittleEndian.PutUint64(b[n+1:], uint64(i))
	return Tree{sha256.Sum256(b[:]), t.seed}
}

// Rand returns a new ChaCha8 generator that starts at the beginning of this node's stream.
func (t Tree) Rand() *rand.Rand { return rand.New(rand.NewChaCha8(t.node)) }

// Uint64 is a number for programs that take a seed of their own.
func (t Tree) Uint64() uint64 { return binary.LittleEndian.Uint64(t.node[:8]) }
