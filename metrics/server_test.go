package metrics

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestAddresses(t *testing.T) {
	for given, want := range map[string]string{
		"9464": "127.0.0.1:9464", ":9464": "127.0.0.1:9464", ":0": "127.0.0.1:0", "0.0.0.0:9464": "0.0.0.0:9464", "[::]:9464": "[::]:9464",
		"localhost:80": "localhost:80", "[::1]:9464": "[::1]:9464",
		":http": "", ":65536": "", ":-1": "", "a:b:c": "", "host:": "", "-1": "",
	} {
		if got, err := Addresses(given); strings.Join(got, " ") != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", given, got, err, want)
		}
	}
	for given, want := range map[string]string{"": "127.0.0.1", "host": "host", "0.0.0.0": "0.0.0.0", "::1": "[::1]", "[::1]": "[::1]"} {
		got, err := Addresses(given)
		if len(got) != 100 || got[0] != want+":9464" || got[99] != want+":9563" || err != nil {
			t.Errorf("%q: %q, %v", given, got, err)
		}
	}
}

// TestNextPort: a server takes the first of its addresses that is free, and says that none is.
func TestNextPort(t *testing.T) {
	c, registry := fixture()
	first, third := serve(t, "", c, registry).Addr.String(), serve(t, "", c, registry).Addr.String()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	second := free.Addr().String()
	_ = free.Close()
	s, err := Serve([]string{first, second, third}, "", c, registry, landing(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Addr.String() != second {
		t.Errorf("at %s, not %s", s.Addr, second)
	}
	if _, err := Serve([]string{first, third}, "", c, registry, landing(t)); !InUse(err) {
		t.Errorf("no address is free: %v", err)
	}
}

func serve(t *testing.T, config string, c *Collector, registry *prometheus.Registry) *Server {
	t.Helper()
	s, err := Serve([]string{"127.0.0.1:0"}, config, c, registry, landing(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// landing is a page that says where it is, and does not end at /endless until nobody asks any more.
func landing(t *testing.T) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "landing page at "+r.URL.Path+"\n")
		if r.URL.Path == "/endless" {
			control := http.NewResponseController(w)
			if err := errors.Join(control.SetWriteDeadline(time.Time{}), control.Flush()); err != nil {
				t.Errorf("over %s: %v", r.Proto, err)
			}
			<-r.Context().Done()
		}
	})
}

// TestStreams: while a page is told what changes, in each of several windows, others are answered on the same connection, and their deadlines are their own.
func TestStreams(t *testing.T) {
	dir := t.TempDir()
	certificate := writeCertificate(t, dir)
	config := filepath.Join(dir, "web.yml")
	if err := os.WriteFile(config, []byte("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	c, registry := fixture()
	for file, protocol := range map[string]string{"": "HTTP/1.1", config: "HTTP/2.0"} {
		s := serve(t, file, c, registry)
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true,
			HTTP2: &http.HTTP2Config{StrictMaxConcurrentRequests: true}}} // as browsers do
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for range maxStreams - 1 {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"endless", nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			if line, err := bufio.NewReader(response.Body).ReadString('\n'); line != "landing page at /endless\n" || response.Proto != protocol {
				t.Fatalf("%s: %q, %v", response.Proto, line, err)
			}
		}
		for _, path := range []string{"", "metrics"} {
			if code, _ := get(t, client, "GET", s.URL+path); code != http.StatusOK {
				t.Errorf("/%s beside streams: %d", path, code)
			}
		}
		cancel()
		client.CloseIdleConnections()
	}
}

// get returns code and body, or fails.
func get(t *testing.T, client *http.Client, method, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(b)
}

func TestPages(t *testing.T) {
	empty, registry, _ := newCollector(1)
	if code, _ := get(t, http.DefaultClient, "GET", serve(t, "", empty, registry).URL+"-/ready"); code != http.StatusServiceUnavailable {
		t.Errorf("without runs: ready with code %d", code)
	}
	c, registry := fixture()
	s := serve(t, "", c, registry)
	for _, p := range []struct {
		method, path string
		code         int
		want         string
	}{
		{"GET", "metrics", 200, `steepest_train_loss{experiment="quickstart",optimizer="adam",problem="mlp",run_id="quickstart/adam-seed1"} 0.25`},
		{"GET", "metrics?name[]=steepest_run_step", 200, "steepest_run_step"},
		{"GET", "", 200, "landing page at /"},
		{"GET", "1/events", 200, "landing page at /1/events"},
		{"GET", "-/healthy", 200, "healthy"},
		{"GET", "healthz", 200, "healthy"},
		{"GET", "-/ready", 200, "ready"},
		{"GET", "-/nothing", 404, ""},
		{"POST", "metrics", 405, ""},
	} {
		if code, body := get(t, http.DefaultClient, p.method, s.URL+p.path); code != p.code || !strings.Contains(body, p.want) {
			t.Errorf("%s %s: %d, want %d with %s\n%s", p.method, p.path, code, p.code, p.want, body)
		}
	}
}

// TestTLSAndPassword: the web configuration file is obeyed, and checked before the server begins.
func TestTLSAndPassword(t *testing.T) {
	dir := t.TempDir()
	certificate := writeCertificate(t, dir)
	config := filepath.Join(dir, "web.yml")
	write := func(text string) {
		if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	// The password is fakepassword.
	write("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\nbasic_auth_users:\n" +
		"  alice: $2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi\n")
	c, registry := fixture()
	s := serve(t, config, c, registry)
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	defer client.CloseIdleConnections()
	if !strings.HasPrefix(s.URL, "https://127.0.0.1:") {
		t.Errorf("at %s", s.URL)
	}
	for user, want := range map[string]int{"": 401, "alice:wrong@": 401, "alice:fakepassword@": 200} {
		if code, _ := get(t, client, "GET", strings.Replace(s.URL, "://", "://"+user, 1)+"metrics"); code != want {
			t.Errorf("as %q: %d, want %d", user, code, want)
		}
	}
	if code, _ := get(t, http.DefaultClient, "GET", strings.Replace(s.URL, "https", "http", 1)+"metrics"); code != http.StatusBadRequest {
		t.Errorf("without TLS: %d", code)
	}
	for text, want := range map[string]string{
		"tls_server_config: {cert_file: cert.pem}": "key", "tls_server_confg: {}": "tls_server_confg",
		"basic_auth_users: {alice: secret}": "bcrypt", "tls_server_config: {cert_file: none, key_file: none}": "none",
	} {
		write(text)
		if _, err := Serve([]string{"127.0.0.1:0"}, config, c, registry, http.NotFoundHandler()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func writeCertificate(t *testing.T, dir string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// TestLinger: only a complete scrape after the last end of a run counts.
func TestLinger(t *testing.T) {
	c, registry, _ := newCollector(1)
	r := c.Add(info("a"))
	s := serve(t, "", c, registry)
	r.Begin(0)
	lingers := func(most time.Duration) bool { return s.Linger(t.Context(), most) }
	get(t, http.DefaultClient, "GET", s.URL+"metrics")
	r.Set(trainLoss, 0.125)
	r.Record(&Point{Step: 9})
	r.End(Finished, 0)
	if lingers(0) {
		t.Error("the scrape before the end counts")
	}
	for _, other := range []string{"", "-/healthy", "metrics?name[]=steepest_run_step"} {
		get(t, http.DefaultClient, "GET", s.URL+other)
	}
	get(t, http.DefaultClient, "HEAD", s.URL+"metrics")
	if lingers(time.Millisecond) {
		t.Error("what is no scrape counts")
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if s.Linger(over, time.Hour) {
		t.Error("an interrupt counts")
	}
	done := make(chan bool)
	go func() { done <- lingers(10 * time.Second) }()
	if _, body := get(t, http.DefaultClient, "GET", s.URL+"metrics"); !strings.Contains(body, `run_id="quickstart/a"} 0.125`) {
		t.Errorf("the last value is missing:\n%s", body)
	}
	if !<-done || !lingers(0) {
		t.Error("the scrape after the end does not count")
	}
}

// TestDue: the next scrape is expected as long after the last as that was after the one before, where there is something to see.
func TestDue(t *testing.T) {
	c, registry, _ := newCollector(1)
	r := c.Add(info("a"))
	s := serve(t, "", c, registry)
	scrape := func(ago time.Duration) {
		get(t, http.DefaultClient, "GET", s.URL+"metrics")
		<-s.grew
		s.rhythm.Lock()
		defer s.rhythm.Unlock()
		s.last = time.Now().Add(-ago)
	}
	expect := func(what string, low, high time.Duration) {
		t.Helper()
		if due := s.Due(); due < low || due > high {
			t.Errorf("%s: due in %v, want %v to %v", what, due, low, high)
		}
	}
	expect("nobody scraped", 0, 0)
	scrape(8 * time.Second)
	r.Begin(0) // a scrape is told apart by what it shows
	expect("scraped once", 0, 0)
	scrape(0)
	expect("scraped twice, and all was seen", 0, 0)
	r.End(Finished, 0)
	expect("the end is to be seen", 9*time.Second, 12*time.Second) // in 8 s, and somewhat more
	scrape(0)
	expect("the end was seen", 0, 0)

	c.Add(info("b"))
	s.apart = time.Minute
	expect("not so soon", 0, 0)
	s.last = time.Now().Add(-50 * time.Second)
	expect("soon", 10*time.Second, 30*time.Second)
	s.last = time.Now().Add(-3 * time.Minute)
	expect("not any more", 0, 0)
}

// TestBusy: clients that ask while a page is made share pages; those that do not read keep nobody from reading.
func TestBusy(t *testing.T) {
	c, registry := fixture()
	made, proceed := make(chan struct{}, 100), make(chan struct{})
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "steepest_test_slow", Help: "Slow."}, func() float64 {
		made <- struct{}{}
		<-proceed
		return 1
	}))
	s := serve(t, "", c, registry)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	defer client.CloseIdleConnections()
	const requests = 60
	sent, codes := make(chan struct{}, requests), make(chan int, requests)
	trace := &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { sent <- struct{}{} }}
	for range requests {
		go func() {
			request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), http.MethodGet, s.URL+"metrics", nil)
			if err != nil {
				t.Error(err)
			}
			response, err := client.Do(request)
			if err != nil {
				t.Error(err)
				codes <- 0
				return
			}
			_, err = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			if err != nil {
				t.Error(err)
			}
			codes <- response.StatusCode
		}()
	}
	for range requests {
		<-sent
	}
	if code, _ := get(t, client, "GET", s.URL+"-/healthy"); code != http.StatusOK {
		t.Errorf("unhealthy: %d", code)
	}
	close(proceed)
	for range requests {
		if code := <-codes; code != http.StatusOK {
			t.Errorf("one that waited gets %d", code)
		}
	}
	if pages := len(made); pages > requests/2 {
		t.Errorf("%d pages were made for %d clients that asked at once", pages, requests)
	}
	hears := make(chan struct{})
	for range answerBurst {
		silent := deaf{httptest.NewRecorder(), make(chan struct{}), hears}
		go s.server.Handler.ServeHTTP(silent, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		<-silent.called
	}
	if code, _ := get(t, client, "GET", s.URL+"metrics"); code != http.StatusOK {
		t.Errorf("beside clients that do not read: %d", code)
	}
	close(hears)
}

// deaf is a client that does not read for long.
type deaf struct {
	*httptest.ResponseRecorder
	called, hears chan struct{}
}

func (d deaf) Write(b []byte) (int, error) {
	close(d.called)
	<-d.hears
	return len(b), nil
}

// TestHurry: a client with many requests on one connection waits, and another one for no more than one of them.
func TestHurry(t *testing.T) {
	c, registry := fixture()
	s := serve(t, "", c, registry)
	hasty, err := net.Dial("tcp", s.Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = hasty.Close() }()
	var asked strings.Builder
	for range answerBurst + 1 {
		asked.WriteString("GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	begin := time.Now()
	if _, err := io.WriteString(hasty, asked.String()); err != nil {
		t.Fatal(err)
	}
	if code, _ := get(t, http.DefaultClient, "GET", s.URL+"-/healthy"); code != http.StatusOK {
		t.Errorf("the other one gets %d", code)
	}
	answers := bufio.NewReader(hasty)
	for range answerBurst + 1 {
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	if d := time.Since(begin); d < time.Second/answerRate/2 {
		t.Errorf("all answers after %v", d)
	}
}
