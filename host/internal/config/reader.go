package config

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/proto"
)

// table is one table of a document being read. Each reading method names a key, which is thereby known; done reports
// the keys that no one knew.
type table struct {
	*document
	path  string
	keys  map[string]any
	known []string
}

func (t *table) name() string {
	if t.path == "" {
		return "the file"
	}
	path, rest, element := strings.Cut(t.path, "[")
	if _, inside, ok := strings.Cut(rest, "]."); ok {
		return inside
	}
	if element {
		return "[[" + path + "]]"
	}
	return "[" + path + "]"
}

// lookup returns a key's value and its place.
func (t *table) lookup(key string) (any, bool) {
	t.known = append(t.known, key)
	v, ok := t.keys[key]
	return v, ok
}

func (t *table) place(key string) position { return t.at(join(t.path, key)) }

// wrong reports a value of the wrong type.
func (t *table) wrong(key, noun string, v any, example string) {
	t.mistyped(key, t.place(key), noun, v, fmt.Sprintf("write it like %s = %s", key, example))
}

func (t *table) mistyped(key string, at position, noun string, v any, remedy string) {
	if strings.HasPrefix(noun, "a number") || strings.HasPrefix(noun, "a whole number") || strings.HasPrefix(noun, "a string") {
		if root, _, _ := strings.Cut(header(t.path), "."); root == problemRoot || root == optimizerRoot {
			remedy = cmp.Or(listOf(key, v), remedy)
		}
	}
	t.fault(at, fmt.Sprintf("%s must be %s, not %s", key, noun, describe(v)), remedy)
}

func describe(v any) string {
	switch v := v.(type) {
	case string:
		return fmt.Sprintf("the string %q", v)
	case bool:
		return fmt.Sprint(v)
	case int64, float64:
		return "the number " + literal(v)
	case []any:
		return fmt.Sprintf("an array of %d", len(v))
	case map[string]any:
		return "a table"
	case []map[string]any:
		return "an array of tables"
	}
	return "a date or time"
}

// literal is a number as TOML has it: one with a fraction keeps its point.
func literal(v any) string {
	text := strings.ToLower(fmt.Sprint(v))
	if _, isFloat := v.(float64); isFloat && !strings.ContainsAny(text, ".en") {
		text += ".0"
	}
	return text
}

// required reports a key that is missing.
func (t *table) required(key, remedy string) {
	if _, ok := t.keys[key]; !ok {
		t.fault(t.at(t.path), fmt.Sprintf("%s lacks %q", t.name(), key), remedy)
		t.errors[len(t.errors)-1].lacks = join(t.path, key)
	}
}

func (t *table) str(key, standard string) string {
	v, ok := t.lookup(key)
	if !ok {
		return standard
	}
	s, ok := v.(string)
	if !ok {
		example := `"..."`
		switch v.(type) {
		case bool, int64, float64:
			example = fmt.Sprintf(`"%v"`, v)
		}
		t.wrong(key, "a string", v, example)
		return standard
	}
	return s
}

// choice reads a string that must be one of several.
func (t *table) choice(key, standard string, choices []string) string {
	v, given := t.lookup(key)
	s, isString := v.(string)
	switch {
	case !given:
		return standard
	case !isString:
		t.mistyped(key, t.place(key), "a string", v, proto.DidYouMean("", choices))
		return standard
	case !slices.Contains(choices, s):
		t.fault(t.place(key), fmt.Sprintf("unknown %s %q", key, s), proto.DidYouMean(s, choices))
		return standard
	}
	return s
}

func (t *table) boolean(key string, standard bool) bool {
	v, ok := t.lookup(key)
	if !ok {
		return standard
	}
	b, ok := v.(bool)
	if !ok {
		remedy := "write true or false"
		if plain := unquoted(v); plain == "true" || plain == "false" {
			remedy = fmt.Sprintf("remove the quotation marks: %s = %s", key, plain)
		}
		t.mistyped(key, t.place(key), "true or false", v, remedy)
		return standard
	}
	return b
}

