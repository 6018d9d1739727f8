package plan

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/config"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// planned are the runs of an experiment file with the given text, in a folder of its own with a data file.
func planned(t *testing.T, folder, text, data, program string) (Job, Asked) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), folder)
	for name, content := range map[string]string{"x.toml": text, "points.csv": data, "sub/moved.csv": data} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	e, err := config.Load(filepath.Join(dir, "x.toml"))
	if err != nil {
		t.Fatal(err)
	}
	p := resolved(t, e, program)
	j := p.Jobs[0]
	return j, p.Asked(j.Workload, j.Optimizer, j.Seed)
}

// planOf is the plan of an experiment file with a text.
func planOf(t *testing.T, text string) Plan {
	t.Helper()
	e, err := config.Parse("x.toml", text)
	if err != nil {
		t.Fatal(err)
	}
	return resolved(t, e, "sum")
}

func resolved(t testing.TB, e *config.Experiment, program string) Plan {
	t.Helper()
	e.Build()
	float := v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT
	e.Resolve([]string{"sgd", "other"}, func(name string) (*v1.DescribeResponse, error) {
		return &v1.DescribeResponse{Name: name, Capabilities: &v1.Capabilities{Groups: true}, Hyperparameters: []*v1.Hyperparameter{
			{Name: "lr", Type: float, Default: &v1.Value{Kind: &v1.Value_Float{Float: 0.1}}, Schedulable: true},
			{Name: "file", Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_STRING, Default: &v1.Value{Kind: &v1.Value_Text{Text: "x"}}},
			{Name: "count", Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER,
				Default: &v1.Value{Kind: &v1.Value_Integer{Integer: 1<<60 + 1}}}}}, nil
	}, func(string, map[string]*v1.Value) ([]*v1.Diagnostic, error) { return nil, nil })
	if err := e.Errors(); err != nil {
		t.Fatal(err)
	}
	return Of(e, func(string) string { return program })
}

// TestIdentity: a run is what is asked of it, wherever it lies and whatever is recorded.
func TestIdentity(t *testing.T) {
	const text = `
question = "q"
[problem]
kind = "mlp"
dataset = "points.csv"
hidden = [2]
[budget]
steps = 5
[target]
train_loss = 0.1
[[optimizer]]
plugin = "sgd"
`
	const data = "x,class\n1,a\n2,b\n3,a\n4,b\n5,a\n"
	whole, asked := planned(t, "here", text, data, "sum")
	if len(whole.Identity) != 64 {
		t.Fatalf("%q", whole.Identity)
	}
	for name, c := range map[string]struct {
		old, new      string // in the text
		data, program string
		differs       string // the part; empty for the same run
	}{
		"moved":        {},
		"question":     {old: `"q"`, new: `"another"`},
		"name":         {old: `plugin = "sgd"`, new: "plugin = \"sgd\"\nname = \"other\""},
		"default":      {old: `plugin = "sgd"`, new: "plugin = \"sgd\"\nlr = 0.1"},
		"recorded":     {old: "[budget]", new: "[record]\nparameters = true\n[budget]"},
		"checkpoints":  {old: "[budget]", new: "[checkpoint]\nsteps = 2\n[budget]"},
		"target":       {old: "train_loss = 0.1", new: "train_loss = 0.2"},
		"stop":         {old: "[budget]", new: "[stop]\nplateau = { measure = \"train_loss\", patience = 3 }\n[budget]", differs: "rule to stop by"},
		"stop at":      {old: "[budget]", new: "[stop]\ntarget = true\n[budget]", differs: "rule to stop by"},
		"timeout":      {old: `plugin = "sgd"`, new: "plugin = \"sgd\"\nstep_timeout = \"1s\""},
		"data's place": {old: "points.csv", new: "sub/moved.csv"},
		"data":         {data: data + "6,a\n", differs: "content of its data files"},
		"network":      {old: "[2]", new: "[3]", differs: "problem"},
		"batches":      {old: "[2]", new: "[2]\nreshuffle = false", differs: "problem"},
		"steps":        {old: "steps = 5", new: "steps = 6", differs: "number of steps"},
		"evaluations":  {old: "steps = 5", new: "gradient_evaluations = 5"},
		"examples":     {old: "steps = 5", new: "example_gradients = 23"}, // of 4 in a batch
		"time":         {old: "steps = 5", new: "time = \"1s\"", differs: "number of steps"},
		"rows":         {old: "[budget]", new: "[record]\nevery = 2\nweights = \"end\"\n[budget]"},
		"rate":         {old: `plugin = "sgd"`, new: "plugin = \"sgd\"\nlr = 0.2", differs: "optimizer"},
		"zero rate":    {old: `plugin = "sgd"`, new: "plugin = \"sgd\"\nlr = 0", differs: "optimizer"},
		"text":         {old: `plugin = "sgd"`, new: "plugin = \"sgd\"\nfile = \"y\"", differs: "optimizer"},
		"schedule": {old: `plugin = "sgd"`, new: "plugin = \"sgd\"\nlr = { schedule = \"cosine\", from = 0.1 }",
			differs: "optimizer"},
		"group":            {old: `plugin = "sgd"`, new: "plugin = \"sgd\"\n[[optimizer.group]]\nrole = \"bias\"\nlr = 0", differs: "optimizer"},
		"group of default": {old: `plugin = "sgd"`, new: "plugin = \"sgd\"\n[[optimizer.group]]\nrole = \"bias\"\nlr = 0.1"},
		"large number":     {old: `plugin = "sgd"`, new: "plugin = \"sgd\"\ncount = 1152921504606846976", differs: "optimizer"},
		"clipping":         {old: "[budget]", new: "[gradient]\nclip_norm = 1\n[budget]", differs: "clipping of gradients"},
		"plugin":           {old: `plugin = "sgd"`, new: `plugin = "other"`, differs: "plugin"},
		"program":          {program: "other", differs: "plugin binary"},
		"seed":             {old: "[budget]", new: "[seeds]\nfirst = 2\n[budget]", differs: "seed"},
	} {
		if c.data == "" {
			c.data = data
		}
		if c.program == "" {
			c.program = "sum"
		}
		if !strings.Contains(text, c.old) {
			t.Fatal(c.old)
		}
		r, now := planned(t, "there", strings.Replace(text, c.old, c.new, 1), c.data, c.program)
		part, change := asked.Difference(now)
		if part != c.differs || (change == "") != (c.differs == "") || (r.Identity == whole.Identity) != (c.differs == "") {
			t.Errorf("%s: another %q (%s), want %q; identities %s, %s", name, part, change, c.differs, whole.Identity, r.Identity)
		}
		// What a manifest says of it comes back the same.
		var back Asked
		b, err := json.Marshal(now)
		if err == nil {
			err = decode(b, &back)
		}
		if err != nil || back.Identity() != r.Identity {
			t.Errorf("%s: read back as %s, want %s: %v", name, back.Identity(), r.Identity, err)
		}
	}
}

