package store

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"
)

// TestInOrder: what is done at once comes in order, each once; who stops is left alone, and little is done for nothing.
func TestInOrder(t *testing.T) {
	const n = 5000
	var done atomic.Int64
	do := func(i int) int {
		if done.Add(1); i%100 == 0 {
			time.Sleep(time.Duration(rand.IntN(1000)) * time.Microsecond)
		}
		return i * i
	}
	i := 0
	for x := range inOrder(t.Context(), n, do) {
		if x != i*i {
			t.Fatalf("in place %d is %d", i, x)
		}
		i++
	}
	if i != n || done.Load() != n {
		t.Errorf("%d of %d, done %d", i, n, done.Load())
	}
	for range inOrder(t.Context(), 0, do) {
		t.Error("of none there is one")
	}
	done.Store(0)
	const most = 4 * atATime // what is done ahead follows from the number of processors
	many := 1000 * most * manyAtOnce
	for range inOrder(t.Context(), many, do) {
		break
	}
	if d := done.Load(); d == 0 || d > int64(most*manyAtOnce) {
		t.Errorf("%d were done for the first", d)
	}
	ctx, stop := context.WithCancel(t.Context())
	for x := range inOrder(ctx, many, do) {
		if x > 100 {
			t.Error("it goes on after its context ended")
		}
		if x == 100 {
			stop()
		}
	}
	stop()
}
