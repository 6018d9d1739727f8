package scaffold

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the rules that are the bundled optimizers' anew")

// bundled are the rules that begin as the bundled optimizer of the name. The others in rules/ are simpler than it, for a start.
var bundled = []string{"adadelta", "adamax", "adamw", "amsgrad", "nadam", "radam"}

// TestDocument holds the rules to the bundled optimizers: all but what makes a program and a beginning of one.
func TestDocument(t *testing.T) {
	for _, name := range bundled {
		source, err := os.ReadFile(filepath.Join("../../../plugins", name, name+".go"))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("rules", name+".go.tmpl")
		was, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		test, _, ok := strings.Cut(string(was), "// Command {{.Module}}")
		if !ok {
			t.Fatalf("%s has no {{.Module}}", path)
		}
		want := test + began(string(source), name)
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if string(was) != want {
			t.Errorf("%s is not plugins/%s; run go test ./host/internal/scaffold -run Document -update", path, name)
		}
	}
}

// began is the program of a bundled optimizer, as the beginning of another.
func began(source, name string) string {
	source = regexp.MustCompile(`,\s+kernel\(\)`).ReplaceAllString(source, "")
	return strings.NewReplacer(
		"// Package "+name+" is", "// Command {{.Module}} is",
		"package "+name+"\n", "//\n// It is a start: change it into your rule.\npackage main\n",
		"// Optimizer is the plugin.\nvar Optimizer", "var optimizer",
		`sdk.New("`+name+`"`, `sdk.New("{{.Name}}"`,
	).Replace(source) + "\nfunc main() { optimizer.Serve() }\n"
}
