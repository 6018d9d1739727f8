package main

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/prepare"
)

// program is Steepest in surroundings. What it does depends on them and on its arguments alone, but for what belongs to the
// process: its limits, the linear algebra with its threads, and what it was built from.
type program struct {
	dir            string            // where relative paths begin; empty for the process's own folder
	variables      environ.Variables // nil for the process's own
	stdout, stderr io.Writer
	pluginDirs     []string
	set            []string // keys of experiments with values over those of their files
	refreshPlugins bool     // whether experiments go on with the installed plugins, though they began with others
}

// path is where a file is that the user names.
func (p *program) path(name string) string { return environ.Path(p.dir, name) }

// setFlag is the flag of a verb that reads experiments which sets their keys.
func (p *program) setFlag(c *cobra.Command) {
	c.Flags().StringArrayVar(&p.set, "set", nil,
		"set `KEY=VALUE` as if it stood in the file, such as seeds.count=20 or optimizer.sgd.lr=0.1; can be repeated")
}

// refreshFlag is the flag of a verb that goes on with experiments.
func (p *program) refreshFlag(c *cobra.Command) {
	c.Flags().BoolVar(&p.refreshPlugins, "refresh-plugins", false,
		"take the installed plugins, and make runs anew of those that were rebuilt since the experiment began")
}

// with is what experiments are made with.
func (p *program) with(pool *plugin.Pool) prepare.With {
	return prepare.With{Variables: p.variables, Set: p.set, Pool: pool}
}
