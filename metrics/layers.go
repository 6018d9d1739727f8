package metrics

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// MaxLayers is how many layers of a run have series.
const MaxLayers = 64

// layerInterval is how old the norms of a run may become while nobody asks for them.
const layerInterval = time.Second

// layers are the gradient norms of a run's layers. They cost a pass over the gradient, and so are computed only when a
// scrape asked since the last time, or when they are a second old.
type layers struct {
	asked atomic.Bool
	taken bool          // the writer's: whether any were computed yet
	at    time.Duration // likewise: when the last ones were

	mu    sync.Mutex // the writer only tries to take it
	norms []float64  // nil until some are known
}

// LayersDue tells whether the layers' norms are wanted now, so long after the run began.
func (r *Run) LayersDue(since time.Duration) bool {
	l := &r.layers
	return len(r.info.Layers) > 0 && (!l.taken || l.asked.Load() || since-l.at >= layerInterval)
}

// Layers shows the norms of the layers, as many as Info has, so long after the run began. It does nothing while a scrape
// reads the last ones: they are due again at the next step.
func (r *Run) Layers(since time.Duration, norms []float64) {
	l := &r.layers
	if !l.mu.TryLock() {
		return
	}
	l.norms = append(l.norms[:0], norms...)
	l.mu.Unlock()
	l.asked.Store(false)
	l.taken, l.at = true, since
}

// read returns the last norms and asks for newer ones.
func (l *layers) read() []float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked.Store(true)
	return slices.Clone(l.norms)
}
