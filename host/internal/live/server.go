// Package live serves the page of results while runs go on: to browsers on this machine, which can stop the runs, and to those of others for reading. All that
// it shows is on record: it sees as much of the runs of another program as of those of its own.
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
	"syscall"
	"time"

	"golang.org/x/net/netutil"
)

// What browsers may ask of the server: enough for many windows of one person, not enough to harm a run.
const (
	maxConnections = 128
	maxHeader      = 16 << 10
	readTimeout    = 10 * time.Second
	writeTimeout   = 30 * time.Second // whoever takes nothing for so long is left
	idleTimeout    = 2 * time.Minute
)

// Server serves pages to browsers on this machine.
type Server struct {
	URL    string // of the first page, with a slash at its end
	door   door
	server *http.Server
}

// Listen begins to serve pages at an address, HOST:PORT, which must be of this machine: there is no password.
func Listen(address string, pages *Pages) (*Server, error) {
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
	s := &Server{URL: fmt.Sprintf("http://%s/", listener.Addr()), door: door{Pages: pages, token: rand.Text()}}
	s.server = &http.Server{
		Handler: s.door.handler(), MaxHeaderBytes: maxHeader, ReadHeaderTimeout: readTimeout / 2, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		ErrorLog: log.New(io.Discard, "", 0), // what browsers do wrong is not the user's business
	}
	go func() { _ = s.server.Serve(netutil.LimitListener(listener, maxConnections)) }()
	return s, nil
}

// Close ends the server. A nil one is none.
func (s *Server) Close() {
	if s == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.server.Shutdown(ctx) != nil {
		_ = s.server.Close()
	}
}
