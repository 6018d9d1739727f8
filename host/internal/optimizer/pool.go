package optimizer

import (
	"context"
	"fmt"
	"sync"
)

// Pool keeps one process of each plugin for all runs, and one more for each run that asks for its own.
type Pool struct {
	binaries []Binary
	mu       sync.Mutex
	plugins  map[string]*generation
}

type generation struct {
	sync.Mutex
	plugin *Plugin
}

// NewPool starts nothing yet.
func NewPool(binaries []Binary) *Pool {
	return &Pool{binaries: binaries, plugins: map[string]*generation{}}
}

// Names lists the plugins that there are.
func (p *Pool) Names() []string {
	var names []string
	for _, b := range p.binaries {
		names = append(names, b.Name)
	}
	return names
}

// Get returns the running process of a plugin. It starts one at first and when the last one died. The name must be one
// of Names. The process is that of all runs if run is empty, else the run's own, until it is released.
func (p *Pool) Get(ctx context.Context, name, run string) (*Plugin, error) {
	key := name + "\x00" + run
	p.mu.Lock()
	g := p.plugins[key]
	if g == nil {
		g = &generation{}
		p.plugins[key] = g
	}
	p.mu.Unlock()
	g.Lock()
	defer g.Unlock()
	if g.plugin != nil && !g.plugin.gone() {
		return g.plugin, nil
	}
	if g.plugin != nil {
		g.plugin.Kill()
		g.plugin = nil
	}
	for _, b := range p.binaries {
		if b.Name == name {
			started, err := Launch(ctx, b)
			if err != nil {
				return nil, &Unstarted{err}
			}
			g.plugin = started
			return started, nil
		}
	}
	return nil, fmt.Errorf("there is no plugin %q", name)
}

// Release ends a run's own process, if there is one.
func (p *Pool) Release(name, run string) {
	p.mu.Lock()
	key := name + "\x00" + run
	g := p.plugins[key]
	delete(p.plugins, key)
	p.mu.Unlock()
	if g != nil {
		g.kill()
	}
}

func (g *generation) kill() {
	g.Lock()
	defer g.Unlock()
	if g.plugin != nil {
		g.plugin.Kill()
	}
}

// Kill ends all processes.
func (p *Pool) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all sync.WaitGroup
	for _, g := range p.plugins {
		all.Go(g.kill)
	}
	all.Wait()
}
