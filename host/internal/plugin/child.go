package plugin

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/steepest/steepest/host/internal/remedy"
)

// child is a plugin's process as go-plugin handles it. Unlike go-plugin's own it is started from an open file, knows
// that the process ended although something that the plugin started keeps its output open, and tells whether a process
// that did not shake hands ended by itself.
type child struct {
	program *Program
	cmd     *exec.Cmd
	dir     string    // private; for the socket
	output  io.Writer // for what it prints
	ended   chan struct{}

	mu       sync.Mutex
	err      error // of the start
	stopped  bool  // no start any more
	killed   bool  // by the host, before it ended by itself
	state    *os.ProcessState
	greeting greeting
	stderr   pipe
}

var _ runner.Runner = (*child)(nil)

// greeting reads standard output, and keeps the beginning of it.
type greeting struct {
	*os.File
	mu   sync.Mutex
	kept []byte
	over bool // nothing more will come
}

// greetingLimit is how much of what is no handshake a message can show.
const greetingLimit = 200

func (g *greeting) Read(p []byte) (int, error) {
	n, err := g.File.Read(p)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.kept = append(g.kept, p[:min(n, greetingLimit-len(g.kept))]...)
	g.over = g.over || err != nil
	return n, err
}

// said is the first line, or the beginning of it.
func (g *greeting) said() (line string, over bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	first, _, _ := bytes.Cut(g.kept, []byte("\n"))
	return string(first), g.over
}

// Start starts the program with pipes for what it prints.
func (c *child) Start(context.Context) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() { c.err = err }()
	if c.stopped {
		return context.Canceled
	}
	var theirs [2]*os.File
	c.stderr.to = c.output
	for i, mine := range []**os.File{&c.greeting.File, &c.stderr.File} {
		if *mine, theirs[i], err = os.Pipe(); err != nil {
			return remedy.System(err)
		}
		defer func() { _ = theirs[i].Close() }()
	}
	c.cmd.Stdout, c.cmd.Stderr = theirs[0], theirs[1]
	if err := c.program.Start(c.cmd, c.dir); err != nil {
		c.closePipes()
		return err
	}
	go func() {
		state, _ := c.cmd.Process.Wait()
		c.mu.Lock()
		c.state = state
		c.mu.Unlock()
		close(c.ended)
	}()
	return nil
}

func (c *child) closePipes() {
	for _, f := range []*os.File{c.greeting.File, c.stderr.File} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// Wait waits until the process ended.
func (c *child) Wait(context.Context) error {
	<-c.ended
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closePipes()
	return nil
}

// release lets go of what the plugin's descendants hold, unless all is over within a moment.
func (c *child) release(done <-chan struct{}) {
	select {
	case <-done:
	case <-time.After(closing):
		c.mu.Lock()
		defer c.mu.Unlock()
		c.closePipes()
	}
}

// closing is how long a process may take from closing its standard output to ending.
const closing = time.Second

// Kill ends the process, and keeps it from being started if it was not yet. One that is about to end by itself is given
// the time for it, so that it is known how it ended.
func (c *child) Kill(context.Context) error {
	if line, over := c.greeting.said(); over && line == "" {
		c.endsSoon()
	}
	c.stop()
	return nil
}

// stop is Kill without ceremony.
func (c *child) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stopped = true
	if c.cmd.Process != nil && c.state == nil {
		c.killed = true
		killGroup(c.cmd.Process.Pid)
	}
}

// over tells whether the process has ended.
func (c *child) over() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

// endsSoon waits a moment for the process to end.
func (c *child) endsSoon() bool {
	select {
	case <-c.ended:
		return true
	case <-time.After(closing):
		return false
	}
}

// how tells how the process ended, after it did.
func (c *child) how() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == nil {
		return "nobody knows how"
	}
	return c.state.String()
}

// signalled tells whether a signal ended the process.
func (c *child) signalled() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state != nil && !c.state.Exited()
}

// Stdout is the pipe of the handshake.
func (c *child) Stdout() io.ReadCloser { return &c.greeting }

// Stderr is the pipe of what the plugin prints.
func (c *child) Stderr() io.ReadCloser { return &c.stderr }

// drain passes on what the plugin printed until now.
func (c *child) drain() {
	c.mu.Lock()
	started := c.stderr.File != nil
	c.mu.Unlock()
	if started {
		c.stderr.drain()
	}
}

// Name is for logs, which nobody reads.
func (c *child) Name() string { return c.cmd.Path }

// ID is the process id.
func (c *child) ID() string { return strconv.Itoa(c.pid()) }

func (c *child) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd.Process == nil {
		return 0
	}
	return c.cmd.Process.Pid
}

// Diagnose has nothing to add: see Process.unstarted.
func (c *child) Diagnose(context.Context) string { return "" }

// PluginToHost leaves addresses as they are.
func (c *child) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
}

// HostToPlugin leaves them too.
func (c *child) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
