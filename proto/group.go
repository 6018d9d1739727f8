package proto

import (
	"fmt"
	"maps"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// GroupOf says for each of the tensors of an instance to which group it belongs, from 1; 0 is none. The error says what is wrong
// with the groups.
func GroupOf(groups []*v1.Group, tensors int) ([]int, error) {
	of := make([]int, tensors)
	if len(groups) > MaxGroups {
		return nil, fmt.Errorf("%d groups are more than the %d that there can be", len(groups), MaxGroups)
	}
	for i, g := range groups {
		if len(g.Tensors) == 0 {
			return nil, fmt.Errorf("group %d has no tensor", i)
		}
		for _, t := range g.Tensors {
			switch {
			case uint64(t) >= uint64(tensors): // an int may be of 32 bits
				return nil, fmt.Errorf("group %d has tensor %d, and there are %d tensors, counted from 0", i, t, tensors)
			case of[t] != 0:
				return nil, fmt.Errorf("group %d has tensor %d, which is in group %d already", i, t, of[t]-1)
			}
			of[t] = i + 1
		}
	}
	return of, nil
}

// GroupValues are the hyperparameters of a group's tensors: its own, and beside them those of the instance.
func GroupValues(instance map[string]*v1.Value, g *v1.Group) map[string]*v1.Value {
	values := maps.Clone(instance)
	if values == nil {
		values = map[string]*v1.Value{}
	}
	maps.Copy(values, g.Hyperparameters)
	return values
}
