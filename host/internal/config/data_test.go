package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/dataset"
)

// parse reads an experiment on a perceptron with the given keys of [problem], in a folder with some files.
func parse(t *testing.T, keys string) (*Experiment, error) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"d.csv": "class,a\nx,1\ny,2\nx,3\ny,4\n", "r.csv": "a,b\n1,0.5\n2,1.5\n", "m.csv": "a,class\n1,x\n2,y\n3,z\n", "e.csv": "",
		"large.csv": "a,y\n-1e200,u\n1,v\n0,v\n", "t.csv": "a,b,y\n1,7,0\n3,7,1\n2,7,0\n", "u.csv": "a,b,y\n5,8,1\n",
		"semicolon.csv": "x;1,5\ny;2,5\nx;3,5\n",
		"x.idx":         "\x00\x00\x08\x02\x00\x00\x00\x02\x00\x00\x00\x01ab", "y.idx": "\x00\x00\x08\x01\x00\x00\x00\x02\x00\x01",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e, err := Parse(filepath.Join(dir, "f.toml"),
		"[problem]\nkind = \"mlp\"\n"+keys+"\n[budget]\nsteps = 1\n[[optimizer]]\nplugin = \"sgd\"\n")
	if e != nil { // as much of it as could be read
		e.Build()
		err = e.Errors()
	}
	return e, err
}

func TestData(t *testing.T) {
	fifth := dataset.Splitting{Validation: dataset.Portion{Fraction: 0.2}, Scaling: dataset.Standardize}
	batch := dataset.Batching{Sizes: []int{32}, Reshuffle: true}
	for _, c := range []struct {
		keys     string
		want     Data
		batching dataset.Batching
	}{
		{`dataset = "breast-cancer"`, Data{Dataset: "breast-cancer", Options: map[string]float64{}, Splitting: fifth}, batch},
		{"dataset = \"two-moons\"\nbatch = 8\nvalidation = 0\nscale = \"min-max\"", Data{Dataset: "two-moons",
			Options:   map[string]float64{"examples": 400, "noise": 0.1, "seed": 1},
			Splitting: dataset.Splitting{Scaling: dataset.MinMax}}, dataset.Batching{Sizes: []int{8}, Reshuffle: true}},
		{"dataset = { name = \"xor\", examples = 50, noise = 0.25 }\nbatch = { sizes = [8, 16, \"full\"], milestones = [2, 5] }\ndrop_last = true",
			Data{Dataset: "xor", Options: map[string]float64{"examples": 50, "noise": 0.25, "seed": 1}, Splitting: fifth},
			dataset.Batching{Sizes: []int{8, 16, 0}, Milestones: []int{2, 5}, DropLast: true, Reshuffle: true}},
		{"validation = 300\ntest = 0.1\nstratify = true\nsubset = 500\nlabel_noise = 0.1\nbatch = 10\nreplacement = true\n" +
			"[problem.dataset]\nname = \"digits\"\none_vs_rest = \"7\"", Data{Dataset: "digits", Options: map[string]float64{}, OneVsRest: "7",
			Splitting: dataset.Splitting{Validation: dataset.Portion{Count: 300}, Test: dataset.Portion{Fraction: 0.1},
				Stratify: true,
				Subset:   dataset.Portion{Count: 500}, LabelNoise: 0.1, Scaling: dataset.Pixels}},
			dataset.Batching{Sizes: []int{10}, Replace: true, Reshuffle: true}},
		{"dataset = \"d.csv\"\ntarget_column = \"class\"\nvalidation = 0.25\nstandardize = false\nbatch = \"full\"\nreshuffle = false", Data{Dataset: "d.csv",
			Files: &dataset.Files{Features: "d.csv", Column: "class"},
			Splitting: dataset.Splitting{Validation: dataset.Portion{Fraction: 0.25},
				Scaling: dataset.Unscaled}}, dataset.Batching{Sizes: []int{0}}},
		{`dataset = { file = "semicolon.csv", header = false, separator = ";", decimal = ",", target_column = "1" }`,
			Data{Dataset: "semicolon.csv", Files: &dataset.Files{Features: "semicolon.csv", Header: dataset.HeaderNo, Separator: ";",
				Decimal: ",", Column: "1"}, Splitting: dataset.Splitting{Validation: dataset.Portion{Fraction: 0.2},
				Scaling: dataset.Standardize}}, batch},
		{`dataset = { file = "x.idx", targets = "y.idx", test_file = "x.idx", test_targets = "y.idx", format = "idx", odd_even = true }`,
			Data{Dataset: "x.idx", OddEven: true, Files: &dataset.Files{Features: "x.idx", Targets: "y.idx", TestFeatures: "x.idx",
				TestTargets: "y.idx", Format: "idx"}, Splitting: dataset.Splitting{OnTest: true, Scaling: dataset.Standardize}}, batch},
	} {
		e, err := parse(t, c.keys)
		if err != nil {
			t.Errorf("%s: %v", c.keys, err)
			continue
		}
		if sum := e.Workloads[0].Problem.Content["dataset.file"]; (e.Workloads[0].Problem.Files != nil) != (len(sum.SHA256) == 64 && sum.Bytes > 0) {
			t.Errorf("%s: sums %v", c.keys, e.Workloads[0].Problem.Content)
		}
		e.Workloads[0].Problem.Data.whole = false
		if !reflect.DeepEqual(*e.Workloads[0].Problem.Data, c.want) || !reflect.DeepEqual(*e.Workloads[0].Problem.Batching, c.batching) {
			t.Errorf("%s:\n%+v, %+v, want\n%+v, %+v", c.keys, *e.Workloads[0].Problem.Data, *e.Workloads[0].Problem.Batching, c.want, c.batching)
		}
	}
}

