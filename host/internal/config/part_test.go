package config

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestParts: each plugin has the tensors of its groups, in the order of the layout, with its own hyperparameters and none of the
// optimizer's; groups with equal ones are one; and a group that names the optimizer's own plugin is one as any other.
func TestParts(t *testing.T) {
	e := resolveGroups(t, true, `
[[optimizer]]
plugin = "o"
lr = 1
decay = 0.5
[[optimizer.group]]
tensor = "layer2.weight"
plugin = "p"
lr = { schedule = "linear", from = 2, to = 1 }
[[optimizer.group]]
plugin = "o"
tensor = "layer2.bias"
lr = 0
[[optimizer.group]]
plugin = "p"
tensor = "layer1.weight"
lr = { schedule = "linear", from = 2, to = 1 }
ns_steps = { grid = [5, 3] }
`)
	if err := e.Errors(); err == nil || !strings.Contains(err.Error(), `f.toml:16:3: plugin "p" has the same hyperparameters for all tensors`) ||
		!strings.Contains(err.Error(), `remedy: give the groups "layer2.weight" and "layer1.weight" equal hyperparameters`) {
		t.Fatal(err)
	}
	o := e.Workloads[0].Optimizers[0]
	if o.Name != "o+p layer1.weight.ns_steps=5" || o.Base != "o+p" || o.PluginNames() != "o+p" || !slices.Equal(o.Scheduled(), []string{"layer2.weight.lr", "layer1.weight.lr"}) {
		t.Errorf("%q of %q with %s, scheduled %q", o.Name, o.Base, o.PluginNames(), o.Scheduled())
	}
	layout := e.Workloads[0].Built.Layout()
	parts := o.Parts(layout)
	if len(parts) != 2 {
		t.Fatal(parts)
	}
	first, second := parts[0], parts[1]
	if !slices.Equal(first.Tensors, []int{1, 3}) || len(first.Sets) != 2 || first.Sets[1].Values()["lr"].GetFloat() != 0 ||
		first.Sets[1].Values()["decay"].GetFloat() != 0.5 || !slices.Equal(first.Members()[0].Tensors, []uint32{1}) {
		t.Errorf("the first part is %+v", first)
	}
	if !slices.Equal(second.Tensors, []int{0, 2}) || len(second.Sets) != 1 || len(second.Members()) != 0 || second.Sets[0].Schedule("lr").At(0) != 2 ||
		!slices.Equal(second.Sets[0].Names, []string{"layer1.weight", "layer2.weight"}) || len(second.Sets[0].Hyperparameters) != 2 {
		t.Errorf("the second part is %+v", second)
	}
	size := int64(0)
	for i, tensor := range second.Layout(layout) {
		of := layout[second.Tensors[i]]
		if tensor.Offset != size || tensor.Name != of.Name || tensor.Length != of.Length || tensor.Place != of.Place || tensor.FanIn != of.FanIn {
			t.Errorf("%v, in the whole %v", tensor, of)
		}
		size += tensor.Length
	}
}

// TestPluginConfiguration: which plugin a tensor has is part of what is asked, however groups are ordered or split.
func TestPluginConfiguration(t *testing.T) {
	of := func(groups string) string {
		e := resolveGroups(t, true, "[[optimizer]]\nplugin = \"o\"\n"+groups)
		if err := e.Errors(); err != nil {
			t.Fatal(err)
		}
		o := e.Workloads[0].Optimizers[0]
		b, err1 := json.Marshal(o.Configuration())
		kept, err2 := json.Marshal(o)
		var read Optimizer // as from a manifest
		err3 := json.Unmarshal(kept, &read)
		again, err4 := json.Marshal(read.Configuration())
		if err1 != nil || err2 != nil || err3 != nil || err4 != nil || string(again) != string(b) || !reflect.DeepEqual(read.Plugins(), o.Plugins()) {
			t.Errorf("read back it is %s, want %s", again, b)
		}
		return string(b)
	}
	const weights, first = "[[optimizer.group]]\nrole = \"weight\"\nplugin = \"p\"\n", "[[optimizer.group]]\ntensor = \"layer1.bias\"\nlr = 0\n"
	want := of(weights + first)
	for _, same := range []string{first + weights, first + weights + "lr = 0.25\n", strings.Replace(weights, "role = \"weight\"", "place = \"first\"\nshape = \"matrix\"", 1) +
		first + strings.Replace(weights, "role = \"weight\"", "tensor = \"layer2.weight\"", 1)} {
		if got := of(same); got != want {
			t.Errorf("%s: %s, want %s", same, got, want)
		}
	}
	for _, other := range []string{weights, first, strings.Replace(weights, "\"p\"", "\"o\"\nlr=0.25", 1) + first, weights + "lr = 1\n" + first} {
		if got := of(other); got == want {
			t.Errorf("%s: %s, which is something else", other, got)
		}
	}
	if own, plain := of("[[optimizer.group]]\nrole = \"weight\"\nplugin = \"o\"\nlr = 0.5\n"), of(""); own != plain {
		t.Errorf("with its own plugin and values in a group it is %s, want %s", own, plain)
	}
}

