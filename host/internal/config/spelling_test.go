package config

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestSpellings: TOML has several ways to write tables and arrays of tables; all mean the same.
func TestSpellings(t *testing.T) {
	want := ""
	for _, src := range []string{
		"[problem]\nkind = \"network\"\ndataset = \"digits\"\nl2 = { weight = 0.5 }\n[[problem.layer]]\nkind = \"dense\"\n" +
			"weight_init = { kind = \"normal\", stddev = 0.5 }\n[budget]\nsteps = 5\n[[optimizer]]\nplugin = \"a\"\nlr = 1\n" +
			"[[optimizer]]\nplugin = \"b\"\n[optimizer.lr]\nschedule = \"linear\"\nfrom = 1\n[optimizer.gradient]\nclip_norm = 2\n",
		"problem = { kind = \"network\", dataset = \"digits\", l2 = { weight = 0.5 }, layer = [ { kind = \"dense\", " +
			"weight_init = { kind = \"normal\", stddev = 0.5 } } ] }\nbudget = { steps = 0x5 }\n" +
			"optimizer = [\n  { plugin = \"a\", lr = 1 }, # the first\n  { plugin = \"b\", lr = { schedule = \"linear\", from = 1 }," +
			" gradient = { clip_norm = 2 } },\n]\n",
		"problem.kind = \"network\"\nproblem.\"dataset\" = 'digits'\nproblem . l2 . weight = 5e-1\nproblem.layer = [{ kind = \"dense\", " +
			"weight_init.kind = \"normal\", weight_init.stddev = 0.5 }]\nbudget.steps = 5\n[[\"optimizer\"]]\nplugin = \"a\"\nlr = 1\n" +
			"[[optimizer]]\nplugin = \"\"\"b\"\"\"\nlr.schedule = \"linear\"\nlr.from = 1\ngradient.clip_norm = 2.0\n",
		"[[optimizer]]\nplugin = \"a\"\nlr = 1\n[[optimizer]]\nplugin = \"\\u0062\"\n[optimizer.gradient]\nclip_norm = 2\n" +
			"[optimizer.lr]\nschedule = \"linear\"\nfrom = 1\n[budget]\nsteps = 5\n[[problem.layer]]\nkind = \"dense\"\n" +
			"[problem.layer.weight_init]\nkind = \"normal\"\nstddev = 0.5\n[problem]\nkind = \"network\"\ndataset = \"digits\"\n" +
			"[problem.l2]\nweight = 0.5\n",
	} {
		for _, src := range []string{src, strings.ReplaceAll(src, "\n", "\r\n"), "\ufeff" + src} {
			e, err := Parse("f.toml", src)
			if err != nil {
				t.Errorf("%v\nin\n%s", err, src)
				continue
			}
			b, err := json.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			if want == "" {
				want = string(b)
			}
			if string(b) != want {
				t.Errorf("%s\nis read as\n%s, want\n%s", src, b, want)
			}
		}
	}
}

// TestSpelledDiagnostics: whatever the spelling, an error stands where the fault is.
func TestSpelledDiagnostics(t *testing.T) {
	const budget = "budget.steps = 5\n"
	const head = "problem.kind = \"sphere\"\n" + budget
	for src, want := range map[string]string{
		head + `optimizer = [{ plugin = "o", lrr = 1 }]`:                                                                                 `3:30: unknown hyperparameter "lrr"`,
		head + "optimizer = [\n{ plugin = \"o\" },\n{ plugin = 3, name = \"x\" },\n]":                                                    `5:12: plugin must be a string, not the number 3`,
		head + `optimizer = [{ plugin = "o" }, { name = "x" }]`:                                                                          `3:32: [[optimizer]] lacks "plugin"`,
		head + `optimizer = [{ plugin = "o" }, 3]`:                                                                                       `3:32: optimizer must hold tables, not the number 3`,
		head + `optimizer = []`:                                                                                                          `3:13: optimizer is an empty array`,
		head + `optimizer = { plugin = "o" }`:                                                                                            `3:13: optimizer must be an array of tables, not a table`,
		head + `optimizer = "o"`:                                                                                                         `3:13: optimizer must be an array of tables, not the string "o"`,
		head + `optimizer = [{ plugin = "o", lr.schedule = "linear", lr.from = -1 }]`:                                                    `3:30: lr = -1 at step 0`,
		head + `optimizer = [{ plugin = "o", lr.schedule = "linear", lr.form = 1 }]`:                                                     `3:57: unknown key "form" in lr`,
		head + `optimizer = [{ plugin = "o", gradient.clip = 1 }]`:                                                                       `3:39: unknown key "clip" in gradient`,
		head + "optimizer = [{ plugin = \"o\" }]\n[[problem]]\n":                                                                         `4:3: not valid TOML`,
		head + "optimizer = [{ plugin = \"o\" }]\n\"problem.kind\" = 3":                                                                  `4:1: unknown key "problem.kind" in the file`,
		head + "optimizer = [{ plugin = \"o\" }]\n\"optimizer[0]\" = { plugin = 3 }":                                                     `4:1: unknown key "optimizer[0]" in the file`,
		head + "optimizer = [{ plugin = \"o\", \"l\\u0072r\" = 3 }]":                                                                     `3:30: unknown hyperparameter "lrr"`,
		"budget.steps = 5\nproblem.kind = \"sphere\"\nbudget = 3\n":                                                                      `3:1: not valid TOML: budget has already been defined`,
		"problem.knd = \"sphere\"\n" + budget + `optimizer = [{ plugin = "o" }]`:                                                         `1:1: [problem] lacks "kind"`,
		"problem = 3\n[budget]\nsteps=1\n[[optimizer]]\nplugin=\"o\"":                                                                    `1:11: problem must be a table, not the number 3`,
		"problem = { kind = \"sphere\", dimensoin = 3 }\n" + budget + `optimizer = [{ plugin = "o" }]`:                                   `1:30: unknown key "dimensoin" in [problem]`,
		"problem = { kind = \"network\", dataset = \"digits\", layer = [{ kind = \"dense\", unit = 3 }] }\n" + budget:                    `1:78: unknown key "unit" in [[problem.layer]]`,
		"problem.kind = \"mlp\"\nproblem.dataset.name = \"xor\"\nproblem.dataset.nose = 1\n" + budget + `optimizer = [{ plugin = "o" }]`: `3:17: unknown key "nose" in [problem.dataset]`,
		"problem.kind = \"network\"\nproblem.dataset = \"xor\"\nproblem.layer.kind = 1\n" + budget:                                       `3:9: layer must be an array of tables, not a table`,
	} {
		e, err := Parse("f.toml", src)
		if e != nil {
			e, _ = resolve(t, src)
			err = e.Errors()
		}
		if err == nil || !strings.Contains(err.Error(), "f.toml:"+want) {
			t.Errorf("%s\ngot\n%v\nwant f.toml:%s", src, err, want)
			continue
		}
		for _, d := range err.(Errors) {
			if d.Remedy == "" || strings.Contains(d.Remedy, "[0]") {
				t.Errorf("%s: %v", src, d)
			}
		}
	}
}
