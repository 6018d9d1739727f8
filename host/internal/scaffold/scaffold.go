// Package scaffold writes the beginnings of a plugin, in Go or Python: a folder of its own that is tested and passes the exam.
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

// files are the module with a rule of nobody's in template/, the same in Python in python/, and in rules/ the published rules that
// the exam knows by name: what is called like one of them begins as it is, or it would fail the exam for its name.
//
//go:embed template python rules
var files embed.FS

var (
	templates       = template.Must(template.ParseFS(files, "template/*.tmpl"))
	pythonTemplates = template.Must(template.ParseFS(files, "python/*.tmpl"))
)

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
	Name   string // of the optimizer
	Dir    string // that is made, or empty
	Python bool   // instead of Go
	SDK    SDK
}

// Document is what tells how others get the plugin.
func (p *Plugin) Document() string {
	if p.Python {
		return "docs/writing-an-optimizer-in-python.md"
	}
	return "docs/publishing.md"
}

// Check says what is wrong with the name or the folder.
func (p *Plugin) Check() error {
	if err := proto.CheckName(p.Name); err != nil {
		return err
	}
	if p.Python && rule(p.Name) != "" {
		return fmt.Errorf("%s is the name of a published rule, to which the exam holds what is called so, and with which only a plugin in Go begins; "+
			"choose another name, such as my-%s", p.Name, p.Name)
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
	if p.Python {
		if data.SDK = p.SDK.Dir; data.SDK != "" {
			data.SDK = filepath.Join(data.SDK, "sdk", "python")
		}
		return p.write(pythonTemplates, "python", data, func(source string) string { return source })
	}
	texts, published := templates, rule(p.Name)
	if published != "" {
		var err error
		if texts, err = templates.Clone(); err == nil {
			texts, err = texts.ParseFS(files, "rules/follow.tmpl", "rules/"+published)
		}
		if err != nil {
			return err
		}
	}
	if err := p.write(texts, "template", data, func(source string) string {
		if source == "main.go.tmpl" && published != "" {
			return published
		}
		return source
	}); err != nil {
		return err
	}
	if p.SDK.sums == nil {
		return nil // go mod tidy makes it
	}
	return os.WriteFile(filepath.Join(p.Dir, "go.sum"), p.SDK.sums, 0o644)
}

// write makes a file of each template in a folder; instead says which template is taken for one.
func (p *Plugin) write(texts *template.Template, folder string, data any, instead func(source string) string) error {
	entries, err := files.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		var text bytes.Buffer
		if err := texts.ExecuteTemplate(&text, instead(entry.Name()), data); err != nil {
			return err
		}
		name, mode := strings.TrimSuffix(entry.Name(), ".tmpl"), fs.FileMode(0o644)
		switch name {
		case "gitignore":
			name = ".gitignore"
		case "plugin":
			name, mode = proto.BinaryPrefix+p.Name, 0o755
		}
		if err := os.WriteFile(filepath.Join(p.Dir, name), text.Bytes(), mode); err != nil {
			return err
		}
	}
	return nil
}

// quoted puts a path in quotes if go.mod needs them.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t\"'`(),") {
		return fmt.Sprintf("%q", path)
	}
	return path
}
