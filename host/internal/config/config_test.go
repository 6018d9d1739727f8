package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"github.com/steepest/steepest/host/internal/terminal"
)

const sample = `# comment = 1
a = 1 # b = 2
"quoted key" = "x # not a comment"
dotted . key = [1,
  # comment
  "two", [3, 4],
]
text = """
[not.a.table]
k = 1
"""
raw = '''it's ''quoted'' '''
inline = { x = 1, y = { z = [5] }, "w" = 'v' }

[table]
k = "a\"b"

[table.sub]
k = true

[[list]]
n = 1
[[list]]
n = 2
[list.inner]
m = 3
[[list.deep]]
d = 4
[[list.deep]]
	d = 5
`

func TestLocate(t *testing.T) {
	where, twice := locate(sample)
	if len(twice) > 0 {
		t.Errorf("defined twice: %q", twice)
	}
	lines := strings.Split(sample, "\n")
	for path, want := range map[string]string{ // the text at the value
		"a": "1", `quoted key`: `"x # not a comment"`, "dotted.key[1]": `"two"`, "dotted.key[2][1]": "4", "raw": `'''it's ''quoted'' '''`,
		"inline.y.z[0]": "5", "inline.w": "'v'", "table.k": `"a\"b"`, "table.sub.k": "true", "list[0].n": "1", "list[1].n": "2",
		"list[1].inner.m": "3", "list[1].deep[0].d": "4", "list[1].deep[1].d": "5",
	} {
		at := where[path].value
		if at.line == 0 {
			t.Errorf("%s is not located", path)
			continue
		}
		if got := lines[at.line-1][at.column-1 : at.column-1+at.length]; got != want {
			t.Errorf("%s: %q at %d:%d, want %q", path, got, at.line, at.column, want)
		}
	}
	if _, ok := where["not.a.table"]; ok {
		t.Error("found a table inside a string")
	}
}

// everyKeyLocated reports keys of a valid document that locate misses. The reference is BurntSushi's own list, which
// carries no array indices.
func everyKeyLocated(src string) error {
	var into map[string]any
	meta, err := toml.Decode(src, &into)
	if err != nil {
		return nil
	}
	found := map[string]bool{}
	where, _ := locate(src)
	for path := range where {
		found[withoutIndices(path)] = true
	}
	for _, key := range meta.Keys() {
		path := ""
		for _, part := range key {
			path = join(path, part)
		}
		if path = withoutIndices(path); !found[path] {
			return fmt.Errorf("%q is not located", path)
		}
	}
	return nil
}

