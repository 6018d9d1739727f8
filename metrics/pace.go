package metrics

import (
	"context"
	"net"
	"net/http"

	"golang.org/x/net/netutil"
	"golang.org/x/time/rate"
)

// How fast the server works for clients in a hurry. They wait; nobody else does, but for those who knock at the same time.
const (
	knocks       = 100 // new connections in a second, and how many may come at once after a pause
	questions    = 4   // requests in a second on one connection
	questionsNow = 16  // that may come at once after a pause
)

// paced accepts connections at a limited rate and number, so that those who knock cannot take the cores of the runs.
func paced(l net.Listener) net.Listener {
	return netutil.LimitListener(&slowListener{l, rate.NewLimiter(knocks, knocks)}, maxConnections)
}

type slowListener struct {
	net.Listener
	limiter *rate.Limiter
}

func (l *slowListener) Accept() (net.Conn, error) {
	if err := l.limiter.Wait(context.Background()); err != nil {
		return nil, err
	}
	return l.Listener.Accept()
}

type limiterKey struct{}

// withLimiter gives a connection a limiter of its own. It is http.Server.ConnContext.
func withLimiter(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, limiterKey{}, rate.NewLimiter(questions, questionsNow))
}

// patiently answers the requests of a connection at its limited rate.
func patiently(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l, ok := r.Context().Value(limiterKey{}).(*rate.Limiter); ok && l.Wait(r.Context()) != nil {
			return // the client is gone
		}
		h.ServeHTTP(w, r)
	})
}
