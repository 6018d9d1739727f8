package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/steepest/steepest/host/internal/execute"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/picture"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/revisit"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

func landscapeCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "landscape",
		Short: "Look at the loss around the weights of a run, and search its critical points",
	}
	c.AddCommand(landscapeCriticalCommand(p), landscapeSliceCommand(p), landscapeSpectrumCommand(p))
	return c
}

// landscapeOptions are the flags of all that looks around the weights of a run.
type landscapeOptions struct {
	*program
	revisit.Look
	out, format, size string
	json              bool
	blas              blasOptions
	progress          *terminal.Progress
}

func (o *landscapeOptions) flags(f *pflag.FlagSet) {
	f.IntVar(&o.Step, "at", revisit.Last, "look around the weights after this `STEP` (default the last)")
	f.Uint64Var(&o.Seed, "seed", 1, "`SEED` of what is drawn at random")
	f.StringVarP(&o.out, "out", "o", "", "draw a figure into `FILE`, whose name ends with .svg, .png or .pdf")
	f.StringVar(&o.size, "size", "two-columns", "`SIZE` of the figure: "+registry.Sentence(slices.Sorted(maps.Keys(picture.Sizes)), "or"))
	f.BoolVar(&o.json, "json", false, "write what was found as JSON")
	o.blas.flags(f)
}

// check refuses what the flags of all cannot be, before anything is begun.
func (o *landscapeOptions) check(cmd *cobra.Command, args []string) error {
	words := strings.Fields(cmd.CommandPath())
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if cmd.LocalNonPersistentFlags().Lookup(f.Name) != nil && !slices.Contains([]string{"out", "json", "size"}, f.Name) {
			words = append(words, "--"+f.Name+"="+f.Value.String())
		}
	})
	o.Command = terminal.Command(words, args...)
	if _, known := picture.Sizes[o.size]; !known {
		return usage("--size %q is unknown; choose %s", o.size, registry.Sentence(slices.Sorted(maps.Keys(picture.Sizes)), "or"))
	}
	if o.format = strings.TrimPrefix(filepath.Ext(o.out), "."); o.out != "" && !slices.Contains(figure.Formats(), o.format) {
		return usage("%s: a figure is written as %s; end the name of the file so", o.out, registry.Sentence(figure.Formats(), "or"))
	}
	if o.Step < revisit.Last {
		return usage("--at %d is no step; give a number of steps from 0 on", o.Step)
	}
	o.progress = terminal.NewProgress(terminal.Status{W: o.stderr, Columns: func() int { return terminal.Columns(o.stderr) }})
	if err := o.blas.use(); err != nil {
		return err
	}
	o.blas.prepare(1)
	return nil
}

// open opens runs on record.
func (o *landscapeOptions) open(ctx context.Context, folders []string) (runs []*revisit.Run, err error) {
	with := revisit.With{With: o.with(nil), Execute: execute.Settings{Plane: optimizer.Auto, Share: o.blas.prepare}, Progress: o.progress.Show,
		Plugins: o.began}
	for _, folder := range folders {
		r, err := revisit.Open(ctx, o.path(folder), with)
		if err != nil {
			return nil, beforeStart(ctx, err)
		}
		runs = append(runs, r)
	}
	return runs, nil
}

// found keeps what was found beside the run, shows it and draws it.
func (o *landscapeOptions) found(ctx context.Context, r *revisit.Run, name string, found any, err error, text string, drawn figure.Figure) error {
	o.progress.Clear()
	switch {
	case ctx.Err() != nil:
		return interrupted("interrupted; nothing was kept")
	case err != nil:
		return usage("%w", err)
	}
	path, err := store.KeepLandscape(r.Dir, name, found)
	if err != nil {
		return failed("%w", err)
	}
	if o.json {
		e := json.NewEncoder(o.stdout)
		e.SetIndent("", "  ")
		_ = e.Encode(found) // what cannot be written is told at the end
	} else {
		_, _ = fmt.Fprintf(o.stdout, "%s\n\n", text)
	}
	if o.out != "" {
		if err := (picture.Drawn{Figure: drawn}).Write(o.path(o.out), figure.Options{Format: o.format, Size: picture.Sizes[o.size], Embed: true}); err != nil {
			return fileOrUsage(err)
		}
	}
	_, _ = fmt.Fprintln(o.stderr, "kept: "+terminal.Escape(path))
	return nil
}
