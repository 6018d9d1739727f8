package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/proto"
)

// attachTimeout is how long a plugin under a debugger may take for a step.
const attachTimeout = 24 * time.Hour

// Attached lists the plugins that were started by somebody else, under a debugger for instance, as $STEEPEST_REATTACH
// names them. They stand before those that are found in folders.
func Attached(v environ.Variables) ([]Binary, error) {
	text := v.Get(proto.ReattachEnv)
	if text == "" {
		return nil, nil
	}
	var all map[string]proto.Reattach
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("$%s is not what a plugin prints when it is started with --debug: %w", proto.ReattachEnv, err)
	}
	var found []Binary
	for name, r := range all {
		found = append(found, Binary{Name: name, Path: "process " + strconv.Itoa(r.Pid), Variables: v, attach: &r})
	}
	return found, nil
}

// attach connects to the process. It is neither killed nor hurried.
func (p *Process) attach(ctx context.Context) error {
	r := p.Binary.attach
	p.pid = r.Pid
	p.StepTimeout = attachTimeout
	p.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  proto.Handshake,
		Plugins:          plugin.PluginSet{proto.PluginName: grpcPlugin{}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Reattach: &plugin.ReattachConfig{
			Protocol: plugin.ProtocolGRPC, ProtocolVersion: int(proto.Handshake.ProtocolVersion), Pid: r.Pid, Test: true,
			Addr: &net.UnixAddr{Net: r.Network, Name: r.Address},
		},
		GRPCDialOptions: dialOptions(),
		SyncStdout:      p.output,
		SyncStderr:      p.output,
		Logger:          hclog.NewNullLogger(),
	})
	if err := p.greet(ctx); err != nil {
		err = fmt.Errorf("plugin %q ($%s, process %d): %w", p.Name, proto.ReattachEnv, r.Pid, err)
		if !running(r.Pid) {
			err = fmt.Errorf("$%s names the process %d for the plugin %q, which is there no more", proto.ReattachEnv, r.Pid,
				p.Name)
		}
		return remedy.With(err, fmt.Sprintf("start %s%s --debug again and set the variable as it says, or `unset %s` to have "+
			"the host start it", proto.BinaryPrefix, p.Name, proto.ReattachEnv))
	}
	return nil
}
