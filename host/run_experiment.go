package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/conduct"
	"github.com/steepest/steepest/host/internal/execute"
	"github.com/steepest/steepest/host/internal/exporter"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/picture"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// ready is an experiment and where its results are.
type ready struct {
	plan.Plan
	folder *store.Folder
	pool   *plugin.Pool // with the programs of its plugins
}

// execute makes the runs of one experiment and shows what came out. It returns the exit code.
func (o runOptions) execute(ctx context.Context, e ready, live *exporter.Experiment, all *report.Overview) (code int, err error) {
	ctx, leave := e.folder.Stoppable(ctx)
	defer leave()
	env, err := store.NewEnvironment(e.File)
	if err != nil {
		return 0, failed("%w", err)
	}
	by, end, err := o.sampler(e.Plan)
	if err != nil {
		return 0, failed("%w", err)
	}
	defer end()
	screen := report.Screen{Stdout: o.stdout, Stderr: o.stderr, JSON: o.json, Quiet: o.quiet, Plain: o.variables.Get("TERM") == "dumb",
		Colour: o.variables.Get("NO_COLOR") == "", Braille: terminal.Unicode(o.variables.Get), Further: all.Any()}
	display := screen.Begin(e.Experiment, e.folder.Dir)
	failures := &execute.Failures{Failures: e.Failures}
	stages := conduct.New(e.Plan, e.folder, by)
	settings := execute.Settings{
		Jobs: o.jobs, Plane: optimizer.Plane(o.plane), Share: o.blas.prepare,
		Begin: func(j plan.Job, p []*plugin.Process) (execute.Record, []record.Observer, error) {
			files, err := e.folder.Begin(j, p, optimizer.Plane(o.plane), env)
			if errors.Is(err, store.ErrHeld) || errors.Is(err, store.ErrDone) {
				err = execute.ErrElsewhere
			}
			if err != nil {
				return nil, nil, err
			}
			return files, append([]record.Observer{display.Begin(j)}, live.Begin(j, files)...), nil
		},
		Failures: failures,
		Again: func(j plan.Job, outcome record.Outcome) {
			e.folder.Again(j)
			display.Again(j, outcome)
			live.Again(j, outcome)
		},
		Ended: func(j plan.Job, outcome record.Outcome) {
			e.folder.Ended(j, outcome)
			if errors.Is(outcome.Err, store.ErrLost) {
				outcome.Status = record.Interrupted // the run goes on elsewhere
			} else {
				stages.Ended(j, outcome)
			}
			display.End(j, outcome)
			live.End(j, outcome)
		},
	}
	last, err := stages.Run(ctx, func(s plan.Stage) bool {
		live.Extend(ctx, s.Jobs)
		display.Expect(s.What, s.Jobs)
		for todo := s.Jobs; len(todo) > 0 && failures.TooMany() == 0; todo = e.folder.Await(ctx, s.Jobs, o.waiting) {
			execute.Local(ctx, e.pool, todo, settings)
		}
		return failures.TooMany() == 0
	})
	live.Look()
	if err != nil {
		display.Stop()
		return 0, failed("%w", err)
	}
	runs := e.folder.Runs()
	imported, faults := e.folder.Imported()
	for _, fault := range faults {
		_, _ = fmt.Fprintln(o.stderr, terminal.EscapeLines("note: not in the table: "+fault.Error()))
	}
	if err := e.folder.KeepStudies(last.Studies); err != nil {
		_, _ = fmt.Fprintln(o.stderr, terminal.EscapeLines("note: what was chosen could not be kept: "+err.Error()))
	}
	rows := compare.Rows(append(conduct.Answers(last, runs), imported...), e.Quantities())
	verdicts, err := verdicts(e.Plan, e.folder, last, runs)
	report.Uninvolved(o.stderr, len(verdicts), len(imported))
	switch code = met(verdicts, o.strict); {
	case ctx.Err() != nil:
		code = exitInterrupted
	case err != nil:
		code = exitFailed
	case slices.ContainsFunc(runs, func(r store.Run) bool { return r.Status == record.Failed }):
		code = exitFailed
	}
	var curves figure.Curves
	if screen.Charts() {
		curves, _ = picture.Glance(e.Plan, e.folder, conduct.Answers(last, runs))
	}
	screen.End(e.Plan, display, report.Result{Directory: e.folder.Dir, Curves: curves, Runs: runs, Rows: rows, Studies: last.Studies, ExitCode: code,
		Verdicts: verdicts, TooMany: failures.TooMany(), Interrupted: context.Cause(ctx), Mixed: e.folder.Mixed(), Next: o.next(e, runs, code == exitInterrupted || e.folder.Gone())})
	all.Add(e.Name, runs, verdicts)
	if err != nil {
		return code, failed("the claims cannot be judged: %w", err)
	}
	return code, nil
}
