package plugin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
)

// Pool keeps one process of each plugin for all runs, and one more for each run that asks for its own.
type Pool struct {
	binaries []Binary
	mu       sync.Mutex
	plugins  map[string]*generation
}

type generation struct {
	sync.Mutex
	plugin *Process
}

// NewPool starts nothing yet. Pools share nothing.
func NewPool(binaries []Binary) *Pool {
	return &Pool{binaries: slices.Clone(binaries), plugins: map[string]*generation{}}
}

// GrantStart gives a plugin more time to start, unless it has as much already. It comes before the first Get.
func (p *Pool) GrantStart(name string, timeout time.Duration) {
	for i := range p.binaries {
		if b := &p.binaries[i]; b.Name == name {
			b.StartTimeout = max(b.StartTimeout, timeout)
		}
	}
}

// Exposed is Binary.Exposed of a plugin.
func (p *Pool) Exposed(name string) string {
	for _, b := range p.binaries {
		if b.Name == name {
			return b.Exposed()
		}
	}
	return ""
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
func (p *Pool) Get(ctx context.Context, name, run string) (*Process, error) {
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
	if g.plugin != nil && !g.plugin.Gone() {
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
				return nil, &Unstarted{launched.Add(1), err}
			}
			g.plugin = started
			return started, nil
		}
	}
	return nil, fmt.Errorf("there is no plugin %q", name)
}

// Ask is Get of the process of all runs, and a question to it, for those who have nothing yet to go on from: a program that a signal ends
// meanwhile is started again, and asked again.
func (p *Pool) Ask(ctx context.Context, name string, question func(*Process) error) error {
	for restart := 1; ; restart++ {
		process, err := p.Get(ctx, name, "")
		if err == nil {
			err = question(process)
		}
		var died *optimizer.Died
		if !errors.As(err, &died) || !died.Signal || restart > optimizer.MaxRestarts || ctx.Err() != nil {
			return err
		}
		optimizer.Pause(ctx, restart)
	}
}

// Start is Ask without a question.
func (p *Pool) Start(ctx context.Context, name string) (started *Process, err error) {
	err = p.Ask(ctx, name, func(process *Process) error { started = process; return nil })
	return started, err
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
