package remote

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/encoding/protowire"
)

// fake takes what it is sent, unless answer says otherwise.
type fake struct {
	*httptest.Server
	mu     sync.Mutex
	taken  map[string][]float64 // by the labels of a series, as name=value;
	answer func(n int, w http.ResponseWriter, r *http.Request, series map[string][]float64) bool
	asked  int
}

func newFake(t *testing.T) *fake {
	f := &fake{taken: map[string][]float64{}}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err == nil {
			b, err = snappy.Decode(nil, b)
		}
		if err != nil || r.Header.Get("X-Prometheus-Remote-Write-Version") != "0.1.0" {
			t.Errorf("%v, headers %v", err, r.Header)
		}
		series := map[string][]float64{}
		fields(t, b, func(_ protowire.Number, one []byte, _ uint64) {
			name, values := "", []float64(nil)
			fields(t, one, func(n protowire.Number, b []byte, _ uint64) {
				fields(t, b, func(m protowire.Number, text []byte, x uint64) {
					switch {
					case n == 1 && m == 1:
						name += string(text) + "="
					case n == 1:
						name += string(text) + ";"
					case m == 1:
						values = append(values, math.Float64frombits(x))
					}
				})
			})
			series[name] = append(series[name], values...)
		})
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked++
		if f.answer != nil && !f.answer(f.asked, w, r, series) {
			return
		}
		for name, values := range series {
			f.taken[name] = append(f.taken[name], values...)
		}
	}))
	t.Cleanup(f.Close)
	return f
}

// fields calls visit for each field of a message.
func fields(t *testing.T, b []byte, visit func(protowire.Number, []byte, uint64)) {
	for len(b) > 0 {
		n, kind, size := protowire.ConsumeTag(b)
		b = b[max(size, 0):]
		var text []byte
		var x uint64
		switch kind {
		case protowire.BytesType:
			text, size = protowire.ConsumeBytes(b)
		case protowire.Fixed64Type:
			x, size = protowire.ConsumeFixed64(b)
		default:
			x, size = protowire.ConsumeVarint(b)
		}
		if size < 0 {
			t.Error(protowire.ParseError(size))
			return
		}
		b = b[size:]
		visit(n, text, x)
	}
}

// began is the time of the first sample of feeds. They would not be said to end long after the last one.
var began = time.Now().UnixMilli()

// list is a feed of the numbers from 0 on.
type list struct {
	name          string
	next, n       int
	waiting       int
	taken, denied int
}

func (l *list) Fill(r *Request) (bool, error) {
	var s Samples
	for room := r.Room(); room > 0 && l.next < l.n; room-- {
		s.Add(began+int64(l.next), float64(l.next))
		l.next, l.waiting = l.next+1, l.waiting+1
	}
	r.Add(NewSeries(Label{"x", "y"}, Label{MetricName, l.name}), &s)
	return l.next < l.n, nil
}

func (l *list) Settle(refused error) {
	if refused != nil {
		l.denied += l.waiting
	} else {
		l.taken += l.waiting
	}
	l.waiting = 0
}
func (l *list) Over() bool             { return true }
func (l *list) Last() int64            { return began + int64(l.next) }
func (l *list) End(ended func(Series)) { ended(NewSeries(Label{"x", "y"}, Label{MetricName, l.name})) }

func begin(t *testing.T, f *fake, url string) (*Sender, map[Trouble]string, error) {
	t.Helper()
	r, err := NewReceiver(url, "", "test")
	if err != nil {
		t.Fatal(err)
	}
	registry, notes := prometheus.NewRegistry(), map[Trouble]string{}
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "now"}, func() float64 { return 1 }))
	s, err := Start(t.Context(), r, Options{Gatherer: registry, Except: func(string) bool { return false }, Common: []Label{{"job", "j"}},
		Note: func(t Trouble, err error) { notes[t] = err.Error() }})
	return s, notes, err
}

