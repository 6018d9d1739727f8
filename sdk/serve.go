package sdk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/steepest/steepest/proto"
	"github.com/steepest/steepest/proto/shm"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Serve runs the optimizer as a program and does not return. Started by a Steepest host it serves the plugin protocol
// until the host stops it or dies. Started by a person it answers `describe` (its description as JSON), `--version` and
// `--help`; run bare, it says what it is.
func (o *Optimizer) Serve() {
	if os.Getenv(proto.Handshake.MagicCookieKey) != proto.Handshake.MagicCookieValue {
		os.Exit(o.command(os.Args[1:]))
	}
	var mailbox *shm.Mailbox
	if fd, err := strconv.Atoi(os.Getenv(proto.LifelineEnv)); err == nil {
		mailbox = &shm.Mailbox{}
		go dieWithHost(os.NewFile(uintptr(fd), "lifeline"), mailbox)
	}
	if err := guardStdout(); err != nil {
		fmt.Fprintf(os.Stderr, "%s%s: %v\n", proto.BinaryPrefix, o.description.Name, err)
		os.Exit(1)
	}
	config := o.serveConfig(mailbox, grpc.UnaryInterceptor(printed(os.Stderr)))
	config.Logger = hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr})
	plugin.Serve(config)
	os.Exit(0)
}

// printed makes all that is printed from the first call on go to standard error at once. go-plugin would send it over its
// connection, where it comes later than the answer that it was printed before, and never if the process dies.
func printed(stderr *os.File) grpc.UnaryServerInterceptor {
	var once sync.Once
	return func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
		once.Do(func() { os.Stdout, os.Stderr = stderr, stderr })
		return handler(ctx, request)
	}
}

func (o *Optimizer) serveConfig(mailbox *shm.Mailbox, more ...grpc.ServerOption) *plugin.ServeConfig {
	return &plugin.ServeConfig{
		HandshakeConfig: proto.Handshake,
		Plugins:         plugin.PluginSet{proto.PluginName: &grpcPlugin{service: o.service(mailbox)}},
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(append(options, more...),
				grpc.MaxRecvMsgSize(proto.MaxMessageBytes), grpc.MaxSendMsgSize(proto.MaxMessageBytes),
				grpc.StaticStreamWindowSize(proto.WindowBytes), grpc.StaticConnWindowSize(proto.WindowBytes))...)
		},
	}
}

// debug serves without a host having started it, until it is interrupted: under a debugger, for instance. It prints what
// the host needs to find it.
func (o *Optimizer) debug() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	where, done := make(chan *plugin.ReattachConfig, 1), make(chan struct{})
	config := o.serveConfig(nil)
	config.Logger = hclog.NewNullLogger()
	config.Test = &plugin.ServeTestConfig{Context: ctx, ReattachConfigCh: where, CloseCh: done}
	go plugin.Serve(config)
	select {
	case r := <-where:
		b, err := json.Marshal(map[string]proto.Reattach{o.description.Name: {Network: r.Addr.Network(), Address: r.Addr.String(),
			Pid: r.Pid}})
		if err != nil {
			return err
		}
		fmt.Printf("Waiting for a host; Ctrl-C ends. Run the experiment in another terminal with\n\n  export %s='%s'\n\n",
			proto.ReattachEnv, b)
	case <-done:
		return errors.New("cannot listen on a socket; is the folder for temporary files writable?")
	}
	<-done
	return nil
}

// command is what the binary does for a person. It returns the exit code.
func (o *Optimizer) command(args []string) int {
	d := o.description
	binary := proto.BinaryPrefix + d.Name
	switch {
	case len(args) == 0 || args[0] == "--help" || args[0] == "-h" || args[0] == "help":
		fmt.Printf(`%s %s: %s

This is an optimizer plugin for Steepest. "steepest run" starts it when an experiment says plugin = %q
and finds it in the folder plugins/ beside the steepest command, in $STEEPEST_PLUGIN_PATH or in --plugin-dir.

Usage:
  %s describe     print its hyperparameters and capabilities as JSON
  %s bench N...   time its step over N parameters, or a matrix such as 512x512, without a host
  %s --debug      wait for a host to attach, for running under a debugger
  %s --version    print its version
`, binary, d.Version, d.Summary, d.Name, binary, binary, binary, binary)
		return 0
	case args[0] == "--version" || args[0] == "version":
		fmt.Println(binary, d.Version)
		return 0
	case args[0] == "bench":
		if err := o.bench(os.Stdout, args[1:]); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", binary, err)
			return 2
		}
		return 0
	case args[0] == "--debug":
		if err := o.debug(); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", binary, err)
			return 1
		}
		return 0
	case args[0] == "describe":
		b, err := protojson.Marshal(d)
		var indented bytes.Buffer
		if err == nil {
			err = json.Indent(&indented, b, "", "  ") // protojson varies its own white space on purpose
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		fmt.Println(indented.String())
		return 0
	}
	fmt.Fprintf(os.Stderr, "%s: unknown command %q; try %s --help\n", binary, args[0], binary)
	return 2
}

// dieWithHost exits the process when the host is gone: then the other end of the life line is closed, and reading it
// ends. Without this, a host that is killed leaves its plugins behind. The host cannot clean up any more, so the socket
// goes too, and the socket's folder if this was its last.
func dieWithHost(lifeline *os.File, mailbox *shm.Mailbox) {
	closeOnExec(lifeline)
	mailbox.Listen(lifeline)
	if dir := os.Getenv(plugin.EnvUnixSocketDir); dir != "" {
		if mine, err := filepath.Glob(filepath.Join(dir, "plugin*")); err == nil && len(mine) == 1 {
			_ = os.Remove(mine[0])
		}
		name := filepath.Join(dir, filepath.Base(os.Args[0]))
		if info, err := os.Lstat(name); err == nil && info.Mode().Type() == os.ModeSymlink { // by which the host started it
			_ = os.Remove(name)
		}
		_ = os.Remove(dir)
	}
	os.Exit(0)
}

// grpcPlugin is the glue that go-plugin asks for.
type grpcPlugin struct {
	plugin.NetRPCUnsupportedPlugin
	service v1.OptimizerServiceServer
}

var _ plugin.GRPCPlugin = (*grpcPlugin)(nil)

func (p *grpcPlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	v1.RegisterOptimizerServiceServer(s, p.service)
	return nil
}

func (p *grpcPlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("this side is the plugin")
}
