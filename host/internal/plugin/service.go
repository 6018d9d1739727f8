package plugin

import (
	"context"

	"google.golang.org/grpc"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Service is the plugin's service itself, for those who examine it. Its messages may be as large as gRPC allows.
func (p *Process) Service() v1.OptimizerServiceClient {
	return v1.NewOptimizerServiceClient(roomy{p.conn})
}

// roomy is a connection for large messages.
type roomy struct{ grpc.ClientConnInterface }

var _ grpc.ClientConnInterface = roomy{}

func (r roomy) Invoke(ctx context.Context, method string, request, response any, options ...grpc.CallOption) error {
	return r.ClientConnInterface.Invoke(ctx, method, request, response,
		append(options, grpc.MaxCallRecvMsgSize(proto.MaxMessageBytes))...)
}

func (r roomy) NewStream(ctx context.Context, about *grpc.StreamDesc, method string,
	options ...grpc.CallOption) (grpc.ClientStream, error) {
	return r.ClientConnInterface.NewStream(ctx, about, method,
		append(options, grpc.MaxCallRecvMsgSize(proto.MaxMessageBytes))...)
}

// Said is what the plugin printed while no run was open, or the beginning of it.
func (p *Process) Said() string { return p.output.said() }
