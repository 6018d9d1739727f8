package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/result"
	"github.com/steepest/steepest/host/internal/sweep"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/host/internal/train"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// runOptions are the flags of steepest run.
type runOptions struct {
	out                 string
	jobs                int
	plane               string
	quiet, json, resume bool
	updateLock          bool
	blas                blasOptions
	live                liveOptions
	pluginDirs          *[]string
}

func runCommand(pluginDirs *[]string) *cobra.Command {
	o := runOptions{pluginDirs: pluginDirs}
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
			return o.run(cmd.Context(), files, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := c.Flags()
	f.StringVarP(&o.out, "out", "o", "", "put the runs' folders into `FOLDER`, or FOLDER/EXPERIMENT if there are several files"+
		" (default runs/EXPERIMENT, or runs/EXPERIMENT-2, -3, ... if that exists)")
	f.IntVarP(&o.jobs, "jobs", "j", runtime.NumCPU(), "how many runs go on at once")
	f.BoolVar(&o.resume, "resume", false, "go on with the newest results of the same experiment, or those in --out: keep the runs that ended,"+
		" continue the others from their checkpoints")
	f.BoolVar(&o.updateLock, "update-lock", false, "accept the plugins that the experiments use and put them into "+optimizer.LockFile)
	f.StringVar(&o.plane, "data-plane", string(optimizer.Auto), "how vectors travel to plugins: "+strings.Join(optimizer.Planes, ", "))
	o.blas.flags(f)
	f.BoolVarP(&o.quiet, "quiet", "q", false, "show the result alone, no progress")
	f.BoolVar(&o.json, "json", false, "write JSON to standard output, a line for each event")
	o.live.flags(f)
	return c
}

// ready is an experiment that passed all checks.
type ready struct {
	*config.Experiment
	problem problem.Problem
	runs    []sweep.Run
	dir     string         // for the results
	before  []sweep.Result // of the runs that ended before this program began
	todo    []sweep.Run    // the others

	began      string            // the execution of the runs that this program begins
	executions map[string]string // those of the runs that were begun before, by their ID
}

// execution is the one that begins a run, or began it before this program did.
func (e ready) execution(r sweep.Run) string {
	if before, ok := e.executions[r.ID]; ok {
		return before
	}
	return e.began
}

// attribute finds out which executions began the runs.
func (e *ready) attribute() {
	e.began, e.executions = result.NewExecution(), map[string]string{}
	for _, r := range e.runs {
		if id, begun := result.Execution(filepath.Join(e.dir, r.ID)); begun {
			e.executions[r.ID] = id
		}
	}
}

func (o runOptions) run(ctx context.Context, files []string, stdout, stderr io.Writer) error {
	if o.jobs < 1 {
		return exit{exitUsage, fmt.Sprintf("--jobs %d is out of range; give at least 1", o.jobs)}
	}
	if !slices.Contains(optimizer.Planes, o.plane) {
		return exit{exitUsage, fmt.Sprintf("--data-plane %q is unknown; choose one of %s", o.plane, strings.Join(optimizer.Planes, ", "))}
	}
	if err := o.live.check(); err != nil {
		return err
	}
	if err := o.blas.use(); err != nil {
		return err
	}
	binaries, err := trusted(*o.pluginDirs, o.updateLock)
	if err != nil {
		return err
	}
	pool := optimizer.NewPool(binaries)
	defer pool.Kill()
	experiments, err := check(ctx, files, pool)
	if err != nil {
		return err
	}
	for _, e := range experiments {
		for _, w := range e.Warnings() {
			_, _ = fmt.Fprintf(stderr, "warning: %s\n\n", terminal.EscapeLines(w.String()))
		}
	}
	if !o.quiet {
		o.blas.adviseBLAS(stderr, experiments)
	}
	notes := stderr
	if o.quiet {
		notes = io.Discard
	}
	live, err := o.live.serve(notes)
	if err != nil {
		return err
	}
	defer live.close()
	if err := o.claim(experiments); err != nil {
		return err
	}
	for i := range experiments {
		experiments[i].attribute()
	}
	for _, e := range experiments {
		live.plan(ctx, e, pool)
	}
	failed := false
	for _, e := range experiments {
		ok, err := o.execute(ctx, e, pool, live, stdout, stderr)
		if err != nil {
			return exit{exitFailed, err.Error()}
		}
		failed = failed || !ok
		if ctx.Err() != nil {
			return exit{exitInterrupted, ""}
		}
	}
	live.linger(ctx, o.live.wait)
	if failed {
		return exit{exitFailed, ""}
	}
	return nil
}

// check loads all files and collects what is wrong with any of them.
func check(ctx context.Context, files []string, pool *optimizer.Pool) ([]ready, error) {
	var experiments []ready
	var faults []string
	wrong := 0
	for _, file := range files {
		var p problem.Problem
		e, err := unlessOver(ctx, func() (*config.Experiment, error) {
			e, err := config.Load(file)
			if e != nil { // as much of it as could be read
				p = e.Build()
			}
			return e, err
		})
		if e != nil {
			for _, o := range e.Optimizers {
				pool.GrantStart(o.Plugin, o.StartTimeout)
			}
			e.Resolve(pool.Names(), func(name string) (*v1.DescribeResponse, error) {
				plugin, err := pool.Start(ctx, name)
				if err != nil {
					return nil, err
				}
				return plugin.Description, nil
			}, func(name string, values map[string]*v1.Value) ([]*v1.Diagnostic, error) {
				plugin, err := pool.Start(ctx, name)
				if err != nil {
					return nil, err
				}
				return plugin.Validate(ctx, values)
			})
			err = e.Errors()
		}
		if ctx.Err() != nil {
			return nil, exit{exitInterrupted, "interrupted before anything was started"}
		}
		if err != nil {
			faults = append(faults, err.Error())
			if list, ok := err.(config.Errors); ok {
				wrong += len(list)
			}
			continue
		}
		experiments = append(experiments, ready{Experiment: e, problem: p, runs: sweep.Plan(e, p)})
	}
	if wrong > 0 {
		noun := "errors"
		if wrong == 1 {
			noun = "error"
		}
		return nil, exit{exitUsage, fmt.Sprintf("%s\n\n%d %s; nothing was started", strings.Join(faults, "\n\n"), wrong, noun)}
	}
	return experiments, nil
}

// claim makes a folder for the results of each experiment. Nothing recorded is ever overwritten: by default a new folder
// is numbered, and a folder that the user named must not have results of the same runs.
func (o runOptions) claim(experiments []ready) error {
	for i := range experiments {
		e := &experiments[i]
		if o.resume {
			if e.dir = o.folder(*e, len(experiments)); o.out == "" {
				e.dir = result.Newest(e.dir)
			}
			if _, err := os.Stat(e.dir); err != nil {
				return exit{exitUsage, fmt.Sprintf("there is nothing to resume: %v; leave --resume away, or say where with --out", err)}
			}
			if err := e.separate(); err != nil {
				return exit{exitUsage, err.Error()}
			}
			continue
		}
		e.todo = e.runs
		if o.out == "" {
			dir, err := result.Claim(o.folder(*e, len(experiments)))
			if err != nil {
				return exit{exitUsage, fmt.Sprintf("cannot make a folder for the results: %v; choose another with --out", err)}
			}
			e.dir = dir
			continue
		}
		e.dir = o.folder(*e, len(experiments))
		if err := os.MkdirAll(e.dir, 0o755); err != nil {
			return exit{exitUsage, fmt.Sprintf("cannot make a folder for the results: %v; choose another with --out", err)}
		}
		for _, r := range e.runs {
			if _, err := os.Lstat(filepath.Join(e.dir, r.ID)); err == nil {
				return exit{exitUsage, fmt.Sprintf("%s holds results already; they are never overwritten: "+
					"choose another --out, or go on with them with --resume", filepath.Join(e.dir, r.ID))}
			}
		}
	}
	return nil
}

// folder is where the results of one of several experiments go.
func (o runOptions) folder(e ready, experiments int) string {
	switch {
	case o.out == "":
		return filepath.Join("runs", e.Folder())
	case experiments > 1:
		return filepath.Join(o.out, e.Folder())
	}
	return o.out
}

// separate finds out which runs ended before this program began, and that all were begun as this experiment's.
func (e *ready) separate() error {
	for _, r := range e.runs {
		dir := filepath.Join(e.dir, r.ID)
		outcome, over, err := result.ReadOutcome(dir)
		if _, missing := os.Stat(filepath.Join(dir, result.ManifestFile)); err == nil && (over || missing == nil) {
			err = result.Fits(dir, e.Experiment, r)
		}
		if err != nil {
			return err
		}
		if over {
			e.before = append(e.before, sweep.Result{Run: r, Outcome: outcome})
		} else {
			e.todo = append(e.todo, r)
		}
	}
	return nil
}

// planned is the place of a run in the plan.
func planned(runs []sweep.Run, id string) int {
	return slices.IndexFunc(runs, func(r sweep.Run) bool { return r.ID == id })
}

// record opens the folder of a run, a new one or one to go on with.
func (o runOptions) record(e ready, r sweep.Run, p *optimizer.Plugin, env result.Environment) (*result.Recorder, error) {
	plane, err := p.Plane(optimizer.Plane(o.plane))
	if err != nil {
		return nil, err
	}
	dir, manifest := filepath.Join(e.dir, r.ID), result.NewManifest(e.Experiment, r, p, plane, env)
	manifest.Execution = e.execution(r)
	extra := result.Extra{Scheduled: r.Optimizer.Scheduled()}
	if e.Record.Parameters {
		extra.Weights = e.problem.Layout()
	}
	if o.resume {
		if _, err := os.Stat(filepath.Join(dir, result.ManifestFile)); err == nil {
			return result.Reopen(dir, manifest, extra)
		}
	}
	files, err := result.Create(dir, manifest, extra)
	if err != nil {
		return nil, fmt.Errorf("cannot make the run's folder: %w", err)
	}
	return files, nil
}

// execute makes the runs of one experiment and shows what came out. It tells whether no run failed.
func (o runOptions) execute(ctx context.Context, e ready, pool *optimizer.Pool, live *live,
	stdout, stderr io.Writer) (bool, error) {
	o.blas.prepare(min(o.jobs, len(e.runs)))
	env, err := result.NewEnvironment(e.File)
	if err != nil {
		return false, err
	}
	width := columns(stdout)
	if e.Question != "" && !o.json {
		_, _ = fmt.Fprintf(stdout, "%s\n\n", report.Wrap(terminal.Escape(e.Name+": "+e.Question), width))
	}
	display := o.display(e, stdout, stderr)
	results := sweep.Execute(ctx, e.Experiment, e.problem, pool, e.todo, sweep.Settings{
		Jobs: o.jobs, Plane: optimizer.Plane(o.plane),
		Begin: func(r sweep.Run, p *optimizer.Plugin) (sweep.Recorder, error) {
			files, err := o.record(e, r, p, env)
			if err != nil {
				return nil, err
			}
			return live.follow(e, &recorder{Recorder: files, run: r, meter: display.Begin(r)}), nil
		},
		Ended: func(r sweep.Run, o train.Outcome) {
			display.End(r, o)
			live.ended(e, r, o)
		},
	})
	display.Stop()
	results = append(results, e.before...)
	slices.SortFunc(results, func(a, b sweep.Result) int { return planned(e.runs, a.ID) - planned(e.runs, b.ID) })
	rows := compare.Rows(results)
	ok := true
	for _, r := range rows {
		ok = ok && r.Failed == 0
	}
	for _, r := range results {
		if r.Status == train.Failed {
			_, _ = fmt.Fprintf(stderr, "failed: %s after step %d: %s\n", r.ID, r.Outcome.Steps,
				terminal.EscapeLines(r.Err.Error()))
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
		j.Table(rows, e.Target != nil, code)
		return ok, nil
	}
	_, _ = fmt.Fprintf(stdout, "%s\n\n%s\n\n%s\nNext:    %s\n", report.Table(e.Experiment, rows, width),
		report.Legend(e.Experiment, rows, width), report.Results(e.dir, width), o.next(e, results, ctx.Err() != nil))
	return ok, nil
}

// next is a command that goes on from here.
func (o runOptions) next(e ready, results []sweep.Result, interrupted bool) string {
	if !interrupted {
		// A run that could not begin has no record.
		show := max(slices.IndexFunc(results, func(r sweep.Result) bool { return r.Outcome.Steps > 0 }), 0)
		return terminal.Command([]string{"head"}, filepath.Join(e.dir, results[show].ID, result.StepsFile))
	}
	words := []string{"steepest", "run", "--resume"}
	if o.out != "" {
		words = append(words, "--out", e.dir)
	}
	for _, dir := range *o.pluginDirs {
		words = append(words, "--plugin-dir", dir)
	}
	return terminal.Command(words, e.File)
}

// display chooses how to show progress: on standard error, so that the result can be piped.
func (o runOptions) display(e ready, stdout, stderr io.Writer) report.Display {
	switch {
	case o.json:
		return report.NewJSON(stdout, e.Name, e.dir)
	case o.quiet:
		return report.Silent{}
	}
	width := columns(stderr)
	if width == 0 || os.Getenv("TERM") == "dumb" {
		return report.NewLines(stderr, len(e.todo))
	}
	steps := 0
	for _, r := range e.todo {
		steps += r.Steps
	}
	return report.NewBar(stderr, len(e.todo), steps, width, os.Getenv("NO_COLOR") == "")
}

// recorder hands the points of one run to all who want them: the run directory, the display, and the metrics through
// follower.
type recorder struct {
	*result.Recorder
	run   sweep.Run
	meter *report.Meter
}

var _ sweep.Recorder = (*recorder)(nil)

// Observe writes the record first: the live views may lag behind it, never run ahead of it.
func (r *recorder) Observe(p *train.Point) error {
	err := r.Recorder.Observe(p)
	r.meter.Point(p)
	return err
}

// Checkpoints is the run directory.
func (r *recorder) Checkpoints() train.Checkpoints { return r.Recorder }

func (r *recorder) End(o train.Outcome) train.Outcome {
	if err := r.Recorder.End(o); err != nil && o.Err == nil {
		o.Status, o.Err = train.Failed, err
	}
	return o
}
