package main

import (
	"math"
	"os"
	"testing"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
	"github.com/steepest/steepest/sdk/exam"
)

// TestTorchGroups follows torch.optim.Adam with three param_groups and a LambdaLR for each (PyTorch 2.15.0, float64) on a network
// of two layers: lr 1e-2 for the first weights; for both biases 1e-3/(1+k), betas 0.5 and 0.99; for the second weights
// 5e-2 halved every 20 steps, eps 1e-4. The recorded gradients are fed, and the points compared, relative to the largest coordinate.
func TestTorchGroups(t *testing.T) {
	const tolerance = 1e-11
	f, err := os.Open("testdata/groups.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	recorded, err := exam.ReadTrajectory(f)
	if err != nil {
		t.Fatal(err)
	}
	service := optimizer.Service()
	request := &v1.OpenRequest{Instance: "groups", Dtype: v1.Dtype_DTYPE_FLOAT64,
		DataPlanes: []v1.DataPlane{v1.DataPlane_DATA_PLANE_INLINE},
		Tensors: []*v1.Tensor{
			{Name: "w1", Shape: []int64{5, 4}, Length: 20}, {Name: "b1", Shape: []int64{4}, Offset: 20, Length: 4},
			{Name: "w2", Shape: []int64{4, 2}, Offset: 24, Length: 8}, {Name: "b2", Shape: []int64{2}, Offset: 32, Length: 2},
		},
		Groups: []*v1.Group{{Tensors: []uint32{3, 1}}, {Tensors: []uint32{2}}},
	}
	if _, err := service.Open(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	weights, update, worst := append([]float64{}, recorded.Points[0]...), make([]float64, 34), 0.0
	for k, want := range recorded.Points[1:] {
		values := []float64{ // lr, beta1, beta2, eps
			1e-2, 0.9, 0.999, 1e-8,
			1e-3 / float64(1+k), 0.5, 0.99, 1e-8,
			5e-2 * math.Pow(0.5, float64(k/20)), 0.9, 0.999, 1e-4,
		}
		answer, err := service.Step(t.Context(), &v1.StepRequest{Instance: "groups", Step: uint64(k + 1),
			Hyperparameters: proto.AppendFloat64s(nil, values), Gradient: proto.AppendFloat64s(nil, recorded.Gradients[k])})
		if err != nil {
			t.Fatal(err)
		}
		if err := proto.Float64s(update, answer.Update); err != nil {
			t.Fatal(err)
		}
		largest := 0.0
		for _, x := range want {
			largest = max(largest, math.Abs(x))
		}
		for i, x := range want {
			weights[i] += update[i]
			difference := math.Abs(weights[i]-x) / largest
			if worst = max(worst, difference); !(difference <= tolerance) {
				t.Fatalf("x%d after step %d is %.17g, torch's is %.17g", i, k+1, weights[i], x)
			}
		}
	}
	t.Logf("%d steps, largest relative difference %.1e", len(recorded.Points)-1, worst)
}
