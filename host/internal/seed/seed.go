// Package seed derives every random number of a run from one integer through a tree with named branches, so that what
// one part draws never depends on how much another part drew.
package seed

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// Tree is a node of the seed tree: 256 bits from which generators and further branches follow.
type Tree [32]byte

// New returns the root of the tree of a run's seed.
func New(seed uint64) Tree {
	return sha256.Sum256(binary.LittleEndian.AppendUint64([]byte("steepest/seed/1"), seed))
}

// Branch returns the branch of the given name: SHA-256 of the node and the name.
func (t Tree) Branch(name string) Tree {
	return sha256.Sum256(append(t[:], name...))
}

// Index returns the i-th of a branch's numbered twigs, such as the epochs of the batch order.
func (t Tree) Index(i int) Tree {
	var b [len(t) + 9]byte // on the stack: layers ask at every step
	copy(b[:], t[:])
	b[len(t)] = '#'
	binary.LittleEndian.PutUint64(b[len(t)+1:], uint64(i))
	return sha256.Sum256(b[:])
}

// Rand returns a new ChaCha8 generator that starts at the beginning of this node's stream.
func (t Tree) Rand() *rand.Rand { return rand.New(rand.NewChaCha8(t)) }

// Uint64 is a number for programs that take a seed of their own.
func (t Tree) Uint64() uint64 { return binary.LittleEndian.Uint64(t[:8]) }
