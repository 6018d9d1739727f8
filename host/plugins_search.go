package main

import (
	"time"

	"github.com/steepest/steepest/host/internal/plugin"
)

// search is how plugins are found and started by the commands that are about plugins.
type search struct {
	*program
	start time.Duration // that a program may take to start
}

// plugins is where plugins are searched.
func (p *program) plugins() plugin.Search {
	return plugin.Search{Given: p.pluginDirs, Lock: p.path(plugin.LockFile), Dir: p.dir, Variables: p.variables}
}

func (s *search) plugins() plugin.Search {
	all := s.program.plugins()
	all.StartTimeout = s.start
	return all
}

// binary finds a plugin by the path of its program or by its name.
func (s *search) binary(pathOrName string) (plugin.Binary, error) {
	b, err := s.plugins().Binary(pathOrName)
	if err != nil {
		return b, usage("%w", err)
	}
	return b, nil
}