func TestDataDiagnostics(t *testing.T) {
	for keys, want := range map[string]string{
		``:                        `lacks "dataset"`,
		`dataset = 3`:             `3:11: dataset must be a name, a file or a table, not the number 3`,
		`dataset = "two-mons"`:    `3:11: there is no data set "two-mons"` + "|did you mean \"two-moons\"?",
		`dataset = "none.csv"`:    `3:11: there is no file`,
		`dataset = "e.csv"`:       `the file is empty`,
		`dataset = "x.idx"`:       `3:11: a file of the format idx has no targets|write dataset = { file = "x.idx", targets = "FILE" }`,
		`dataset = "f.toml.data"`: `3:11: there is no file`,
		"dataset = \"m.csv\"\nvalidation = 0\nloss = \"binary-cross-entropy\"": `5:8: binary cross-entropy needs two classes; the data set has 3|one_vs_rest`,
		"dataset = \"r.csv\"\nvalidation = 0\nloss = \"binary-cross-entropy\"": `5:8: binary cross-entropy needs two classes; the data set has none`,
		`dataset = { }`:                                                                            `3:11: dataset needs either name or file`,
		`dataset = { name = "digit" }`:                                                             `3:20: unknown name "digit"|did you mean "digits"?`,
		`dataset = { name = "xor", nose=1 }`:                                                       `3:27: unknown key "nose" in [problem.dataset]|did you mean "noise"?`,
		`dataset = { name = "xor", noise = -1 }`:                                                   `3:35: noise = -1 is out of range|a number from 0 to 1000000`,
		`dataset = { name = "xor", examples = 2.5 }`:                                               `3:38: examples = 2.5 is out of range|a whole number`,
		`dataset = { name = "digits", one_vs_rest = "x" }`:                                         `3:44: there is no class "x"|use one of 0, 1, 2`,
		`dataset = { name = "breast-cancer", odd_even = true }`:                                    `class "malignant" is not a whole number`,
		`dataset = { name = "digits", one_vs_rest = "1", odd_even = true }`:                        `3:60: one_vs_rest and odd_even exclude each other`,
		`dataset = { name = "linear-regression", examples = 5 }`:                                   `more examples than features`,
		`dataset = { file = "x.idx" }`:                                                             `3:20: a file of the format idx has no targets|add targets = "FILE"`,
		`dataset = { file = "x.idx", targets = "z.idx" }`:                                          `3:39: there is no file`,
		`dataset = { file = "d.csv", targets = "y.idx" }`:                                          `3:39: targets does not go with these files`,
		"dataset = \"m.csv\"\nl2 = -1":                                                             `4:6: l2 = -1 is out of range`,
		`dataset = { file = "d.csv", format = "cvs" }`:                                             `3:38: unknown format "cvs"|did you mean "csv"?`,
		`dataset = { file = "d.csv", target_column = "clas" }`:                                     `3:45:|did you mean "class"?`,
		`dataset = { file = "x.idx", targets = "y.idx", target_column = "a"}`:                      `target_column is for CSV files`,
		`dataset = { file = "x.idx", targets = "y.idx", header = true }`:                           `3:57: header is for CSV files`,
		`dataset = { file = "d.csv", separator = "::" }`:                                           `3:41: separator = "::" is out of range|choose one of "\t", ";", ",", "|", " "`,
		`dataset = { file = "d.csv", decimal = "x" }`:                                              `3:39: unknown decimal "x"`,
		`dataset = { file = "large.csv" }`:                                                         `3:11: the features reach from -1e+200 to 1; beyond 1e+150 they cannot be scaled`,
		"dataset = \"xor\"\ntarget_column = \"a\"":                                                 `4:17: the data set "xor" has a fixed target`,
		"dataset = \"xor\"\nvalidation = \"tset\"":                                                 `4:14: validation = "tset" is neither`,
		"dataset = \"xor\"\nvalidation = \"test\"":                                                 `4:14: the data set has no test part of its own`,
		"dataset = \"fashion-mnist\"\ntest = 0.1":                                                  `4:8: the data set has a test part of its own`,
		"dataset = \"xor\"\nvalidation = 400":                                                      `4:14: of 400 examples, 0 are left for training`,
		"dataset = \"xor\"\nvalidation = 2.5":                                                      `4:14: validation = 2.5 is out of range`,
		"dataset = \"xor\"\nsubset = 321":                                                          `4:10: a subset of 321 is not possible of 320 training examples`,
		"dataset = \"xor\"\nscale = \"pixel\"":                                                     `4:9: unknown scale "pixel"|did you mean "pixels"?`,
		"dataset = \"xor\"\nscale = \"pixels\"":                                                    `4:9: the largest value`,
		"dataset = \"xor\"\nscale = \"standardize-channels\"":                                      `4:9: the examples are not images`,
		"dataset = \"xor\"\nscale = \"none\"\nstandardize = true":                                  `5:15: scale and standardize exclude each other`,
		"dataset = \"r.csv\"\nvalidation = 0.5\nstratify = true":                                   `5:12: the targets are numbers`,
		"dataset = \"r.csv\"\nvalidation = 0.5\nlabel_noise = 0.5":                                 `5:15: the targets are numbers`,
		"dataset = \"xor\"\nlabel_noise = 2":                                                       `4:15: label_noise = 2 is out of range`,
		"dataset = \"xor\"\nbatch = { sizes = [32, 64] }":                                          `4:9: batch needs sizes and`,
		"dataset = \"xor\"\nbatch = { sizes = [1, 2, 3], milestones = [5, 5] }":                    `4:9: batch needs sizes and`,
		"dataset = \"xor\"\nbatch = { sizes = [32, \"ful\"], milestones = [5] }":                   `4:24: sizes = "ful" is neither`,
		"dataset = \"xor\"\nbatch = 2000000000\nreplacement = true":                                `4:9: a batch of 2000000000 examples has more than`,
		"dataset = \"xor\"\ntarget = \"input\"\nloss = \"binary-cross-entropy\"\nscale = \"none\"": `5:8: binary cross-entropy needs targets from 0 to 1, but the input reaches from -0.9`,
		"dataset = \"xor\"\nhidden = [5, 2000000000]":                                              `4:14: layer 2 (dense): with its output of 2000000000`,
		"dataset = \"xor\"\nbatch = { size = [32] }":                                               `4:11: unknown key "size" in [problem.batch]`,
		"dataset = \"xor\"\nbatch = \"full\"\nreplacement = true":                                  `5:15: the full batch has every example once`,
	} {
		_, err := parse(t, keys)
		message, remedy, _ := strings.Cut(want, "|")
		if err == nil || !strings.Contains(err.Error(), message) || !strings.Contains(err.Error(), remedy) {
			t.Errorf("%s\ngot %v\nwant %s", keys, err, want)
		}
		if list, ok := err.(Errors); ok && len(list) != 1 {
			t.Errorf("%s: %d errors:\n%v", keys, len(list), err)
		}
	}
}

