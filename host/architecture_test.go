package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/steepest/steepest/"

// edges says which of our packages a package may import. A package that is not listed may import none.
var edges = map[string][]string{
	"proto":       {"proto/steepest/optimizer/v1"},
	"metrics":     {},
	"proto/shm":   {},
	"sdk":         {"proto", "proto/shm", "proto/steepest/optimizer/v1"},
	"sdk/exam":    {"proto", "proto/steepest/optimizer/v1"},
	"sdk/opttest": {"proto", "proto/steepest/optimizer/v1", "sdk", "sdk/exam"},
	"plugins":     {"plugins/", "proto", "sdk"},
	"plugins/":    {"plugins/internal/", "sdk"},

	"plugins/ema":             {"plugins/adamw", "plugins/internal/", "sdk"},
	"plugins/lookahead":       {"plugins/internal/", "plugins/momentum", "sdk"},
	"plugins/lookahead-adamw": {"plugins/adamw", "plugins/internal/", "sdk"},
	"plugins/sam":             {"plugins/internal/", "plugins/momentum", "sdk"},
	"plugins/sam-adamw":       {"plugins/adamw", "plugins/internal/", "sdk"},
	"plugins/swa":             {"plugins/internal/", "plugins/momentum", "sdk"},

	"metrics/openmetrics": {"metrics"},
	"metrics/remote":      {},

	"host/internal/environ":  {},
	"host/internal/seed":     {},
	"host/internal/terminal": {},
	"host/internal/record":   {},
	"host/internal/diagnose": {"host/internal/curvature", "host/internal/landscape", "host/internal/model", "host/internal/problem", "host/internal/quantile", "host/internal/record", "host/internal/registry", "host/internal/seed",
		"proto/steepest/optimizer/v1"},
	"host/internal/curvature": {},
	"host/internal/landscape": {"host/internal/curvature", "host/internal/problem", "host/internal/record", "host/internal/seed", "proto/steepest/optimizer/v1"},
	"host/internal/revisit": {"host/internal/config", "host/internal/execute", "host/internal/landscape", "host/internal/plan", "host/internal/plugin", "host/internal/prepare", "host/internal/problem",
		"host/internal/record", "host/internal/registry", "host/internal/seed", "host/internal/store", "host/internal/train", "proto"},
	"host/internal/regular":   {},
	"host/internal/quantile":  {},
	"host/internal/measure":   {"host/internal/quantile", "host/internal/record", "host/internal/registry", "proto"},
	"host/internal/registry":  {},
	"host/internal/claim":     {"host/internal/measure", "host/internal/quantile", "host/internal/record", "host/internal/statistics"},
	"host/internal/schedule":  {"host/internal/registry"},
	"host/internal/transform": {"host/internal/registry"},
	"host/internal/dataset":   {"host/internal/environ", "host/internal/registry", "host/internal/regular", "host/internal/seed"},
	"host/internal/blas":      {},
	"host/internal/model":     {"host/internal/blas", "host/internal/registry", "host/internal/seed", "proto/steepest/optimizer/v1"},
	"host/internal/problem": {"host/internal/dataset", "host/internal/model", "host/internal/record", "host/internal/registry", "host/internal/seed",
		"proto/steepest/optimizer/v1"},
	"host/internal/remedy":    {},
	"host/internal/optimizer": {"host/internal/remedy", "host/internal/terminal", "proto", "proto/shm", "proto/steepest/optimizer/v1"},
	"host/internal/plugin": {"host/internal/atomicfile", "host/internal/environ", "host/internal/optimizer", "host/internal/owned",
		"host/internal/remedy", "host/internal/terminal", "proto", "proto/steepest/optimizer/v1"},
	"host/internal/boundary": {"host/internal/optimizer", "host/internal/plugin", "host/internal/quantile", "host/internal/train", "proto", "proto/steepest/optimizer/v1"},
	"host/internal/train": {"host/internal/optimizer", "host/internal/problem", "host/internal/quantile", "host/internal/record", "host/internal/transform",
		"proto/steepest/optimizer/v1"},
	"host/internal/plan": {"host/internal/config", "host/internal/measure", "host/internal/record"},
	"host/internal/prepare": {"host/internal/config", "host/internal/dataset", "host/internal/environ", "host/internal/machine",
		"host/internal/plan", "host/internal/plugin", "host/internal/problem", "host/internal/regular", "host/internal/seed", "proto", "proto/steepest/optimizer/v1"},
	"host/internal/config": {"host/internal/claim", "host/internal/dataset", "host/internal/diagnose", "host/internal/environ", "host/internal/measure", "host/internal/model", "host/internal/problem",
		"host/internal/record", "host/internal/registry", "host/internal/regular", "host/internal/remedy", "host/internal/schedule", "host/internal/seed", "host/internal/terminal", "host/internal/transform",
		"proto", "proto/steepest/optimizer/v1"},
	"host/internal/execute": {"host/internal/config", "host/internal/diagnose", "host/internal/measure", "host/internal/optimizer", "host/internal/plan", "host/internal/plugin", "host/internal/problem", "host/internal/record",
		"host/internal/schedule", "host/internal/seed", "host/internal/train", "proto", "proto/steepest/optimizer/v1"},
	"host/internal/owned":      {},
	"host/internal/atomicfile": {},
	"host/internal/certificate": {"host/internal/atomicfile", "host/internal/environ", "host/internal/optimizer", "host/internal/plugin",
		"host/internal/remedy", "proto", "proto/steepest/optimizer/v1", "sdk/exam"},
	"host/internal/machine":  {"host/internal/blas"},
	"host/internal/scaffold": {"host/internal/terminal", "proto"},
	"host/internal/store": {"host/internal/atomicfile", "host/internal/blas", "host/internal/certificate", "host/internal/config", "host/internal/dataset", "host/internal/measure", "host/internal/optimizer",
		"host/internal/plan", "host/internal/plugin", "host/internal/record", "host/internal/regular", "host/internal/remedy", "host/internal/train", "proto", "proto/steepest/optimizer/v1"},
	"host/internal/compare": {"host/internal/claim", "host/internal/conduct", "host/internal/config", "host/internal/measure", "host/internal/plan", "host/internal/quantile", "host/internal/record", "host/internal/registry",
		"host/internal/statistics", "host/internal/store", "proto"},
	"host/internal/conduct": {"host/internal/config", "host/internal/measure", "host/internal/plan", "host/internal/record", "host/internal/store"},
	"host/internal/sampler": {"host/internal/conduct", "host/internal/config", "host/internal/measure", "host/internal/plan", "host/internal/record", "host/internal/terminal"},
	"host/internal/query":   {},
	"host/internal/archive": {"host/internal/measure", "host/internal/query", "host/internal/record", "host/internal/store", "proto"},
	"host/internal/report": {"host/internal/archive", "host/internal/boundary", "host/internal/claim", "host/internal/compare", "host/internal/config", "host/internal/dataset", "host/internal/environ", "host/internal/figure",
		"host/internal/landscape", "host/internal/measure", "host/internal/optimizer", "host/internal/plan", "host/internal/plugin", "host/internal/problem", "host/internal/quantile", "host/internal/record", "host/internal/registry", "host/internal/remedy", "host/internal/store",
		"host/internal/terminal", "proto", "proto/steepest/optimizer/v1"},
	"host/internal/exporter": {"host/internal/atomicfile", "host/internal/diagnose", "host/internal/measure", "host/internal/picture", "host/internal/plan", "host/internal/plugin",
		"host/internal/record", "host/internal/store", "host/internal/terminal", "host/internal/train", "metrics", "metrics/remote"},
	"host/internal/tfevents": {},
	"host/internal/foreign":  {"host/internal/dataset", "host/internal/record", "host/internal/regular", "host/internal/store", "host/internal/tfevents", "proto"},
	"host/internal/export": {"host/internal/atomicfile", "host/internal/diagnose", "host/internal/measure", "host/internal/picture", "host/internal/record", "host/internal/registry", "host/internal/store",
		"host/internal/terminal", "host/internal/tfevents", "metrics", "metrics/openmetrics"},
	"host/internal/statistics": {"host/internal/quantile"},
	"host/internal/picture": {"host/internal/atomicfile", "host/internal/claim", "host/internal/conduct", "host/internal/config", "host/internal/curvature", "host/internal/figure", "host/internal/landscape", "host/internal/measure", "host/internal/plan",
		"host/internal/problem", "host/internal/quantile", "host/internal/record", "host/internal/registry", "host/internal/statistics", "host/internal/store", "proto"},
	"host/internal/page": {"host/internal/atomicfile", "host/internal/claim", "host/internal/compare", "host/internal/conduct", "host/internal/config", "host/internal/figure", "host/internal/picture", "host/internal/plan",
		"host/internal/record", "host/internal/report", "host/internal/store", "host/internal/terminal"},
	"host/internal/live": {"host/internal/config", "host/internal/figure", "host/internal/page", "host/internal/picture", "host/internal/plan", "host/internal/record",
		"host/internal/store", "host/internal/terminal"},
	"host/internal/exporter/document": {"host/internal/exporter", "metrics"},
	"host/bench":                      {"host/internal/", "proto"},
	"host": {"host/internal/archive", "host/internal/query", "host/internal/blas", "host/internal/boundary", "host/internal/certificate", "host/internal/claim", "host/internal/compare", "host/internal/conduct", "host/internal/config", "host/internal/dataset",
		"host/internal/diagnose", "host/internal/environ", "host/internal/execute", "host/internal/export", "host/internal/exporter", "host/internal/figure", "host/internal/foreign",
		"host/internal/landscape", "host/internal/live", "host/internal/machine", "host/internal/optimizer", "host/internal/page", "host/internal/picture", "host/internal/plan", "host/internal/plugin", "host/internal/prepare",
		"host/internal/problem", "host/internal/record", "host/internal/registry", "host/internal/regular", "host/internal/remedy", "host/internal/report", "host/internal/revisit",
		"host/internal/sampler", "host/internal/scaffold", "host/internal/store", "host/internal/terminal", "metrics", "metrics/openmetrics", "proto"},
}

