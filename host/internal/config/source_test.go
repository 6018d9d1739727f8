package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// written writes files into a folder, each given as its name and text, and returns the path of the first.
func written(t *testing.T, files ...[2]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		path := filepath.Join(dir, f[0])
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(f[1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, files[0][0])
}

const baseFile = `[problem]
kind = "mlp"
dataset = "x.csv"
hidden = [4, 4]
batch = { sizes = [2, 4], milestones = [1] }
[budget]
epochs = 2
[seeds]
count = 2
first = 5
[[optimizer]]
plugin = "sgd"
[[optimizer]]
plugin = "adam"
`

const csvFile = "a,b,target\n1,2,0\n2,1,1\n3,4,0\n4,3,1\n5,6,0\n6,5,1\n7,8,0\n8,7,1\n9,8,0\n8,9,1\n"

// TestInclude: tables merge key by key, the including file counts before what it includes and the later before the earlier; arrays of
// tables and inline tables are replaced whole; paths start at the folder of the file that has them.
func TestInclude(t *testing.T) {
	file := written(t, [2]string{"x.toml", `include = ["parts/base.toml", "more.toml"]
seeds.count = 3
[problem]
batch = { sizes = [2], milestones = [] }
[[optimizer]]
plugin = "momentum"
`}, [2]string{"parts/base.toml", baseFile}, [2]string{"parts/x.csv", csvFile}, [2]string{"more.toml", "seeds = { first = 7, count = 9 }\nproblem.hidden = [3]\n"})
	e, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	w := e.Workloads[0]
	if e.Build(); e.Errors() != nil {
		t.Error(e.Errors())
	}
	if !slices.Equal(e.Seeds, []uint64{7, 8, 9}) || !slices.Equal(w.Problem.Hidden, []int{3}) || !slices.Equal(w.Problem.Batching.Sizes, []int{2}) ||
		w.Budget.Epochs != 2 || len(w.Optimizers) != 1 || w.Optimizers[0].Plugin != "momentum" || e.Name != "x" {
		t.Errorf("%+v, %+v, %+v", e.Seeds, w.Problem, w.Optimizers)
	}
}

// TestIncludeErrors: every error names the file that it comes from, with the place there.
func TestIncludeErrors(t *testing.T) {
	for _, c := range []struct {
		files [][2]string
		want  string // file and place|part of the rest
	}{
		{[][2]string{{"x.toml", "include = [\"base.toml\"]\n"}, {"base.toml", strings.Replace(baseFile, "epochs = 2", "epochs = \"2\"", 1)}, {"x.csv", csvFile}},
			"base.toml:7:10|epochs must be a whole number"},
		{[][2]string{{"x.toml", "include = [\"base.toml\"]\n[budget]\nepochs = 0\n"}, {"base.toml", baseFile}, {"x.csv", csvFile}}, "x.toml:3:10|epochs = 0"},
		{[][2]string{{"x.toml", "include = [\"base.toml\"]\n[budget]\nsteps = 2\n"}, {"base.toml", baseFile}, {"x.csv", csvFile}},
			"base.toml:7:10|merged: write budget = { steps = 20 }"},
		{[][2]string{{"x.toml", "include = [\"base.toml\"]\n"}, {"base.toml", strings.Replace(baseFile, "plugin = \"adam\"", "plugin = \"sgd\"", 1)}, {"x.csv", csvFile}},
			"base.toml:13:3|another optimizer"},
		{[][2]string{{"x.toml", "include = [\"base.toml\"]\n"}, {"base.toml", "[problem"}}, "base.toml:1:8|not valid TOML"},
		{[][2]string{{"x.toml", "include = \"a/b.toml\"\n"}, {"a/b.toml", "include = [\"../x.toml\"]\n"}}, "a/b.toml:1:12|in a circle: "},
		{[][2]string{{"x.toml", "\ninclude = [\"a.toml\", \"none.toml\"]\n"}, {"a.toml", ""}}, "x.toml:2:22|there is no file "},
		{[][2]string{{"x.toml", "include = [3]\n"}}, "x.toml:1:12|include must hold the paths of files"},
		{[][2]string{{"x.toml", "include = \".\"\n"}}, "x.toml:1:11|cannot read"},
		{[][2]string{{"x.toml", "include = \"a.toml\"\n"}, {"a.toml", "include = [" + strings.Repeat("\"b.toml\",", 100) + "]"}, {"b.toml", ""}}, "a.toml:1:903|more than"},
	} {
		e, err := Load(written(t, c.files...))
		if err == nil {
			e.Build()
			err = e.Errors()
		}
		where, text, _ := strings.Cut(c.want, "|")
		if err == nil || !strings.Contains(err.Error(), string(filepath.Separator)+where+": ") || !strings.Contains(err.Error(), text) ||
			strings.Count(err.Error(), "remedy:") != 1 {
			t.Errorf("%v: got\n%v\nwant %s", c.files, err, c.want)
		}
	}
}

// TestSet: a key is set as if it stood in the file, a set of values and a bare word too; optimizers have their names.
func TestSet(t *testing.T) {
	file := written(t, [2]string{"x.toml", `[[problem]]
name = "a b"
kind = "sphere"
[[problem]]
name = "c"
kind = "rosenbrock"
[budget]
steps = 5
[[optimizer]]
plugin = "sgd"
lr = { schedule = "cosine", from = 1.0 }
[[optimizer]]
name = "adam, slow"
plugin = "adam"
lr = 1
`})
	e, err := LoadWith(file, []string{`problem."a b".dimension=7`, "problem.c.gradient_noise = 0.5", "optimizer.sgd.lr.from={ grid = [2, 3] }", `optimizer."adam, slow".plugin=rmsprop`,
		"seeds.count=4", "budget={ steps = 9 }", "question=Which is  best?", "gradient.clip_norm=2"})
	if err != nil {
		t.Fatal(err)
	}
	w := e.Workloads[0]
	if e.Question != "Which is  best?" || len(e.Seeds) != 4 || w.Budget.Steps != 9 || w.Problem.Dimension != 7 || e.Workloads[1].Problem.GradientNoise != 0.5 ||
		len(w.Optimizers) != 3 || w.Optimizers[1].Name != "sgd lr.from=3" || w.Optimizers[2].Plugin != "rmsprop" || w.Optimizers[2].Gradient["clip_norm"] != 2 {
		t.Errorf("%+v, %+v", e, w)
	}
	for setting, want := range map[string]string{
		"optimizer.sdg.lr=1":             `--set:1:11: there is no optimizer "sdg"|did you mean "sgd"`,
		"optimizer.sgd=1":                `--set:1:11: optimizer.sgd is a whole optimizer|optimizer.sgd.lr=0.1`,
		"problem.kind=sphere":            `--set:1:9: there is no problem "kind"|a b, c`,
		"seed.count=1":                   `--set:1:1: unknown key "seed"|did you mean "seeds"`,
		"seeds.coutn=1":                  `--set:1:7: unknown key "coutn"|did you mean "count"`,
		"seeds.count=1.5":                `--set:1:13: count must be a whole number|from 1`,
		"seeds.count={ grid = [1, 2] }":  `--set:1:13: seeds.count cannot be a set|never a hyperparameter`,
		"budget.steps.x=1":               `--set:1:8: budget.steps is the number 5, which has no keys|whole`,
		"budget.steps=\"1":               `--set:1:15: not valid TOML|quotation mark`,
		"budget.steps=1\nseeds.count=2":  `--set:1:1: --set takes a key|write it like`,
		"=1":                             `--set:1:1: --set takes a key|write it like`,
		"include=y.toml":                 `--set:1:1: --set cannot include|into the file`,
		"optimizer.sgd.lr={ gird=[1] }":  `--set:1:20: unknown sort of set "gird"|did you mean "grid"`,
		"problem.c.start=[1, \"a\"]":     `--set:1:21: start holds the string|0.5`,
		"optimizer.sgd.lr={ grid=[1,1]}": `--set:1:28: grid has 1 twice|once`,
	} {
		_, err := LoadWith(file, []string{setting})
		where, remedy, _ := strings.Cut(want, "|")
		if err == nil || !strings.HasPrefix(err.Error(), where) || !strings.Contains(err.Error(), remedy) || strings.Count(err.Error(), "remedy:") != 1 {
			t.Errorf("%s: got\n%v\nwant %s", setting, err, want)
		}
	}
}

// FuzzSetKeys: no setting makes reading fail otherwise than with an error at a place.
func FuzzSetKeys(f *testing.F) {
	for _, seed := range []string{"optimizer.sgd.lr=0.1", "optimizer=[]", "optimizer.sgd.\"a.b\"={x=1}", "problem.layer=[{kind='dense'}]", "a.b.c=[[1],{d=2}]", "=", "\"", "a=\t1 # b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, setting string) {
		_, err := assemble("x.toml", swept("lr = { grid = [1, 2] }", ""), []string{setting})
		if list, is := err.(Errors); err != nil && (!is || len(list) == 0 || list[0].Line < 1) {
			t.Errorf("%v", err)
		}
	})
}
