package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Part is the tensors of an optimizer that one plugin has, in one instance.
type Part struct {
	Plugin  string
	Tensors []int // by their places in the layout, in ascending order
	Sets    []Set // of hyperparameters: that of the instance, and then those of its groups
}

// Set is the hyperparameters of some tensors of a part.
type Set struct {
	Settings
	Names   []string // of the groups that have them; "" is the tensors in no group
	tensors []int    // by their places in the layout
}

// Plugins are the names of all plugins of the optimizer: its own, and those of its groups, in the order of their names.
func (o Optimizer) Plugins() []string {
	var others []string
	for _, g := range o.Groups {
		if g.Plugin != "" && !slices.Contains(others, g.Plugin) {
			others = append(others, g.Plugin)
		}
	}
	slices.Sort(others)
	return append([]string{o.Plugin}, others...)
}

// PluginNames are those of Plugins, such as sgd+adam.
func (o Optimizer) PluginNames() string { return strings.Join(o.Plugins(), "+") }

// PluginPath is the path of the key that names one of Plugins.
func (o Optimizer) PluginPath(name string) string {
	for _, g := range o.Groups {
		if g.Plugin == name && name != o.Plugin {
			return join(g.path, "plugin")
		}
	}
	return join(o.path, "plugin")
}

// pluginsIn are the names of the plugins in an optimizer's table, as they stand in the name of one that has no other, such as sgd+adam. A
// plugin that is a set of them has no name yet.
func pluginsIn(keys map[string]any) string {
	own, _ := keys["plugin"].(string)
	names := []string{own}
	groups, _ := tablesOf(keys["group"])
	for _, g := range groups {
		if name, _ := g["plugin"].(string); name != "" && own != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, "+")
}

// Parts are those of the optimizer, in the order of Plugins. Which tensors are together follows from what is asked alone: groups of a plugin
// with equal hyperparameters are one, and the instance's are those of the tensors in no group, or else of the first tensor.
func (o Optimizer) Parts(layout []*v1.Tensor) (parts []Part) {
	owners := map[string]*Group{}
	for i := range o.Groups {
		for _, name := range o.Groups[i].Tensors {
			owners[name] = &o.Groups[i]
		}
	}
	for _, plugin := range o.Plugins() {
		p := Part{Plugin: plugin}
		if plugin == o.Plugin {
			p.Sets = []Set{{Settings: o.Settings, Names: []string{""}}}
		}
		for i, t := range layout {
			name, settings := "", o.Settings
			if g := owners[t.Name]; g != nil {
				name, settings = g.Name, g.Settings
				if cmp.Or(g.Plugin, o.Plugin) != plugin {
					continue
				}
			} else if plugin != o.Plugin {
				continue
			}
			p.Tensors = append(p.Tensors, i)
			p.add(i, name, settings)
		}
		parts = append(parts, p)
	}
	return parts
}

// add puts a tensor of a group to those with the same hyperparameters.
func (p *Part) add(tensor int, group string, settings Settings) {
	i := slices.IndexFunc(p.Sets, func(s Set) bool { return reflect.DeepEqual(s.Hyperparameters, settings.Hyperparameters) })
	if i < 0 {
		i = len(p.Sets)
		p.Sets = append(p.Sets, Set{Settings: settings})
	}
	s := &p.Sets[i]
	if s.tensors = append(s.tensors, tensor); !slices.Contains(s.Names, group) {
		s.Names = append(s.Names, group)
	}
}

// Layout is that of the part's tensors alone.
func (p Part) Layout(whole []*v1.Tensor) (layout []*v1.Tensor) {
	offset := int64(0)
	for _, i := range p.Tensors {
		t := whole[i]
		layout = append(layout, &v1.Tensor{Name: t.Name, Shape: t.Shape, Role: t.Role, Offset: offset, Length: t.Length,
			FanIn: t.FanIn, FanOut: t.FanOut, Place: t.Place})
		offset += t.Length
	}
	return layout
}

// Members are the groups of the part as its plugin is told of them, with places in its layout.
func (p Part) Members() (groups []*v1.Group) {
	for _, s := range p.Sets[1:] {
		members := &v1.Group{Hyperparameters: s.values}
		for _, t := range s.tensors {
			members.Tensors = append(members.Tensors, uint32(slices.Index(p.Tensors, t)))
		}
		groups = append(groups, members)
	}
	return groups
}

// checkMatrices reports a tensor that a plugin for matrices has, by the key that names it, and that is none.
func (w *Workload) checkMatrices(o *Optimizer, about *v1.DescribeResponse, plugin, at string) {
	if w.Built == nil || !about.GetCapabilities().GetMatrices() {
		return
	}
	named := func(t *v1.Tensor) string { // where the tensor's plugin is named
		for _, g := range o.Groups {
			if g.Plugin != "" && slices.Contains(g.Tensors, t.Name) {
				return join(g.path, "plugin")
			}
		}
		return join(o.path, "plugin")
	}
	for _, t := range w.Built.Layout() {
		if len(t.Shape) >= 2 || named(t) != at {
			continue
		}
		remedy := `add shape = "matrix" to the group`
		if plugin == o.Plugin {
			remedy = fmt.Sprintf(`write another plugin here, and add [[optimizer.group]] with shape = "matrix" and plugin = %q`, plugin)
		}
		w.Fault(at, fmt.Sprintf("plugin %q is for matrices, and %s is a vector", plugin, t.Name), remedy)
		return
	}
}
