package config

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Group is tensors that have other hyperparameters than the rest, or another plugin: those that all of its selectors name.
type Group struct {
	Name   string `json:"name"`
	Plugin string `json:"plugin,omitempty"` // empty if it is the optimizer's
	Selector
	Tensors []string `json:"tensors"` // by name, in the order of the layout; known after Build
	Settings
}

// Selector says of which tensors a group is. What is empty does not count.
type Selector struct {
	Role   string `json:"role,omitempty"`   // what they do in the model
	Tensor string `json:"tensor,omitempty"` // a pattern of their names, as in path.Match
	Shape  string `json:"shape,omitempty"`  // "matrix" or "vector"
	Place  string `json:"place,omitempty"`  // where in the network their layer is
}

// roles are what tensors can do in a model.
var roles = map[string]v1.Role{
	"weight": v1.Role_ROLE_WEIGHT, "bias": v1.Role_ROLE_BIAS, "scale": v1.Role_ROLE_SCALE, "point": v1.Role_ROLE_POINT,
}

// places are where in a network a tensor's layer can be.
var places = map[string]v1.Place{"first": v1.Place_PLACE_FIRST, "hidden": v1.Place_PLACE_HIDDEN, "last": v1.Place_PLACE_LAST}

// selectors are the keys of a group that say of which tensors it is, in the order in which they make its name.
var selectors = []string{"role", "tensor", "place", "shape"}

// Shapes that a group can select.
const (
	matrix = "matrix" // of two dimensions or more
	vector = "vector" // of less
)

// matches tells whether the selector names a tensor.
func (s Selector) matches(t *v1.Tensor) bool {
	named := true
	if s.Tensor != "" {
		named, _ = path.Match(s.Tensor, t.Name) // the pattern was checked
	}
	return named && (s.Role == "" || roles[s.Role] == t.Role) && (s.Shape == "" || s.Shape == shapeOf(t)) &&
		(s.Place == "" || places[s.Place] == t.Place)
}

func shapeOf(t *v1.Tensor) string {
	if len(t.Shape) >= 2 {
		return matrix
	}
	return vector
}

// groupName is what names of groups are made of: they are parts of the names of columns and metrics.
var groupName = regexp.MustCompile(`^[\pL\pN._*?\[\]^+-]{1,64}$`)

// readGroups reads the groups of an optimizer's table, whose plugin is given.
func readGroups(t *table, plugin string) (groups []Group) {
	subs := t.subs("group")
	if len(subs) > proto.MaxGroups {
		t.fault(subs[proto.MaxGroups].at(subs[proto.MaxGroups].path), fmt.Sprintf("%d groups are more than the %d that there can be", len(subs),
			proto.MaxGroups), `join groups that have equal hyperparameters, by a pattern such as tensor = "layer*.bias"`)
		return nil
	}
	used := map[string]bool{}
	for _, sub := range subs {
		g := readGroup(sub, plugin)
		if used[g.Name] {
			sub.fault(sub.at(sub.path), fmt.Sprintf("two groups are called %q", g.Name), `give one another name, such as name = "others"`)
		}
		used[g.Name] = true
		groups = append(groups, g)
	}
	return groups
}

func readGroup(t *table, plugin string) Group {
	var g Group
	t.fill(groupKeys(&g))
	if _, err := path.Match(g.Tensor, ""); err != nil {
		t.fault(t.place("tensor"), fmt.Sprintf("%q is no pattern", g.Tensor),
			`write * for any characters, ? for one and [abc] for one of several, such as "layer*.bias"`)
	}
	if t.given("tensor") && g.Tensor == "" || g.Selector == (Selector{}) && !slices.ContainsFunc(selectors, t.given) {
		t.fault(t.at(t.path), "the group does not say of which tensors it is",
			`add role = "bias", or place = "hidden", or shape = "matrix", or tensor = "layer*.bias"`)
	}
	if g.Name != "" && !groupName.MatchString(g.Name) {
		t.fault(t.place("name"), fmt.Sprintf("%q is no name for a group", g.Name),
			`give it a name of letters, digits and . _ - +, such as name = "biases"`)
	}
	if g.Plugin == plugin {
		g.Plugin = ""
	}
	if g.Settings = readSettings(t); g.Plugin == "" && len(g.Hyperparameters) == 0 {
		t.Warn(t.path, "the group changes no hyperparameter", "add one, such as lr = 0.01, or remove the group")
	}
	return g
}

