package metrics

import (
	"bytes"
	"context"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"
	"golang.org/x/time/rate"
)

// How fast the server works for clients in a hurry. They wait, so that they don't take the cores of the runs.
const (
	answerRate, answerBurst = 5, 20    // answers made in a second, and how many at once after a pause
	acceptRate, acceptBurst = 100, 100 // new connections, likewise
)

// answers are made at a limited rate. All who ask for the same before it is made get one answer, so any number of clients take no
// more than a part of one core. An answer is complete before its first byte is sent: a slow reader holds nothing that others need.
type answers struct {
	handler http.Handler
	version func() uint64
	group   singleflight.Group
	limiter *rate.Limiter
}

// answer implements http.ResponseWriter for the handler that makes it.
type answer struct {
	version uint64 // before it was made
	code    int
	header  http.Header
	body    bytes.Buffer
}

var _ http.ResponseWriter = (*answer)(nil)

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(code int)        { a.code = code }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// timeoutHeader says how many seconds Prometheus waits for an answer.
const timeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"

// patience is how long an answer may take until it is sent, of the time that the client waits, as long as it says: a tenth is for the way.
func patience(r *http.Request) time.Duration {
	seconds, err := strconv.ParseFloat(r.Header.Get(timeoutHeader), 64)
	if err != nil || !(seconds > 0 && seconds < writeTimeout.Seconds()) {
		return writeTimeout
	}
	return time.Duration(0.9 * seconds * float64(time.Second))
}

// serve returns the version that the answer shows, and whether the client got all of it. A client that would be gone when its answer comes
// is told so before: what it does not keep was not seen.
func (all *answers) serve(w http.ResponseWriter, r *http.Request) (version uint64, ok bool) {
	asked := strings.Join([]string{r.Method, r.URL.String(), r.Header.Get("Accept"), r.Header.Get("Accept-Encoding")}, "\n")
	late := time.NewTimer(patience(r))
	defer late.Stop()
	made := all.group.DoChan(asked, func() (any, error) { return all.make(r.Clone(context.WithoutCancel(r.Context()))), nil })
	var a *answer
	select {
	case result := <-made:
		a = result.Val.(*answer)
	case <-late.C:
		http.Error(w, "The metrics are not ready in time; ask with a longer scrape_timeout, or show fewer runs with --metrics-max-runs.",
			http.StatusServiceUnavailable)
		return 0, false
	}
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(a.body.Len())) // so that the flush below completes the answer
	w.WriteHeader(a.code)
	_, err := w.Write(a.body.Bytes())
	if err == nil {
		err = http.NewResponseController(w).Flush()
	}
	return a.version, err == nil && a.code == http.StatusOK
}

// make makes an answer when it is its turn.
func (all *answers) make(r *http.Request) *answer {
	a := &answer{code: http.StatusOK, header: http.Header{}}
	defer func() { // nobody above would catch it, and the runs go on
		if recover() != nil {
			*a = answer{code: http.StatusInternalServerError, header: http.Header{}}
		}
	}()
	ctx, cancel := context.WithTimeout(r.Context(), writeTimeout)
	defer cancel()
	if all.limiter.Wait(ctx) != nil { // its turn would come when whoever asked is gone
		http.Error(a, "Too many ask for the metrics at once; ask again.", http.StatusServiceUnavailable)
		return a
	}
	a.version = all.version()
	all.handler.ServeHTTP(a, r)
	return a
}

// paced begins answers at the same limited rate, but does not make them whole before it sends them: they may be streams. What is asked of it keeps no scrape
// waiting.
func paced(next http.Handler) http.Handler {
	limiter := rate.NewLimiter(answerRate, answerBurst)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if limiter.Wait(r.Context()) == nil {
			next.ServeHTTP(w, r)
		}
	})
}

// limitedListener accepts connections at a limited rate.
type limitedListener struct {
	net.Listener
	limiter *rate.Limiter
}

func (l *limitedListener) Accept() (net.Conn, error) {
	if err := l.limiter.Wait(context.Background()); err != nil {
		return nil, err
	}
	return l.Listener.Accept()
}
