package proto

import (
	"context"
	"errors"
	"io"
	"testing"

	"google.golang.org/grpc"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// hasty answers a restore after a number of messages.
type hasty struct {
	v1.OptimizerServiceClient
	grpc.ClientStreamingClient[v1.RestoreRequest, v1.RestoreResponse]
	after  int
	answer error
}

func (h *hasty) Restore(context.Context, ...grpc.CallOption) (v1.OptimizerService_RestoreClient, error) {
	return h, nil
}

func (h *hasty) Send(*v1.RestoreRequest) error {
	if h.after--; h.after < 0 {
		return io.EOF
	}
	return nil
}

func (h *hasty) CloseAndRecv() (*v1.RestoreResponse, error) { return nil, h.answer }

// TestRestoreCutShort: a state of which the plugin did not read all was not restored, whatever the plugin says.
func TestRestoreCutShort(t *testing.T) {
	refused := errors.New("refused")
	for _, c := range []struct {
		after        int
		answer, want error
	}{{4, nil, nil}, {3, nil, io.EOF}, {0, nil, io.EOF}, {1, refused, refused}, {4, refused, refused}} {
		err := Snapshot{"1", make([]byte, 5)}.Restore(t.Context(), &hasty{after: c.after, answer: c.answer}, "a", 2)
		if !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
