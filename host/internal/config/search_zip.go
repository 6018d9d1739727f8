package config

import "fmt"

var zipSearch = searchKind{
	name: "zip",
	help: "the first values of all sets together, then the second, and so on; all sets have as many",
	trials: func(e *Experiment, s Search, sets []set) [][]element {
		if !e.refuseIntervals(s, sets) {
			return nil
		}
		first := sets[0]
		rows := make([][]element, first.n)
		for _, x := range sets {
			if x.n != first.n {
				e.fault(e.at(x.path), fmt.Sprintf("%s has %d values, and %s has %d; kind = \"zip\" takes them in pairs", x.key, x.n, first.key, first.n),
					`give both as many values, or write kind = "grid" for every combination`)
				return nil
			}
			for i := range rows {
				rows[i] = append(rows[i], x.at(i))
			}
		}
		return rows
	},
}
