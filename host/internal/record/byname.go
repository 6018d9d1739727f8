package record

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// ByName has something of each of a few quantities, in the order of their names. It takes a quarter of the memory of a map: that counts where
// many runs are known. Nil says that nothing is known, as opposed to that nothing was measured.
type ByName[T any] []named[T]

type named[T any] struct {
	name string
	of   T
}

// Named has what a map has.
func Named[T any](of map[string]T) ByName[T] {
	if of == nil {
		return nil
	}
	all := make(ByName[T], 0, len(of))
	for _, name := range slices.Sorted(maps.Keys(of)) {
		all = append(all, named[T]{name, of[name]})
	}
	return all
}

// Of is that of a quantity; zero if there is none.
func (b ByName[T]) Of(quantity string) (x T) {
	if i, found := b.find(quantity); found {
		x = b[i].of
	}
	return x
}

// All are all quantities, and what there is of them.
func (b ByName[T]) All() iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		for _, n := range b {
			if !yield(n.name, n.of) {
				return
			}
		}
	}
}

// Names are those of the quantities.
func (b ByName[T]) Names() (names []string) {
	for name := range b.All() {
		names = append(names, name)
	}
	return names
}

func (b ByName[T]) find(quantity string) (at int, found bool) {
	return slices.BinarySearchFunc(b, quantity, func(n named[T], name string) int { return cmp.Compare(n.name, name) })
}
