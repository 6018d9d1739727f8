package shm

import (
	"context"
	"fmt"
	"sync"
)

// Mailbox keeps what came over a life line until an Open asks for it.
type Mailbox struct {
	mu      sync.Mutex
	arrived map[string][3]int
	signal  chan struct{} // closed and replaced at each arrival
}

// MaxInstance is the longest name of an instance whose memory can be passed, in bytes.
const MaxInstance = 1024

func (b *Mailbox) put(instance string, files [3]int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.arrived == nil {
		b.arrived = map[string][3]int{}
	}
	if old, ok := b.arrived[instance]; ok {
		closeFiles(old[:]...)
	}
	b.arrived[instance] = files
	if b.signal != nil {
		close(b.signal)
		b.signal = nil
	}
}

// Drop forgets memory that an instance has no use for.
func (b *Mailbox) Drop(instance string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if files, ok := b.arrived[instance]; ok {
		closeFiles(files[:]...)
		delete(b.arrived, instance)
	}
}

// Take maps the memory of an instance. It waits for it until the context ends.
func (b *Mailbox) Take(ctx context.Context, instance string, size Size) (*Memory, error) {
	for {
		b.mu.Lock()
		files, ok := b.arrived[instance]
		delete(b.arrived, instance)
		if b.signal == nil {
			b.signal = make(chan struct{})
		}
		signal := b.signal
		b.mu.Unlock()
		if ok {
			return attach(files, size)
		}
		select {
		case <-signal:
		case <-ctx.Done():
			return nil, fmt.Errorf("the shared memory of instance %q did not arrive: %w", instance, ctx.Err())
		}
	}
}
