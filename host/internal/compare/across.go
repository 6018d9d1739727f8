package compare

import "slices"

// Across is what is said of optimizers over all problems on which each of them has runs.
type Across struct {
	Problems   []string  `json:"problems"`
	Optimizers []string  `json:"optimizers"`
	Profiles   []Profile `json:"profiles,omitempty"`
	Reached    []Reached `json:"reached,omitempty"`
	Ranks      *Ranks    `json:"ranks,omitempty"`

	rows [][]*Entry // of each optimizer on each problem
}

// Staircase is a share that rises: from each x on it is y.
type Staircase struct {
	X []Number `json:"x"`
	Y []Number `json:"y"`
}

// lineUp finds the optimizers that every problem has: by the name of the row, or where each problem has one variant of an optimizer, by that.
func (c *Comparison) lineUp() {
	if len(c.Problems) < 2 {
		return
	}
	a := &Across{}
	for _, p := range c.Problems {
		a.Problems = append(a.Problems, p.Name)
	}
	add := func(name string, of func(*Entry) string) bool {
		var rows []*Entry
		for _, p := range c.Problems {
			var own []*Entry
			for _, r := range p.Rows {
				if of(r) == name {
					own = append(own, r)
				}
			}
			if len(own) != 1 || own[0].Value == nil {
				return false
			}
			rows = append(rows, own[0])
		}
		if !slices.ContainsFunc(a.rows, func(other []*Entry) bool { return slices.Equal(other, rows) }) {
			a.Optimizers, a.rows = append(a.Optimizers, name), append(a.rows, rows)
		}
		return true
	}
	for _, r := range c.Problems[0].Rows {
		if !add(r.Name, func(r *Entry) string { return r.Name }) {
			add(r.Base, func(r *Entry) string { return r.Base })
		}
	}
	if len(a.rows) > 0 {
		c.Across = a
	}
}
