package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"

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
		l.Settings = t.settings(kind.Keys, last, outer)
		t.done()
	}
	return l
}

// settings reads the keys of a layer, the last one or not, or of an initialiser. outer are the initialisers that are given for all
// layers. What is zero is left out.
func (t *table) settings(keys []model.Key, last bool, outer model.Settings) model.Settings {
	s := model.Settings{}
	for _, k := range keys {
		if k.Needed != "" && !(last && k.Last) {
			t.required(k.Name, k.Needed)
		}
		if v := t.setting(k, s, outer); !reflect.ValueOf(v).IsZero() {
			s[k.RecordedName()] = v
		}
	}
	return s
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
		if k.In == nil {
			return t.finite(k.Name, number)
		}
		return t.number(k.Name, number, func(x float64) bool { return k.In(x, s) }, k.Range)
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

// finite reads any finite number.
func (t *table) finite(key string, standard float64) float64 {
	return t.number(key, standard, func(float64) bool { return true }, "a finite number")
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
	f.Settings = sub.settings(kind.Keys, false, nil)
	sub.str("kind", "") // known
	sub.done()
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
