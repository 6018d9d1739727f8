package adam

import (
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
	"github.com/steepest/steepest/sdk/exam"
)

// tensors are those of the network that torch trained.
var tensors = []*v1.Tensor{
	{Name: "w1", Shape: []int64{5, 4}, Length: 20}, {Name: "b1", Shape: []int64{4}, Offset: 20, Length: 4},
	{Name: "w2", Shape: []int64{4, 2}, Offset: 24, Length: 8}, {Name: "b2", Shape: []int64{2}, Offset: 32, Length: 2},
}

// members are which tensors have the same hyperparameters: the rest, and two groups.
var members = [][]uint32{{0}, {1, 3}, {2}}

// inForce are lr, beta1, beta2 and eps of these at step k + 1.
func inForce(k int) [][]float64 {
	return [][]float64{
		{1e-2, 0.9, 0.999, 1e-8},
		{1e-3 / float64(1+k), 0.5, 0.99, 1e-8},
		{5e-2 * math.Pow(0.5, float64(k/20)), 0.9, 0.999, 1e-4},
	}
}

// trajectory is what torch recorded.
func trajectory(t *testing.T) *exam.Trajectory {
	t.Helper()
	f, err := os.Open("testdata/groups.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	recorded, err := exam.ReadTrajectory(f)
	if err != nil {
		t.Fatal(err)
	}
	return recorded
}

// stepper opens an instance and returns what makes its steps.
func stepper(t *testing.T, name string, layout []*v1.Tensor, groups ...*v1.Group) func(k int, values, gradient []float64) []float64 {
	t.Helper()
	service := Optimizer.Service()
	_, err := service.Open(t.Context(), &v1.OpenRequest{Instance: name, Dtype: v1.Dtype_DTYPE_FLOAT64, Tensors: layout, Groups: groups,
		DataPlanes: []v1.DataPlane{v1.DataPlane_DATA_PLANE_INLINE}})
	if err != nil {
		t.Fatal(err)
	}
	return func(k int, values, gradient []float64) []float64 {
		answer, err := service.Step(t.Context(), &v1.StepRequest{Instance: name, Step: uint64(k + 1),
			Hyperparameters: proto.AppendFloat64s(nil, values), Gradient: proto.AppendFloat64s(nil, gradient)})
		update := make([]float64, len(gradient))
		if err == nil {
			err = proto.Float64s(update, answer.Update)
		}
		if err != nil {
			t.Fatal(err)
		}
		return update
	}
}

// whole opens all tensors with their groups.
func whole(t *testing.T) func(k int, gradient []float64) []float64 {
	step := stepper(t, "whole", tensors, &v1.Group{Tensors: members[1]}, &v1.Group{Tensors: members[2]})
	return func(k int, gradient []float64) []float64 {
		var values []float64
		for _, own := range inForce(k) {
			values = append(values, own...)
		}
		return step(k, values, gradient)
	}
}

// TestTorchGroups follows torch.optim.Adam with three param_groups and a LambdaLR for each (PyTorch 2.15.0, float64) on a network of
// two layers. The recorded gradients are fed, and the points compared, relative to the largest coordinate.
func TestTorchGroups(t *testing.T) {
	const tolerance = 1e-11
	recorded, step := trajectory(t), whole(t)
	weights, worst := append([]float64{}, recorded.Points[0]...), 0.0
	for k, want := range recorded.Points[1:] {
		largest := 0.0
		for _, x := range want {
			largest = max(largest, math.Abs(x))
		}
		for i, u := range step(k, recorded.Gradients[k]) {
			weights[i] += u
			difference := math.Abs(weights[i]-want[i]) / largest
			if worst = max(worst, difference); !(difference <= tolerance) {
				t.Fatalf("x%d after step %d is %.17g, torch's is %.17g", i, k+1, weights[i], want[i])
			}
		}
	}
	t.Logf("%d steps, largest relative difference %.1e", len(recorded.Points)-1, worst)
}

// TestGroupsApart: an instance with groups makes the updates of three instances without, one for the tensors of each, bit for bit.
func TestGroupsApart(t *testing.T) {
	recorded, together := trajectory(t), whole(t)
	var apart []func(k int, values, gradient []float64) []float64
	for i, own := range members {
		var layout []*v1.Tensor
		offset := int64(0)
		for _, at := range own {
			layout = append(layout, &v1.Tensor{Name: tensors[at].Name, Shape: tensors[at].Shape, Offset: offset, Length: tensors[at].Length})
			offset += tensors[at].Length
		}
		apart = append(apart, stepper(t, fmt.Sprint(i), layout))
	}
	for k, gradient := range recorded.Gradients {
		update := together(k, gradient)
		for i, own := range members {
			var part, want []float64
			for _, at := range own {
				from, to := tensors[at].Offset, tensors[at].Offset+tensors[at].Length
				part, want = append(part, gradient[from:to]...), append(want, update[from:to]...)
			}
			for j, u := range apart[i](k, inForce(k)[i], part) {
				if math.Float64bits(u) != math.Float64bits(want[j]) {
					t.Fatalf("step %d, tensors %v: element %d is %v, and %v alone", k+1, own, j, want[j], u)
				}
			}
		}
	}
}