// groupKeys are those of a group that are no hyperparameters.
func groupKeys(g *Group) keys {
	return keys{
		stringKey(&g.Plugin, "plugin", "", "[another plugin](#several-plugins) for these tensors, whose hyperparameters are then given here").or("the optimizer's"),
		choiceKey(&g.Role, "role", "", []string{"weight", "bias", "scale", "point"}, "what the tensors do in the model; `scale` is of a normalisation, `point` of a function").or("any"),
		stringKey(&g.Tensor, "tensor", "", "a pattern of their names such as `\"layer*.bias\"`: `*` stands for any characters, `?` for one, `[12]` for one of several").or("any"),
		choiceKey(&g.Place, "place", "", []string{"first", "hidden", "last"}, "where in the network their layer is: its input is the data, or its output the network's, or neither").or("any"),
		choiceKey(&g.Shape, "shape", "", []string{matrix, vector}, "`\"matrix\"`, of two dimensions or more, as weights of layers and convolutions are; or `\"vector\"`").or("any"),
		{name: "name", kind: "string", value: node{"type": "string", "minLength": 1, "maxLength": 64}, words: "made of these",
			help: "how the group is called in results: letters, digits and `.` `_` `-` `+`, at most 64", read: func(t *table, _ *key) {
				g.Name = t.str("name", selectedName(g.Role, g.Tensor, g.Place, g.Shape))
			}},
	}
}

// selectedName is the name of a group that has none of its own: that of its selectors.
func selectedName(selectors ...string) string {
	return strings.Join(slices.DeleteFunc(selectors, func(s string) bool { return s == "" }), "+")
}

// inGroup are keys in a group that are hyperparameters.
var inGroup = regexp.MustCompile(`^group\[(\d+)\]\.(.+)$`)

// inLayer are keys of a layer.
var inLayer = regexp.MustCompile(`^layer\[(\d+)\]`)

// readableKey is a key of the table of an optimizer or a problem as it stands in names: one in a group begins with the group's name, such
// as bias.lr instead of group[0].lr, and one of a layer as the names of its tensors do, such as layer1.units.
func readableKey(keys map[string]any, key string) string {
	if found := inLayer.FindStringSubmatch(key); found != nil {
		if i, err := strconv.Atoi(found[1]); err == nil {
			return fmt.Sprintf("layer%d%s", i+1, key[len(found[0]):])
		}
	}
	found := inGroup.FindStringSubmatch(key)
	if found == nil || found[2] == "name" || slices.Contains(selectors, found[2]) {
		return key
	}
	i, err := strconv.Atoi(found[1])
	var group map[string]any
	switch list := keys["group"].(type) {
	case []map[string]any:
		if err == nil && i < len(list) {
			group = list[i]
		}
	case []any:
		if err == nil && i < len(list) {
			group, _ = list[i].(map[string]any)
		}
	}
	text := func(key string) string { s, _ := group[key].(string); return s }
	if name := cmp.Or(text("name"), selectedName(each(text, selectors)...)); groupName.MatchString(name) {
		return name + "." + found[2]
	}
	return key
}

