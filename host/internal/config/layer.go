package config

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/steepest/steepest/host/internal/model"
)

// Layer is one of the network's layers.
type Layer struct {
	Kind string
	// Settings are by their names in the record, each of them an [Initializer] where the model has one.
	Settings model.Settings

	path string
}

// Initializer is how a tensor starts.
type Initializer struct {
	Kind     string
	Settings model.Settings // by their names in the record, a file by its path

	path string
}

// MarshalJSON writes the kind among the settings.
func (l Layer) MarshalJSON() ([]byte, error) { return encode(l.Kind, l.Settings) }

// UnmarshalJSON is the inverse of MarshalJSON.
func (l *Layer) UnmarshalJSON(b []byte) (err error) {
	if l.Kind, l.Settings, err = decode(b); err != nil {
		return err
	}
	kind := l.kind()
	if kind == nil {
		return nil // of a later version
	}
	for _, k := range kind.Keys {
		if values, ok := l.Settings[k.RecordedName()].(map[string]any); ok && k.Type == model.Start {
			name, _ := values["kind"].(string)
			delete(values, "kind")
			l.Settings[k.RecordedName()] = &Initializer{Kind: name, Settings: values}
		}
	}
	return nil
}

// MarshalJSON writes the kind among the settings.
func (f Initializer) MarshalJSON() ([]byte, error) { return encode(f.Kind, f.Settings) }

func encode(kind string, s model.Settings) ([]byte, error) {
	all := maps.Clone(s)
	if all == nil {
		all = model.Settings{}
	}
	all["kind"] = kind
	return json.Marshal(all)
}

// decode keeps numbers as they are written.
func decode(b []byte) (kind string, s model.Settings, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&s); err != nil {
		return "", nil, err
	}
	kind, _ = s["kind"].(string)
	delete(s, "kind")
	return kind, s, nil
}

// withoutPaths is the layer without the paths of its files.
func (l Layer) withoutPaths() Layer {
	l.Settings = maps.Clone(l.Settings)
	for name, v := range l.Settings {
		if f, ok := v.(*Initializer); ok {
			l.Settings[name] = f.withoutPaths()
		}
	}
	return l
}

func (f Initializer) withoutPaths() Initializer {
	f.Settings = maps.Clone(f.Settings)
	if kind, ok := model.InitializerKinds.Find(f.Kind); ok {
		for _, k := range kind.Keys {
			if k.Type == model.File {
				delete(f.Settings, k.RecordedName())
			}
		}
	}
	return f
}

// kind is the layer's entry in the list of kinds; nil if it is none of them.
func (l *Layer) kind() *model.LayerKind {
	kind, _ := model.LayerKinds.Find(l.Kind)
	return kind
}

// key is the path of one of the layer's keys, or of the layer if its kind does not have it.
func (l *Layer) key(name string) string {
	for _, k := range l.kind().Keys {
		if k.Name == name {
			return join(l.path, name)
		}
	}
	return l.path
}

// readLayer reads a layer. outer are the initialisers for those that it does not name itself.
func readLayer(t *table, last bool, outer model.Settings) Layer {
	l := Layer{path: t.path}
	names := model.LayerKinds.Names()
	t.required("kind", fmt.Sprintf("add kind = %q or another of %s", names[0], quoted(names[1:])))
	l.Kind = t.choice("kind", "", names)
	if kind := l.kind(); kind != nil { // of an unknown kind no key can be judged
		l.Settings = model.Settings{}
		t.read(append(keys{kindKey(names, "")}, settingKeys(kind.Keys, l.Settings, last, outer)...))
	}
	return l
}

// kindKey is the key that tells kinds of layers or of initialisers apart.
func kindKey(names []string, help string) key {
	return key{name: "kind", kind: "string", value: node{"enum": names}, help: help, read: func(t *table, _ *key) { t.lookup("kind") }}
}

// settingKeys are the keys of a layer, the last one or not, or of an initialiser, whose values go into s. outer are the initialisers that
// are given for all layers. What is zero is left out.
func settingKeys(list []model.Key, s model.Settings, last bool, outer model.Settings) (all keys) {
	for _, k := range list {
		one := key{name: k.Name, help: k.Help, value: settingNode(k), standard: k.Default, read: func(t *table, _ *key) {
			if v := t.setting(k, s, outer); !reflect.ValueOf(v).IsZero() {
				s[k.RecordedName()] = v
			}
		}}
		if pair, ok := k.Default.([2]int); ok {
			one.standard = pair[0]
		}
		if !(last && k.Last) {
			one.need = k.Needed
		}
		all = append(all, one)
	}
	return all
}

// settingNode is the value of a key of a layer or of an initialiser.
func settingNode(k model.Key) node {
	size := node{"type": "integer", "minimum": 1}
	switch k.Type {
	case model.Whole:
		return size
	case model.Number:
		return within(mustInterval(cmp.Or(k.In, everyNumber)))
	case model.Pair:
		return either(size, node{"type": "array", "items": size, "minItems": 2, "maxItems": 2})
	case model.Choice:
		return node{"enum": k.Choices}
	case model.Switch:
		if k.Choices != nil {
			return node{"enum": k.Choices}
		}
		return node{"type": "boolean"}
	case model.File:
		return node{"type": "string"}
	}
	return node{"$ref": "#/$defs/initializer"}
}

