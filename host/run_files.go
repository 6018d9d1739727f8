package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/steepest/steepest/host/internal/exporter"
	"github.com/steepest/steepest/host/internal/live"
	"github.com/steepest/steepest/host/internal/machine"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/prepare"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/store"
)

// run makes the runs of all files, one after another.
func (o runOptions) run(ctx context.Context, files []string) error {
	if err := o.check(); err != nil {
		return err
	}
	place := store.Place{Out: o.path(o.out), Parent: o.path(store.Runs), Resume: o.resume, Accept: o.acceptNumerics, Rerun: store.Rerun(o.rerun)}
	begun, done, err := o.frozen(ctx, files, place, o.updateLock)
	defer done()
	if err != nil {
		return err
	}
	var prepared []plan.Plan
	for _, e := range begun {
		prepared = append(prepared, e.Plan)
	}
	if err := o.checkTrials(prepared); err != nil {
		return err
	}
	for _, e := range prepared {
		report.Warn(o.stderr, e.Experiment)
	}
	if err := prepare.CheckOpenFiles(prepared, o.jobs, machine.OpenFiles()); err != nil {
		return usage("%w", err)
	}
	notes := o.stderr
	if o.quiet {
		notes = io.Discard
	}
	o.blas.adviseBLAS(notes, prepared)
	pages := live.NewPages()
	watched, err := o.watch.Serve(ctx, notes, pages.Reader("metrics"))
	if err != nil {
		return usage("%w", err)
	}
	defer watched.Close(ctx)
	ui, err := o.ui(pages)
	if err != nil {
		return err
	}
	defer ui.Close()
	defer pages.Close()
	folders, err := place.Claim(ctx, prepared)
	if err != nil {
		return beforeStart(ctx, err)
	}
	var experiments []ready
	for i, e := range begun {
		folders[i].Notes = append(e.notes, folders[i].Notes...)
		experiments = append(experiments, ready{e.Plan, folders[i], e.pool})
		o.keepPrograms(ctx, e, folders[i])
	}
	for _, e := range experiments {
		defer func() { _ = e.folder.Close() }()
		report.Changed(notes, e.Plan, e.folder.Written, len(e.folder.Todo()))
		for _, note := range e.folder.Notes {
			_, _ = fmt.Fprintf(notes, "note: %s\n", note)
		}
	}
	var shown []*exporter.Experiment
	for _, e := range experiments {
		shown = append(shown, watched.Add(ctx, e.Plan, e.folder, e.pool))
		pages.Add(e.folder.Dir)
	}
	o.show(ui)
	worst, all := exitOK, report.NewOverview()
	for i, e := range experiments {
		code, err := o.execute(ctx, e, shown[i], all)
		if err = errors.Join(err, e.folder.Close()); err != nil {
			return failed("%w", err)
		}
		if code == exitInterrupted {
			return exit{code: code}
		}
		if err := o.reported(ctx, e.folder.Dir); err != nil {
			return err
		}
		worst = worse(worst, code)
	}
	all.Write(o.stdout, o.json)
	watched.Linger(ctx)
	o.linger(ctx, ui)
	if worst != exitOK {
		return exit{code: worst}
	}
	return nil
}

// prepare checks all files.
func (p *program) prepare(ctx context.Context, files []string, pool *plugin.Pool) ([]plan.Plan, error) {
	var paths []string
	for _, file := range files {
		paths = append(paths, p.path(file))
	}
	experiments, err := p.with(pool).Experiments(ctx, paths)
	return experiments, beforeStart(ctx, err)
}

// waiting says that all that is left is being made elsewhere.
func (o runOptions) waiting(runs int, worker store.Worker) {
	if !o.quiet {
		_, _ = fmt.Fprintf(o.stderr, "note: waiting for %s, which makes %d of the runs\n", worker, runs)
	}
}
