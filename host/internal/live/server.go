// Package live serves the page of results while runs go on, to browsers on this machine. All that it shows is on record: it sees as much of the runs of
// another program as of those of its own.
package live

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
)

// What browsers may ask of the server: enough for many windows of one person, not enough to harm a run.
const (
	maxConnections = 128
	maxHeader      = 16 << 10
	maxWatchers    = 64 // windows that are told what changes: the others need connections too
	readTimeout    = 10 * time.Second
	writeTimeout   = 30 * time.Second // whoever takes nothing for so long is left
	idleTimeout    = 2 * time.Minute
)

// Server serves a page for each of some results folders.
type Server struct {
	URL string // of the first page, with a slash at its end

	ctx    context.Context
	cancel context.CancelFunc
	id     string // of this server: what a page says to one is not meant for another at the same address
	token  string // that only its pages know
	server *http.Server

	watching atomic.Int32 // windows of all pages

	mu    sync.Mutex
	sites []*site
}

// Listen begins to serve at an address, HOST:PORT, which must be of this machine: there is no password.
func Listen(address string) (*Server, error) {
	at, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s is no address: %w; give HOST:PORT, such as 127.0.0.1:8080", address, err)
	}
	if !at.IP.IsLoopback() {
		return nil, fmt.Errorf("%s can be reached from other machines, and the page has no password; leave the host out, and look at it from elsewhere through"+
			" ssh -L %[2]d:127.0.0.1:%[2]d HOST", address, at.Port)
	}
	listener, err := net.Listen("tcp", at.String())
	if err != nil {
		remedy := "choose another address, such as 127.0.0.1:8080"
		if errors.Is(err, syscall.EADDRINUSE) {
			remedy = "end the program that uses the port, or choose another one; :0 takes any that is free"
		}
		return nil, fmt.Errorf("cannot serve the page at %s: %w; %s", address, err, remedy)
	}
	s := &Server{URL: fmt.Sprintf("http://%s/", listener.Addr()), id: rand.Text(), token: rand.Text()}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.server = &http.Server{
		Handler: s.handler(), MaxHeaderBytes: maxHeader, ReadHeaderTimeout: readTimeout / 2, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		ErrorLog: log.New(io.Discard, "", 0), // what browsers do wrong is not the user's business
	}
	go func() { _ = s.server.Serve(netutil.LimitListener(listener, maxConnections)) }()
	return s, nil
}

// Add adds a page of the results in a folder. A nil Server has none.
func (s *Server) Add(dir string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sites = append(s.sites, newSite(s, dir))
}

// Check makes the page of every folder, and returns why one cannot be made.
func (s *Server) Check(ctx context.Context) error {
	for _, site := range s.all() {
		if err := site.check(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) all() []*site {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sites
}

// Close shows whoever is looking how things stand at last, and ends the server.
func (s *Server) Close() {
	if s == nil {
		return
	}
	var all sync.WaitGroup
	for _, site := range s.all() {
		all.Go(site.conclude)
	}
	all.Wait()
	s.cancel()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.server.Shutdown(ctx) != nil {
		_ = s.server.Close()
	}
}

// site is that of a path, and what of the path is left. One page alone is at the root; several have numbers.
func (s *Server) site(number string) *site {
	sites := s.all()
	if number == "" && len(sites) == 1 {
		return sites[0]
	}
	if n, err := strconv.Atoi(number); err == nil && len(sites) > 1 && n >= 1 && n <= len(sites) {
		return sites[n-1]
	}
	return nil
}

// notAsked refuses what only a page asks, and by POST.
func notAsked(_ *site, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	http.Error(w, "The runs are stopped by the button of the page.", http.StatusMethodNotAllowed)
}

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]func(*site, http.ResponseWriter, *http.Request){
		"GET %s{$}": (*site).page, "GET %sevents": (*site).events, "POST %sstop": (*site).stop, "%sstop": notAsked,
	} {
		for _, path := range []string{"/", "/{number}/"} {
			mux.HandleFunc(fmt.Sprintf(pattern, path), func(w http.ResponseWriter, r *http.Request) {
				switch site := s.site(r.PathValue("number")); {
				case site != nil:
					answer(site, w, r)
				case r.URL.Path == "/" && len(s.all()) > 1:
					s.index(w)
				default:
					http.NotFound(w, r)
				}
			})
		}
	}
	return s.guard(mux)
}