// selectTensors finds the tensors of all groups in a layout. Each group must have one, and no tensor may be in two.
func (o *Optimizer) selectTensors(w *Workload, layout []*v1.Tensor) {
	owners := map[string]*Group{}
	for i := range o.Groups {
		g := &o.Groups[i]
		g.Tensors = nil
		for _, t := range layout {
			if !g.matches(t) {
				continue
			}
			g.Tensors = append(g.Tensors, t.Name)
			if owner := owners[t.Name]; owner != nil {
				w.Fault(g.path, fmt.Sprintf("the tensor %s is in two groups, %q and %q", t.Name, owner.Name, g.Name),
					"let one of them name fewer tensors; where it has several of role, tensor, place and shape, all of them must hold")
				break
			}
			owners[t.Name] = g
		}
		if len(g.Tensors) == 0 {
			path, message, remedy := g.nobody(layout)
			if len(w.Workloads) > 1 { // of which others may have them
				message = strings.Replace(message, "the problem", fmt.Sprintf("the problem %q", w.Name), 1)
				remedy += fmt.Sprintf("; an [[exclude]] with problem = %q and optimizer = %q leaves these runs out", w.Name, o.Base)
			}
			w.Fault(path, message, remedy)
		}
	}
	rest := func(t *v1.Tensor) bool { g := owners[t.Name]; return g == nil || g.Plugin == "" }
	if !slices.ContainsFunc(layout, rest) {
		w.Fault(join(o.path, "plugin"), fmt.Sprintf("nothing is left for plugin %q: every tensor is in a group with another plugin", o.Plugin),
			fmt.Sprintf("write plugin = %q here, with the hyperparameters of its group, and remove that group", owners[layout[0].Name].Plugin))
	}
}

// nobody says that a group has no tensor in a layout, and at which path.
func (g *Group) nobody(layout []*v1.Tensor) (path, message, remedy string) {
	var names, list []string
	for _, t := range layout {
		names = append(names, t.Name)
		words := []string{nameOf(roles, t.Role), nameOf(places, t.Place), shapeOf(t)}
		list = append(list, fmt.Sprintf("%s (%s)", t.Name, strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), ", ")))
	}
	const most = 20
	if n := len(list); n > most {
		list = append(list[:most], fmt.Sprintf("and %d more", n-most))
	}
	there := "its tensors are " + strings.Join(list, ", ")
	switch g.Selector {
	case Selector{Tensor: g.Tensor}:
		return join(g.path, "tensor"), fmt.Sprintf("the problem has no tensor %q", g.Tensor), proto.DidYouMean(g.Tensor, names)
	case Selector{Role: g.Role}:
		return join(g.path, "role"), fmt.Sprintf("the problem has no tensor with the role %s", g.Role), there
	case Selector{Place: g.Place}:
		return join(g.path, "place"), fmt.Sprintf("the problem has no tensor with the place %s", g.Place), there
	case Selector{Shape: g.Shape}:
		return join(g.path, "shape"), fmt.Sprintf("the problem has no %s", g.Shape), there
	}
	return g.path, "the problem has no tensor that is all that the group asks for", there
}

// nameOf is what the language calls a role or place; empty if it has no word for it.
func nameOf[V comparable](all map[string]V, v V) string {
	for name, x := range all {
		if x == v {
			return name
		}
	}
	return ""
}

// Recorded is the name under which a hyperparameter of the group is recorded.
func (g Group) Recorded(name string) string { return g.Name + "." + name }

// Configuration is every hyperparameter by its name, and under "group" which tensors have others, or another plugin: whatever groups are
// called, in whichever order they stand, and whether tensors with the same hyperparameters are in one group or in several.
func (o Optimizer) Configuration() map[string]any {
	type group struct {
		Plugin          string         `json:"plugin,omitempty"`
		Tensors         []string       `json:"tensors"`
		Hyperparameters map[string]any `json:"hyperparameters"`
	}
	var groups []group
	for _, g := range o.Groups {
		same := func(other group) bool {
			return other.Plugin == g.Plugin && reflect.DeepEqual(other.Hyperparameters, g.Hyperparameters)
		}
		if i := slices.IndexFunc(groups, same); i >= 0 {
			groups[i].Tensors = append(groups[i].Tensors, g.Tensors...)
		} else if !same(group{"", nil, o.Hyperparameters}) {
			groups = append(groups, group{g.Plugin, slices.Clone(g.Tensors), g.Hyperparameters})
		}
	}
	if len(groups) == 0 {
		return o.Hyperparameters
	}
	for _, g := range groups {
		slices.Sort(g.Tensors)
	}
	slices.SortFunc(groups, func(a, b group) int { return slices.Compare(a.Tensors, b.Tensors) })
	all := maps.Clone(o.Hyperparameters)
	all["group"] = groups
	return all
}
