// Package scaffold writes the beginnings of a plugin: a module of its own that builds, is tested and passes the exam.
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/steepest/steepest/proto"
)

// files are the module with a rule of nobody's in template/, and in rules/ the published rules that the exam knows by name:
// what is called like one of them begins as it is, or it would fail the exam for its name.
//
//go:embed template rules
var files embed.FS

var templates = template.Must(template.ParseFS(files, "template/*.tmpl"))

// rule is the name of the template with the published rule that has the optimizer's name; "" if there is none.
func rule(name string) string {
	file := strings.ReplaceAll(name, "-", "") + ".go.tmpl"
	if _, err := fs.Stat(files, "rules/"+file); err != nil {
		return ""
	}
	return file
}

// goVersion is the oldest Go that the SDK builds with.
const goVersion = "1.26.0"

// Plugin is what is to be written.
type Plugin struct {
	Name string // of the optimizer
	Dir  string // that is made, or empty
	SDK  SDK
}

// Check says what is wrong with the name or the folder.
func (p *Plugin) Check() error {
	if err := proto.CheckName(p.Name); err != nil {
		return err
	}
	entries, err := os.ReadDir(p.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("cannot use the folder %s: %w; choose another with --dir", p.Dir, err)
	case len(entries) > 0:
		return fmt.Errorf("the folder %s is not empty, and nothing is ever overwritten; choose another with --dir", p.Dir)
	}
	return nil
}

// Write writes the module. Check must have passed.
func (p *Plugin) Write() error {
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return err
	}
	data := struct {
		Name, Module, Go, Version, SDK string
		Indirect                       []string
	}{p.Name, proto.BinaryPrefix + p.Name, goVersion, p.SDK.Version, quoted(p.SDK.Dir), p.SDK.requirements}
	entries, err := files.ReadDir("template")
	if err != nil {
		return err
	}
	texts, published := templates, rule(p.Name)
	if published != "" {
		if texts, err = templates.Clone(); err == nil {
			texts, err = texts.ParseFS(files, "rules/follow.tmpl", "rules/"+published)
		}
		if err != nil {
			return err
		}
	}
	for _, entry := range entries {
		source := entry.Name()
		name := strings.TrimSuffix(source, ".tmpl")
		if name == "main.go" && published != "" {
			source = published
		}
		var text bytes.Buffer
		if err := texts.ExecuteTemplate(&text, source, data); err != nil {
			return err
		}
		if name == "gitignore" {
			name = ".gitignore"
		}
		if err := os.WriteFile(filepath.Join(p.Dir, name), text.Bytes(), 0o644); err != nil {
			return err
		}
	}
	if p.SDK.sums == nil {
		return nil // go mod tidy makes it
	}
	return os.WriteFile(filepath.Join(p.Dir, "go.sum"), p.SDK.sums, 0o644)
}

// quoted puts a path in quotes if go.mod needs them.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t\"'`(),") {
		return fmt.Sprintf("%q", path)
	}
	return path
}