// sources calls f with every Go file of the project that is no test, its package's folder and its syntax.
func sources(t *testing.T, f func(file, folder string, syntax *ast.File)) {
	t.Helper()
	count := 0
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "tools" || strings.HasPrefix(d.Name(), ".") && d.Name() != "..") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel("..", path)
		count++
		f(relative, filepath.ToSlash(filepath.Dir(relative)), syntax)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 20 {
		t.Fatalf("only %d files seen", count)
	}
}

// TestImportEdges: packages import what they may, and may import nothing that they don't.
func TestImportEdges(t *testing.T) {
	t.Parallel()
	used := map[string][]string{}
	sources(t, func(file, folder string, syntax *ast.File) {
		allowed, listed := edges[folder]
		if !listed && strings.HasPrefix(folder, "plugins/") {
			allowed = edges["plugins/"]
		}
		for _, spec := range syntax.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			ours, is := strings.CutPrefix(path, module)
			used[folder] = append(used[folder], ours)
			if is && !slices.ContainsFunc(allowed, func(a string) bool {
				return a == ours || strings.HasSuffix(a, "/") && strings.HasPrefix(ours, a)
			}) {
				t.Errorf("%s imports %s; %s may import %v", file, ours, folder, allowed)
			}
		}
	})
	for folder, allowed := range edges {
		for _, a := range allowed {
			if !strings.HasSuffix(folder, "/") && !strings.HasSuffix(a, "/") && !slices.Contains(used[folder], a) {
				t.Errorf("%s may import %s and does not: remove the edge", folder, a)
			}
		}
	}
}

