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
	"syscall"
	"time"

	"golang.org/x/net/netutil"
)

// What browsers may ask of the server: enough for many windows of one person, not enough to harm a run.
const (
	maxConnections = 128
	maxHeader      = 16 << 10
	maxWatchers    = 64 // of one page, which it tells what changes
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
	stop   Stop
	server *http.Server

	mu    sync.Mutex
	sites []*site
}

// Stop asks whoever makes the runs to stop, and returns what to tell the one who asked. A nil one cannot be asked.
type Stop func() (string, error)

// Listen begins to serve at an address, HOST:PORT, which must be of this machine: there is no password.
func Listen(address string, stop Stop) (*Server, error) {
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
	s := &Server{URL: fmt.Sprintf("http://%s/", listener.Addr()), id: rand.Text(), token: rand.Text(), stop: stop}
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

func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	page := func(w http.ResponseWriter, r *http.Request) {
		number := r.PathValue("number")
		if site := s.site(number); site != nil {
			site.page(w, r)
		} else if number == "" && len(s.all()) > 0 {
			s.index(w)
		} else {
			http.NotFound(w, r)
		}
	}
	events := func(w http.ResponseWriter, r *http.Request) {
		if site := s.site(r.PathValue("number")); site != nil {
			site.events(w, r)
		} else {
			http.NotFound(w, r)
		}
	}
	mux.HandleFunc("GET /{$}", page)
	mux.HandleFunc("GET /events", events)
	mux.HandleFunc("GET /{number}/{$}", page)
	mux.HandleFunc("GET /{number}/events", events)
	mux.HandleFunc("POST /stop", s.stopped)
	return s.guard(mux)
}

// stopped answers to the button.
func (s *Server) stopped(w http.ResponseWriter, _ *http.Request) {
	if s.stop == nil {
		http.Error(w, "The runs are made by another program: end them there.", http.StatusConflict)
		return
	}
	told, err := s.stop()
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, told)
}