func TestPluginDiagnostics(t *testing.T) {
	const weights = "[[optimizer.group]]\nrole = \"weight\"\nplugin = \"p\"\n" // lines 5 to 7
	for groups, want := range map[string]string{
		strings.Replace(weights, `"p"`, `"q"`, 1): "f.toml:7:10: unknown plugin \"q\"\n  remedy: use one of m, o, p",
		strings.Replace(weights, `"p"`, `3`, 1):   "f.toml:7:10: plugin must be a string, not the number 3",
		weights + "decay = 1":                     "f.toml:8:1: unknown hyperparameter \"decay\" of plugin \"p\"",
		weights + "ns_steps = 1.5":                "f.toml:8:12: ns_steps must be an integer, not 1.5",
		weights + "ns_steps = 13":                 "f.toml:8:12: 13 steps\n  remedy: take 5",
		weights + "lr = { schedule = \"x\" }":     `f.toml:8:19: unknown schedule "x"`,
		weights + strings.Replace(weights, "weight", "bias", 1): "f.toml:4:10: nothing is left for plugin \"o\": every tensor is in a group with another plugin\n" +
			"  remedy: write plugin = \"p\" here, with the hyperparameters of its group, and remove that group",
		"[[optimizer.group]]\nplace = \"last\"\nplugin = \"p\" # matrices": "f.toml:7:10: plugin \"p\" is for matrices, and layer2.bias is a vector\n" +
			"  remedy: add shape = \"matrix\" to the group",
		"[[optimizer]]\nname = \"all\"\nplugin = \"p\" # matrices": "f.toml:7:10: plugin \"p\" is for matrices, and layer1.bias is a vector\n" +
			"  remedy: write another plugin here, and add [[optimizer.group]] with shape = \"matrix\" and plugin = \"p\"",
		"[[optimizer.group]]\nplugin = \"p\"\n": "f.toml:5:3: the group does not say of which tensors it is",
	} {
		e := resolveGroups(t, true, "[[optimizer]]\nplugin = \"o\"\n"+groups)
		err := e.Errors()
		for line := range strings.SplitSeq(want, "\n") {
			if err == nil || !strings.Contains(err.Error(), line) {
				t.Errorf("%s:\n%v\nwant %s", groups, err, line)
			}
		}
	}
	for _, both := range []string{"", "[[optimizer.group]]\nplace = \"last\"\nrole = \"weight\"\nplugin = \"p\"\n"} {
		e := resolveGroups(t, true, "[[optimizer]]\nplugin = \"o\"\n"+both+"[[optimizer.group]]\nplace = \"first\"\nshape = \"matrix\"\nplugin = \"p\" # matrices\n")
		if e.Errors() != nil {
			t.Error(e.Errors())
		}
	}
	// A plugin of matrices has a group of them, and is told of a vector before anything runs.
	for tables, want := range map[string]string{
		"[[optimizer]]\nplugin = \"m\"\n":                                                                                   "f.toml:4:10: plugin \"m\" takes matrices alone, and the tensor layer1.bias is a vector",
		"[[optimizer]]\nplugin = \"o\"\n" + strings.Replace(weights, `"p"`, `"m"`, 1):                                       "",
		"[[optimizer]]\nplugin = \"o\"\n" + strings.Replace(strings.Replace(weights, `"p"`, `"m"`, 1), "weight", "bias", 1): "f.toml:7:10: plugin \"m\" takes matrices alone, and",
		"[[optimizer]]\nplugin = \"m\"\n" + strings.Replace(weights, "weight", "bias", 1):                                   "",
	} {
		err := resolveGroups(t, true, tables).Errors()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v\nwant %q", tables, err, want)
		}
	}
	// A plugin without groups can have a group, and others can have it beside one.
	if e := resolveGroups(t, false, "[[optimizer]]\nplugin = \"o\"\n"+weights); e.Errors() != nil || len(e.Warnings()) != 0 {
		t.Error(e.Errors(), e.Warnings())
	}
}

// TestPluginsVary: a plugin of a group can be chosen from a set, and is then part of the name as that of the optimizer is.
func TestPluginsVary(t *testing.T) {
	e := resolveGroups(t, true, `
[[optimizer]]
plugin = "o"
[[optimizer.group]]
role = "weight"
plugin = { grid = ["o", "p"] }
lr = { grid = [0, 1] }
[[optimizer]]
name = "named"
plugin = "o"
[[optimizer.group]]
role = "weight"
plugin = { grid = ["o", "p"] }
lr = 1
`)
	var names []string
	for _, o := range e.Workloads[0].Optimizers {
		names = append(names, o.Name)
	}
	want := []string{"o weight.lr=0", "o weight.lr=1", "o+p weight.lr=0", "o+p weight.lr=1", "named weight.plugin=o", "named weight.plugin=p"}
	if e.Errors() != nil || !slices.Equal(names, want) {
		t.Errorf("%q, want %q: %v", names, want, e.Errors())
	}
}
