package metrics

import (
	"sync"
	"sync/atomic"
)

// ring is a queue of bounded length from one writer, who never waits, to readers: histograms are filled when somebody looks,
// not in the training loop.
type ring struct {
	times       [4096]StepTime
	given, used atomic.Uint64

	mu sync.Mutex // of the readers
}

// put appends, unless the queue is full.
func (q *ring) put(t StepTime) {
	n := q.given.Load()
	if n-q.used.Load() == uint64(len(q.times)) {
		return
	}
	q.times[n%uint64(len(q.times))] = t
	q.given.Store(n + 1)
}

// drain calls f with everything in the queue.
func (q *ring) drain(f func(StepTime)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	end := q.given.Load()
	for n := q.used.Load(); n < end; n++ {
		f(q.times[n%uint64(len(q.times))])
	}
	q.used.Store(end)
}
