package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/proto"
)

func pluginsCommand(dirs *[]string) *cobra.Command {
	c := &cobra.Command{
		Use:   "plugins",
		Short: "List, describe, check and begin optimizer plugins",
		Long: `A plugin is a program named steepest-optimizer-NAME. It is searched, first match first, in the folders given with
--plugin-dir, in those of $STEEPEST_PLUGIN_PATH, in plugins/ beside the steepest command, and in
~/.local/share/steepest/plugins.`,
	}
	c.AddCommand(listCommand(dirs), describeCommand(dirs), checkCommand(dirs), newCommand(), benchCommand(dirs),
		lockCommand(dirs))
	return c
}

func listCommand(dirs *[]string) *cobra.Command {
	var verbose bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the optimizer plugins that are found",
		Example: "  steepest plugins list\n  steepest plugins list -v",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path := optimizer.SearchPath(*dirs)
			if verbose {
				_, _ = fmt.Fprintln(cmd.OutOrStdout(), candidates(path))
			}
			found := optimizer.Find(path)
			if len(found) == 0 {
				message := "no plugins found in:"
				for _, folder := range path {
					message += "\n  " + folder.Path
				}
				return exit{exitFailed, message + "\nbuild them with `make build`, or say where they are with --plugin-dir"}
			}
			w := newTable("NAME", "VERSION", "WHAT IT DOES", "FILE")
			broken := 0
			for _, b := range found {
				p, err := optimizer.Launch(cmd.Context(), b)
				if err != nil {
					broken++
					w.AppendRow(table.Row{b.Name, "-", "BROKEN: " + strings.ReplaceAll(err.Error(), "\n", " "), b.Path})
					continue
				}
				p.Kill()
				w.AppendRow(table.Row{b.Name, p.Description.Version, p.Description.Summary, b.Path})
			}
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), w.Render())
			if broken > 0 {
				return exit{exitFailed, fmt.Sprintf("%d of %d plugins are broken", broken, len(found))}
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&verbose, "verbose", "v", false,
		"show every folder and file that was looked at, and why which file is used")
	return c
}

// candidates shows the search, folder by folder.
func candidates(path []optimizer.Folder) string {
	w := newTable("SEARCHED", "FILE", "")
	all := optimizer.Candidates(path)
	for i, folder := range path {
		place := fmt.Sprintf("%d. %s (%s)", i+1, folder.Path, folder.Why)
		empty := true
		for _, c := range all {
			if c.Folder != folder {
				continue
			}
			verdict := "used"
			if c.Reason != "" {
				verdict = "not used: " + c.Reason
			}
			w.AppendRow(table.Row{place, filepath.Base(c.Path), verdict})
			place, empty = "", false
		}
		if empty {
			w.AppendRow(table.Row{place, "-", "no plugins here"})
		}
	}
	return w.Render() + "\n"
}

func describeCommand(dirs *[]string) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "describe NAME",
		Short:   "Show a plugin's hyperparameters",
		Example: "  steepest plugins describe adam\n  steepest plugins describe adam --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := findPlugin(*dirs, args[0])
			if err != nil {
				return err
			}
			p, err := optimizer.Launch(cmd.Context(), b)
			if err != nil {
				return exit{exitFailed, err.Error()}
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
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), description(p))
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the plugin's own description as JSON")
	return c
}

// description is a plugin as people read it.
func description(p *optimizer.Plugin) string {
	d := p.Description
	var can []string
	for _, c := range []struct {
		name string
		has  bool
	}{
		{"elementwise", d.Capabilities.Elementwise}, {"snapshot", d.Capabilities.Snapshot},
		{"needs weights", d.Capabilities.NeedsWeights}, {"needs loss", d.Capabilities.NeedsLoss},
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
		d.Name, d.Version, d.Summary, d.Reference, strings.Join(can, ", "), d.Kernel, planes, p.Binary.Path,
		hex.EncodeToString(p.Checksum), w.Render())
}
