package report

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// needs is what a plugin wants of its host beside a gradient, or does not want.
func needs(c *v1.Capabilities) (names []string) {
	for _, n := range []struct {
		name string
		is   bool
	}{
		{"weights", c.GetNeedsWeights()}, {"loss", c.GetNeedsLoss()}, {"asks", c.GetAsks()},
		{"no gradient", c.GetNoGradient() || c.GetIgnoresGradient()}, {"evaluation weights", c.GetEvaluationWeights()},
		{"initialization", c.GetInitialization()}, {"matrices", c.GetMatrices()},
	} {
		if n.is {
			names = append(names, n.name)
		}
	}
	return names
}

// byFamily sorts answers by family and name. Those without a family come last.
func byFamily(answers []plugin.Answer) []plugin.Answer {
	last := func(a plugin.Answer) int {
		if a.Description.GetFamily() == "" {
			return 1
		}
		return 0
	}
	return slices.SortedStableFunc(slices.Values(answers), func(a, b plugin.Answer) int {
		return cmp.Or(cmp.Compare(last(a), last(b)), cmp.Compare(a.Description.GetFamily(), b.Description.GetFamily()),
			cmp.Compare(a.Name, b.Name))
	})
}

// Plugins lists what programs said of themselves. On a terminal the folders of the programs are named once, below the table.
func Plugins(answers []plugin.Answer, columns int) string {
	header := []any{"NAME", "FAMILY", "NEEDS", "VERSION", "WHAT IT DOES", "FILE"}
	if columns > 0 {
		header = header[:5]
	}
	w := terminal.NewTable(header...)
	var folders []string
	in := map[string][]string{} // the names in each folder
	for _, a := range byFamily(answers) {
		version := "-"
		var what string
		lock, refused := a.Refused()
		switch {
		case a.Err == nil:
			version, what = a.Description.Version, a.Description.Summary
		case refused:
			what = "NOT STARTED: it is not in " + lock
		default:
			what = fmt.Sprintf("BROKEN: %v", a.Err)
		}
		family := cmp.Or(a.Description.GetFamily(), "-")
		wants := cmp.Or(strings.Join(needs(a.Description.GetCapabilities()), ", "), "-")
		w.AppendRow(table.Row{a.Name, family, wants, version, terminal.Escape(what), terminal.Escape(a.Path)}[:len(header)])
		dir := filepath.Dir(a.Path)
		if in[dir] == nil {
			folders = append(folders, dir)
		}
		in[dir] = append(in[dir], a.Name)
	}
	text := w.Fit(columns)
	if columns == 0 {
		return text
	}
	text += "\n"
	for _, dir := range folders {
		text += fmt.Sprintf("\nin %s:\n  %s", terminal.Escape(dir), terminal.Hanging(strings.Join(in[dir], ", "), 2, columns))
	}
	return text
}

// PluginsJSON writes what programs said of themselves, a line for each.
func PluginsJSON(w io.Writer, answers []plugin.Answer) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, a := range byFamily(answers) {
		d := a.Description
		line := struct {
			Name      string   `json:"name"`
			Family    string   `json:"family,omitempty"`
			Needs     []string `json:"needs,omitempty"`
			Version   string   `json:"version,omitempty"`
			Summary   string   `json:"summary,omitempty"`
			Reference string   `json:"reference,omitempty"`
			File      string   `json:"file,omitempty"`
			Error     string   `json:"error,omitempty"`
		}{a.Name, d.GetFamily(), needs(d.GetCapabilities()), d.GetVersion(), d.GetSummary(), d.GetReference(), a.Path, ""}
		if a.Err != nil {
			line.Error = a.Err.Error()
		}
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

// Candidates shows the search for plugins, folder by folder.
func Candidates(path []plugin.Folder, columns int) string {
	var b strings.Builder
	all := plugin.Candidates(path)
	for i, folder := range path {
		_, _ = fmt.Fprintf(&b, "%d. %s (%s)\n", i+1, terminal.Escape(folder.Path), folder.Why)
		empty := true
		for _, c := range all {
			if c.Folder != folder {
				continue
			}
			verdict := "used"
			if c.Reason != "" {
				verdict = "not used: " + c.Reason
			}
			_, _ = fmt.Fprintf(&b, "   %s  %s\n", terminal.Escape(filepath.Base(c.Path)),
				terminal.Hanging(terminal.Escape(verdict), 6, columns))
			empty = false
		}
		var named *fs.PathError
		if _, err := os.Stat(folder.Path); errors.As(err, &named) {
			_, _ = fmt.Fprintf(&b, "   %s\n", named.Err)
		} else if empty {
			b.WriteString("   no plugins here\n")
		}
	}
	return b.String()
}

// Plugin is what a plugin says of itself.
func Plugin(p *plugin.Process, columns int) string {
	d := p.Description
	var can []string
	for _, c := range []struct {
		name string
		has  bool
	}{
		{"elementwise", d.Capabilities.Elementwise}, {"snapshot", d.Capabilities.Snapshot}, {"groups", d.Capabilities.Groups},
		{"asks", d.Capabilities.Asks}, {"no gradient", d.Capabilities.NoGradient},
	} {
		if c.has {
			can = append(can, c.name)
		}
	}
	w := terminal.NewTable("HYPERPARAMETER", "DEFAULT", "ALLOWED", "MEANING")
	for _, h := range d.Hyperparameters {
		allowed := proto.FormatInterval(h.Interval)
		switch {
		case len(h.Choices) > 0:
			allowed = strings.Join(h.Choices, ", ")
		case !h.Schedulable:
			allowed = "true, false"
			if h.Default.GetText() != "" {
				allowed = "any text"
			}
		}
		w.AppendRow(table.Row{h.Name, proto.FormatValue(h.Default), allowed, h.Doc})
	}
	planes := string(optimizer.Inline)
	if plane, err := p.Plane(optimizer.Auto); err == nil && plane != optimizer.Inline {
		planes = string(plane) + ", " + planes
	}
	return fmt.Sprintf("%s %s: %s\nfamily        %s\nreference     %s\ncapabilities  %s\nneeds         %s\nkernel        %s\ndata planes   %s\n"+
		"file          %s\nsha256        %s\n\n%s",
		d.Name, d.Version, d.Summary, cmp.Or(d.Family, "-"), terminal.Hanging(d.Reference, 14, columns), strings.Join(can, ", "),
		cmp.Or(strings.Join(needs(d.Capabilities), ", "), "-"), d.Kernel, planes, terminal.Escape(p.Binary.Path),
		hex.EncodeToString(p.Checksum), w.Fit(columns))
}

// Locked lists programs with their checksums.
func Locked(binaries []plugin.Binary, sums [][]byte) string {
	w := terminal.NewTable("NAME", "SHA256", "FILE")
	for i, b := range binaries {
		w.AppendRow(table.Row{b.Name, hex.EncodeToString(sums[i]), b.Path})
	}
	return w.Render() // a checksum is longer than most terminals are wide
}
