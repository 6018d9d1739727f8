package diagnose

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
)

// classLoss is the loss of groups of classes. The classes are ranked by how many examples of the whole data set they have, and the groups are cut so that they
// have about as many examples each: one ends where it is nearest to its share of what the groups before it left.
var classLoss = Kind{
	Name:   "class_loss",
	Help:   "the loss of all training examples by how frequent their classes are, in groups of about as many examples each",
	Source: "Kunstner et al. 2024: Heavy-tailed class imbalance and why Adam outperforms gradient descent on language models, figure 1",
	Cost:   "1/3 for each batch of an epoch: the loss alone of all training examples",
	Limits: "problems whose data have classes, and models that tell them; the penalty on weights is not in it",
	Keys: []model.Key{
		{Name: "groups", Type: model.Whole, Default: 10, Help: "the most groups of classes; a class is never divided"},
	},
	Quantities: func(model.Settings) []record.Quantity {
		return []record.Quantity{
			{Name: "frequent_class_loss", Title: "loss of frequent classes", Help: "Mean loss of the training examples of the most frequent group of classes.",
				Range: record.Loss, Column: true},
			{Name: "rare_class_loss", Title: "loss of rare classes", Help: "Mean loss of the training examples of the rarest group of classes.",
				Range: record.Loss, Column: true},
		}
	},
	Elements: func(s model.Settings, p problem.Problem) (all []record.Quantity) {
		for _, g := range classGroups(p, whole(s, "groups")) {
			all = append(all, element(record.Quantity{Name: "class_loss", Title: "loss",
				Help: "Mean loss of the training examples of a group of classes, by rank of their frequency.", Range: record.Loss, Column: true}, g.ranks()))
		}
		return all
	},
	Refuses: func(s model.Settings, p problem.Problem) (message, remedy string) {
		if classGroups(p, whole(s, "groups")) == nil {
			return "the problem has no classes", "remove the table, or choose a problem with classes"
		}
		return "", ""
	},
	Make: func(s model.Settings, r *Run) Diagnostic {
		d := classLosses{run: r, groups: classGroups(r.Problem, whole(s, "groups"))}
		for _, g := range d.groups {
			for _, class := range g.classes {
				d.size = max(d.size, class+1)
			}
		}
		return d
	},
}

// classGroup are classes that follow each other in rank.
type classGroup struct {
	first   int // rank of the first, from 1
	classes []int
}

// ranks are those of its classes as a name.
func (g classGroup) ranks() string {
	if len(g.classes) == 1 {
		return fmt.Sprint(g.first)
	}
	return fmt.Sprintf("%d-%d", g.first, g.first+len(g.classes)-1)
}

// classGroups are at most so many, the most frequent first; nil if the problem has no classes.
func classGroups(p problem.Problem, most int) (groups []classGroup) {
	s, is := p.(*problem.Supervised)
	if !is || s.Data.Classes == nil || s.Reconstruct {
		return nil
	}
	examples := make([]int, len(s.Data.Classes))
	for _, class := range s.Data.Y {
		examples[int(class)]++
	}
	classes := make([]int, len(examples))
	for i := range classes {
		classes[i] = i
	}
	slices.SortStableFunc(classes, func(a, b int) int { return cmp.Compare(examples[b], examples[a]) })
	most = max(min(most, len(classes)), 1)
	left, rank := len(s.Data.Y), 0
	for len(groups) < most {
		g, has := classGroup{first: rank + 1}, 0
		later := most - len(groups) - 1 // each of them gets a class
		for share := float64(left) / float64(later+1); rank < len(classes)-later; rank++ {
			next := examples[classes[rank]]
			if len(g.classes) > 0 && later > 0 && float64(has)+float64(next)/2 >= share {
				break
			}
			g.classes, has = append(g.classes, classes[rank]), has+next
		}
		groups, left = append(groups, g), left-has
	}
	return groups
}

type classLosses struct {
	run    *Run
	groups []classGroup
	size   int // number of classes
}

func (d classLosses) Measure(p *record.Sample, values, elements []record.Value) float64 {
	o, is := problem.As[problem.Classified](d.run.Objective())
	if !is {
		return 0
	}
	sums, counts := make([]float64, d.size), make([]int, d.size)
	o.ClassLosses(p.Weights, func(class int, loss float64) {
		sums[class] += loss
		counts[class]++
	})
	for i, g := range d.groups {
		sum, count := 0.0, 0
		for _, class := range g.classes {
			sum, count = sum+sums[class], count+counts[class]
		}
		if count > 0 { // else the run drew no example of it
			elements[i] = record.Measured(sum / float64(count))
		}
	}
	values[0], values[1] = elements[0], elements[len(elements)-1]
	return record.LossCost * d.run.batches()
}