// layerNode is a layer. What only the last one may leave out is not required.
func layerNode() node {
	kind := kindKey(model.LayerKinds.Names(), "what the layer is").needed("name it")
	var sorts []sort
	for _, l := range model.LayerKinds {
		sorts = append(sorts, sort{[]string{l.Name}, settingKeys(l.Keys, model.Settings{}, true, nil).object()})
	}
	return keys{kind}.sorted(sorts)
}

// initializerNode is the name of an initialiser, or a table with its kind and what it takes, or with a file.
func initializerNode() node {
	kind := kindKey(model.InitializerKinds.Names(), "how the tensor starts").needed("name it")
	var sorts []sort
	var bare []string // need no more than their name
	file := node{}
	for _, f := range model.InitializerKinds {
		list := settingKeys(f.Keys, model.Settings{}, false, nil)
		if len(f.Keys) == 1 && f.Keys[0].Type == model.File {
			file = append(list, kindKey([]string{f.Name}, "")).closed()
			continue
		}
		sorts = append(sorts, sort{[]string{f.Name}, list.object()})
		if !slices.ContainsFunc(list, func(k key) bool { return k.need != "" }) {
			bare = append(bare, f.Name)
		}
	}
	named := keys{kind}.sorted(sorts)
	return either(node{"enum": bare}, node{"type": "object", "if": node{"required": []string{"file"}}, "then": file, "else": named})
}

// setting reads one key. s are those before it.
func (t *table) setting(k model.Key, s, outer model.Settings) any {
	standard := k.Default
	if k.Like != "" {
		standard = s[k.Like]
	}
	switch k.Type {
	case model.Whole:
		whole, _ := standard.(int)
		return t.integer(k.Name, whole, 1)
	case model.Number:
		number, _ := standard.(float64)
		if k.AtLeast != "" {
			low, _ := s[k.AtLeast].(float64)
			return t.number(k.Name, number, func(x float64) bool { return x >= low }, "a number of at least "+k.AtLeast)
		}
		return t.numberIn(k.Name, number, mustInterval(cmp.Or(k.In, everyNumber)), "a number")
	case model.Pair:
		pair, _ := standard.([2]int)
		return t.pair(k.Name, pair)
	case model.Choice:
		return t.choice(k.Name, standard.(string), k.Choices)
	case model.Switch:
		if k.Choices == nil {
			return !t.boolean(k.Name, true)
		}
		return t.choice(k.Name, k.Choices[0], k.Choices) == k.Choices[1]
	case model.File:
		return t.str(k.Name, "")
	}
	f, _ := outer[k.RecordedName()].(*Initializer)
	return readInit(t, k.Name, f)
}

// pair reads a whole number for both height and width, or an array of the two.
func (t *table) pair(key string, standard [2]int) [2]int {
	if list, isList := t.keys[key].([]any); isList {
		both := t.ints(key, maxValues)
		if len(list) != 2 {
			t.fault(t.place(key), fmt.Sprintf("%s has %d numbers", key, len(list)),
				fmt.Sprintf("write height and width, such as %s = [3, 5]", key))
			return standard
		}
		return [2]int{both[0], both[1]}
	}
	if _, given := t.lookup(key); !given {
		return standard
	}
	n := t.integer(key, 1, 1)
	return [2]int{n, n}
}

// readInit reads the name of an initialiser, or a table with its kind and what it takes.
func readInit(t *table, key string, standard *Initializer) *Initializer {
	v, given := t.lookup(key)
	if !given {
		return standard
	}
	names := model.InitializerKinds.Names()
	f := &Initializer{path: join(t.path, key)}
	sub := &table{document: t.document, path: f.path, keys: map[string]any{}}
	switch v := v.(type) {
	case string:
		if f.Kind = t.choice(key, "", names); f.Kind == "" {
			return standard
		}
	case map[string]any:
		sub, _ = t.sub(key)
		if _, isFile := sub.keys["file"]; isFile {
			f.Kind = "file"
			break
		}
		sub.required("kind", "add kind = \"normal\" or another of "+quoted(names))
		if f.Kind = sub.choice("kind", "", names); f.Kind == "" {
			return standard
		}
	default:
		t.wrong(key, "a name or a table", v, `"glorot" or { kind = "normal", stddev = 0.1 }`)
		return standard
	}
	kind, _ := model.InitializerKinds.Find(f.Kind)
	f.Settings = model.Settings{}
	sub.read(append(keys{kindKey(names, "")}, settingKeys(kind.Keys, f.Settings, false, nil)...))
	return f
}

// layer turns a layer of the file into one of a model; ok tells whether its files could be read.
func (w *Workload) layer(l *Layer) (_ model.Layer, ok bool) {
	s, ok := maps.Clone(l.Settings), true
	for _, k := range l.kind().Keys {
		if f, given := s[k.RecordedName()].(*Initializer); given {
			made := w.initializer(f)
			s[k.RecordedName()], ok = made, ok && made != nil
		}
	}
	if !ok {
		return nil, false
	}
	return l.kind().Make(s), true
}

// initializer is what a file describes; nil if it names a file that could not be read.
func (w *Workload) initializer(f *Initializer) model.Initializer {
	kind, _ := model.InitializerKinds.Find(f.Kind)
	s := maps.Clone(f.Settings)
	for _, k := range kind.Keys {
		if k.Type != model.File {
			continue
		}
		name, _ := s[k.RecordedName()].(string)
		values := w.readMatrix(join(f.path, k.Name), name)
		if values == nil {
			return nil
		}
		s[k.RecordedName()] = values.RawMatrix().Data
	}
	return kind.Make(s)
}
