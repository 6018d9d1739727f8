package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/store"
)

// frozen is an experiment with the programs that it began with.
type frozen struct {
	plan.Plan
	pool  *plugin.Pool
	notes []string
}

// frozen checks all files, with the programs that their experiments began with where those are others than the installed ones. What is
// put into the lock file is installed. done ends the plugins.
func (p *program) frozen(ctx context.Context, files []string, place store.Place, updateLock bool) (all []frozen, done func(), err error) {
	var pools []*plugin.Pool
	done = func() {
		for _, pool := range pools {
			pool.Kill()
		}
	}
	installed := p.refreshPlugins || updateLock
	search := p.plugins()
	if !installed {
		var paths []string
		for _, file := range files {
			paths = append(paths, p.path(file))
		}
		search.Results = place.Begun(paths)
	}
	binaries, err := search.Trusted(updateLock)
	if err != nil {
		return nil, done, usage("%w", err)
	}
	pool := plugin.NewPool(binaries)
	pools = append(pools, pool)
	prepared, err := p.prepare(ctx, files, pool)
	if err != nil {
		return nil, done, err
	}
	for _, e := range prepared {
		f := frozen{Plan: e, pool: pool}
		if !installed {
			var began *plugin.Pool
			dir, err := place.Of(e, len(files) > 1)
			if err == nil && dir != "" {
				began, f.notes, err = pool.Began(ctx, dir, pluginsOf(e))
			}
			if err != nil {
				return nil, done, beforeStart(ctx, err)
			}
			if began != nil {
				pools = append(pools, began)
				again, err := p.with(began).Experiments(ctx, []string{e.File})
				if err != nil {
					return nil, done, beforeStart(ctx, err)
				}
				f.Plan, f.pool = again[0], began
			}
		}
		all = append(all, f)
	}
	return all, done, nil
}

// pluginsOf are the names of the plugins of an experiment.
func pluginsOf(e plan.Plan) (names []string) {
	for _, j := range e.Jobs {
		for _, name := range j.Optimizer.Plugins() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// keepPrograms copies the programs of the plugins beside the results, if there is anything to do. An experiment goes on without.
func (o runOptions) keepPrograms(ctx context.Context, e frozen, f *store.Folder) {
	if len(f.Todo()) == 0 {
		return
	}
	if err := e.pool.Keep(ctx, f.Dir, pluginsOf(e.Plan), o.refreshPlugins || o.updateLock); err != nil && ctx.Err() == nil {
		f.Notes = append(f.Notes, fmt.Sprintf("the plugins' programs could not be copied to %s, so that rebuilt ones will make runs anew: %v", f.Dir, err))
	}
}

// began has the programs of plugins for a run that is made once more, with the programs of its plugins with which its experiment began, as far as they are there.
func (p *program) began(ctx context.Context, results string, names []string) (*plugin.Pool, error) {
	search := p.plugins()
	search.Results = []string{results}
	binaries, err := search.Trusted(false)
	if err != nil {
		return nil, err
	}
	pool := plugin.NewPool(binaries)
	began, _, err := pool.Began(ctx, results, names)
	if err != nil || began == nil {
		return pool, err
	}
	pool.Kill()
	return began, nil
}
