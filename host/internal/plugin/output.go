package plugin

import (
	"bytes"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
)

// broadcast copies what a plugin process prints to the log of every run that it serves at that moment: a process cannot
// say for which of its instances it printed. What is printed before the first run is kept for the error message or the
// first log.
type broadcast struct {
	mu    sync.Mutex
	logs  []io.Writer
	early bytes.Buffer
	last  time.Time // of the last write
}

var _ optimizer.Output = (*broadcast)(nil)

// quiet is how long nothing arrives from a process that has nothing more to say.
const quiet = 100 * time.Millisecond

// Settle waits until what a process printed before its last answer has arrived: the pipe of its standard error is read
// beside the connection.
func (b *broadcast) Settle() {
	since := time.Now()
	for end := since.Add(10 * quiet); time.Now().Before(end) && time.Since(since) < quiet; time.Sleep(quiet / 10) {
		b.mu.Lock()
		if b.last.After(since) {
			since = b.last
		}
		b.mu.Unlock()
	}
}

// earlyLimit bounds what is kept before there is a log.
const earlyLimit = 64 << 10

// Write never fails: a full disk under a log must not stop a plugin.
func (b *broadcast) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = time.Now()
	if len(b.logs) == 0 && b.early.Len() < earlyLimit {
		b.early.Write(p)
	}
	for _, log := range b.logs {
		_, _ = log.Write(p)
	}
	return len(p), nil
}

// Attach copies what is printed from now on to a log.
func (b *broadcast) Attach(log io.Writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.early.Len() > 0 {
		_, _ = log.Write(b.early.Bytes())
		b.early.Reset()
	}
	b.logs = append(b.logs, log)
}

// Detach ends that.
func (b *broadcast) Detach(log io.Writer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.logs = slices.DeleteFunc(b.logs, func(w io.Writer) bool { return w == log })
}
