package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/host/internal/schedule"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Optimizer is one row of the comparison.
type Optimizer struct {
	Name     string   `json:"name"`               // of the variant, such as "sgd lr=0.1"
	Base     string   `json:"base,omitempty"`     // the name without what was chosen
	Trial    int      `json:"trial,omitempty"`    // which of its base's, from 1; 0 of an optimizer without sets
	Studies  []int    `json:"studies,omitempty"`  // whose trial it is, from 1; nil if it is one of every study
	Choices  []Choice `json:"choices,omitempty"`  // from the sets in its table, and in [gradient]
	Proposed bool     `json:"proposed,omitempty"` // whether another program chose them
	Space    []Axis   `json:"space,omitempty"`    // of one that stands for all the trials that another program will choose: from what
	Plugin   string   `json:"plugin"`
	Settings          // of the tensors that are in no group
	Groups   []Group  `json:"groups,omitempty"`
	Gradient Gradient `json:"gradient"`
	// Initialization says who chooses where a run starts: it is empty for the problem, or PluginInitialization.
	Initialization string        `json:"initialization,omitempty"`
	StepTimeout    time.Duration `json:"step_timeout_ns"`
	StartTimeout   time.Duration `json:"-"`
	OnFailure      string        `json:"on_plugin_failure"` // ResumeOnFailure or FailOnFailure
	MaxAsks        int           `json:"max_asks"`          // of a step

	folder string
	space  *space // nil without Space
}

// Settings are the hyperparameters of some tensors.
type Settings struct {
	// Hyperparameters are as the file has them, and after Resolve all that the plugin has, as bool, int64, float64 or string, or a
	// schedule's table.
	Hyperparameters map[string]any `json:"hyperparameters"`

	path      string   // of their table
	keys      []string // of it that are no hyperparameters
	values    map[string]*v1.Value
	schedules map[string]schedule.Schedule
	scheduled []string // in this table, in the order of their names
}

// readSettings takes every key that was not read for a hyperparameter.
func readSettings(t *table) Settings {
	s := Settings{path: t.path, keys: t.known, Hyperparameters: map[string]any{}}
	for key, v := range t.keys {
		if !slices.Contains(s.keys, key) {
			s.Hyperparameters[key] = v
		}
	}
	return s
}

// Values are the hyperparameters for the plugin, a scheduled one with the value after its warm-up. They are there after
// Resolve.
func (s Settings) Values() map[string]*v1.Value { return s.values }

// The shortest times after which a plugin may count as dead. Waits on shared memory look around every 20 ms, and where 24
// threads wanted two cores, some steps of microseconds took more than 50 ms, but none of 480,000 more than 100 ms.
const minStepTimeout, minStartTimeout = 100 * time.Millisecond, time.Second

// PluginInitialization is the start that a plugin proposes.
const (
	PluginInitialization  = "plugin"
	problemInitialization = "problem"
)

var initializations = []string{problemInitialization, PluginInitialization}

// DefaultMaxAsks is how often a plugin may ask in a step if nothing else is said.
const DefaultMaxAsks = 100

// OwnMaxAsks is MaxAsks, 0 if it is the default or of an earlier version.
func (o Optimizer) OwnMaxAsks() int {
	if o.MaxAsks == DefaultMaxAsks {
		return 0
	}
	return o.MaxAsks
}

// What to do when a plugin's process dies.
const (
	ResumeOnFailure = "resume" // start it again and go on from the last checkpoint
	FailOnFailure   = "fail"
)

// Folder is the name of the folder of the optimizer's runs, before the seed: safe on every file system, and not that of
// another optimizer of the file.
func (o Optimizer) Folder() string {
	if o.folder == "" {
		return folders([]string{o.Name})[0]
	}
	return o.folder
}

// readOptimizers reads all variants of the optimizers.
func (w *Workload) readOptimizers(variants []variant) {
	owners, used := map[string]string{}, map[string]bool{} // owners are the tables with a name
	for i, v := range variants {
		o, sub := w.readOptimizer(i, v)
		sub.checkName(o.Base, v.path, owners)
		if o.Name = v.name(o.Base); len(o.Choices) > 0 && used[norm.NFC.String(o.Name)] {
			sub.fault(sub.at(sub.path), fmt.Sprintf("two variants are called %q", o.Name), "write each value once, and give each optimizer a name of its own")
		}
		used[norm.NFC.String(o.Name)] = true
		w.Optimizers = append(w.Optimizers, o)
	}
}

