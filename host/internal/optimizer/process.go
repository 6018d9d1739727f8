package optimizer

import (
	"context"
	"crypto/sha256"
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
	"google.golang.org/grpc"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

const (
	startTimeout = 10 * time.Second // from the start of the program to its handshake
	killTimeout  = 3 * time.Second  // from asking a program to stop to killing it
)

// inherited are the environment variables that a plugin sees of the host's: what a program needs to run at all, and
// how the Go runtime is to behave.
var inherited = []string{"PATH", "HOME", "USER", "TMPDIR", "TEMP", "SYSTEMROOT", "LANG", "LC_ALL", "TZ",
	"LD_LIBRARY_PATH", "PYTHONPATH", "GOMAXPROCS", "GOMEMLIMIT", "GOGC", "GODEBUG", "GOTRACEBACK"}

// Plugin is a running plugin process. It serves many instances at once.
type Plugin struct {
	Binary      Binary
	Description *v1.DescribeResponse
	Checksum    []byte // SHA-256 of the program

	client    *plugin.Client
	cmd       *exec.Cmd
	pid       int
	rpc       v1.OptimizerServiceClient
	lifeline  *os.File // nil where there is none
	socketDir string
	output    *broadcast
	stop      sync.Once
	lost      atomic.Bool // see died
}

// Launch starts the program and asks it who it is.
func Launch(ctx context.Context, b Binary) (p *Plugin, err error) {
	p = &Plugin{Binary: b, output: &broadcast{}}
	if b.attach != nil {
		if err := p.attach(ctx); err != nil {
			p.Kill()
			return nil, err
		}
		return p, nil
	}
	if p.Checksum, err = SHA256(b.Path); err != nil {
		return nil, err
	}
	if b.Trust != nil {
		if err := b.Trust(p.Checksum); err != nil {
			return nil, err
		}
	}
	if p.socketDir, err = privateDir(); err != nil {
		return nil, fmt.Errorf("creating a folder for the plugin's socket: %w", err)
	}
	defer func() {
		if err != nil {
			p.Kill()
			if said := strings.TrimSpace(p.output.early.String()); said != "" {
				err = fmt.Errorf("%w\nthe plugin said: %s", err, clip(said))
			}
			err = fmt.Errorf("plugin %q (%s): %w", b.Name, b.Path, err)
			p = nil
		}
	}()
	p.cmd = exec.Command(b.Path)
	p.cmd.Env = append(allowed(), plugin.EnvUnixSocketDir+"="+p.socketDir)
	child, err := p.attachLifeline()
	if err != nil {
		return p, err
	}
	p.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  proto.Handshake,
		Plugins:          plugin.PluginSet{proto.PluginName: grpcPlugin{}},
		Cmd:              p.cmd,
		SecureConfig:     &plugin.SecureConfig{Checksum: p.Checksum, Hash: sha256.New()},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		StartTimeout:     startTimeout,
		SkipHostEnv:      true,
		Stderr:           p.output,
		SyncStdout:       p.output,
		SyncStderr:       p.output,
		Logger:           hclog.NewNullLogger(),
	})
	err = p.greet(ctx)
	if child != nil {
		_ = child.Close() // now the plugin alone holds its end
	}
	return p, err
}

// greet completes the handshake and asks the plugin who it is.
func (p *Plugin) greet(ctx context.Context) error {
	defer context.AfterFunc(ctx, p.client.Kill)() // an interrupt need not wait for a slow start
	protocol, err := p.client.Client()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if p.cmd != nil && p.cmd.Process != nil {
		p.pid = p.cmd.Process.Pid
	}
	if err != nil {
		return fmt.Errorf("does not start: %w", err)
	}
	raw, err := protocol.Dispense(proto.PluginName)
	if err != nil {
		return err
	}
	p.rpc = raw.(v1.OptimizerServiceClient)
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if p.Description, err = p.rpc.Describe(ctx, &v1.DescribeRequest{}); err != nil {
		return fmt.Errorf("does not describe itself: %w", p.explain(err, startTimeout))
	}
	return checkDescription(p.Binary.Name, p.Description)
}

// privateDir makes a folder that only this user can enter. Its path is short enough for a socket's name, which the
// system limits to about 100 bytes.
func privateDir() (string, error) {
	base := ""
	if len(os.TempDir()) > 60 {
		base = "/tmp"
	}
	return os.MkdirTemp(base, "steepest-")
}

func allowed() []string {
	var env []string
	for _, name := range inherited {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// Pid is the process id.
func (p *Plugin) Pid() int { return p.pid }

// Kill ends the process, politely if it listens, and removes its socket. It returns within killTimeout and a little.
func (p *Plugin) Kill() {
	p.stop.Do(func() {
		if p.client != nil {
			done := make(chan struct{})
			go func() { // go-plugin's Kill waits without limit for a process that was stopped by a signal
				defer close(done)
				p.client.Kill()
			}()
			select {
			case <-done:
			case <-time.After(killTimeout):
			}
			p.killGroup() // also what the plugin may have started itself
			select {
			case <-done:
			case <-time.After(time.Second):
			}
		}
		if p.lifeline != nil {
			_ = p.lifeline.Close()
		}
		if p.socketDir != "" {
			_ = os.RemoveAll(p.socketDir)
		}
	})
}

// Validate asks the plugin what is wrong with a configuration.
func (p *Plugin) Validate(ctx context.Context, values map[string]*v1.Value) ([]*v1.Diagnostic, error) {
	ctx, cancel := context.WithTimeout(ctx, DefaultTimeout)
	defer cancel()
	r, err := p.rpc.Validate(ctx, &v1.ValidateRequest{Hyperparameters: values})
	if err != nil {
		return nil, p.explain(err, DefaultTimeout)
	}
	for _, d := range r.Diagnostics {
		d.Hyperparameter, d.Message, d.Remedy = clip(d.Hyperparameter), clip(d.Message), clip(d.Remedy)
	}
	return r.Diagnostics[:min(len(r.Diagnostics), mostHyper)], nil
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
	return v1.NewOptimizerServiceClient(conn), nil
}
