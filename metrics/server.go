package metrics

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v2"
	"golang.org/x/net/netutil"
	"golang.org/x/time/rate"
)

// What clients may ask of the server: enough for several Prometheis and people, not enough to harm a run.
const (
	maxConnections = 256
	maxStreams     = 16 // at once on a connection of HTTP/2: those of a browser's windows, each of which may have one that does not end
	maxHeader      = 16 << 10
	readTimeout    = 10 * time.Second
	writeTimeout   = 15 * time.Second
	idleTimeout    = 2 * time.Minute
)

// Server answers scrapes.
type Server struct {
	Addr      net.Addr // that it listens on, whose port differs from the given one if that was 0
	URL       string   // of the landing page, with a slash at its end
	collector *Collector
	server    *http.Server
	scraped   atomic.Uint64 // the newest of the changes that a complete scrape has shown, and one more
	grew      chan struct{} // receives when scraped grew

	rhythm sync.Mutex
	last   time.Time     // when the metrics were scraped last
	apart  time.Duration // how long after the scrape before; 0 if there was none
}

// loopback is the address that only programs on this machine reach.
const loopback = "127.0.0.1"

// DefaultPort is the port of metrics unless one is named. Where it is taken, the next free one up to LastPort serves as well, so that
// several programs can go on at once.
const (
	DefaultPort = 9464
	LastPort    = DefaultPort + 99
)

// Address completes an address to HOST:PORT. Without a host it is the loopback address: nobody else can reach the server
// unless that was asked for by name.
func Address(address string) (string, error) {
	if !strings.Contains(address, ":") {
		address = ":" + address
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", fmt.Errorf("address %s: %q is no port; it is a number up to 65535", address, port)
	}
	return net.JoinHostPort(cmp.Or(host, loopback), port), nil
}

// Addresses completes an address likewise; where it names no port, to one for each port that will do.
func Addresses(address string) (all []string, err error) {
	host := strings.TrimSuffix(strings.TrimPrefix(address, "["), "]")
	_, notNumber := strconv.Atoi(address)
	if notNumber == nil || strings.Contains(address, ":") && net.ParseIP(host) == nil {
		address, err = Address(address)
		return []string{address}, err
	}
	for port := DefaultPort; port <= LastPort; port++ {
		all = append(all, net.JoinHostPort(cmp.Or(host, loopback), strconv.Itoa(port)))
	}
	return all, nil
}

// listen takes the first of the addresses that is free.
func listen(addresses []string) (l net.Listener, err error) {
	for _, address := range addresses {
		if l, err = net.Listen("tcp", address); !InUse(err) {
			break
		}
	}
	return l, err
}

// InUse tells whether nobody can listen at an address because somebody does.
func InUse(err error) bool {
	const windows = syscall.Errno(10048) // WSAEADDRINUSE
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, windows)
}

// Loopback tells whether only programs on this machine can reach the server.
func (s *Server) Loopback() bool {
	a, ok := s.Addr.(*net.TCPAddr)
	return ok && a.IP.IsLoopback()
}

// CheckConfig tells what is wrong with a web configuration file. An empty name is right.
func CheckConfig(file string) error { return web.Validate(file) }