// readOptimizer reads the i-th variant.
func (w *Workload) readOptimizer(i int, v variant) (Optimizer, *table) {
	t := &table{document: w.document, path: v.root(i), keys: v.keys}
	o := Optimizer{Trial: v.trial, Studies: v.studies, Choices: v.choices, space: v.space}
	if v.space != nil {
		o.Space = v.space.axes()
	}
	t.fill(optimizerKeys(&o))
	o.Settings = readSettings(t)
	return o, t
}

// optimizerKeys are those of an optimizer that are no hyperparameters.
func optimizerKeys(o *Optimizer) keys {
	return keys{
		stringKey(&o.Plugin, "plugin", "", "which plugin; `steepest plugins list` shows them").
			needed("add plugin = \"...\"; `steepest plugins list` shows which there are"),
		{name: "name", kind: "string", value: node{"type": "string", "minLength": 1, "maxLength": maxName}, words: "the plugin's, with those of groups as in `\"sgd+adam\"`",
			help: "how it is called in results; must differ from the others'. Letters, digits, punctuation and spaces of any script, " +
				"at most 100 characters",
			read: func(t *table, _ *key) { o.Base = t.str("name", pluginsIn(t.keys)) }},
		{name: "gradient", kind: "table", value: gradientNode(), words: "`[gradient]`",
			help: "what is done to this optimizer's gradients, in place of `[gradient]`; `{}` is nothing",
			read: func(t *table, _ *key) {
				if own, ok := t.sub("gradient"); ok {
					o.Gradient = readGradient(own)
				}
			}},
		{name: "group", kind: "tables", value: arrayOf(node{"$ref": "#/$defs/group"}), words: "none",
			help: "tensors with [other hyperparameters](#optimizergroup)", read: func(t *table, _ *key) { o.Groups = readGroups(t, o.Plugin) }},
		{name: "search", kind: "table", value: searchNode(), words: "`[search]`", help: "how the sets in this table become variants",
			read: func(t *table, _ *key) { t.lookup("search") }}, // read before there were variants
		{name: "initialization", kind: code(each(strconv.Quote, initializations)), value: node{"enum": initializations},
			standard: problemInitialization,
			help:     "where a run starts: where the problem does, or where the plugin proposes, which must be able to",
			read: func(t *table, _ *key) {
				if t.choice("initialization", problemInitialization, initializations) == PluginInitialization {
					o.Initialization = PluginInitialization
				}
			}},
		durationKey(&o.StepTimeout, "step_timeout", 30*time.Second, minStepTimeout, "how long the plugin may take for a step before it counts "+
			"as dead; a busy machine holds up steps as long as the least, and it is judged to within 20 ms"),
		durationKey(&o.StartTimeout, "start_timeout", time.Minute, minStartTimeout, "how long the plugin's program may take from its start until "+
			"it listens, and then to describe itself; of several for one plugin the longest"),
		choiceKey(&o.OnFailure, "on_plugin_failure", ResumeOnFailure, []string{ResumeOnFailure, FailOnFailure},
			"when the plugin dies: `\"resume\"` from the last checkpoint, or `\"fail\"`"),
		integerKey(&o.MaxAsks, "max_asks", DefaultMaxAsks, 0, 1_000_000, "how often the plugin may ask for a loss, a gradient or a "+
			"Hessian-vector product in a step, if it does; a run whose plugin asks more often fails"),
	}
}

// checkName reports what is wrong with the name of an optimizer, and that another table has it.
func (t *table) checkName(name, path string, owners map[string]string) {
	_, given := t.keys["name"]
	at := t.at(t.path)
	if !given && name == "" {
		return // the plugin is missing, which is reported
	}
	if given {
		at = t.place("name")
		if message, remedy := checkName(name); message != "" {
			t.fault(at, message, remedy)
			return
		}
	}
	key := norm.NFC.String(name)
	if owner, taken := owners[key]; taken && owner != path {
		t.fault(at, fmt.Sprintf("the name %q is that of another optimizer", name),
			"give each a name of its own, such as name = \"sgd, lr 0.1\"")
	} else {
		owners[key] = path
	}
}