// TestTargetThatEndsRuns: a target is part of what is asked where runs end at it.
func TestTargetThatEndsRuns(t *testing.T) {
	const text = "[problem]\nkind = \"sphere\"\n[budget]\nsteps = 5\n[target]\ntrain_loss = 1\n[stop]\ntarget = true\n[[optimizer]]\nplugin = \"sgd\"\n"
	one, asked := planned(t, "a", text, "", "sum")
	other, now := planned(t, "a", strings.Replace(text, "loss = 1", "loss = 2", 1), "", "sum")
	if part, change := asked.Difference(now); part != "target to stop at" || change != "value 1, now 2" || one.Identity == other.Identity {
		t.Errorf("%s: %s", part, change)
	}
}

// TestValidationThatEndsRuns: when validation examples are evaluated is part of what is asked where runs end by them.
func TestValidationThatEndsRuns(t *testing.T) {
	for name, c := range map[string]struct {
		rule    string
		differs bool
	}{
		"plateau": {"plateau = { measure = \"validation_loss\", patience = 3 }", true},
		"target":  {"target = true", true},
		"not":     {"plateau = { measure = \"train_loss\", patience = 3 }", false},
	} {
		text := "[problem]\nkind = \"mlp\"\ndataset = \"breast-cancer\"\n[budget]\nsteps = 5\n[target]\nvalidation_loss = 1\n[stop]\n" + c.rule +
			"\n[[optimizer]]\nplugin = \"sgd\"\n"
		one, asked := planned(t, "a", text, "", "sum")
		other, now := planned(t, "a", text+"[record]\nvalidation = { every = 2 }\n", "", "sum")
		if part, _ := asked.Difference(now); (part == "evaluation of what it stops by") != c.differs || (one.Identity == other.Identity) == c.differs {
			t.Errorf("%s: another %q", name, part)
		}
	}
}

func decode(b []byte, v any) error {
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.UseNumber()
	return d.Decode(v)
}

// TestIdentityIsKept: results that lie on disks keep their identity. What a later version adds must be zero where it means what
// was done before.
func TestIdentityIsKept(t *testing.T) {
	var asked Asked
	if err := decode([]byte(`{"Problem": {"kind": "rosenbrock", "start": [-1.5, 2]}, "Plugin": "sgd", "Program": "00ff", "Seed": 1,
		"Hyperparameters": {"lr": 0.001, "nesterov": false}, "Steps": 100}`), &asked); err != nil {
		t.Fatal(err)
	}
	if got, want := asked.Identity(), "c026e6bebde77d9ab487d59af0d9ef5e99836089e2993714f2510cf8206f30d8"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func BenchmarkIdentity(b *testing.B) {
	asked := Asked{Problem: config.Problem{Kind: "mlp", Model: &config.Model{Hidden: []int{4}, Layers: make([]config.Layer, 10)}},
		Hyperparameters: map[string]any{"lr": 0.1, "beta1": 0.9}}
	for b.Loop() {
		asked.Identity()
	}
}