// integer reads a whole number of at least low.
func (t *table) integer(key string, standard, low int) int {
	return t.between(key, standard, low, math.MaxInt32)
}

// between reads a whole number from low to high.
func (t *table) between(key string, standard, low, high int) int {
	v, ok := t.lookup(key)
	if !ok {
		return standard
	}
	return t.toInt(key, join(t.path, key), v, standard, low, high)
}

func (t *table) toInt(key, path string, v any, standard, low, high int) int {
	i, ok := v.(int64)
	allowed := fmt.Sprintf("choose a whole number from %d to %d", low, high)
	if high == math.MaxInt32 && i <= math.MaxInt32 { // the bound of this program, where what is sensible depends on the rest
		allowed = fmt.Sprintf("choose a whole number of at least %d", low)
	}
	if !ok {
		if x, isFloat := v.(float64); isFloat && x == math.Trunc(x) && x >= float64(low) && x <= float64(high) {
			allowed = fmt.Sprintf("write %.0f", x)
		} else if remedy := t.asWhole(path); isFloat && remedy != "" {
			allowed = remedy
		} else if unquoted(v) != "" {
			allowed = "remove the quotation marks, and " + allowed
		}
		t.mistyped(key, t.at(path), "a whole number", v, allowed)
		return standard
	}
	if i < int64(low) || i > int64(high) {
		t.fault(t.at(path), fmt.Sprintf("%s = %d is out of range", key, i), allowed)
		return standard
	}
	return int(i)
}

// number reads a finite number for which ok holds; want says in words what that is.
func (t *table) number(key string, standard float64, ok func(float64) bool, want string) float64 {
	v, given := t.lookup(key)
	if !given {
		return standard
	}
	x, isNumber := toFloat(v)
	switch {
	case !isNumber:
		remedy := "choose " + want
		if unquoted(v) != "" {
			remedy = "remove the quotation marks, and " + remedy
		}
		t.mistyped(key, t.place(key), "a number", v, remedy)
	case math.IsNaN(x) || math.IsInf(x, 0) || !ok(x):
		t.fault(t.place(key), fmt.Sprintf("%s = %s is out of range", key, literal(v)), "choose "+want)
	default:
		return x
	}
	return standard
}

func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// duration reads a time such as "30s" of at least least.
func (t *table) duration(key string, standard, least time.Duration) time.Duration {
	v, given := t.lookup(key)
	if !given {
		return standard
	}
	text, ok := v.(string)
	if number, isNumber := toFloat(v); isNumber && number*float64(time.Second) >= float64(least) {
		t.wrong(key, "a time", v, fmt.Sprintf(`"%vs"`, v))
		return standard
	} else if !ok {
		t.wrong(key, "a time", v, fmt.Sprintf("%q", standard))
		return standard
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		t.fault(t.place(key), fmt.Sprintf("%s = %q is no time", key, text),
			`write a number with a unit, such as "500ms", "30s" or "5m"`)
	case d < least:
		t.fault(t.place(key), fmt.Sprintf("%s = %q is out of range", key, text),
			fmt.Sprintf("choose a time of at least %q", least))
	default:
		return d
	}
	return standard
}

// ints reads an array of at most so many whole numbers of at least 1.
func (t *table) ints(key string, most int) []int { return t.wholes(key, 1, most) }

// wholes reads an array of at most so many whole numbers of at least low.
func (t *table) wholes(key string, low, most int) []int {
	v, ok := t.lookup(key)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		example := "[16]"
		if i, isInt := v.(int64); isInt && i >= int64(low) {
			example = fmt.Sprintf("[%d]", i)
		}
		t.wrong(key, "an array of whole numbers", v, example)
		return nil
	}
	if len(list) > most {
		t.fault(t.place(key), fmt.Sprintf("%s has %d numbers", key, len(list)), fmt.Sprintf("choose at most %d", most))
		return nil
	}
	out := make([]int, len(list))
	for i, e := range list {
		out[i] = t.toInt(key, fmt.Sprintf("%s[%d]", join(t.path, key), i), e, low, low, math.MaxInt32)
	}
	return out
}

