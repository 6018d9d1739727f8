package regular

import (
	"context"
	"errors"
	"testing"
)

// TestUntil: what reads and does not look at its context, as a file that hangs, does not keep Ctrl-C waiting.
func TestUntil(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	forever := make(chan struct{})
	defer close(forever)
	_, err := Until(ctx, func() (int, error) {
		cancel()
		<-forever
		return 1, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
	if n, err := Until(context.Background(), func() (int, error) { return 1, errors.ErrUnsupported }); n != 1 ||
		!errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("%d, %v", n, err)
	}
}
