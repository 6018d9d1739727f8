package diagnose

import (
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// TestActivations: units are dead, half or fully alive as their weights make them.
func TestActivations(t *testing.T) {
	relu, _ := model.Activations.Find("relu")
	p := logistic(t, 64)
	n, err := model.New(model.Shape{30}, []model.Layer{model.Activated{Layer: model.Dense{Units: 4}, Activation: relu}, model.Dense{Units: 1}})
	if err != nil {
		t.Fatal(err)
	}
	p.Network = n
	tree := seed.New(4)
	run := NewRun(p, tree)
	w := make([]float64, n.Size())
	bias := w[4*30:]
	bias[0], bias[1], bias[2] = -1, 1, 0 // the first is dead, the second alive, the third at the kink; the fourth takes the sign of a feature
	w[3*30] = 1
	values, elements := make([]record.Value, 2), make([]record.Value, 3)
	activations.Make(nil, run).Measure(&record.Sample{Step: 2, Weights: w}, values, elements)

	split := dataset.NewSplit(p.Data, p.Splitting, tree.Branch("data"))
	rows := dataset.NewBatches(split.Train, p.Batching, tree.Branch("batch")).Batch(2)
	x, y := mat.NewDense(64, 30, nil), make([]float64, 64)
	split.Gather(rows, x, y)
	var out []float64
	flat := 128.0
	for i := range 64 {
		v := x.At(i, 0)
		if v <= 0 {
			flat++
		}
		out = append(out, 0, 1, 0, max(v, 0))
	}
	want := []record.Value{record.Measured(flat / 256), record.Measured(0.5), record.Measured(stat.PopVariance(out, nil))}
	if elements[0] != want[0] || elements[1] != want[1] || elements[2] != want[2] || values[0] != want[0] || values[1] != want[1] {
		t.Errorf("%v and %v, want %v", values, elements, want)
	}
	if message, _ := activations.Refuses(nil, problem.ConditionedQuadratic([]float64{1, 2}, 3, 1)); message == "" {
		t.Error("a quadratic has activations")
	}
}
