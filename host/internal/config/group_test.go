package config

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// resolveGroups is resolve for a plugin o that has groups or not, and another one p that has none, on a network of two layers.
func resolveGroups(t *testing.T, groups bool, tables string) *Experiment {
	t.Helper()
	e, err := Parse("f.toml", "budget.steps = 10\nproblem = { kind = \"mlp\", dataset = \"xor\", hidden = [3] }\n"+tables)
	if e == nil {
		t.Fatal(err)
	}
	e.Build()
	number := v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT
	about := &v1.DescribeResponse{Capabilities: &v1.Capabilities{Groups: groups}, Hyperparameters: []*v1.Hyperparameter{
		{Name: "lr", Type: number, Schedulable: true, Interval: &v1.Interval{High: 2}, Default: proto.NewValue(0.5)},
		{Name: "decay", Type: number, Schedulable: true, Default: proto.NewValue(0.0)},
		{Name: "nesterov", Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_BOOLEAN, Default: proto.NewValue(false)},
		{Name: "shape", Type: number, Schedulable: true, Default: proto.NewValue(1.0)},
	}}
	other := &v1.DescribeResponse{Capabilities: &v1.Capabilities{Matrices: strings.Contains(tables, "# matrices")}, Hyperparameters: []*v1.Hyperparameter{
		{Name: "lr", Type: number, Schedulable: true, Default: proto.NewValue(0.25)},
		{Name: "ns_steps", Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER, Default: proto.NewValue(int64(5))},
	}}
	matrices := &v1.DescribeResponse{Name: "m", Capabilities: &v1.Capabilities{Matrices: true}}
	e.Resolve([]string{"m", "o", "p"}, func(plugin string) (*v1.DescribeResponse, error) {
		return map[string]*v1.DescribeResponse{"m": matrices, "o": about, "p": other}[plugin], nil
	},
		func(plugin string, values map[string]*v1.Value) ([]*v1.Diagnostic, error) {
			if plugin == "p" && values["ns_steps"].GetInteger() == 13 {
				return []*v1.Diagnostic{{Hyperparameter: "ns_steps", Message: "13 steps", Remedy: "take 5"}}, nil
			}
			if values["nesterov"].GetBoolean() && values["decay"].GetFloat() == 0.25 {
				return []*v1.Diagnostic{{Hyperparameter: "decay", Message: "nesterov and this decay", Remedy: "choose one"}}, nil
			}
			return nil, nil
		})
	return e
}

// TestGroups: each group has the tensors that all its selectors name, and its own hyperparameters in place of the others.
func TestGroups(t *testing.T) {
	e := resolveGroups(t, true, `
[[optimizer]]
plugin = "o"
lr = { schedule = "linear", from = 1 }
shape = 3
[[optimizer.group]]
role = "bias"
tensor = "layer1.*"
decay = { grid = [0, 1] }
[[optimizer.group]]
name = "rest"
tensor = "*2.bias"
lr = 0.125
nesterov = true
[[optimizer.group]]
shape = "matrix"
lr = { schedule = "linear", from = 2 }
`)
	if err := e.Errors(); err != nil {
		t.Fatal(err)
	}
	o := e.Workloads[0].Optimizers[1]
	for i, want := range []struct {
		name, tensors, hyperparameters string
		lr, decay                      float64 // at step 5
		nesterov                       bool
	}{
		{"bias+layer1.*", "layer1.bias", `{"decay":1,"lr":{"from":1,`, 0.5, 1, false},
		{"rest", "layer2.bias", `{"decay":0,"lr":0.125,"nesterov":true,"shape":3}`, 0.125, 0, true},
		{"matrix", "layer1.weight layer2.weight", `{"decay":0,"lr":{"from":2,`, 1, 0, false},
	} {
		g := o.Groups[i]
		b, err := json.Marshal(g.Hyperparameters)
		if g.Name != want.name || strings.Join(g.Tensors, " ") != want.tensors || err != nil || !strings.HasPrefix(string(b), want.hyperparameters) ||
			g.Schedule("lr").At(5) != want.lr || g.Schedule("decay").At(5) != want.decay || g.Values()["nesterov"].GetBoolean() != want.nesterov ||
			g.Values()["shape"].GetFloat() != 3 {
			t.Errorf("%+v, %s, want %+v", g, b, want)
		}
	}
	if o.Name != "o bias+layer1.*.decay=1" || !slices.Equal(o.Scheduled(), []string{"matrix.lr"}) {
		t.Errorf("%q, scheduled %q", o.Name, o.Scheduled())
	}
	members := o.Parts(e.Workloads[0].Built.Layout())[0].Members()
	if len(members) != 3 || !slices.Equal(members[0].Tensors, []uint32{0, 2}) || !slices.Equal(members[2].Tensors, []uint32{3}) ||
		members[2].Hyperparameters["lr"].GetFloat() != 0.125 {
		t.Errorf("the plugin is told of %v", members)
	}
}

