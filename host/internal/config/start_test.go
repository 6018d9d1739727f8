package config

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/seed"
)

// TestStart: every kind of problem that has no published start begins at the numbers in files.
func TestStart(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, shape []int64, values ...float64) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err == nil {
			err = dataset.WriteNPY(f, shape, values)
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put("point.npy", []int64{3}, 1, -2, 0.1)
	put("weights-7/x.npy", []int64{2}, 3, 4)
	linear := make([]float64, 30)
	for i := range linear {
		linear[i] = float64(i) / 7
	}
	put("model/layer1.weight.npy", []int64{1, 30}, linear...)
	put("model/layer1.bias.npy", []int64{1}, -0.25)
	for _, step := range []string{"7", "30", "100"} {
		put("run/weights-"+step+"/layer1.bias.npy", []int64{1}, 0)
	}
	put("half/layer1.weight.npy", []int64{1, 30}, linear...)
	put("other/layer1.weight.npy", []int64{1, 29}, linear[:29]...)
	put("nan/x.npy", []int64{2}, 1, math.NaN())
	const fitted = "kind = \"mlp\"\ndataset = \"breast-cancer\"\n"
	for _, c := range []struct {
		problem string
		want    []float64
		wrong   string
	}{
		{"kind = \"sphere\"\nstart = \"point.npy\"", []float64{1, -2, 0.1}, ""},
		{"kind = \"sphere\"\ndimension = 3\nstart = \"point.npy\"", []float64{1, -2, 0.1}, ""},
		{"kind = \"beale\"\nstart = \"weights-7\"", []float64{3, 4}, ""},
		{"kind = \"quadratic\"\ndimension = 3\nstart = \"point.npy\"", []float64{1, -2, 0.1}, ""},
		{fitted + "start = \"model\"", append(slices.Clone(linear), -0.25), ""},
		{"kind = \"beale\"\nstart = \"point.npy\"", nil, "3:9: " + dir + "/point.npy has 3 numbers; the problem has 2 variables"},
		{"kind = \"sphere\"\ndimension = 2\nstart = \"point.npy\"", nil, "4:9: " + dir + "/point.npy has 3 numbers; the problem has 2 variables"},
		{"kind = \"sphere\"\nstart = \"nowhere\"", nil, "there is no file"},
		{"kind = \"sphere\"\nstart = \"nan\"", nil, "/nan/x.npy: value 2 is NaN"},
		{fitted + "start = \"point.npy\"", nil, "is a file, and the model has several tensors"},
		{fitted + "start = \"run\"", nil, "its weights are in weights-7, weights-30 and weights-100"},
		{"kind = \"sphere\"\nstart = \"run\"", nil, "write start = \"run/weights-100\""},
		{fitted + "start = \"half\"", nil, "there is no file " + dir + "/half/layer1.bias.npy"},
		{fitted + "start = \"other\"", nil, "/other/layer1.weight.npy has 29 numbers; the model needs 30 for layer1.weight, of the shape [1 30]"},
	} {
		e, err := Parse(filepath.Join(dir, "f.toml"), "[problem]\n"+c.problem+"\n[budget]\nsteps = 1\n[[optimizer]]\nplugin = \"o\"\n")
		if err != nil {
			t.Errorf("%s: %v", c.problem, err)
			continue
		}
		e.Build()
		w := e.Workloads[0]
		if err := e.Errors(); c.wrong != "" || err != nil {
			if c.wrong == "" || err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: got %v, want %q", c.problem, err, c.wrong)
			}
			continue
		}
		x := make([]float64, problem.Size(w.Built.Layout()))
		w.Built.Objective(seed.New(1)).Initialize(x)
		if !slices.Equal(x, c.want) {
			t.Errorf("%s: it begins at %v, want %v", c.problem, x, c.want)
		}
		if w.Problem.Model != nil && len(w.Problem.Content) < 2 || w.Problem.WithoutPaths().StartFile != "" {
			t.Errorf("%s: the record has the contents %v", c.problem, w.Problem.Content)
		}
		if w.Problem.Model == nil && !slices.Equal(w.Problem.Start, c.want) {
			t.Errorf("%s: the record has the start %v", c.problem, w.Problem.Start)
		}
	}
}