// scheme is how clients must ask a server with this web configuration file, which was checked.
func scheme(file string) (string, error) {
	if file == "" {
		return "http", nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var config web.Config
	if err := yaml.Unmarshal(b, &config); err != nil {
		return "", err
	}
	if config.TLSConfig.IsEnabled() {
		return "https", nil
	}
	return "http", nil
}

// Serve answers scrapes of the registry, in which the collector is, at the first of the addresses that is free, until Close. Whatever else is asked there is answered by the landing
// page's handler, which may take as long as it sets its deadlines to. The web configuration file may demand TLS and passwords; it is as exporters have it,
// and may be "".
func Serve(addresses []string, config string, c *Collector, registry *prometheus.Registry, landing http.Handler) (*Server, error) {
	if err := CheckConfig(config); err != nil {
		return nil, err
	}
	scheme, err := scheme(config)
	if err != nil {
		return nil, err
	}
	listener, err := listen(addresses)
	if err != nil {
		return nil, err
	}
	s := &Server{Addr: listener.Addr(), URL: fmt.Sprintf("%s://%s/", scheme, listener.Addr()), collector: c,
		grew: make(chan struct{}, 1)}
	limiter := rate.NewLimiter(acceptRate, acceptBurst)
	s.server = &http.Server{
		Handler: s.handler(registry, landing), MaxHeaderBytes: maxHeader, ReadHeaderTimeout: readTimeout / 2, ReadTimeout: readTimeout,
		WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		HTTP2:    &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ErrorLog: log.New(io.Discard, "", 0), // what clients do wrong is not the user's business
	}
	go func() {
		err := web.Serve(netutil.LimitListener(&limitedListener{listener, limiter}, maxConnections), s.server,
			&web.FlagConfig{WebConfigFile: &config}, slog.New(slog.DiscardHandler))
		if !errors.Is(err, http.ErrServerClosed) {
			_ = listener.Close()
		}
	}()
	return s, nil
}

// Close ends the server. Answers on their way have a second to arrive.
func (s *Server) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if s.server.Shutdown(ctx) != nil {
		_ = s.server.Close()
	}
}

func (s *Server) handler(registry *prometheus.Registry, landing http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	for _, path := range []string{"/-/healthy", "/healthz"} { // as Prometheus has it, and as supervisors of containers ask
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "Steepest is healthy.\n")
		})
	}
	mux.HandleFunc("GET /-/ready", func(w http.ResponseWriter, _ *http.Request) {
		if c := s.collector; c.changes.Load() == 0 {
			http.Error(w, "Steepest is not ready: no run is planned yet.", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, "Steepest is ready.\n")
	})
	all := &answers{handler: mux, version: s.collector.changes.Load, limiter: rate.NewLimiter(answerRate, answerBurst)}
	answered := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		version, ok := all.serve(w, r)
		if ok && r.Method == http.MethodGet && r.URL.Path == "/metrics" && r.URL.RawQuery == "" {
			s.saw(version)
		}
	})
	outer := http.NewServeMux()
	outer.Handle("/", paced(landing))
	outer.Handle("/metrics", answered)
	outer.Handle("/-/", answered)
	outer.Handle("/healthz", answered)
	return outer
}

// saw notes that a client got all that there was to see at a version.
func (s *Server) saw(version uint64) {
	s.rhythm.Lock()
	now := time.Now()
	if !s.last.IsZero() {
		s.apart = now.Sub(s.last)
	}
	s.last = now
	s.rhythm.Unlock()
	for old := s.scraped.Load(); old < version+1; old = s.scraped.Load() {
		if s.scraped.CompareAndSwap(old, version+1) {
			select {
			case s.grew <- struct{}{}:
			default:
			}
			return
		}
	}
}

// settle is how long whoever scraped the last values has to keep them, before somebody asks for them who waited for the end of this program.
const settle = 300 * time.Millisecond

// Linger waits until the metrics were scraped after the last change of a run, the time is over, or the context ends. It
// tells whether they were scraped.
func (s *Server) Linger(ctx context.Context, most time.Duration) bool {
	over := time.After(most)
	for {
		if s.scraped.Load() > s.collector.changes.Load() {
			select {
			case <-time.After(settle):
			case <-ctx.Done():
			}
			return true
		}
		select {
		case <-s.grew:
		case <-over:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// MaxDue is how long a program waits at its end for the next scrape. It suffices for the usual 15 seconds between two.
const MaxDue = 16 * time.Second

// Due is how long from now the next scrape should have come, by the time between the last two; 0 if nobody scrapes, not so soon, or
// not any more, or if all that there is to see was scraped.
func (s *Server) Due() time.Duration {
	s.rhythm.Lock()
	defer s.rhythm.Unlock()
	if s.apart == 0 || s.scraped.Load() > s.collector.changes.Load() {
		return 0
	}
	due := time.Until(s.last.Add(s.apart))
	if due < -s.apart || due > MaxDue {
		return 0
	}
	return max(due, 0) + s.apart/4 + 500*time.Millisecond
}
