package diagnose

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
)

// heavyTailed is softmax regression on 60 examples of 8 classes, of which some are held out.
func heavyTailed(t *testing.T) *problem.Supervised {
	t.Helper()
	known, _ := dataset.Find("heavy-tailed")
	data, err := known.Load(nil, map[string]float64{"examples": 60, "classes": 8, "features": 5})
	if err != nil {
		t.Fatal(err)
	}
	n, err := model.New(model.Shape{5}, []model.Layer{model.Dense{Units: 8, Weight: model.Glorot{}}})
	if err != nil {
		t.Fatal(err)
	}
	n.L2.Weight = 1e-2
	loss, _ := model.Losses.Find("softmax-cross-entropy")
	return &problem.Supervised{Data: data, Network: n, Loss: loss,
		Splitting: dataset.Splitting{Validation: dataset.Portion{Fraction: 0.2}}, Batching: dataset.Batching{Sizes: []int{16}}}
}

// TestClassLoss: the loss of each group is the mean of -log softmax over its training examples, computed here from the weights.
func TestClassLoss(t *testing.T) {
	const tolerance = 1e-14
	p, tree, settings := heavyTailed(t), seed.New(3), model.Settings{"groups": 3}
	run := NewRun(p, tree)
	w := make([]float64, p.Network.Size())
	run.Objective().Initialize(w)
	var names []string
	for _, q := range classLoss.Elements(settings, p) {
		names = append(names, q.Name)
	}
	// 22, 11, 7, 6, 4, 4, 3 and 3 examples.
	if want := []string{"class_loss[1]", "class_loss[2-3]", "class_loss[4-8]"}; !slices.Equal(names, want) {
		t.Fatalf("the groups are %v, want %v", names, want)
	}
	values, elements := make([]record.Value, 2), make([]record.Value, 3)
	cost := classLoss.Make(settings, run).Measure(&record.Sample{Weights: w}, values, elements)

	split := dataset.NewSplit(p.Data, p.Splitting, tree.Branch("data"))
	x, y := mat.NewDense(len(split.Train), 5, nil), make([]float64, len(split.Train))
	split.Gather(split.Train, x, y)
	sums, counts := make([]float64, 3), make([]float64, 3)
	for i, class := range y {
		z := make([]float64, 8)
		total := 0.0
		for k := range z {
			z[k] = w[40+k]
			for j := range 5 {
				z[k] += w[k*5+j] * x.At(i, j)
			}
			total += math.Exp(z[k])
		}
		group := 0
		if class > 0 {
			group = 1
		}
		if class > 2 {
			group = 2
		}
		sums[group] += math.Log(total) - z[int(class)]
		counts[group]++
	}
	for i := range sums {
		if got, _ := elements[i].Get(); !(math.Abs(got-sums[i]/counts[i]) < tolerance) {
			t.Errorf("%s is %v, want %v", names[i], got, sums[i]/counts[i])
		}
	}
	if values[0] != elements[0] || values[1] != elements[2] || cost != 1 { // three batches
		t.Errorf("%v of %v, cost %v", values, elements, cost)
	}
}

func TestClassGroups(t *testing.T) {
	p := heavyTailed(t)
	for _, c := range []struct {
		most int
		want []string
	}{{1, []string{"1-8"}}, {2, []string{"1-2", "3-8"}}, {8, []string{"1", "2", "3", "4", "5", "6", "7", "8"}}, {20, []string{"1", "2", "3", "4", "5", "6", "7", "8"}}} {
		var got []string
		for _, g := range classGroups(p, c.most) {
			got = append(got, g.ranks())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("at most %d groups: %v, want %v", c.most, got, c.want)
		}
	}
	if message, _ := classLoss.Refuses(model.Settings{"groups": 3}, problem.ConditionedQuadratic([]float64{1, 2}, 3, 1)); message == "" {
		t.Error("a quadratic has classes")
	}
}
