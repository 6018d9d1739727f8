package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/model"
	"github.com/steepest/steepest/host/internal/problem"
)

// experiment is a file with the given [problem].
func experiment(problem string) string {
	return "[problem]\n" + problem + "\n[budget]\nsteps = 1\n[[optimizer]]\nplugin = \"x\"\n"
}

// TestModelDiagnostics: what is wrong with a model is found before anything runs, with its place and its layer.
func TestModelDiagnostics(t *testing.T) {
	const head = "kind = \"network\"\ndataset = \"breast-cancer\"\n"
	const image = head + "input = [5, 6, 1]\n"
	conv := func(keys string) string { return "[[problem.layer]]\nkind = \"conv2d\"\nfilters = 2\n" + keys }
	const dense = "[[problem.layer]]\nkind = \"dense\"\n"
	for name, c := range map[string]struct{ src, want string }{
		"no layers":        {head, `1:2: [problem] lacks "layer"`},
		"layers in mlp":    {"kind = \"mlp\"\ndataset = \"breast-cancer\"\nlayer = [{ kind = \"dense\" }]", `4:9: kind = "mlp" takes no list of layers`},
		"kind of layer":    {head + "[[problem.layer]]\nkind = \"desne\"\n", `5:8: unknown kind "desne"`},
		"no kind":          {head + "[[problem.layer]]\n", `4:3: [[problem.layer]] lacks "kind"`},
		"no units":         {head + dense + dense, `4:3: [[problem.layer]] lacks "units"`},
		"foreign key":      {head + dense + "filters = 3\n", `6:1: unknown key "filters"`},
		"activation":       {head + dense + "activation = \"reul\"\n", `6:14: unknown activation "reul"`},
		"kernel":           {image + conv("kernel = [3, 3, 3]\n"), `8:10: kernel has 3 numbers`},
		"stride":           {image + conv("kernel = 3\nstride = 0\n"), `9:10: stride = 0 is out of range`},
		"padding":          {image + conv("kernel = 3\npadding = \"full\"\n"), `9:11: unknown padding "full"`},
		"rate":             {head + "[[problem.layer]]\nkind = \"dropout\"\nrate = 1.0\n" + dense, `6:8: rate = 1.0 is out of range`},
		"initialiser":      {head + dense + "weight_init = \"xavier\"\n", `6:15: unknown weight_init "xavier"`},
		"initialiser type": {head + dense + "weight_init = 3\n", `6:15: weight_init must be a name or a table`},
		"deviation":        {head + dense + "weight_init = { kind = \"normal\" }\n", `6:15: weight_init lacks "stddev"`},
		"bounds":           {head + dense + "bias_init = { kind = \"uniform\", low = 1, high = 0 }\n", `6:49: high = 0 is out of range`},
		"loss":             {head + "loss = \"hinge\"\n" + dense, `4:8: unknown loss "hinge"`},
		"l2":               {head + "l2 = { weight = -1 }\n" + dense, `4:17: weight = -1 is out of range`},
		"l2 role":          {head + "l2 = { wieght = 1 }\n" + dense, `4:8: unknown key "wieght"`},
		"input":            {head + "input = [5, 6]\n" + dense, `4:9: input has 2 numbers`},

		// What follows from the data and the layers together.
		"input size":       {head + "input = [5, 5, 1]\n" + dense, `4:9: an input of 5 x 5 x 1 has 25 values, but the data set has 30 features`},
		"image into dense": {image + conv("kernel = 3\n") + dense, `9:3: layer 2 (dense): it takes a vector, but its input is 3 x 4 x 2`},
		"vector into conv": {head + conv("kernel = 3\n") + dense, `4:3: layer 1 (conv2d): it takes images, but its input is a vector of 30`},
		"large kernel":     {image + conv("kernel = [6, 1]\n"), `5:3: layer 1 (conv2d): its window of 6 x 1 is larger than its input of 5 x 6 x 1`},
		"outputs":          {head + dense + "units = 3\n", `6:9: layer 1 (dense) has an output of 3 for each example; the loss "binary-cross-entropy" needs 1`},
		"classes":          {head + "loss = \"softmax-cross-entropy\"\n" + dense + "units = 3\n", `needs 2, one for each class`},
		"autoencoder":      {head + "target = \"input\"\n" + dense + "units = 3\n", `needs 30, one for each input`},
		"entropy of input": {head + "target = \"input\"\nloss = \"softmax-cross-entropy\"\n" + dense, `5:8: softmax cross-entropy needs classes`},
		"standardized":     {head + "target = \"input\"\nloss = \"binary-cross-entropy\"\n" + dense, `5:8: binary cross-entropy needs targets from 0 to 1`},
		"no accuracy":      {"kind = \"mlp\"\ndataset = \"linear-regression\"\n[target]\nvalidation_accuracy = 0.9\n", `5:23: the problem has no accuracy`},
		"targets":          {"kind = \"mlp\"\ntarget = \"input\"\nloss = \"binary-cross-entropy\"\ndataset = \"breast-cancer\"\n", `4:8: binary cross-entropy needs targets from 0 to 1`},
		"missing file":     {head + dense + "weight_init = { file = \"no.csv\" }\n", `6:24: there is no file`},
		"file size":        {head + dense + "weight_init = { file = \"w.csv\" }\n", `6:15: layer 1 (dense): its file has 2 values for a weight of 1 x 30`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "w.csv"), []byte("1,2\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			e, err := Parse(filepath.Join(dir, "f.toml"), experiment(c.src))
			if err == nil {
				e.Build()
				err = e.Errors()
			}
			errs, _ := err.(Errors)
			if len(errs) != 1 || !strings.Contains(err.Error(), c.want) || errs[0].Remedy == "" {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestModelsBuild: what is written becomes the model that is meant.
func TestModelsBuild(t *testing.T) {
	const data = "dataset = \"breast-cancer\"\n"
	for name, c := range map[string]struct {
		src        string
		parameters int
		loss       string
	}{
		"linear":      {"kind = \"mlp\"\n" + data, 31, "binary-cross-entropy"},
		"short":       {"kind = \"mlp\"\nhidden = [16]\n" + data, 30*16 + 16 + 17, "binary-cross-entropy"},
		"softmax":     {"kind = \"mlp\"\nloss = \"softmax-cross-entropy\"\nhidden = [16]\n" + data, 30*16 + 16 + 34, "softmax-cross-entropy"},
		"regression":  {"kind = \"mlp\"\nloss = \"mean-squared-error\"\n" + data, 31, "mean-squared-error"},
		"autoencoder": {"kind = \"mlp\"\nhidden = [4]\ntarget = \"input\"\n" + data, 30*4 + 4 + 150, "mean-squared-error"},
		"pixels":      {"kind = \"mlp\"\ndataset = \"digits\"\ntarget = \"input\"\nloss = \"binary-cross-entropy\"\n", 64*64 + 64, "binary-cross-entropy"},
		"numbers":     {"kind = \"mlp\"\ndataset = { name = \"linear-regression\", features = 3 }\n", 4, "mean-squared-error"},
		"images":      {"kind = \"network\"\ndataset = \"digits\"\nlayer = [{ kind = \"batch-norm\" }, { kind = \"max-pool\" }, { kind = \"flatten\" }, { kind = \"dense\" }]\n", 2 + 170, "softmax-cross-entropy"},
		"vectors":     {"kind = \"network\"\ndataset = \"digits\"\nlayer = [{ kind = \"dropout\", rate = 0.1 }, { kind = \"dense\" }]\n", 650, "softmax-cross-entropy"},
		"layers": {"kind = \"network\"\ninput = [6, 5, 1]\nl2 = 0.1\nweight_init = { kind = \"orthogonal\", gain = 2 }\n" + data + `
layer = [{ kind = "conv2d", filters = 4, kernel = [3, 2], stride = 2, padding = "same", bias = false },
	{ kind = "batch-norm", activation = "silu" },
  { kind = "average-pool" }, { kind = "flatten" }, { kind = "dropout", rate = 0.2 }, { kind = "dense", bias_init = { kind = "constant", value = 1 } }]`,
			24 + 8 + 5, "binary-cross-entropy"},
	} {
		e, err := Parse("f.toml", experiment(c.src))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		e.Build()
		p, ok := e.Workloads[0].Built.(*problem.Supervised)
		if err := e.Errors(); err != nil || !ok {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := p.Network.Size(); got != c.parameters || p.Loss.Name != c.loss || e.Workloads[0].Problem.Loss != c.loss {
			t.Errorf("%s: %d parameters, loss %s; want %d, %s", name, got, p.Loss.Name, c.parameters, c.loss)
		}
	}
}

// TestDeepOBS: the named problems have the published numbers of parameters, and their keys can be replaced.
func TestDeepOBS(t *testing.T) {
	for kind, want := range map[string]int{
		"mnist_logreg": 7_850, "mnist_mlp": 1_336_610, "fmnist_mlp": 1_336_610, "mnist_2c2d": 3_274_634, "fmnist_2c2d": 3_274_634,
	} {
		e, err := Parse("f.toml", experiment("kind = \""+kind+"\"\nl2 = 0.5\n"))
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		m := e.Workloads[0].Problem.Model
		m.Layers[len(m.Layers)-1].Settings["units"] = 10 // as the data have classes
		in := model.Shape{784}
		if m.takesImages() {
			in = model.Shape{28, 28, 1}
		}
		n := e.Workloads[0].network(in)
		if n == nil || n.Size() != want || n.Out.String() != "10" {
			t.Errorf("%s: %v, want %d parameters", kind, e.Errors(), want)
			continue
		}
		name := "mnist"
		if kind[0] == 'f' {
			name = "fashion-mnist"
		}
		p := e.Workloads[0].Problem
		if p.Dataset != name || !reflect.DeepEqual(*p.Batching, dataset.Batching{Sizes: []int{128}, DropLast: true,
			TensorFlow: &dataset.TensorFlowShuffle{Buffer: 20_000, OpSeed: 3}}) ||
			!p.Splitting.OnTest || p.Splitting.Scaling != "" || m.L2.Weight != 0.5 || m.Loss != "softmax-cross-entropy" {
			t.Errorf("%s: %+v", kind, e.Workloads[0].Problem)
		}
	}
}
