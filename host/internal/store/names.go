package store

import (
	"encoding/json"
	"slices"
)

// outline are the names in an experiment.
type outline struct {
	Workloads []struct {
		Name       string
		Problem    struct{ Kind string }
		Optimizers []struct{ Name string }
	}
}

// namesIn are those of the experiments whose results are in a folder, as far as is known, what was asked for last first.
func namesIn(dir string) (all []outline) {
	files, _ := experimentFiles(dir)
	var origins []origin
	for _, file := range files {
		if o, err := readOrigin(file); err == nil {
			origins = append(origins, o)
		}
	}
	slices.SortStableFunc(origins, func(a, b origin) int { return b.asked().Compare(a.asked()) })
	for _, o := range origins {
		var e outline
		if json.Unmarshal(o.whole, &e) == nil {
			all = append(all, e)
		}
	}
	return all
}

// Problems are the names and kinds of the problems of the experiments whose results are in a folder, as far as is known.
func Problems(dir string) (names []string) {
	for _, e := range namesIn(dir) {
		for _, w := range e.Workloads {
			for _, name := range []string{w.Name, w.Problem.Kind} {
				if name != "" && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// Order has the places of optimizers on problems, both by their names, in the file of the experiment; what only an earlier one has that the folder
// holds too follows. What a search proposed has no place.
type Order map[[2]string]int

// Order is that of the results, as far as it is known.
func (r *Results) Order() Order {
	places := Order{}
	for _, e := range namesIn(r.Dir) {
		for _, w := range e.Workloads {
			for _, o := range w.Optimizers {
				if key := [2]string{w.Name, o.Name}; !places.has(key) {
					places[key] = len(places)
				}
			}
		}
	}
	return places
}

func (o Order) has(key [2]string) bool { _, known := o[key]; return known }

// Of is the place of a run; runs of one place have the same. Those without one are behind all others.
func (o Order) Of(r *Record) int {
	if place, known := o[[2]string{r.Called, r.Optimizer.Name}]; known && r.Imported == nil {
		return place
	}
	return len(o)
}