// TestDataDocument reads every key that docs/data.md shows, and looks for every name there.
func TestDataDocument(t *testing.T) {
	b, err := os.ReadFile("../../../docs/data.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for i, block := range strings.Split(string(b), "```toml\n") {
		block, _, _ = strings.Cut(block, "\n```")
		for line := range strings.Lines(block) {
			if i == 0 || strings.TrimSpace(line) == "" {
				continue
			}
			if !strings.HasPrefix(line, "dataset") {
				line = "dataset = \"xor\"\n" + line
			}
			shown++
			src := "[problem]\nkind = \"mlp\"\n" + line + "\n[budget]\nsteps = 1\n[[optimizer]]\nplugin = \"sgd\"\n"
			if _, err := Parse("f.toml", src); err != nil {
				t.Error(err)
			}
		}
	}
	if shown < 8 {
		t.Errorf("only %d lines of TOML seen", shown)
	}
	names := dataset.Names()
	for _, scaling := range dataset.Scalings {
		names = append(names, string(scaling))
	}
	for _, name := range append(names, dataset.Formats...) {
		if !strings.Contains(string(b), "`"+name+"`") && !strings.Contains(string(b), "`\""+name+"\"`") {
			t.Errorf("docs/data.md does not have %q", name)
		}
	}
}