// strings reads an array of texts, none of them empty.
func (t *table) strings(key string) []string {
	v, given := t.lookup(key)
	if !given {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		t.wrong(key, "an array of strings", v, `["one", "two"]`)
		return nil
	}
	var texts []string
	for i, x := range list {
		text, ok := x.(string)
		if !ok || strings.TrimSpace(text) == "" {
			t.fault(t.at(fmt.Sprintf("%s[%d]", join(t.path, key), i)), fmt.Sprintf("%s holds %s, which is no word", key, describe(x)),
				`write strings such as "draft"`)
			return nil
		}
		texts = append(texts, text)
	}
	return texts
}

// numbers reads an array of n finite numbers.
func (t *table) numbers(key string, standard []float64) []float64 {
	v, ok := t.lookup(key)
	if !ok {
		return standard
	}
	list, ok := v.([]any)
	if !ok || len(list) != len(standard) {
		t.wrong(key, fmt.Sprintf("an array of %d numbers", len(standard)), v,
			strings.ReplaceAll(fmt.Sprintf("%v", standard), " ", ", "))
		return standard
	}
	out := make([]float64, len(list))
	for i, e := range list {
		x, ok := toFloat(e)
		if !ok || math.IsNaN(x) || math.IsInf(x, 0) {
			t.fault(t.at(fmt.Sprintf("%s[%d]", join(t.path, key), i)),
				fmt.Sprintf("%s holds %s, which is no finite number", key, describe(e)), "write a number such as 0.5")
			return standard
		}
		out[i] = x
	}
	return out
}

// sub reads a table; ok tells whether it is there.
func (t *table) sub(key string) (s *table, ok bool) {
	v, given := t.lookup(key)
	m, isTable := v.(map[string]any)
	if given && !isTable {
		t.fault(t.place(key), fmt.Sprintf("%s must be a table, not %s", key, describe(v)),
			fmt.Sprintf("write [%s] on a line of its own and its keys below, or %s = { ... }", header(join(t.path, key)), key))
	}
	return &table{document: t.document, path: join(t.path, key), keys: m}, isTable
}

// subs reads an array of tables, written with [[...]] or as an array of inline tables, which the parser returns as []any.
func (t *table) subs(key string) []*table {
	v, given := t.lookup(key)
	if !given {
		return nil
	}
	remedy := fmt.Sprintf("write [[%s]] with two brackets before each, or %s = [{ ... }, { ... }]",
		header(join(t.path, key)), key)
	var list []any
	switch v := v.(type) {
	case []any:
		list = v
	case []map[string]any:
		for _, m := range v {
			list = append(list, m)
		}
	default:
		t.fault(t.place(key), fmt.Sprintf("%s must be an array of tables, not %s", key, describe(v)), remedy)
		return nil
	}
	if len(list) == 0 {
		t.fault(t.place(key), key+" is an empty array", remedy)
	}
	var out []*table
	for i, element := range list {
		path := fmt.Sprintf("%s[%d]", join(t.path, key), i)
		m, ok := element.(map[string]any)
		if !ok {
			t.fault(t.at(path), fmt.Sprintf("%s must hold tables, not %s", key, describe(element)), remedy)
			continue
		}
		out = append(out, &table{document: t.document, path: path, keys: m})
	}
	return out
}

var index = regexp.MustCompile(`\[\d+\]`)

// header is a path as it stands in a table's header, where arrays have no indices.
func header(path string) string { return index.ReplaceAllString(path, "") }

// done reports the keys that nothing has read. One that is a misspelt key is not missing besides.
func (t *table) done() {
	for key := range t.keys {
		if !slices.Contains(t.known, key) {
			where, _ := t.where(join(t.path, key))
			var names []string // once each
			for _, name := range t.known {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
			if meant := proto.Nearest(key, names); meant != "" {
				t.errors = slices.DeleteFunc(t.errors, func(d Diagnostic) bool { return d.lacks == join(t.path, meant) })
			}
			t.fault(where.key, fmt.Sprintf("unknown key %q in %s", key, t.name()), didYouMean(key, t.name(), names))
		}
	}
}
