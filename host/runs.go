package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/archive"
	"github.com/steepest/steepest/host/internal/query"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

func runsCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "runs",
		Short: "List, show, move, remove and take in runs",
	}
	c.AddCommand(runsListCommand(p), runsShowCommand(p), runsRemoveCommand(p), runsMoveCommand(p), runsCollectCommand(p), runsImportCommand(p))
	return c
}

// whereHelp says what conditions are.
const whereHelp = "choose the runs of which `CONDITION` holds, such as 'optimizer=adam and lr<0.1'"

// find looks for runs in folders, by default in runs.
func (p *program) find(ctx context.Context, folders []string, where string) ([]archive.Found, error) {
	q, err := query.Parse(where)
	if err != nil {
		return nil, usage("--where: %w", err)
	}
	found, hint, err := archive.Find(ctx, p.results(folders), q)
	if err != nil {
		return nil, beforeStart(ctx, err)
	}
	if hint != "" {
		_, _ = fmt.Fprintln(p.stderr, terminal.EscapeLines("note: "+hint))
	}
	return found, nil
}

// count is find where there is no condition, and no run is shown.
func (p *program) count(ctx context.Context, folders []string, _ string) ([]archive.Found, error) {
	found, err := archive.Count(ctx, p.results(folders))
	if err != nil {
		return nil, beforeStart(ctx, err)
	}
	return found, nil
}

// results are folders to look for results in, by default runs.
func (p *program) results(folders []string) (paths []string) {
	if len(folders) == 0 {
		folders = []string{store.Runs}
	}
	for _, folder := range folders {
		paths = append(paths, p.path(folder))
	}
	return paths
}