// TestSender: what a receiver does not take for a while is sent again, in order and once; what it refuses of one feed costs no other anything; at the end
// all series end.
func TestSender(t *testing.T) {
	f := newFake(t)
	f.answer = func(n int, w http.ResponseWriter, r *http.Request, series map[string][]float64) bool {
		user, password, _ := r.BasicAuth()
		switch {
		case user != "alice" || password != "secret":
			w.WriteHeader(http.StatusUnauthorized)
		case n == 3 || n == 4:
			w.WriteHeader(http.StatusServiceUnavailable)
		case n == 6:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
		case len(series["__name__=bad;x=y;"]) > 0:
			http.Error(w, "out of order", http.StatusBadRequest)
		default:
			return true
		}
		return false
	}
	s, notes, err := begin(t, f, strings.Replace(f.URL, "://", "://alice:secret@", 1)+"/write")
	if err != nil {
		t.Fatal(err)
	}
	a, bad, b := &list{name: "a", n: 5000}, &list{name: "bad", n: 10}, &list{name: "b", n: 3000}
	for _, l := range []*list{a, bad, b} {
		s.Add(l)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, l := range []*list{a, b} {
		got := f.taken["__name__="+l.name+";x=y;"]
		if len(got) != l.n+1 || l.taken != l.n || l.denied != 0 {
			t.Fatalf("%s: %d samples, %d of which it knows, %d refused", l.name, len(got), l.taken, l.denied)
		}
		for i, x := range got[:l.n] {
			if x != float64(i) {
				t.Fatalf("%s: sample %d is %v", l.name, i, x)
			}
		}
		if math.Float64bits(got[l.n]) != math.Float64bits(Stale) {
			t.Errorf("%s does not end", l.name)
		}
	}
	now := f.taken["__name__=now;job=j;"]
	ended := func(x float64) bool { return math.Float64bits(x) == math.Float64bits(Stale) }
	if bad.denied != 10 || bad.taken != 0 || len(now) < 2 || slices.IndexFunc(now, ended) != len(now)-1 {
		t.Errorf("refused %d of 10, now %v", bad.denied, now)
	}
	if !strings.Contains(notes[Refuses], "out of order") || !strings.Contains(notes[Waits], "503") || strings.Contains(notes[Refuses]+notes[Waits], "secret") {
		t.Errorf("notes %v", notes)
	}
}

// TestRefusedAtOnce: a receiver that refuses the first request is an error, and one that is not there is none. An interrupt ends the wait for it.
func TestRefusedAtOnce(t *testing.T) {
	f := newFake(t)
	f.answer = func(_ int, w http.ResponseWriter, _ *http.Request, _ map[string][]float64) bool {
		http.Error(w, "not enabled", http.StatusNotFound)
		return false
	}
	if _, _, err := begin(t, f, f.URL+"/write"); err == nil || !strings.Contains(err.Error(), "not enabled") {
		t.Errorf("the error is %v", err)
	}
	patience := interruptPatience
	interruptPatience = 100 * time.Millisecond
	defer func() { interruptPatience = patience }()
	f.Close()
	s, notes, err := begin(t, f, strings.Replace(f.URL, "://", "://alice:secret@", 1)+"/write")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Finish(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the end is %v", err)
	}
	if notes[Waits] == "" || strings.Contains(notes[Waits], "secret") {
		t.Errorf("notes %v", notes)
	}
}

// TestReceiver: URLs that cannot be right are errors, which show no password.
func TestReceiver(t *testing.T) {
	for url, want := range map[string]string{
		"127.0.0.1:9090/api/v1/write": "URL", "ftp://a/b": "http", "http:///write": "host", "http://a:secret@host": "http://host/api/v1/write",
		"http://a:secret@ho st/": "URL", "http://a/b#c": "fragment", "": "http",
	} {
		if _, err := NewReceiver(url, "", ""); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v, want %q", url, err, want)
		}
	}
	if r, err := NewReceiver("https://a:secret@host/write?db=x", "", ""); err != nil || r.Name != "https://host/write?db=x" {
		t.Errorf("%v, %v", r, err)
	}
	if _, err := NewReceiver("http://host/write", "nothing.yml", ""); err == nil {
		t.Error("a file that is not there is no error")
	}
}

// TestGather: series are those that a scrape has, and end where the registry has them no more.
func TestGather(t *testing.T) {
	registry := prometheus.NewRegistry()
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "h", Buckets: []float64{1e-7, 1}}, []string{"a"})
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "c_total"})
	registry.MustRegister(h, c)
	h.WithLabelValues("x").Observe(0.5)
	c.Add(3)
	r := newRegistry(registry)
	got := map[Series]float64{}
	if err := r.gather(func(s Series, x float64) { got[s] = x }); err != nil {
		t.Fatal(err)
	}
	for s, want := range map[Series]float64{
		NewSeries(Label{MetricName, "h_bucket"}, Label{"a", "x"}, Label{"le", "1e-07"}): 0,
		NewSeries(Label{MetricName, "h_bucket"}, Label{"a", "x"}, Label{"le", "1.0"}):   1,
		NewSeries(Label{MetricName, "h_bucket"}, Label{"a", "x"}, Label{"le", "+Inf"}):  1,
		NewSeries(Label{MetricName, "h_sum"}, Label{"a", "x"}):                          0.5,
		NewSeries(Label{MetricName, "h_count"}, Label{"a", "x"}):                        1,
		NewSeries(Label{MetricName, "c_total"}):                                         3,
	} {
		if x, ok := got[s]; !ok || x != want {
			t.Errorf("%q is %v, %v; want %v", s, x, ok, want)
		}
	}
	if len(got) != 6 {
		t.Errorf("%d series", len(got))
	}
	h.Reset()
	ended := 0
	_ = r.gather(func(_ Series, x float64) {
		if math.Float64bits(x) == math.Float64bits(Stale) {
			ended++
		}
	})
	if ended != 5 {
		t.Errorf("%d series ended, want 5", ended)
	}
}

