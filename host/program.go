package main

import (
	"io"

	"github.com/steepest/steepest/host/internal/diagnose"
	"github.com/steepest/steepest/host/internal/environ"
)

// program is Steepest in surroundings. What it does depends on them and on its arguments alone, but for what belongs to the
// process: its limits, the linear algebra with its threads, and what it was built from.
type program struct {
	dir            string            // where relative paths begin; empty for the process's own folder
	variables      environ.Variables // nil for the process's own
	stdout, stderr io.Writer
	pluginDirs     []string
	diagnostics    []diagnose.New // beyond the registered ones
}

// path is where a file is that the user names.
func (p *program) path(name string) string { return environ.Path(p.dir, name) }
