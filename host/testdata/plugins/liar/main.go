// Command steepest-optimizer-liar speaks the protocol without the SDK and breaks it on request. It is for tests.
package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/steepest/steepest/proto"
	"github.com/steepest/steepest/proto/shm"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

var (
	inline = v1.DataPlane_DATA_PLANE_INLINE
	shared = v1.DataPlane_DATA_PLANE_SHARED_MEMORY
)

type liar struct {
	v1.UnimplementedOptimizerServiceServer
	mailbox *shm.Mailbox
	mode    string
}

func text(s string) *v1.Value { return &v1.Value{Kind: &v1.Value_Text{Text: s}} }

func (l *liar) Describe(context.Context, *v1.DescribeRequest) (*v1.DescribeResponse, error) {
	summary := "breaks the protocol"
	switch filepath.Base(os.Args[0]) {
	case proto.BinaryPrefix + "liar-huge":
		summary = strings.Repeat("x", 64<<20)
	case proto.BinaryPrefix + "liar-once": // it dies, unless it did before
		if f, err := os.OpenFile(filepath.Join(os.TempDir(), "liar-died"), os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			_ = f.Close()
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	case proto.BinaryPrefix + "liar-escape":
		return nil, status.Error(codes.Internal, "\x1b[2J\u009b1m")
	}
	return &v1.DescribeResponse{Name: strings.TrimPrefix(filepath.Base(os.Args[0]), proto.BinaryPrefix), Version: "0.0.0-test", Summary: summary, Reference: "none",
		Hyperparameters: []*v1.Hyperparameter{{Name: "mode", Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_STRING, Doc: "how",
			Default: text("short"), Choices: []string{"short", "long", "exit", "plane", "garbage", "status"}}},
		Capabilities: &v1.Capabilities{DataPlanes: []v1.DataPlane{shared}},
	}, nil
}

func (l *liar) Validate(context.Context, *v1.ValidateRequest) (*v1.ValidateResponse, error) {
	return &v1.ValidateResponse{}, nil
}

func (l *liar) Open(ctx context.Context, r *v1.OpenRequest) (*v1.OpenResponse, error) {
	switch l.mode = r.Hyperparameters["mode"].GetText(); l.mode {
	case "exit":
		os.Exit(5)
	case "plane":
		return &v1.OpenResponse{DataPlane: inline + shared - r.DataPlanes[0]}, nil
	}
	if r.DataPlanes[0] == shared {
		m, err := l.mailbox.Take(ctx, r.Instance, shm.Size{Parameters: int(r.Tensors[0].Length)})
		if err != nil {
			return nil, err
		}
		go l.answer(m)
	}
	return &v1.OpenResponse{DataPlane: r.DataPlanes[0]}, nil
}

// answer overwrites what it can and rings.
func (l *liar) answer(m *shm.Memory) {
	never := func() bool { return false }
	for number := uint32(1); m.Control.Requests().Wait(number, 0, never); number++ {
		if l.mode == "garbage" {
			for i := range m.Control.Page() {
				m.Control.Page()[i] = byte(rand.Uint32())
			}
		} else {
			m.Control.SetAnswer(77, 1<<63, "")
		}
		m.Control.Answers().Ring(number)
		m.Control.Answers().Nudge()
	}
}

func (l *liar) Step(_ context.Context, r *v1.StepRequest) (*v1.StepResponse, error) {
	if l.mode == "long" {
		return &v1.StepResponse{Update: append(r.Gradient, r.Gradient...)}, nil
	}
	return &v1.StepResponse{Update: r.Gradient[:8]}, nil
}

func (l *liar) Close(context.Context, *v1.CloseRequest) (*v1.CloseResponse, error) {
	return &v1.CloseResponse{}, nil
}

type served struct {
	plugin.NetRPCUnsupportedPlugin
	service *liar
}

func (s served) GRPCServer(_ *plugin.GRPCBroker, g *grpc.Server) error {
	v1.RegisterOptimizerServiceServer(g, s.service)
	return nil
}

func (served) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("this side is the plugin")
}

func main() {
	l := &liar{mailbox: &shm.Mailbox{}}
	go func() {
		l.mailbox.Listen(os.NewFile(3, "lifeline"))
		os.Exit(0)
	}()
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: proto.Handshake,
		Plugins:         plugin.PluginSet{proto.PluginName: served{service: l}},
		GRPCServer:      plugin.DefaultGRPCServer,
	})
}