func newRegistry(g prometheus.Gatherer) *registry {
	return &registry{Gatherer: g, except: func(string) bool { return false }}
}

// TestRedirected: what a receiver sends on to another place gets there, or is refused where it would be asked for without what is sent.
func TestRedirected(t *testing.T) {
	dir := t.TempDir()
	stay := filepath.Join(dir, "stay.yml")
	if err := os.WriteFile(stay, []byte("follow_redirects: false\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code  int
		to    string
		file  string
		taken bool
	}{
		{code: http.StatusMovedPermanently, to: "/there"},
		{code: http.StatusFound, to: "/there"},
		{code: http.StatusSeeOther, to: "/there"},
		{code: http.StatusTemporaryRedirect, to: "/there", taken: true},
		{code: http.StatusPermanentRedirect, to: "/there", taken: true},
		{code: http.StatusTemporaryRedirect, to: "/there", file: stay},
		{code: http.StatusTemporaryRedirect, to: "/here"},
	} {
		bytes := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/there" {
				b, _ := io.ReadAll(r.Body)
				bytes = len(b)
				return
			}
			http.Redirect(w, r, c.to, c.code)
		}))
		r, err := NewReceiver(server.URL+"/here", c.file, "")
		if err != nil {
			t.Fatal(err)
		}
		refused, err := r.send(t.Context(), message("samples"), func(error) {})
		server.Close()
		if err != nil || (refused == nil) != c.taken || (bytes > 0) != c.taken {
			t.Errorf("%d to %s, file %q: refused %v, error %v, %d bytes arrived", c.code, c.to, filepath.Base(c.file), refused, err, bytes)
		}
		if refused != nil && !strings.Contains(refused.Error(), "it is at "+server.URL+c.to) {
			t.Errorf("%d: %v does not say where it is", c.code, refused)
		}
	}
}

// TestRetryAfter: a receiver that asks for patience is asked again, but not at once, nor never.
func TestRetryAfter(t *testing.T) {
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for text, want := range map[string][2]time.Duration{
		"2": {2 * time.Second, 2 * time.Second}, "0": {}, "-5": {}, "soon": {}, "9223372036854775807": {mostRetryAfter, mostRetryAfter},
		"100000": {mostRetryAfter, mostRetryAfter}, in(-time.Hour): {}, in(time.Hour): {mostRetryAfter, mostRetryAfter}, in(10 * time.Second): {5 * time.Second, 11 * time.Second},
	} {
		if got := retryAfter(text); got < want[0] || got > want[1] {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
	f, last := newFake(t), time.Time{}
	f.answer = func(n int, w http.ResponseWriter, _ *http.Request, _ map[string][]float64) bool {
		pause := time.Since(last)
		if last = time.Now(); n >= 4 {
			return true
		} else if n > 1 && pause < leastBackoff/2 {
			t.Errorf("asked again after %v", pause)
		}
		w.Header().Set("Retry-After", "-5")
		w.WriteHeader(http.StatusTooManyRequests)
		return false
	}
	s, _, err := begin(t, f, f.URL+"/write")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestInterruptedAtOnce: who does not want to wait for the first answer need not.
func TestInterruptedAtOnce(t *testing.T) {
	asked := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case asked <- struct{}{}:
		default:
		}
		<-r.Context().Done()
	}))
	defer server.Close()
	r, err := NewReceiver(server.URL+"/write", "", "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	registry := prometheus.NewRegistry()
	registry.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "now"}))
	within, end := context.WithTimeout(t.Context(), interruptPatience/2)
	defer end()
	began := make(chan *Sender)
	go func() {
		s, err := Start(ctx, r, Options{Gatherer: registry, Except: func(string) bool { return false }, Note: func(Trouble, error) {}})
		if err != nil {
			t.Error(err)
		}
		began <- s
	}()
	select {
	case s := <-began:
		s.cancel(nil)
		<-s.done
	case <-within.Done():
		t.Error("it still waits for the first answer")
		s := <-began
		s.cancel(nil)
	}
}
