package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plugin"
)

var updateBroken = flag.Bool("update", false, "write what is said of the broken experiments into testdata/broken.txt")

// TestBroken holds what people read of broken experiments, one mistake in each but one, to testdata/broken.txt. All of them are checked
// at once, each message has line, column and remedy, and no file is said nothing of.
func TestBroken(t *testing.T) {
	t.Parallel()
	dir, err := filepath.Abs("testdata/broken")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.toml"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d broken experiments, %v", len(files), err)
	}
	command := []string{"run"}
	for _, f := range files {
		command = append(command, filepath.Base(f))
	}
	var output bytes.Buffer
	code := within(dir, "XDG_DATA_HOME="+t.TempDir(), plugin.PathEnv+"="+shownPlugins(t)).steepest(command, &output, &output)
	if code != exitUsage {
		t.Errorf("exit code %d", code)
	}
	got := strings.ReplaceAll(strings.ReplaceAll(output.String(), dir+"/", ""), dir, "FOLDER")
	place := regexp.MustCompile(`^([^:]+\.toml):\d+:\d+: [^\n]+\n(?s:.*)\n  remedy: [^\n]+$`)
	messages := strings.Split(strings.TrimSpace(got), "\n\n")
	said := map[string]int{}
	for _, m := range messages[:len(messages)-1] { // the last one counts them
		if is := place.FindStringSubmatch(m); is == nil {
			t.Errorf("no file, line, column, message, excerpt and remedy:\n%s", m)
		} else {
			said[is[1]]++
		}
	}
	for _, f := range files {
		if n := said[filepath.Base(f)]; n == 0 {
			t.Errorf("nothing is said of %s", filepath.Base(f))
		}
	}
	if n := said["everything-at-once.toml"]; n < 8 {
		t.Errorf("%d mistakes are shown of those in everything-at-once.toml", n)
	}
	const golden = "testdata/broken.txt"
	if *updateBroken {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(golden); err != nil || string(want) != got {
		t.Errorf("%s differs from what is said (-update writes it; %v):\n%s", golden, err, got)
	}
}

// unknowable are the broken experiments that are right by the schema: what is wrong is between several keys, in the data, or of a size.
var unknowable = map[string]string{
	"batch-too-large":     "how many examples train",
	"budget-fraction":     "for JSON 1000.0 is a whole number",
	"budget-missing":      "another file can have it, or the problem",
	"budget-twice":        "one key excludes another",
	"budget-without-data": "which problems have epochs",
	"claim-not-swept":     "which keys have sets",
	"claim-optimizer":     "which optimizers there are",
	"claim-percent":       "what values a quantity has",
	"claim-reversed":      "an order of numbers",
	"claim-rival":         "how many variants there are",
	"claim-when":          "the grammar of measures",
	"clip-twice":          "one key excludes another",
	"dataset-typo":        "it can be a file",
	"exclude-unknown":     "which keys the optimizers have",
	"figure-cockpit":      "what is diagnosed",
	"figure-measure":      "the grammar of measures",
	"figure-not-swept":    "which keys have sets",
	"figure-optimizer":    "which optimizers there are",
	"figure-parts":        "what is diagnosed",
	"figure-together":     "that two keys exclude each other",
	"figure-unrecorded":   "what is recorded",
	"file-missing":        "which files there are",
	"group-unselected":    "one of several keys must be there",
	"include-missing":     "which files there are",
	"log-grid-fraction":   "which numbers lie between two",
	"measure-typo":        "the grammar of measures",
	"problems-unnamed":    "another problem",
	"interval-in-grid":    "how the search combines sets",
	"names-equal":         "another optimizer",
	"optimizer-missing":   "another file can have it",
	"problem-missing":     "another file can have it",
	"set-order":           "an order of numbers",
	"target-impossible":   "the least value of a function",
}

// TestSchema holds the schema to an independent validator: the shipped experiments are right by it, and the broken ones wrong but for
// those of which a schema cannot know.
func TestSchema(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	t.Parallel()
	schema := schemaWith(t, shownPlugins(t))
	shipped, _ := filepath.Glob("../experiments/*.toml")
	if len(shipped) < 9 {
		t.Errorf("only %d experiments are shipped", len(shipped))
	}
	course, _ := filepath.Glob("../experiments/lecture/*.toml")
	shipped = append(shipped, course...)
	for _, file := range shipped {
		if v, err := decoded(file); err != nil {
			t.Error(err)
		} else if err := schema.Validate(v); err != nil {
			t.Errorf("%s is refused: %v", file, err)
		}
	}
	broken, _ := filepath.Glob("testdata/broken/*.toml")
	refused := 0
	for _, file := range broken {
		v, err := decoded(file)
		if err != nil {
			continue // not TOML, which no schema is asked about
		}
		name := strings.TrimSuffix(filepath.Base(file), ".toml")
		_, accepts := unknowable[name]
		switch err := schema.Validate(v); {
		case err != nil && accepts:
			t.Errorf("%s is refused, and listed as accepted: %v", name, err)
		case err == nil && !accepts:
			t.Errorf("%s is accepted", name)
		case err != nil:
			refused++
		}
	}
	if refused < 30 {
		t.Errorf("only %d of %d broken experiments are refused", refused, len(broken))
	}
	t.Logf("%d of %d broken experiments are refused", refused, len(broken))
}

