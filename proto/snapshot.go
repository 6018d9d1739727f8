package proto

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"google.golang.org/grpc"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Snapshot is an optimizer's state, as its plugin wrote it.
type Snapshot struct {
	Version string // of the state's meaning: restored only by a plugin of the same
	State   []byte
}

// ChunkBytes is the usual size of a snapshot's chunks, well below any message limit.
const ChunkBytes = 1 << 20

// SnapshotError is what is wrong with a snapshot whose call did not fail.
type SnapshotError struct{ message, remedy string }

func (e *SnapshotError) Error() string { return e.message }

// Remedy is for the plugin's author.
func (e *SnapshotError) Remedy() string { return e.remedy }

// TakeSnapshot asks for the state of an instance of so many parameters. The error is that of the call, or a SnapshotError.
func TakeSnapshot(ctx context.Context, client v1.OptimizerServiceClient, instance string, parameters int,
	options ...grpc.CallOption) (s Snapshot, err error) {
	stream, err := client.Snapshot(ctx, &v1.SnapshotRequest{Instance: instance}, options...)
	if err != nil {
		return Snapshot{}, err
	}
	for limit := MaxState(parameters); ; {
		r, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return s, nil
		case err != nil:
			return Snapshot{}, err
		case s.Version == "":
			s.Version = r.StateVersion
		case r.StateVersion != "" && r.StateVersion != s.Version:
			return Snapshot{}, &SnapshotError{fmt.Sprintf("the snapshot has the state version %s, and later %s",
				Quote(s.Version), Quote(r.StateVersion)), "name the version of the state in the first chunk, once"}
		}
		if s.State = append(s.State, r.Chunk...); len(s.State) > limit || len(s.Version) > MaxText {
			return Snapshot{}, &SnapshotError{fmt.Sprintf("the snapshot of %d elements has more than %d bytes", parameters, limit),
				"end the stream after the state; save only what a step needs"}
		}
	}
}

// Restore gives an instance the state, in chunks of so many bytes. The error is that of the call, or io.EOF if the plugin
// said that all is well before it had the whole state.
func (s Snapshot) Restore(ctx context.Context, client v1.OptimizerServiceClient, instance string, chunk int) error {
	stream, err := client.Restore(ctx)
	if err != nil {
		return err
	}
	err = stream.Send(&v1.RestoreRequest{Instance: instance, StateVersion: s.Version})
	for piece := range slices.Chunk(s.State, chunk) {
		if err == nil {
			err = stream.Send(&v1.RestoreRequest{Chunk: piece})
		}
	}
	// A Send that fails ended the stream; its reason is in the answer.
	if _, answer := stream.CloseAndRecv(); answer != nil {
		return answer
	}
	return err
}
