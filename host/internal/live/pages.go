package live

import (
	"context"
	"crypto/rand"
	"sync"
	"sync/atomic"
)

// maxWatchers is how many windows are told what changes, wherever they are served: the others need connections too.
const maxWatchers = 64

// Pages are those of some results folders. They can be served at several addresses: what is found out for one who looks is shown to all.
type Pages struct {
	ctx    context.Context
	cancel context.CancelFunc
	id     string // of these pages: what one says to its server is not meant for another at the same address

	watching atomic.Int32 // windows of all pages

	mu    sync.Mutex
	sites []*site
}

// NewPages are none yet.
func NewPages() *Pages {
	p := &Pages{id: rand.Text()}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// Add adds a page of the results in a folder.
func (p *Pages) Add(dir string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sites = append(p.sites, newSite(p, dir))
}

// Check makes the page of every folder, and returns why one cannot be made.
func (p *Pages) Check(ctx context.Context) error {
	for _, site := range p.all() {
		if err := site.check(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pages) all() []*site {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sites
}

// Close shows whoever is looking how things stand at last. The servers are to be closed behind it.
func (p *Pages) Close() {
	var all sync.WaitGroup
	for _, site := range p.all() {
		all.Go(site.conclude)
	}
	all.Wait()
	p.cancel()
}
