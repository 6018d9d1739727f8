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
	"regexp"
	"strings"
	"text/template"
)

//go:embed template
var files embed.FS

var templates = template.Must(template.ParseFS(files, "template/*.tmpl"))

// goVersion is the oldest Go that the SDK builds with.
const goVersion = "1.26.0"

// Plugin is what is to be written.
type Plugin struct {
	Name string // of the optimizer
	Dir  string // that is made, or empty
	SDK  SDK
}

var pluginName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Check says what is wrong with the name or the folder.
func (p *Plugin) Check() error {
	if !pluginName.MatchString(p.Name) || len(p.Name) > 50 {
		return fmt.Errorf("%q is no name for an optimizer; use lower-case letters, digits and hyphens, such as my-rule, at "+
			"most 50", p.Name)
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
	}{p.Name, "steepest-optimizer-" + p.Name, goVersion, p.SDK.Version, quoted(p.SDK.Dir), p.SDK.requirements}
	for _, t := range templates.Templates() {
		name, ok := strings.CutSuffix(t.Name(), ".tmpl")
		if !ok {
			continue
		}
		var text bytes.Buffer
		if err := t.Execute(&text, data); err != nil {
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