// TestGroupConfiguration: what counts is which tensors have which hyperparameters, not how a file says it; and without groups there is
// nothing else than before.
func TestGroupConfiguration(t *testing.T) {
	of := func(groups string) string {
		e := resolveGroups(t, true, "[[optimizer]]\nplugin = \"o\"\n"+groups)
		if err := e.Errors(); err != nil {
			t.Fatal(err)
		}
		o := e.Workloads[0].Optimizers[0]
		b, err := json.Marshal(o.Configuration())
		if err != nil {
			t.Fatal(err)
		}
		var read Optimizer // as from a manifest
		kept, err1 := json.Marshal(o)
		err2 := json.Unmarshal(kept, &read)
		again, err3 := json.Marshal(read.Configuration())
		if err := errors.Join(err1, err2, err3); err != nil || string(again) != string(b) {
			t.Errorf("read back it is %s, want %s: %v", again, b, err)
		}
		return string(b)
	}
	for _, nothing := range []string{"", "[[optimizer.group]]\nrole = \"bias\"\nlr = 0.5\n"} {
		if got, want := of(nothing), `{"decay":0,"lr":0.5,"nesterov":false,"shape":1}`; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	const bias, first = "[[optimizer.group]]\nrole = \"bias\"\nlr = 0\n", "[[optimizer.group]]\ntensor = \"layer1.weight\"\nlr = 0.25\n"
	want := of(bias + first)
	for _, same := range []string{first + bias, strings.Replace(bias, `role = "bias"`, "name = \"x\"\ntensor = \"*.bias\"", 1) + first,
		bias + strings.Replace(first, "0.25", "0.25\ndecay = 0", 1),
		bias + first + "[[optimizer.group]]\ntensor = \"layer2.weight\"\nlr = 0.5\n",
		"[[optimizer.group]]\ntensor = \"layer2.bias\"\nlr = 0\n" + first + "[[optimizer.group]]\ntensor = \"layer1.bias\"\nlr = 0\n"} {
		if got := of(same); got != want {
			t.Errorf("%s: %s, want %s", same, got, want)
		}
	}
	for _, other := range []string{bias, strings.Replace(bias, "lr", "decay", 1) + first, strings.Replace(bias, "bias", "weight", 1)} {
		if got := of(other); got == want {
			t.Errorf("%s: %s, which is something else", other, got)
		}
	}
}

func TestGroupDiagnostics(t *testing.T) {
	const bias = "[[optimizer.group]]\nrole = \"bias\"\nlr = 0\n" // lines 5 to 7
	for groups, want := range map[string]string{
		"group = 3":  `f.toml:5:9: group must be an array of tables, not the number 3`,
		"group = []": `f.toml:5:9: group is an empty array`,
		"[[optimizer.group]]\nlr = 0": `f.toml:5:3: the group does not say of which tensors it is
  remedy: add role = "bias", or place = "hidden", or shape = "matrix", or tensor = "layer*.bias"`,
		"[[optimizer.group]]\ntensor = \"\"\nlr = 0":     `f.toml:5:3: the group does not say of which tensors it is`,
		"[[optimizer.group]]\nrole = \"biases\"\nlr = 0": "f.toml:6:8: unknown role \"biases\"\n  remedy: did you mean \"bias\"?",
		"[[optimizer.group]]\nplace = \"hidden\"\nlr = 0": `f.toml:6:9: the problem has no tensor with the place hidden
  remedy: its tensors are layer1.weight (weight, first, matrix), `,
		"[[optimizer.group]]\nshape = 3\nlr = 0":                 `f.toml:6:9: shape must be a string, not the number 3`,
		"[[optimizer.group]]\ntensor = \"layer[\"\nlr = 0":       `f.toml:6:10: "layer[" is no pattern`,
		"[[optimizer.group]]\ntensor = \"layer[1,2].*\"\nlr = 0": `f.toml:5:3: "layer[1,2].*" is no name for a group`,
		"[[optimizer.group]]\ntensor = \"layr1.bias\"\nlr = 0": `f.toml:6:10: the problem has no tensor "layr1.bias"
  remedy: did you mean "layer1.bias"? It can be one of layer1.weight, layer1.bias, layer2.weight, layer2.bias`,
		"[[optimizer.group]]\nrole = \"scale\"\nlr = 0": `f.toml:6:8: the problem has no tensor with the role scale
  remedy: its tensors are layer1.weight (weight, first, matrix), layer1.bias (bias, first, vector), `,
		"[[optimizer.group]]\nrole = \"bias\"\nshape = \"matrix\"\nlr = 0":                `f.toml:5:3: the problem has no tensor that is all`,
		bias + "[[optimizer.group]]\ntensor = \"layer2.*\"\nlr = 1":                       `f.toml:8:3: the tensor layer2.bias is in two groups, "bias" and "layer2.*"`,
		bias + "[[optimizer.group]]\nname = \"bias\"\ntensor = \"layer1.weight\"\nlr = 1": `f.toml:8:3: two groups are called "bias"`,
		bias + "decy = 3":                    "f.toml:8:1: unknown hyperparameter \"decy\" of plugin \"o\"\n  remedy: did you mean \"decay\"? It can be one of lr, decay, nesterov, shape, plugin, role, tensor, place, shape, name",
		bias + "decay = true":                `f.toml:8:9: decay must be a number, not true`,
		strings.Replace(bias, "0", "3", 1):   `f.toml:7:6: lr = 3 is out of range`,
		bias + "decay = { schedule = \"x\"}": `f.toml:8:22: unknown schedule "x"`,
		strings.Replace(bias, "0", `{ schedule = "linear", from = 1, to = -1 }`, 1): `f.toml:7:6: lr = -0.19`,
		bias + "nesterov = true\ndecay = 0.25":                                      `f.toml:9:9: nesterov and this decay`,
		"decay = 0.25\n" + bias + "nesterov = true":                                 `f.toml:6:3: nesterov and this decay`,
		bias + strings.Repeat("[[optimizer.group]]\ntensor = \"x\"\nlr=1\n", 256):   `f.toml:773:3: 257 groups are more than the 256 that there can be`,
	} {
		e := resolveGroups(t, true, "[[optimizer]]\nplugin = \"o\"\n"+groups)
		err := e.Errors()
		for line := range strings.SplitSeq(want, "\n") {
			if err == nil || !strings.Contains(err.Error(), line) {
				t.Errorf("%s:\n%v\nwant %s", groups, err, line)
			}
		}
	}
	e := resolveGroups(t, false, "[[optimizer]]\nplugin = \"o\"\n"+bias)
	const want = `f.toml:5:3: plugin "o" has the same hyperparameters for all tensors`
	if err := e.Errors(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "remove [[optimizer.group]]") {
		t.Errorf("%v\nwant %s", err, want)
	}
	e = resolveGroups(t, true, "[[optimizer]]\nplugin = \"o\"\n[[optimizer.group]]\nrole = \"bias\"\n")
	if w := e.Warnings(); e.Errors() != nil || len(w) != 1 || w[0].Line != 5 || w[0].Message != "the group changes no hyperparameter" {
		t.Errorf("%v, warnings %v", e.Errors(), w)
	}
	if got := slices.Sorted(maps.Keys(roles)); len(got) != len(v1.Role_name)-1 {
		t.Errorf("of the roles %v only %v can be selected", v1.Role_name, got)
	}
}
