package metrics

import (
	"bytes"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	maxWaiting = 16                     // requests for a page that wait; further ones are refused
	maxAge     = 100 * time.Millisecond // of a page that is handed out again
	maxKept    = 8                      // pages that are kept: one for each format that clients ask for
)

// renderer makes pages one at a time, and hands out a page that was just made again, unless a run was added, began or
// ended since. So any number of clients take no more than a part of one core. A page is complete before the first byte is
// sent: a slow reader holds nothing that others need.
type renderer struct {
	collector *Collector
	tickets   chan struct{}

	mu   sync.Mutex
	kept map[string]*page
}

// page is an answer. It implements http.ResponseWriter for those who make it.
type page struct {
	made    time.Time
	version uint64 // of the collector, before it was made
	code    int
	header  http.Header
	body    bytes.Buffer
}

var _ http.ResponseWriter = (*page)(nil)

func (p *page) Header() http.Header         { return p.header }
func (p *page) WriteHeader(code int)        { p.code = code }
func (p *page) Write(b []byte) (int, error) { return p.body.Write(b) }

func newRenderer(c *Collector) *renderer {
	return &renderer{collector: c, tickets: make(chan struct{}, maxWaiting+1), kept: map[string]*page{}}
}

// serve answers with what the handler makes. It returns the collector's version that the answer shows, and whether the
// client got all of it.
func (d *renderer) serve(w http.ResponseWriter, r *http.Request, h http.Handler) (version uint64, ok bool) {
	select {
	case d.tickets <- struct{}{}:
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "Too many requests at once; come back in a second.", http.StatusServiceUnavailable)
		return 0, false
	}
	p := d.page(r, h)
	<-d.tickets
	for name, values := range p.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(p.body.Len())) // so that the flush below completes the answer
	w.WriteHeader(p.code)
	_, err := w.Write(p.body.Bytes())
	if err == nil {
		err = http.NewResponseController(w).Flush()
	}
	return p.version, err == nil && p.code == http.StatusOK
}

// page makes a page, or finds it.
func (d *renderer) page(r *http.Request, h http.Handler) *page {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := r.URL.Path + "\n" + r.URL.RawQuery + "\n" + r.Header.Get("Accept") + "\n" + r.Header.Get("Accept-Encoding")
	version := d.collector.changes.Load()
	if p := d.kept[key]; p != nil && p.version == version && time.Since(p.made) < maxAge {
		return p
	}
	p := &page{made: time.Now(), version: version, code: http.StatusOK, header: http.Header{}}
	h.ServeHTTP(p, r)
	if len(d.kept) >= maxKept {
		clear(d.kept)
	}
	d.kept[key] = p
	return p
}
