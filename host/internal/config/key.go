package config

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// The tables of the experiment language are declared as package flag declares flags: a function lists the keys, each bound to the place
// where its value goes.
//
//	func (c *Checkpoint) keys() keys {
//		return keys{
//			integerKey(&c.Steps, "steps", 0, 1, unbounded, "steps between two checkpoints").or("none"),
//			durationKey(&c.Interval, "interval", 10*time.Second, time.Millisecond, "time between two checkpoints"),
//		}
//	}
//
// t.read(c.keys()) reads the table: values, defaults, ranges, what is missing and what is unknown. The manual's table of keys and what
// `steepest schema` prints follow from the same list, so that a key, its range, its default and its meaning stand once. What depends on
// several keys is checked after reading, with [table.given] and [table.fault].
//
// A new table: write its keys function; read it with t.read; and give the manual
// a place, `<!-- NAME keys: ... -->`, which TestDocument -update fills.

// key is one key of a table.
type key struct {
	name     string
	kind     string // of value, for the manual
	noun     string // what a number is, for errors; "a number" if that is all
	value    node   // what a value is, for the schema
	standard any    // the default; nil if there is none
	words    string // in place of the default in the manual
	need     string // the remedy where the key is missing and must not be
	help     string // one or more clauses, in Markdown
	read     func(t *table, k *key)
	after    func() // what follows if the table is there
	absent   bool   // whether a table that is not there is read as an empty one
}

// keys are those of a table, in the order of the manual.
type keys []key

// or says the default in words.
func (k key) or(words string) key { k.words = words; return k }

// ofKind says in other words what kind of value it is.
func (k key) ofKind(words string) key { k.kind = words; return k }

// needed makes the key one that must be there; the remedy says what to write.
func (k key) needed(remedy string) key { k.need = remedy; return k }

// then says what follows if a table is there.
func (k key) then(f func()) key { k.after = f; return k }

// always makes a table that is not there an empty one, whose keys have their defaults.
func (k key) always() key { k.absent = true; return k }

// called names what a number is, such as "a standard deviation", in errors.
func (k key) called(noun string) key { k.noun = noun; return k }

// read reads a table that has these keys and no others.
func (t *table) read(list keys) {
	t.fill(list)
	t.done()
}

// fill reads these keys of a table that may have others.
func (t *table) fill(list keys) {
	for i := range list {
		k := &list[i]
		if k.need != "" {
			t.required(k.name, k.need)
		}
		k.read(t, k)
	}
}

// names are those of the keys.
func (list keys) names() (names []string) {
	for _, k := range list {
		names = append(names, k.name)
	}
	return names
}

// given tells whether the file has a key.
func (t *table) given(key string) bool { _, given := t.keys[key]; return given }

// everyNumber is an interval.
const everyNumber = "(-inf,inf)"

// unbounded is the upper end of a range that has none but this program's.
const unbounded = math.MaxInt32

// integerKey is a whole number from low to high. A default beyond them is none.
func integerKey(p *int, name string, standard, low, high int, help string) key {
	k := key{name: name, kind: "integer", value: node{"type": "integer", "minimum": low}, help: help,
		read: func(t *table, _ *key) { *p = t.between(name, standard, low, high) }}
	switch {
	case high < unbounded:
		k.value["maximum"] = high
		k.kind += fmt.Sprintf(" from %d to %d", low, high)
	case low > 1:
		k.kind += fmt.Sprintf(" of at least %d", low)
	}
	if standard >= low && standard <= high {
		k.standard = standard
	}
	return k
}

// numberKey is a finite number in an interval such as "[0,inf)". A default beyond it is none.
func numberKey(p *float64, name string, standard float64, interval, help string) key {
	in := mustInterval(interval)
	k := key{name: name, kind: "number" + inWords(in), value: within(in), help: help}
	if proto.Contains(in, standard) {
		k.standard = standard
	}
	k.read = func(t *table, k *key) { *p = t.numberIn(name, standard, in, cmp.Or(k.noun, "a number")) }
	return k
}

// numberIn reads a finite number in an interval; noun is what it is.
func (t *table) numberIn(key string, standard float64, in *v1.Interval, noun string) float64 {
	want := noun + inWords(in)
	if want == "a number" {
		want = "a finite number"
	}
	return t.number(key, standard, func(x float64) bool { return proto.Contains(in, x) }, want)
}

