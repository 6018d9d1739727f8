// Package plugin finds plugins' programs, starts them, watches over their processes and ends them.
package plugin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// DefaultStartTimeout is how long a program may take from its start to its handshake, and then to describe itself, if
// nothing else is said: a large library takes its time on a busy machine. A program that ends is noticed at once.
const DefaultStartTimeout = time.Minute

// killTimeout is the time from asking a program to stop to killing it.
const killTimeout = 3 * time.Second

// smallMessage is the largest message that a plugin may send, of all calls but those of a step and of a snapshot. What it
// holds is bounded too, but only once it is in memory.
const smallMessage = 4 << 20

// Process is a running plugin process. It serves many instances at once.
type Process struct {
	optimizer.Plugin
	Binary   Binary
	Checksum []byte // SHA-256 of the program

	client  *plugin.Client
	child   *child // nil if somebody else started it
	number  uint64 // see [Death]
	pid     int
	conn    grpc.ClientConnInterface
	sockets *SocketDir
	output  *broadcast
	stop    sync.Once
	lost    atomic.Bool // see died
}

var _ optimizer.Supervisor = (*Process)(nil)

// Launch starts the program and asks it who it is.
func Launch(ctx context.Context, b Binary) (p *Process, err error) {
	p = &Process{Binary: b, number: launched.Add(1), output: &broadcast{}}
	p.Plugin = optimizer.Plugin{Name: b.Name, Output: p.output, Supervisor: p}
	if b.attach != nil {
		if err := p.attach(ctx); err != nil {
			p.Kill()
			return nil, err
		}
		return p, nil
	}
	program, err := b.Program()
	if err != nil {
		return nil, err
	}
	defer program.Close()
	p.Checksum = program.Checksum
	if p.sockets, err = NewSocketDir(b.Variables); err != nil {
		return nil, err
	}
	p.child = &child{program: program, cmd: exec.Command(b.Path), dir: p.sockets.Path, output: p.output, ended: make(chan struct{})}
	p.output.drain = p.child.drain
	theirs, err := p.attachLifeline()
	if err == nil {
		p.client = plugin.NewClient(p.config())
		err = p.greet(ctx)
		if theirs != nil {
			_ = theirs.Close() // now the plugin alone holds its end
		}
		if err == nil {
			err = program.Verify()
		}
	}
	if err != nil {
		p.Kill()
		return nil, p.unstarted(err)
	}
	return p, nil
}

// config is how go-plugin is to start the program.
func (p *Process) config() *plugin.ClientConfig {
	return &plugin.ClientConfig{
		HandshakeConfig:  proto.Handshake,
		Plugins:          plugin.PluginSet{proto.PluginName: grpcPlugin{}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		StartTimeout:     p.Binary.startTimeout(),
		SkipHostEnv:      true,
		SyncStdout:       p.output,
		SyncStderr:       p.output,
		Logger:           hclog.NewNullLogger(),
		GRPCDialOptions:  dialOptions(),
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: p.sockets.Path},
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, folder string) (runner.Runner, error) {
			_ = os.Remove(folder) // the one around it is as private
			own := p.child.cmd
			own.Env = append(append(cmd.Env, own.Env...), plugin.EnvUnixSocketDir+"="+p.sockets.Path)
			return p.child, nil
		},
	}
}

func dialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(smallMessage)),
		grpc.WithStaticStreamWindowSize(proto.WindowBytes), grpc.WithStaticConnWindowSize(proto.WindowBytes)}
}

// greet completes the handshake and asks the plugin who it is.
func (p *Process) greet(ctx context.Context) error {
	if p.child != nil {
		defer context.AfterFunc(ctx, p.child.stop)() // an interrupt need not wait for a slow start
	}
	begin, timeout := time.Now(), p.Binary.startTimeout()
	protocol, err := p.client.Client()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if p.child != nil {
		p.pid = p.child.pid()
	}
	if err != nil {
		return p.noHandshake(err, time.Since(begin) >= timeout)
	}
	raw, err := protocol.Dispense(proto.PluginName)
	if err != nil {
		return err
	}
	p.conn = raw.(grpc.ClientConnInterface)
	p.Client = v1.NewOptimizerServiceClient(p.conn)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if p.Description, err = p.Client.Describe(ctx, &v1.DescribeRequest{}); err != nil {
		err = p.Explain(err, timeout)
		var failed *optimizer.Failed
		switch {
		case errors.As(err, new(*optimizer.Died)):
			return err
		case errors.As(err, &failed):
			err = failed.Err
		}
		return fmt.Errorf("does not describe itself: %w", err)
	}
	return checkDescription(p.Name, p.Description)
}