// TestHostNamesNoPlugin: the host treats all plugins alike, so no string in it is the name of one.
func TestHostNamesNoPlugin(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../plugins/*/*.go")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files of plugins, %v", len(files), err)
	}
	plugins := map[string]bool{}
	for _, file := range files {
		plugins[filepath.Base(filepath.Dir(file))] = true
	}
	sources(t, func(file, folder string, syntax *ast.File) {
		if !strings.HasPrefix(folder, "host") {
			return
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if s, _ := strconv.Unquote(literal.Value); plugins[s] {
					t.Errorf("%s names the plugin %q", file, s)
				}
			}
			return true
		})
	})
}

// TestVerbsAreThin: package main parses flags, calls a room and prints; what is longer has rules in it.
func TestVerbsAreThin(t *testing.T) {
	const most = 130
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(b), "\n"); lines > most {
			t.Errorf("%s has %d lines, more than %d: move what it knows to the room that it belongs to", file, lines, most)
		}
	}
}

// TestSurroundingsAreGiven: what the host does depends on what it is given, not on the process that it is in, so that many of it
// fit into one.
func TestSurroundingsAreGiven(t *testing.T) {
	of := []string{"Args", "Chdir", "Environ", "Exit", "Getenv", "Getwd", "LookupEnv", "Setenv", "Stderr", "Stdin", "Stdout", "TempDir",
		"Unsetenv", "UserCacheDir", "UserConfigDir", "UserHomeDir"}
	exempt := []string{
		"host/main.go",
		"host/internal/environ/environ.go",
		"host/internal/blas/openblas.go", // a library is loaded once, and reads its variables from the process itself
	}
	sources(t, func(file, folder string, syntax *ast.File) {
		tool := syntax.Name.Name == "main" && folder != "host" // of development
		if tool || !strings.HasPrefix(folder, "host") || slices.Contains(exempt, filepath.ToSlash(file)) {
			return
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "os" && slices.Contains(of, s.Sel.Name) {
					t.Errorf("%s looks at os.%s; have it given by the caller, see package environ", file, s.Sel.Name)
				}
			}
			return true
		})
	})
}
