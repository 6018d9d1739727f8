package optimizer

import (
	"bytes"
	"io"
	"slices"
	"sync"
)

// broadcast copies what a plugin process prints to the log of every run that it serves at that moment: a process cannot
// say for which of its instances it printed. What is printed before the first run is kept for the error message or the
// first log.
type broadcast struct {
	mu    sync.Mutex
	logs  []io.Writer
	early bytes.Buffer
}

// earlyLimit bounds what is kept before there is a log.
const earlyLimit = 64 << 10

// Write never fails: a full disk under a log must not stop a plugin.
func (b *broadcast) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.logs) == 0 && b.early.Len() < earlyLimit {
		b.early.Write(p)
	}
	for _, log := range b.logs {
		_, _ = log.Write(p)
	}
	return len(p), nil
}

func (b *broadcast) attach(log io.Writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.early.Len() > 0 {
		_, _ = log.Write(b.early.Bytes())
		b.early.Reset()
	}
	b.logs = append(b.logs, log)
}

func (b *broadcast) detach(log io.Writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.logs = slices.DeleteFunc(b.logs, func(w io.Writer) bool { return w == log })
}
