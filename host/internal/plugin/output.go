package plugin

import (
	"bytes"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/steepest/steepest/host/internal/optimizer"
)

// broadcast copies what a plugin process prints to the log of every run that it serves at that moment: a process cannot
// say for which of its instances it printed. What is printed before the first run is kept for the error message or the
// first log.
type broadcast struct {
	mu    sync.Mutex
	logs  []io.Writer
	early bytes.Buffer
	drain func() // makes what was printed arrive; nil if it comes from elsewhere
}

var _ optimizer.Output = (*broadcast)(nil)

// pipe is the standard error of a process. What is read of it is passed on, whoever reads: go-plugin, beside the connection
// and sometimes later than its answers, or drain.
type pipe struct {
	*os.File
	mu sync.Mutex // so that nothing is read and not yet passed on when drain looks
	to io.Writer
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

// Detach ends that, once what was printed before is there.
func (b *broadcast) Detach(log io.Writer) {
	b.arrive()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.logs = slices.DeleteFunc(b.logs, func(w io.Writer) bool { return w == log })
}

// said is what was printed while there was no log, or the beginning of it.
func (b *broadcast) said() string {
	b.arrive()
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.early.String()
}

func (b *broadcast) arrive() {
	if b.drain != nil {
		b.drain()
	}
}