// Resolve checks every optimizer against its plugin's own schema and fills its hyperparameters in. describe returns a
// plugin's description and validate its own judgement of a configuration; both are only asked of known plugins. Build comes
// first, because it tells how long a schedule lasts.
func (e *Experiment) Resolve(known []string, describe func(plugin string) (*v1.DescribeResponse, error),
	validate func(plugin string, values map[string]*v1.Value) ([]*v1.Diagnostic, error)) {
	e.judges = judges{known, describe, validate}
	var q questions
	for _, w := range e.Workloads {
		for i := range w.Optimizers {
			w.resolve(&w.Optimizers[i], &q)
		}
		w.checkAsking()
	}
	q.ask(validate)
	q.report()
}

// judges are the plugins, as Resolve knows them.
type judges struct {
	known    []string
	describe func(plugin string) (*v1.DescribeResponse, error)
	validate func(plugin string, values map[string]*v1.Value) ([]*v1.Diagnostic, error)
}

// describe is what the plugin at a path says of itself; nil if there is none or it does not, which is reported.
func (w *Workload) describe(at, plugin string) *v1.DescribeResponse {
	known := w.judges.known
	if _, given := w.where(at); !given {
		return nil // reported already
	}
	if !slices.Contains(known, plugin) {
		remedy := "no plugin is installed; build them with `make build`, or say where they are with --plugin-dir"
		if len(known) > 0 {
			remedy = proto.NoPlugin(plugin, known)
		}
		w.Fault(at, fmt.Sprintf("unknown plugin %q", plugin), remedy)
		return nil
	}
	about, err := w.judges.describe(plugin)
	if err != nil {
		w.Fault(at, err.Error(), cmp.Or(remedy.Of(err), "rebuild the plugin, or run it by hand with the argument describe"))
		return nil
	}
	return about
}

func (w *Workload) resolve(o *Optimizer, q *questions) {
	check := func(s, rest *Settings, plugin, at string, about *v1.DescribeResponse) bool {
		before := len(w.errors)
		s.resolve(w, plugin, about, rest)
		if len(w.errors) > before {
			return false
		}
		q.add(w, plugin, at, s)
		return true
	}
	at := join(o.path, "plugin")
	own := w.describe(at, o.Plugin)
	w.checkMatrices(o, own, o.Plugin, at)
	inherited := own != nil && w.hasGroups(own, o.Plugin, o.ownGroups(), "remove [[optimizer.group]]") && check(&o.Settings, nil, o.Plugin, at, own)
	proposes := own == nil || own.Capabilities.GetInitialization()
	w.takesTensors(own, at, func(tensor string) bool {
		return !slices.ContainsFunc(o.Groups, func(g Group) bool { return g.Plugin != "" && slices.Contains(g.Tensors, tensor) })
	})
	others := map[string][]*Group{}
	for i := range o.Groups {
		g := &o.Groups[i]
		if g.Plugin == "" {
			if inherited {
				check(&g.Settings, &o.Settings, o.Plugin, at, own)
			}
			continue
		}
		at := join(g.path, "plugin")
		about := w.describe(at, g.Plugin)
		w.checkMatrices(o, about, g.Plugin, at)
		if about == nil || !check(&g.Settings, nil, g.Plugin, at, about) {
			continue
		}
		w.takesTensors(about, at, func(tensor string) bool { return slices.Contains(g.Tensors, tensor) })
		others[g.Plugin] = append(others[g.Plugin], g)
		if before := others[g.Plugin]; !reflect.DeepEqual(g.Hyperparameters, before[0].Hyperparameters) {
			w.hasGroups(about, g.Plugin, []*Group{g}, fmt.Sprintf("give the groups %q and %q equal hyperparameters", before[0].Name, g.Name))
		}
		proposes = proposes || about.Capabilities.GetInitialization()
	}
	if o.Initialization != "" && !proposes {
		w.Fault(join(o.path, "initialization"), fmt.Sprintf("plugin %q proposes no weights to start from", o.Plugin),
			"remove it: the run then starts where the problem does")
	}
}

