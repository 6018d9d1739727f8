package report

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/proto"
)

// Plugins lists what programs said of themselves. On a terminal the folders of the programs are named once, below the table.
func Plugins(answers []plugin.Answer, columns int) string {
	header := []any{"NAME", "VERSION", "WHAT IT DOES", "FILE"}
	if columns > 0 {
		header = header[:3]
	}
	w := terminal.NewTable(header...)
	var folders []string
	in := map[string][]string{} // the names in each folder
	for _, a := range answers {
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
		w.AppendRow(table.Row{a.Name, version, terminal.Escape(what), terminal.Escape(a.Path)}[:len(header)])
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
		{"needs weights", d.Capabilities.NeedsWeights}, {"needs loss", d.Capabilities.NeedsLoss},
		{"ignores the gradient", d.Capabilities.IgnoresGradient},
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
	return fmt.Sprintf("%s %s: %s\nreference     %s\ncapabilities  %s\nkernel        %s\ndata planes   %s\nfile          "+
		"%s\nsha256        %s\n\n%s",
		d.Name, d.Version, d.Summary, terminal.Hanging(d.Reference, 14, columns), strings.Join(can, ", "), d.Kernel, planes,
		terminal.Escape(p.Binary.Path),
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
