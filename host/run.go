package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/execute"
	"github.com/steepest/steepest/host/internal/exporter"
	"github.com/steepest/steepest/host/internal/machine"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/prepare"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// runOptions are the flags of steepest run.
type runOptions struct {
	*program
	out                 string
	jobs                int
	plane               string
	quiet, json, resume bool
	acceptNumerics      bool
	updateLock          bool
	given               func(flag string) bool
	blas                blasOptions
	watch               exporter.Options
}

func runCommand(p *program) *cobra.Command {
	o := runOptions{program: p}
	c := &cobra.Command{
		Use:   "run FILE...",
		Short: "Run experiments",
		Long: `Run experiments. Every file is checked whole before anything starts, and all errors are shown at once. All runs of
a file, one for each optimizer and seed, go on at the same time, as many as there are cores. Each run leaves a folder with
manifest.json, steps.csv, summary.json and plugin.log.`,
		Example: `  steepest run experiments/quickstart.toml
  steepest run --jobs 1 --out results experiments/*.toml
  steepest run --metrics-address :9464 --linger 30s experiments/quickstart.toml
  steepest run --json experiments/quickstart.toml | jq .
  steepest run --resume experiments/quickstart.toml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			o.given = cmd.Flags().Changed
			return o.run(cmd.Context(), files, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := c.Flags()
	f.StringVarP(&o.out, "out", "o", "", "put the runs' folders into `FOLDER`, or FOLDER/EXPERIMENT if there are several files"+
		" (default runs/EXPERIMENT, or runs/EXPERIMENT-2, -3, ... if that exists)")
	f.IntVarP(&o.jobs, "jobs", "j", runtime.NumCPU(), "how many runs go on at once")
	f.BoolVar(&o.resume, "resume", false, "go on with the newest results of the same experiment, or those in --out: keep the runs that ended,"+
		" continue the others from their checkpoints")
	f.BoolVar(&o.acceptNumerics, "accept-numerics", false, "resume though the arithmetic (BLAS, fused multiply-add, version) is not the one that"+
		" the runs met before, and record that")
	f.BoolVar(&o.updateLock, "update-lock", false, "accept the plugins that the experiments use and put them into "+plugin.LockFile)
	f.StringVar(&o.plane, "data-plane", string(optimizer.Auto), "how vectors travel to plugins: "+strings.Join(optimizer.Planes, ", "))
	o.blas.flags(f)
	f.BoolVarP(&o.quiet, "quiet", "q", false, "show the result alone, no progress")
	f.BoolVar(&o.json, "json", false, "write JSON to standard output, a line for each event")
	watchFlags(f, &o.watch)
	return c
}

func (o runOptions) run(ctx context.Context, files []string, stdout, stderr io.Writer) error {
	if o.jobs < 1 {
		return exit{exitUsage, fmt.Sprintf("--jobs %d is out of range; give at least 1", o.jobs)}
	}
	if !slices.Contains(optimizer.Planes, o.plane) {
		return exit{exitUsage, fmt.Sprintf("--data-plane %q is unknown; choose one of %s", o.plane, strings.Join(optimizer.Planes, ", "))}
	}
	if o.acceptNumerics && !o.resume {
		return exit{exitUsage, "--accept-numerics does nothing without --resume; add that, or leave it out"}
	}
	o.watch.Config, o.watch.Diagnostics = o.path(o.watch.Config), o.diagnostics
	if err := o.watch.Check(o.given); err != nil {
		return usage("%w", err)
	}
	if err := o.blas.use(); err != nil {
		return err
	}
	if err := machine.MemoryToRun(o.jobs).Check(); err != nil {
		return usage("%w", err)
	}
	binaries, err := o.plugins().Trusted(o.updateLock)
	if err != nil {
		return usage("%w", err)
	}
	pool := plugin.NewPool(binaries)
	defer pool.Kill()
	prepared, err := o.prepare(ctx, files, pool)
	if err != nil {
		return err
	}
	experiments := make([]ready, len(prepared))
	for i, e := range prepared {
		experiments[i].Ready = e
	}
	for _, e := range experiments {
		warn(stderr, e.Experiment)
	}
	if err := prepare.CheckOpenFiles(prepared, o.jobs, machine.OpenFiles()); err != nil {
		return usage("%w", err)
	}
	if !o.quiet {
		o.blas.adviseBLAS(stderr, prepared)
	}
	notes := stderr
	if o.quiet {
		notes = io.Discard
	}
	live, err := o.watch.Serve(notes)
	if err != nil {
		return usage("%w", err)
	}
	defer live.Close()
	var plans []plan.Plan
	for _, e := range experiments {
		plans = append(plans, e.Plan)
	}
	folders, err := store.Place{Out: o.path(o.out), Parent: o.path(store.Runs), Resume: o.resume, Accept: o.acceptNumerics}.Claim(ctx, plans)
	switch {
	case err != nil && ctx.Err() != nil:
		return interrupted("interrupted before anything was started")
	case err != nil:
		return usage("%w", err)
	}
	for i, folder := range folders {
		defer func() { _ = folder.Close() }()
		experiments[i].folder = folder
		for _, note := range folder.Notes {
			_, _ = fmt.Fprintf(notes, "note: %s\n", note)
		}
	}
	var shown []*exporter.Experiment
	for _, e := range experiments {
		shown = append(shown, live.Add(ctx, e.Experiment, e.Built.Layout(), e.folder, pool))
	}
	failed := false
	for i, e := range experiments {
		ok, err := o.execute(ctx, e, pool, shown[i], stdout, stderr)
		if err = errors.Join(err, e.folder.Close()); err != nil {
			return exit{exitFailed, err.Error()}
		}
		failed = failed || !ok
		if ctx.Err() != nil {
			return exit{exitInterrupted, ""}
		}
	}
	live.Linger(ctx)
	if failed {
		return exit{exitFailed, ""}
	}
	return nil
}

// ready is an experiment and where its results are.
type ready struct {
	prepare.Ready
	folder *store.Folder
}

// prepare checks all files.
func (p *program) prepare(ctx context.Context, files []string, pool *plugin.Pool) ([]prepare.Ready, error) {
	var paths []string
	for _, file := range files {
		paths = append(paths, p.path(file))
	}
	experiments, err := prepare.With{Variables: p.variables, Diagnostics: p.diagnostics, Pool: pool}.Experiments(ctx, paths)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, interrupted("interrupted before anything was started")
	case err != nil:
		return nil, usage("%w", err)
	}
	return experiments, nil
}

// execute makes the runs of one experiment and shows what came out. It tells whether no run failed.
func (o runOptions) execute(ctx context.Context, e ready, pool *plugin.Pool, live *exporter.Experiment,
	stdout, stderr io.Writer) (bool, error) {
	todo, told, ended := e.folder.Todo(), map[string]record.Outcome{}, sync.Mutex{}
	share := func() { o.blas.prepare(min(o.jobs, len(todo)-len(told))) } // the cores among those in flight
	share()
	env, err := store.NewEnvironment(e.File)
	if err != nil {
		return false, err
	}
	if e.Question != "" && !o.json {
		_, _ = fmt.Fprintf(stdout, "%s\n\n", terminal.Wrap(terminal.Escape(e.Name+": "+e.Question), columns(stdout)))
	}
	display := o.display(e, todo, stdout, stderr)
	execute.Local(ctx, e.Experiment, e.Built, pool, todo, execute.Settings{
		Jobs: o.jobs, Plane: optimizer.Plane(o.plane),
		Begin: func(r plan.Job, p *plugin.Process) (execute.Record, []record.Observer, error) {
			files, err := e.folder.Begin(r, p, optimizer.Plane(o.plane), env, e.Built.Layout())
			if err != nil {
				return nil, nil, err
			}
			step, wall := files.Recorded()
			return files, append([]record.Observer{display.Begin(r)}, live.Begin(r, step, wall)...), nil
		},
		Ended: func(r plan.Job, outcome record.Outcome) {
			ended.Lock()
			told[r.ID] = outcome
			share()
			ended.Unlock()
			display.End(r, outcome)
			live.End(r, outcome)
		},
	})
	display.Stop()
	results := e.folder.Runs(told)
	rows := compare.Rows(results, e.Quantities())
	ok := true
	for _, r := range rows {
		ok = ok && r.Failed == 0
	}
	for _, r := range results {
		var damaged *store.Damaged
		switch {
		case errors.As(r.Err, &damaged):
			_, _ = fmt.Fprintf(stderr, "damaged: %s\n", terminal.EscapeLines(damaged.Error()))
		case r.Status == record.Failed:
			_, _ = fmt.Fprintf(stderr, "failed: %s after step %d: %s\n", r.ID, r.Outcome.Steps,
				terminal.EscapeLines(remedy.Told(r.Err).Error()))
		}
	}
	if j, isJSON := display.(*report.JSON); isJSON {
		code := exitOK
		switch {
		case ctx.Err() != nil:
			code = exitInterrupted
		case !ok:
			code = exitFailed
		}
		j.Table(e.Experiment, rows, code)
		return ok, nil
	}
	width := columns(stdout)
	_, _ = fmt.Fprintf(stdout, "%s\n\n%s\n\n%s\nNext:    %s\n", report.Table(e.Experiment, rows, width),
		report.Legend(e.Experiment, rows, width), report.Results(e.folder.Dir, width), o.next(e, results, ctx.Err() != nil))
	return ok, nil
}

// next is a command that goes on from here.
func (o runOptions) next(e ready, results []store.Run, interrupted bool) string {
	if !interrupted {
		// A run that could not begin has no record.
		show := max(slices.IndexFunc(results, func(r store.Run) bool { return r.Outcome.Steps > 0 }), 0)
		return terminal.Command([]string{"head"}, filepath.Join(results[show].Dir, store.StepsFile))
	}
	words := []string{"steepest", "run", "--resume"}
	if o.out != "" {
		words = append(words, "--out", e.folder.Dir)
	}
	for _, dir := range o.pluginDirs {
		words = append(words, "--plugin-dir", dir)
	}
	return terminal.Command(words, e.File)
}

// warn shows what may not be meant in an experiment.
func warn(stderr io.Writer, e *config.Experiment) {
	for _, w := range e.Warnings() {
		_, _ = fmt.Fprintf(stderr, "warning: %s\n\n", terminal.EscapeLines(w.String()))
	}
}

// display chooses how to show progress: on standard error, so that the result can be piped.
func (o runOptions) display(e ready, todo []plan.Job, stdout, stderr io.Writer) report.Display {
	switch {
	case o.json:
		events := report.NewJSON(stdout, e.Name, e.folder.Dir)
		for _, w := range e.Warnings() {
			events.Warn(w)
		}
		return events
	case o.quiet:
		return report.Silent{}
	}
	if columns(stderr) == 0 || o.variables.Get("TERM") == "dumb" {
		return report.NewLines(stderr, len(todo))
	}
	steps := 0
	for _, r := range todo {
		steps += r.Steps
	}
	return report.NewBar(stderr, len(todo), steps, func() int { return columns(stderr) }, o.variables.Get("NO_COLOR") == "")
}