// schemaWith is the schema with the plugins in a folder, which is held to the schema of schemas.
func schemaWith(t *testing.T, plugins string) *jsonschema.Schema {
	t.Helper()
	var output, trouble bytes.Buffer
	if code := within(t.TempDir(), plugin.PathEnv+"="+plugins).steepest([]string{"schema"}, &output, &trouble); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, &trouble)
	}
	text, err := jsonschema.UnmarshalJSON(&output)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("steepest.schema.json", text); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("steepest.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestSchemaRaisesNoFalseAlarm: what the reader takes, of the experiments in the scripts, the schema takes too.
func TestSchemaRaisesNoFalseAlarm(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	t.Parallel()
	schema := schemaWith(t, pluginDir)
	alarms := []string{"bad.toml", "joint.toml"} // a plugin finds these wrong; another describes itself in other ways
	scripts, _ := filepath.Glob("testdata/script/*.txtar")
	taken := 0
	for _, script := range scripts {
		archive, err := txtar.ParseFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if _, err := config.Parse(f.Name, string(f.Data)); err != nil || filepath.Ext(f.Name) != ".toml" || slices.Contains(alarms, f.Name) {
				continue
			}
			var keys map[string]any
			if err := toml.Unmarshal(f.Data, &keys); err != nil {
				t.Error(err)
				continue
			}
			v, err := jsonValues(keys)
			if err == nil {
				err = schema.Validate(v)
			}
			if taken++; err != nil {
				t.Errorf("%s: %s: %v", script, f.Name, err)
			}
		}
	}
	if taken < 50 {
		t.Errorf("only %d experiments were found in %d scripts", taken, len(scripts))
	}
}

// TestSchemaOfParts: what a file lacks that includes another is not asked for, and what it has is judged; of all other files, and of
// tables in arrays, what must be there is asked for.
func TestSchemaOfParts(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long under the race detector, and has but one goroutine")
	}
	t.Parallel()
	schema := schemaWith(t, shownPlugins(t))
	for _, c := range []struct {
		text           string
		part, complete bool // whether it is right with an include, and without
	}{
		{"[problem]\nbatch = 64", true, false},
		{"[problem]\nbacth = 64", false, false},
		{"[problem]\nkind = \"mlp\"\nbatch = 64", true, false},
		{"[problem]\nkind = \"mlp\"\ndataset = \"digits\"", true, true},
		{"[problem]\nkind = \"mlp\"\nlayer = 1", false, false},
		{"[[problem]]\nname = \"a\"", false, false},
		{"[[problem]]\nname = \"a\"\nkind = \"sphere\"", true, true},
		{"[search]\nseed = 3", true, false},
		{"[search]\nkind = \"halton\"\nseed = 3", true, false},
		{"[search]\nkind = \"grid\"\nseed = 3", false, false},
		{"[tune]\nmeasure = \"train_loss\"", true, false},
		{"[stop.plateau]\npatience = 3", true, false},
		{"[stop.plateau]\npatience = \"3\"", false, false},
		{"[[optimizer]]\nname = \"a\"", false, false},
	} {
		for include, want := range map[string]bool{"include = \"base.toml\"\n": c.part, "": c.complete} {
			var keys map[string]any
			if err := toml.Unmarshal([]byte(include+c.text), &keys); err != nil {
				t.Fatal(err)
			}
			v, err := jsonValues(keys)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); (err == nil) != want {
				t.Errorf("%s\n%s\nright: %t\n%v", include, c.text, want, err)
			}
		}
	}
}

// decoded is a TOML file as the values that JSON has for it.
func decoded(file string) (v any, err error) {
	var keys map[string]any
	if _, err := toml.DecodeFile(file, &keys); err != nil {
		return nil, err
	}
	return jsonValues(keys)
}

// jsonValues are those of a TOML file as JSON has them.
func jsonValues(keys map[string]any) (any, error) {
	b, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(b))
}
