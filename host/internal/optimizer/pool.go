package optimizer

import (
	"context"
	"fmt"
	"sync"
)

// Pool keeps one process of each plugin.
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
// of Names.
func (p *Pool) Get(ctx context.Context, name string) (*Plugin, error) {
	p.mu.Lock()
	g := p.plugins[name]
	if g == nil {
		g = &generation{}
		p.plugins[name] = g
	}
	p.mu.Unlock()
	g.Lock()
	defer g.Unlock()
	if g.plugin != nil && !g.plugin.gone() {
		return g.plugin, nil
	}
	if g.plugin != nil {
		g.plugin.Kill()
	}
	for _, b := range p.binaries {
		if b.Name == name {
			started, err := Launch(ctx, b)
			g.plugin = started
			return started, err
		}
	}
	return nil, fmt.Errorf("there is no plugin %q", name)
}

// Kill ends all processes.
func (p *Pool) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all sync.WaitGroup
	for _, g := range p.plugins {
		all.Go(func() {
			g.Lock()
			defer g.Unlock()
			if g.plugin != nil {
				g.plugin.Kill()
			}
		})
	}
	all.Wait()
}