// TestDataWarnings: what can be run but is hardly meant has its place in the file.
func TestDataWarnings(t *testing.T) {
	const files = "dataset = { file = \"t.csv\", test_file = \"u.csv\" }\n"
	for keys, want := range map[string]string{
		"dataset = \"breast-cancer\"": "",
		files:                         `3:11: feature 2 ("b") is constant among the training examples, but not among the others`,
		files + `scale = "min-max"`:   `3:11: feature 2 ("b") is constant among the training examples, but not among the others`,
		files + `scale = "none"`:      "",
		files + "target = \"input\"\nloss = \"binary-cross-entropy\"\nscale = \"min-max\"": "3:11: values beyond those of the training " +
			"examples are cut off to 0 or 1",
	} {
		e, err := parse(t, keys)
		if err != nil {
			t.Errorf("%s: %v", keys, err)
			continue
		}
		if want != "" {
			found := false
			for _, w := range e.Warnings() {
				found = found || strings.Contains(w.String(), want) && w.Remedy != ""
			}
			if !found {
				t.Errorf("%s\nwarnings %v\nwant %s", keys, e.Warnings(), want)
			}
		} else if len(e.Warnings()) > 0 {
			t.Errorf("%s\nwarnings %v", keys, e.Warnings())
		}
	}
}

// TestCausesAreKept: whoever gets the errors of an experiment can tell that a file is missing.
func TestCausesAreKept(t *testing.T) {
	for name, keys := range map[string]string{
		"data":    `dataset = "no.csv"`,
		"weights": "dataset = \"breast-cancer\"\nweight_init = { file = \"no.csv\" }",
		"order":   "dataset = \"breast-cancer\"\norder = { file = \"no.csv\" }",
	} {
		e, err := parse(t, keys)
		if err == nil {
			e.Build()
			err = e.Errors()
		}
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "no.toml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("experiment: %v", err)
	}
}
