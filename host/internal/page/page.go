// Package page makes one file in HTML of what came of an experiment: it needs no network and no other file, and reads without its script.
package page

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/figure"
)

var (
	//go:embed page.html
	source string
	//go:embed page.css
	style string
	//go:embed page.js
	script string

	layout = template.Must(template.New("page").Parse(source))
	sheet  = style + choices() + "\n@media screen and (prefers-color-scheme: dark) {\n" + figure.CSS("svg") + "}\n"
)

// File is the name of the page in the folder of the results.
const File = "report.html"

// Page is all that the file shows, in its order. Every text is as people or programs wrote it: writing the page escapes it.
type Page struct {
	Name, Question, Notes string
	Began                 string
	Tags                  []string
	Claims                []Claim
	Counts                []Count // of the verdicts
	Tables                []Table // of the comparison
	Keys                  []Key   // of the figures
	Answer                Section // the figures that the experiment names
	Sections              []Section
	Varied                []Fact
	Configuration         string
	Provenance            []Program
	Facts                 []Fact // of the environment
	Warnings              []string
	Replay                []Command
}

// Count is how many verdicts are the same.
type Count struct {
	Result string
	N      int
}

// Claim is something that must come out, and what came of it for each optimizer that it is about.
type Claim struct {
	Text     string
	Verdicts []Verdict
}

// Verdict is what came of a claim.
type Verdict struct {
	Result, Subject, Measured string
	Warnings                  []string
}

// Class is that of its mark.
func (v Verdict) Class() string { return strings.ToLower(v.Result) }

// Class is that of its mark.
func (c Count) Class() string { return strings.ToLower(c.Result) }

// Table is a part of the comparison.
type Table struct {
	Title string
	Head  []string
	Rows  []Row
	Notes []string // what its numbers are
}

// Row is what is compared there: as a rule an optimizer.
type Row struct {
	Key   Key
	Cells []Cell
}

// Cell is a number, and what is said of it in brackets, or words.
type Cell struct {
	Value, Aside string
	Words        bool
}

// Fact is something with a name.
type Fact struct{ Name, Text string }

// Command is a line for a shell, and what it does.
type Command struct{ What, Line string }

// choices are the rules by which a figure is hidden that is not chosen. Browsers that do not know them show all.
func choices() string {
	var rules []string
	hide := func(name string, count int) {
		for i := range count {
			rules = append(rules, fmt.Sprintf(".views:has(input.%[1]s%[2]d:not(:checked)) .view.%[1]s%[2]d", name, i))
		}
	}
	hide("axis", mostLines)
	hide("scale", 2)
	return strings.Join(rules, ",\n") + " { display: none; }\n"
}

// Frame is what is around the report where it is served while runs go on. What stands in it is escaped already.
type Frame struct {
	Top           template.HTML // before the report
	Style, Script string
}

// policy is the content security policy: nothing but the style sheet and the scripts of the file, and, where it is served, questions to its server.
func policy(style string, scripts ...string) string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	p := "default-src 'none'; style-src" + hash(style) + "; script-src"
	for _, s := range scripts {
		p += hash(s)
	}
	if len(scripts) > 1 {
		p += "; connect-src 'self'"
	}
	return p + "; base-uri 'none'; form-action 'none'"
}

// Policy is the content security policy that the page has in the frame.
func (f Frame) Policy() string {
	if f.Script == "" {
		return policy(sheet, script)
	}
	return policy(sheet+f.Style, script, f.Script)
}

// Write writes the page.
func (p Page) Write(w io.Writer) error { return p.WriteIn(w, Frame{}) }

// WriteIn writes the page in a frame.
func (p Page) WriteIn(w io.Writer, f Frame) error {
	return layout.Execute(w, struct {
		Page
		Top    template.HTML
		Policy string
		Style  template.CSS
		Script template.JS
		More   template.JS
	}{p, f.Top, f.Policy(), template.CSS(sheet + f.Style), template.JS(script), template.JS(f.Script)})
}

// Save writes it to a file, whole or not at all.
func (p Page) Save(path string) error { return atomicfile.Write(path, p.Write) }