// noHandshake says why there was none. late tells whether there was no more time for it.
func (p *Process) noHandshake(err error, late bool) error {
	c := p.child
	if c == nil {
		return err
	}
	line, _ := c.greeting.said()
	c.mu.Lock()
	start, killed := c.err, c.killed
	c.mu.Unlock()
	switch {
	case start != nil:
		return fmt.Errorf("cannot be started: %w", start)
	case killed && late:
		return &optimizer.Died{Plugin: p.Name, Process: p.number, Pid: p.pid, Hung: true,
			How: fmt.Sprintf("did not say within %v where it listens", p.Binary.startTimeout())}
	case killed && strings.Count(line, "|") >= 3:
		return fmt.Errorf("does not shake hands: %s", optimizer.Clip(err.Error()))
	case killed:
		return fmt.Errorf("prints %q where its handshake is due, and standard output is for that alone", line)
	case c.endsSoon():
		how := "ended before it said where it listens: " + c.how()
		if line != "" {
			how += fmt.Sprintf("; it printed %q", line)
		}
		return p.died(how)
	}
	return errors.New(optimizer.Clip(err.Error()))
}

// unstarted adds to the error of a start which program it was, what it printed, and what to do.
func (p *Process) unstarted(err error) error {
	advice := "run it by hand with the argument describe, and build it anew"
	var died *optimizer.Died
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case remedy.Of(err) != "":
		advice = remedy.Of(err)
	case errors.As(err, &died) && died.Hung:
		advice = "run it by hand with the argument describe; if it only needs more time, give it start_timeout in the " +
			"experiment, or --start-timeout"
	case died != nil && died.Signal:
		advice = "run it by hand with the argument describe: it crashes, or something ended it from outside"
	}
	if died != nil { // which names the plugin
		err = fmt.Errorf("%s: %w", p.Binary.Path, err)
	} else {
		err = fmt.Errorf("plugin %q (%s): %w", p.Name, p.Binary.Path, err)
	}
	words := lastWords(p.Said())
	if strings.Contains(words, "failed to create new OS thread") { // as Go says it
		advice = remedy.Processes
	}
	if strings.Contains(words, "ModuleNotFoundError: ") { // as Python says it
		advice = "install the module for the Python that the program's first line names, or start in the virtual environment that has it"
	}
	if words != "" {
		err = fmt.Errorf("%w\nthe plugin said: %s", err, words)
	}
	return remedy.With(err, advice)
}

// mostWords is how much of what a plugin printed a message shows, of the beginning and of the end: a panic in Go begins with
// its reason, an exception in Python ends with it.
const mostWords = 600

func lastWords(said string) string {
	said = strings.TrimSpace(said)
	if over := len(said) - 2*mostWords; over > 0 {
		said = strings.ToValidUTF8(said[:mostWords], "") + "\n...\n" + strings.ToValidUTF8(said[mostWords+over:], "")
	}
	return optimizer.Clip(said)
}

// Pid is the process id.
func (p *Process) Pid() int { return p.pid }

// Kill ends the process, politely if it listens, and removes its socket. It returns within killTimeout and a little.
func (p *Process) Kill() {
	p.stop.Do(func() {
		if p.client != nil {
			limit := killTimeout
			if p.child != nil && p.child.over() {
				limit = closing
			}
			done := make(chan struct{})
			go func() { // go-plugin's Kill waits without limit for a process that was stopped by a signal
				defer close(done)
				p.client.Kill()
			}()
			select {
			case <-done:
			case <-time.After(limit):
			}
			p.killGroup() // also what the plugin may have started itself
			if p.child != nil {
				p.child.release(done)
			}
		}
		if p.Lifeline != nil {
			_ = p.Lifeline.Close()
		}
		if p.sockets != nil {
			p.sockets.Remove()
		}
	})
}

// Validate asks the plugin what is wrong with a configuration.
func (p *Process) Validate(ctx context.Context, values map[string]*v1.Value) ([]*v1.Diagnostic, error) {
	ctx, cancel := context.WithTimeout(ctx, optimizer.DefaultTimeout)
	defer cancel()
	r, err := p.Client.Validate(ctx, &v1.ValidateRequest{Hyperparameters: values})
	if err != nil {
		return nil, p.Explain(err, optimizer.DefaultTimeout)
	}
	for _, d := range r.Diagnostics {
		d.Hyperparameter, d.Message, d.Remedy = optimizer.Clip(d.Hyperparameter), optimizer.Clip(d.Message), optimizer.Clip(d.Remedy)
	}
	return r.Diagnostics[:min(len(r.Diagnostics), proto.MaxHyperparameters)], nil
}

// grpcPlugin is the glue that go-plugin asks for.
type grpcPlugin struct {
	plugin.NetRPCUnsupportedPlugin
}

var _ plugin.GRPCPlugin = grpcPlugin{}

func (grpcPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("this side is the host")
}

func (grpcPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}
