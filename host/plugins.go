package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/proto"
)

func pluginsCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "plugins",
		Short: "List, describe, check and begin optimizer plugins",
		Long: `A plugin is a program named steepest-optimizer-NAME. It is searched, first match first, in the folders given with
--plugin-dir, in those of $STEEPEST_PLUGIN_PATH, in plugins/ beside the steepest command, and in
~/.local/share/steepest/plugins.`,
	}
	in := &search{program: p}
	in.flags(c)
	c.AddCommand(listCommand(in), describeCommand(in), checkCommand(in), newCommand(p), benchCommand(in), lockCommand(in))
	return c
}

func listCommand(in *search) *cobra.Command {
	var verbose bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the optimizer plugins that are found",
		Example: "  steepest plugins list\n  steepest plugins list -v",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := in.searchPath()
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if verbose {
				_, _ = fmt.Fprintln(out, candidates(path, columns(out)))
			}
			found, err := in.installed()
			if err != nil {
				return err
			}
			if len(found) == 0 {
				message := "no plugins found in:"
				for _, folder := range path {
					message += "\n  " + folder.Path
				}
				return exit{exitFailed, message + "\nbuild them with `make build`, or say where they are with --plugin-dir"}
			}
			return list(cmd.Context(), found, out, cmd.ErrOrStderr())
		},
	}
	c.Flags().BoolVarP(&verbose, "verbose", "v", false,
		"show every folder and file that was looked at, and why which file is used")
	return c
}

// list asks each plugin what it is. On a terminal the folders of the programs are named once, below the table.
func list(ctx context.Context, found []plugin.Binary, stdout, stderr io.Writer) error {
	width := columns(stdout)
	header := []any{"NAME", "VERSION", "WHAT IT DOES", "FILE"}
	if width > 0 {
		header = header[:3]
	}
	w, broken, remedies := newTable(header...), 0, []string{}
	var folders []string
	in := map[string][]string{} // the names in each folder
	for _, b := range found {
		version, what := "-", ""
		var untrusted *plugin.Untrusted
		switch p, err := plugin.Launch(ctx, b); {
		case err == nil:
			p.Kill()
			version, what = p.Description.Version, p.Description.Summary
		case ctx.Err() != nil:
			return exit{exitInterrupted, "interrupted"}
		case errors.As(err, &untrusted) && untrusted.Locked == "":
			what = "NOT STARTED: it is not in " + untrusted.Lock
		default:
			broken++
			what = "BROKEN: " + err.Error()
			if remedy := remedy.Of(err); remedy != "" && !slices.Contains(remedies, remedy) {
				remedies = append(remedies, remedy)
			}
		}
		w.AppendRow(table.Row{b.Name, version, terminal.Escape(what), terminal.Escape(b.Path)}[:len(header)])
		dir := filepath.Dir(b.Path)
		if in[dir] == nil {
			folders = append(folders, dir)
		}
		in[dir] = append(in[dir], b.Name)
		if warning := b.Exposed(); warning != "" {
			_, _ = fmt.Fprintln(stderr, "warning: "+terminal.Escape(warning)+"; "+plugin.ExposedRemedy)
		}
	}
	_, _ = fmt.Fprintln(stdout, w.Fit(width))
	if width > 0 {
		_, _ = fmt.Fprintln(stdout)
		for _, dir := range folders {
			_, _ = fmt.Fprintf(stdout, "in %s:\n  %s\n", terminal.Escape(dir), hanging(strings.Join(in[dir], ", "), 2, width))
		}
	}
	if broken > 0 {
		message := fmt.Sprintf("%d of %d plugins are broken", broken, len(found))
		for _, remedy := range remedies {
			message += "\nremedy: " + remedy
		}
		return exit{exitFailed, message}
	}
	return nil
}

// candidates shows the search, folder by folder.
func candidates(path []plugin.Folder, columns int) string {
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
				hanging(terminal.Escape(verdict), 6, columns))
			empty = false
		}
		if _, err := os.Stat(folder.Path); err != nil {
			_, _ = fmt.Fprintf(&b, "   %s\n", cause(err))
		} else if empty {
			b.WriteString("   no plugins here\n")
		}
	}
	return b.String()
}

func describeCommand(in *search) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "describe NAME|PATH",
		Short: "Show a plugin's hyperparameters",
		Example: "  steepest plugins describe adam\n  steepest plugins describe adam --json\n" +
			"  steepest plugins describe ./bin/steepest-optimizer-lion",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := in.binary(args[0])
			if err != nil {
				return err
			}
			p, err := plugin.Launch(cmd.Context(), b)
			if err != nil {
				return exit{exitFailed, advised(err)}
			}
			defer p.Kill()
			if asJSON {
				b, err := protojson.Marshal(p.Description)
				var indented bytes.Buffer
				if err = errors.Join(err, json.Indent(&indented, b, "", "  ")); err != nil {
					return exit{exitFailed, err.Error()}
				}
				_, _ = fmt.Fprintln(cmd.OutOrStdout(), indented.String())
				return nil
			}
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), description(p, columns(cmd.OutOrStdout())))
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the plugin's own description as JSON")
	return c
}

// description is a plugin as people read it.
func description(p *plugin.Process, columns int) string {
	d := p.Description
	var can []string
	for _, c := range []struct {
		name string
		has  bool
	}{
		{"elementwise", d.Capabilities.Elementwise}, {"snapshot", d.Capabilities.Snapshot},
		{"needs weights", d.Capabilities.NeedsWeights}, {"needs loss", d.Capabilities.NeedsLoss},
		{"ignores the gradient", d.Capabilities.IgnoresGradient},
	} {
		if c.has {
			can = append(can, c.name)
		}
	}
	w := newTable("HYPERPARAMETER", "DEFAULT", "ALLOWED", "MEANING")
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
		d.Name, d.Version, d.Summary, hanging(d.Reference, 14, columns), strings.Join(can, ", "), d.Kernel, planes,
		terminal.Escape(p.Binary.Path),
		hex.EncodeToString(p.Checksum), w.Fit(columns))
}