// takesTensors reports that a plugin, whose path is given, takes matrices alone, and has another tensor.
func (w *Workload) takesTensors(about *v1.DescribeResponse, at string, has func(tensor string) bool) {
	if w.Built == nil || !about.GetCapabilities().GetMatrices() {
		return // reported already, or all is well
	}
	for _, t := range w.Built.Layout() {
		if shapeOf(t) != matrix && has(t.Name) {
			w.Fault(at, fmt.Sprintf("plugin %q takes matrices alone, and the tensor %s is a %s", about.Name, t.Name, shapeOf(t)),
				fmt.Sprintf("let [[optimizer]] have a plugin for the rest, such as adamw, and an [[optimizer.group]] shape = \"matrix\" and plugin = %q",
					about.Name))
			return
		}
	}
}

// ownGroups are those of the optimizer's plugin.
func (o *Optimizer) ownGroups() (groups []*Group) {
	for i := range o.Groups {
		if o.Groups[i].Plugin == "" {
			groups = append(groups, &o.Groups[i])
		}
	}
	return groups
}

// hasGroups reports groups that want a plugin to have several values of its hyperparameters, and it has one.
func (w *Workload) hasGroups(about *v1.DescribeResponse, plugin string, groups []*Group, remedy string) bool {
	if len(groups) == 0 || about.Capabilities.GetGroups() {
		return true
	}
	w.Fault(groups[0].path, fmt.Sprintf("plugin %q has the same hyperparameters for all tensors", plugin),
		remedy+"; a plugin can have different ones whose rule treats each tensor on its own, as one of sdk.New does, once it is "+
			"built with this version of the SDK: `steepest plugins describe` then lists groups among its capabilities")
	return false
}

// resolve checks the given hyperparameters against the plugin's schema and fills in the others: those of a group are as for the
// rest of the tensors, which have the defaults.
func (s *Settings) resolve(w *Workload, plugin string, about *v1.DescribeResponse, rest *Settings) {
	s.values, s.schedules = map[string]*v1.Value{}, map[string]schedule.Schedule{}
	var names []string
	for _, p := range about.Hyperparameters {
		names = append(names, p.Name)
		raw, given := s.Hyperparameters[p.Name]
		value := p.Default
		if !given && rest != nil {
			value = rest.values[p.Name]
			if inherited := rest.schedules[p.Name]; inherited != nil {
				s.schedules[p.Name], s.Hyperparameters[p.Name] = inherited, rest.Hyperparameters[p.Name]
			}
		}
		if keys, ok := raw.(map[string]any); ok {
			own, filled := s.readSchedule(w, p, keys)
			if own == nil {
				continue
			}
			s.schedules[p.Name], s.Hyperparameters[p.Name] = own, filled
			s.scheduled = append(s.scheduled, p.Name)
			value = base(p, own)
		} else if given {
			value = toValue(raw, p.Type)
			if value == nil {
				w.Fault(join(s.path, p.Name), fmt.Sprintf("%s must be a single value or a schedule, not %s", p.Name, describe(raw)),
					cmp.Or(listOf(p.Name, raw), proto.Allowed(p)))
				continue
			}
			if d := proto.CheckValue(p, value); d != nil {
				if _, isFloat := raw.(float64); isFloat && p.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER {
					d.Message = fmt.Sprintf("%s must be an integer, not %s", p.Name, literal(raw))
					d.Remedy = cmp.Or(w.asWhole(join(s.path, p.Name)), d.Remedy)
				}
				w.Fault(join(s.path, p.Name), d.Message, cmp.Or(meant(p, raw), d.Remedy))
				continue
			}
		}
		s.values[p.Name] = value
	}
	names = append(names, s.keys...)
	for key := range s.Hyperparameters {
		if !slices.Contains(names, key) {
			where, _ := w.where(join(s.path, key))
			w.fault(where.key, fmt.Sprintf("unknown hyperparameter %q of plugin %q", key, plugin), meantHyperparameter(key, names))
		}
	}
	slices.Sort(s.scheduled)
	for name, value := range s.values {
		if s.schedules[name] == nil {
			s.Hyperparameters[name] = proto.Plain(value)
		}
	}
}

// toValue turns a TOML value into one for the protocol; a whole number will do for a float. It is nil for tables, arrays
// and dates.
func toValue(raw any, want v1.HyperparameterType) *v1.Value {
	if x, ok := raw.(int64); ok && want == v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT {
		raw = float64(x)
	}
	return proto.NewValue(raw)
}