// withoutIndices drops [0], [1], ...; names with brackets of their own lose them on both sides of a comparison.
func withoutIndices(path string) string {
	var b strings.Builder
	depth := 0
	for _, r := range path {
		switch {
		case r == '[':
			depth++
		case r == ']' && depth > 0:
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestEveryKeyOfSampleIsLocated(t *testing.T) {
	if err := everyKeyLocated(sample); err != nil {
		t.Error(err)
	}
}

func TestDiagnostics(t *testing.T) {
	const head = "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 10\n"
	const tail = "[[optimizer]]\nplugin = \"sgd\"\n"
	for name, c := range map[string]struct{ src, want string }{
		"empty":           {"", "1:1: the file lacks \"problem\""},
		"syntax":          {"[problem\n", "1:"},
		"unknown table":   {head + tail + "[recrod]\n", "7:2: unknown key \"recrod\" in the file"},
		"unknown kind":    {"[problem]\nkind = \"mpl\"\n[budget]\nsteps = 1\n" + tail, "2:8: unknown kind \"mpl\""},
		"no kind":         {"[problem]\n[budget]\nsteps = 1\n" + tail, "1:2: [problem] lacks \"kind\""},
		"misspelt budget": {"[problem]\nkind = \"rosenbrock\"\n[budget]\nstep = 1\n" + tail, "4:1: unknown key \"step\" in [budget]"},
		"problem twice": {"[problem]\nkind = \"sphere\"\n[[problem]]\nkind = \"rosenbrock\"\n[budget]\nsteps = 1\n" + tail,
			"3:3: not valid TOML: Key 'problem' was already created"},
		"two budgets":         {"[problem]\nkind = \"mlp\"\ndataset = \"breast-cancer\"\n[budget]\nsteps = 1\nepochs = 1\n" + tail, "6:10: [budget] has steps and epochs"},
		"epochs without data": {"[problem]\nkind = \"rosenbrock\"\n[budget]\nepochs = 10\n" + tail, "4:10: the problem \"rosenbrock\" has no data"},
		"no budget":           {"[problem]\nkind = \"rosenbrock\"\n[budget]\n" + tail, "3:2: [budget] says nothing"},
		"examples of nothing": {"[problem]\nkind = \"rosenbrock\"\n[budget]\nexample_gradients = 100\n" + tail, "4:21: the problem \"rosenbrock\" has no data and so no examples"},
		"time is a number":    {"[problem]\nkind = \"rosenbrock\"\n[budget]\ntime = 60\n" + tail, "4:8: time must be a time, not the number 60"},
		"steps not ascending": {"[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 9\n[record]\nsteps = [3, 3]\n" + tail, "6:13: step 3 is not after step 3"},
		"two sorts of points": {"[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 9\n[record]\nevery = 2\nsteps = [3]\n" + tail, "7:9: every and steps exclude each other"},
		"weights of a word":   {"[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 9\n[record]\nweights = \"all\"\n" + tail, "6:11: weights must be \"end\" or an array of steps"},
		"validation of two":   {"[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 9\n[record]\nvalidation = { every = 2, epochs = 1 }\n" + tail, "6:14: validation needs one of every, per_decade, epochs and steps"},
		"start too long":      {"[problem]\nkind = \"beale\"\nstart = [1, 2, 3]\n[budget]\nsteps = 1\n" + tail, "3:9: start must be an array of 2 numbers"},
		"start not finite":    {"[problem]\nkind = \"rosenbrock\"\nstart = [1, nan]\n[budget]\nsteps = 1\n" + tail, "3:13: start holds"},
		"batch":               {"[problem]\nkind = \"mlp\"\ndataset = \"x\"\nbatch = \"all\"\n[budget]\nsteps = 1\n" + tail, "4:9: batch = \"all\" is neither"},
		"validation":          {"[problem]\nkind = \"mlp\"\ndataset = \"x\"\nvalidation = 1\n[budget]\nsteps = 1\n" + tail, "4:14: validation = 1 is out of range"},
		"no optimizer":        {head, "1:1: the file lacks \"optimizer\""},
		"optimizer a table":   {head + "[optimizer]\nplugin = \"sgd\"\n", "5:2: optimizer must be an array of tables"},
		"same name":           {head + tail + tail, "7:3: the name \"sgd\" is that of another"},
		"target metric":       {head + tail + "[target]\nvalidation_loss = 1\n", "8:19: the problem has no validation examples"},
		"seeds":               {head + tail + "[seeds]\ncount = -1\n", "8:9: count = -1 is out of range"},
		"many seeds":          {head + tail + "[seeds]\ncount = 2000000000\n", "8:9: count = 2000000000 is out of range"},
		"record type":         {head + tail + "[record]\nparameters = 1\n", "8:14: parameters must be true or false, not the number 1"},
		"problem no table":    {"problem = 3\n[budget]\nsteps = 1\n" + tail, "1:11: problem must be a table"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("f.toml", c.src)
			errs, ok := err.(Errors)
			if !ok || len(errs) == 0 {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(err.Error(), "f.toml:"+c.want) {
				t.Errorf("got\n%v\nwant f.toml:%s", err, c.want)
			}
			for _, d := range errs {
				if d.Remedy == "" {
					t.Errorf("no remedy: %v", d)
				}
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	files, _ := filepath.Glob("../../../experiments/*.toml")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	for _, src := range []string{"a.b = 1\na = 2\n", "x = [{ y.z = 1.5 }, [2024-01-01, '''a'''']]]", "[[a.b]]\n[a.b.c]\n\"d.e\".f = \"\\u00e9\"\n",
		"[[optimizer]]\nplugin = \"o\"\nname = \"../\\u202e\"\n", "[[optimizer]]\n[[optimizer.group]]\ntensor = \"[a\"\nlr = { grid = [1, 2] }\n",
		"a = \"\"\"\\\"\"\"\"\n", "k = [[[[[[[[[[[[[[[[[[1"} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		e, err := Parse("f.toml", src)
		if errs, ok := err.(Errors); ok {
			for _, d := range errs {
				if d.Line < 1 || d.Column < 1 || d.Message == "" || d.Remedy == "" {
					t.Errorf("incomplete: %+v", d)
				}
			}
			if text := err.Error(); len(text) > 1_000_000 || terminal.EscapeLines(text) != text {
				t.Errorf("%d bytes: %.1000q", len(text), text)
			}
		} else if err != nil {
			t.Errorf("%T: %v", err, err)
		}
		if e == nil {
			return
		}
		if err := everyKeyLocated(src); err != nil {
			t.Error(err)
		}
		taken := map[string]bool{}
		for _, o := range e.Workloads[0].Optimizers {
			if err == nil && (taken[o.Folder()] || o.Folder() == "" || o.Folder() != slug(o.Folder()) || len(o.Folder()) > maxSlug+65) {
				t.Errorf("the name %q has the folder %q", o.Name, o.Folder())
			}
			taken[o.Folder()] = true
		}
	})
}

// depth is how deep tables and arrays are nested in a value.
func depth(v any) int {
	deepest := 0
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			deepest = max(deepest, depth(e))
		}
	case []map[string]any:
		for _, e := range v {
			deepest = max(deepest, depth(e))
		}
	case []any:
		for _, e := range v {
			deepest = max(deepest, depth(e))
		}
	default:
		return 0
	}
	return deepest + 1
}

// FuzzBounds: what the scanner lets pass is not deeper when it is parsed.
func FuzzBounds(f *testing.F) {
	for _, src := range []string{sample, "a = \"\"\"\"\"\"\"\"\nb = [[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]\n",
		"[a.b.c.d.e.f.g.h.i.j]\nk.l.m.n.o.p.q.r.s.t = 1\n", "a = { b = { c = [ { d.e.f = 1 } ] } } # ]\n", "'a.b'.\"c\\\"[\" = '['\n",
		"a = [ # [\n { b = '''\n[''' }\n]\n[[c]]\nd = 1.5e3\n"} {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		if _, message, _ := notText(src); message != "" {
			return
		}
		if _, message, _ := exceeds(src); message != "" {
			return
		}
		var keys map[string]any
		if _, err := toml.Decode(src, &keys); err == nil && depth(keys) > maxDepth+2 {
			t.Errorf("%d deep", depth(keys))
		}
	})
}

// TestHead: words about the experiment, and what is done about failures.
func TestHead(t *testing.T) {
	const rest = "[problem]\nkind = \"sphere\"\n[budget]\nsteps = 1\n[[optimizer]]\nplugin = \"x\"\n"
	e, err := Parse("f.toml", "tags = [\"paper\", \"draft\"]\nnotes = \"n\"\n[failures]\non_failure = \"stop\"\nretries = 2\n"+rest)
	if err != nil || len(e.Tags) != 2 || e.Tags[1] != "draft" || e.Notes != "n" || e.Failures != (Failures{"stop", 1, 2}) {
		t.Errorf("%v: %+v", err, e)
	}
	for head, want := range map[string]string{
		"tags = \"a\"\n":          "f.toml:1:8: tags must be an array of strings",
		"tags = [\"a\", \" \"]\n": "f.toml:1:14: tags holds the string",
		"tags = [1]\n":            "f.toml:1:9: tags holds the number 1",
		"[failures]\non_failure = \"stop\"\nmax_failures = 3\n": "f.toml:3:16: on_failure = \"stop\" stops at the first",
		"[failures]\nretries = -1\n":                            "f.toml:2:11: retries = -1 is out of range",
		"[failures]\non_failure = \"go on\"\n":                  "f.toml:2:14: unknown on_failure",
	} {
		if _, err := Parse("f.toml", head+rest); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", head, err, want)
		}
	}
}