// stringKey is any text.
func stringKey(p *string, name, standard, help string) key {
	k := key{name: name, kind: "string", value: node{"type": "string"}, help: help,
		read: func(t *table, _ *key) { *p = t.str(name, standard) }}
	if standard != "" {
		k.standard = standard
	}
	return k
}

// stringsKey is an array of texts, none of them empty.
func stringsKey(p *[]string, name, help string) key {
	return key{name: name, kind: "strings", value: arrayOf(node{"type": "string", "minLength": 1}), help: help,
		read: func(t *table, _ *key) { *p = t.strings(name) }}
}

// choiceKey is one of several strings. An empty default is none.
func choiceKey[S ~string](p *S, name string, standard S, choices []string, help string) key {
	k := key{name: name, kind: code(each(strconv.Quote, choices)), value: node{"enum": choices}, help: help,
		read: func(t *table, _ *key) { *p = S(t.choice(name, string(standard), choices)) }}
	if standard != "" {
		k.standard = string(standard)
	}
	return k
}

// boolKey is true or false.
func boolKey(p *bool, name string, standard bool, help string) key {
	return key{name: name, kind: "boolean", value: node{"type": "boolean"}, standard: standard, help: help,
		read: func(t *table, _ *key) { *p = t.boolean(name, standard) }}
}

// durationKey is a time such as "30s" of at least least. A shorter default is none.
func durationKey(p *time.Duration, name string, standard, least time.Duration, help string) key {
	k := key{name: name, kind: fmt.Sprintf("time of at least `%q`", brief(least)), value: node{"$ref": "#/$defs/time"}, help: help,
		read: func(t *table, _ *key) { *p = t.duration(name, standard, least) }}
	if standard >= least {
		k.standard = brief(standard)
	}
	return k
}

// tableKey is a table with these keys and no others.
func tableKey(name string, list keys, help string) key {
	return key{name: name, kind: "table", value: list.closed(), help: help, read: func(t *table, k *key) {
		if sub, ok := t.sub(name); ok || k.absent {
			sub.read(list)
			if k.after != nil {
				k.after()
			}
		}
	}}
}

// integersKey is an array of at most so many whole numbers of at least 1.
func integersKey(p *[]int, name string, most int, help string) key {
	return key{name: name, kind: "integers", value: arrayOf(node{"type": "integer", "minimum": 1}), help: help,
		read: func(t *table, _ *key) { *p = t.ints(name, most) }}
}

// seedKey is what random numbers are drawn from.
func seedKey(p *uint64, help string) key {
	return key{name: "seed", kind: "integer", value: node{"type": "integer", "minimum": 0}, standard: 1, help: help,
		read: func(t *table, _ *key) { *p = uint64(t.integer("seed", 1, 0)) }}
}

// brief is a time without units that are zero: 1m, not 1m0s.
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// mustInterval is an interval of the program itself.
func mustInterval(s string) *v1.Interval {
	in, err := proto.ParseInterval(s)
	if err != nil {
		panic(err)
	}
	return in
}

// inWords says where an interval reaches, with a blank before; nothing if it holds every number.
func inWords(in *v1.Interval) string {
	low, high := strconv.FormatFloat(in.Low, 'g', -1, 64), strconv.FormatFloat(in.High, 'g', -1, 64)
	var ends []string
	switch {
	case math.IsInf(in.Low, -1):
	case in.LowOpen:
		ends = append(ends, "above "+low)
	case !in.HighOpen && !math.IsInf(in.High, 1):
		return " from " + low + " to " + high
	default:
		ends = append(ends, "of at least "+low)
	}
	switch {
	case math.IsInf(in.High, 1):
	case in.HighOpen:
		ends = append(ends, "below "+high)
	default:
		ends = append(ends, "at most "+high)
	}
	if len(ends) == 0 {
		return ""
	}
	return " " + strings.Join(ends, " and ")
}

// within is the schema of a number in an interval.
func within(in *v1.Interval) node {
	n := node{"type": "number"}
	if in == nil {
		return n
	}
	for _, end := range []struct {
		x             float64
		open          bool
		closed, apart string
	}{{in.Low, in.LowOpen, "minimum", "exclusiveMinimum"}, {in.High, in.HighOpen, "maximum", "exclusiveMaximum"}} {
		switch {
		case math.IsInf(end.x, 0):
		case end.open:
			n[end.apart] = end.x
		default:
			n[end.closed] = end.x
		}
	}
	return n
}
