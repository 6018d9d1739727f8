package proto

import (
	"math"
	"slices"
	"testing"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// TestGroupOf: each tensor is in one group at most, and what is wrong with groups is said with the places of group and tensor.
func TestGroupOf(t *testing.T) {
	group := func(tensors ...uint32) *v1.Group { return &v1.Group{Tensors: tensors} }
	for _, c := range []struct {
		groups []*v1.Group
		of     []int
		fault  string
	}{
		{nil, []int{0, 0, 0}, ""},
		{[]*v1.Group{group(2), group(1, 0)}, []int{2, 2, 1}, ""},
		{[]*v1.Group{group(2), group()}, nil, "group 1 has no tensor"},
		{[]*v1.Group{group(3)}, nil, "group 0 has tensor 3, and there are 3 tensors, counted from 0"},
		{[]*v1.Group{group(math.MaxUint32)}, nil, "group 0 has tensor 4294967295, and there are 3 tensors, counted from 0"},
		{[]*v1.Group{group(1), group(0, 1)}, nil, "group 1 has tensor 1, which is in group 0 already"},
		{[]*v1.Group{group(1, 1)}, nil, "group 0 has tensor 1, which is in group 0 already"},
		{slices.Repeat([]*v1.Group{group(1)}, 257), nil, "257 groups are more than the 256 that there can be"},
	} {
		of, err := GroupOf(c.groups, 3)
		if err != nil {
			if got := err.Error(); got != c.fault {
				t.Errorf("%v: %s, want %s", c.groups, got, c.fault)
			}
		} else if c.fault != "" || !slices.Equal(of, c.of) {
			t.Errorf("%v: %v, want %v, %s", c.groups, of, c.of, c.fault)
		}
	}
}

// TestGroupValues: a group's own values come before those of the instance, which are left alone.
func TestGroupValues(t *testing.T) {
	instance := map[string]*v1.Value{"a": NewValue(1.0), "b": NewValue(2.0)}
	values := GroupValues(instance, &v1.Group{Hyperparameters: map[string]*v1.Value{"b": NewValue(3.0)}})
	if len(values) != 2 || Number(values["a"]) != 1 || Number(values["b"]) != 3 || Number(instance["b"]) != 2 {
		t.Errorf("%v, of the instance %v", values, instance)
	}
	if values := GroupValues(nil, &v1.Group{}); values == nil || len(values) != 0 {
		t.Errorf("%v", values)
	}
}
