package store

import "github.com/steepest/steepest/host/internal/record"

// bests are the best values of quantities, by their names, as JSON has them.
type bests map[string]best

type best struct {
	Value Float `json:"value"`
	Step  int   `json:"step"`
}

func newBests(of record.ByName[record.Best]) bests {
	if of == nil {
		return nil
	}
	all := bests{}
	for name, b := range of.All() {
		if x, measured := b.Get().Get(); measured {
			all[name] = best{Float(x), b.Step}
		}
	}
	return all
}

// known is the inverse of newBests.
func (b bests) known() record.ByName[record.Best] {
	if b == nil {
		return nil
	}
	all := map[string]record.Best{}
	for name, x := range b {
		all[name] = record.Best{}.With(record.Neither, x.Step, float64(x.Value))
	}
	return record.Named(all)
}
