package live

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// listen serves pages, of which there are none yet.
func listen(t *testing.T) (*Server, *Pages) {
	t.Helper()
	pages := NewPages()
	s, err := Listen("127.0.0.1:0", pages)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	t.Cleanup(pages.Close)
	return s, pages
}

// TestGuards: what another origin, another name of this machine or no page of this server asks is refused, and what its own page asks is not.
func TestGuards(t *testing.T) {
	s, pages := listen(t)
	pages.Add(t.TempDir())
	own := strings.TrimSuffix(s.URL, "/")
	for _, c := range []struct {
		method, path, host string
		header             map[string]string
		want               int
	}{
		{"POST", "stop", "", map[string]string{tokenHeader: s.door.token, "Origin": own}, http.StatusConflict}, // there is no program to stop
		{"POST", "stop", "", map[string]string{tokenHeader: s.door.token}, http.StatusConflict},
		{"POST", "stop", "", nil, http.StatusForbidden},
		{"POST", "stop", "", map[string]string{tokenHeader: "x" + s.door.token}, http.StatusForbidden},
		{"POST", "stop", "", map[string]string{tokenHeader: s.door.token, "Origin": "http://evil.example"}, http.StatusForbidden},
		{"POST", "stop", "", map[string]string{tokenHeader: s.door.token, "Origin": "null"}, http.StatusForbidden},
		{"POST", "stop", "", map[string]string{tokenHeader: s.door.token, "Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		{"POST", "stop", "evil.example", map[string]string{tokenHeader: s.door.token}, http.StatusForbidden},
		{"GET", "stop", "", nil, http.StatusMethodNotAllowed},
		{"PUT", "stop", "", map[string]string{tokenHeader: s.door.token}, http.StatusMethodNotAllowed},
		{"GET", "events", "evil.example", nil, http.StatusForbidden},
		{"GET", "events", "", map[string]string{"Sec-Fetch-Site": "same-site"}, http.StatusForbidden},
		{"GET", "events", "", map[string]string{"Origin": "http://localhost:1"}, http.StatusForbidden},
		{"GET", "", "evil.example", nil, http.StatusForbidden},
		{"GET", "none", "localhost:1", nil, http.StatusNotFound}, // through a tunnel
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, s.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r.Host = c.host; c.host == "" {
			r.Host = strings.TrimPrefix(own, "http://")
		}
		for name, value := range c.header {
			r.Header.Set(name, value)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != c.want {
			t.Errorf("%s /%s of %q with %v: %s, want %d", c.method, c.path, c.host, c.header, response.Status, c.want)
		}
	}
}

// TestReader: where pages are only read, whoever comes from another machine may ask under any name, nothing can be changed, and what plugins printed is not told.
func TestReader(t *testing.T) {
	s, pages := listen(t)
	reader := pages.Reader("metrics")
	ask := func(method, path, local string, header ...string) *httptest.ResponseRecorder {
		at := &net.TCPAddr{IP: net.ParseIP(local), Port: 9464}
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), http.LocalAddrContextKey, at))
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, method, "http://lab.example:9464"+path, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		reader.ServeHTTP(w, r)
		return w
	}
	if w := ask("GET", "/", "192.0.2.1"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "No run is planned yet") || !strings.Contains(w.Body.String(), `href="metrics"`) {
		t.Errorf("without results: %d, %s", w.Code, w.Body)
	}
	for range 2 {
		pages.Add(t.TempDir())
	}
	for _, c := range []struct {
		method, path, local string
		header              []string
		want                int
	}{
		{"GET", "/", "192.0.2.1", nil, http.StatusOK},
		{"GET", "/3/", "192.0.2.1", nil, http.StatusNotFound},
		{"GET", "/", "127.0.0.1", nil, http.StatusForbidden}, // a name that leads here
		{"GET", "/", "192.0.2.1", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"GET", "/", "192.0.2.1", []string{"Origin", "http://evil.example"}, http.StatusForbidden},
		{"POST", "/", "192.0.2.1", nil, http.StatusMethodNotAllowed},
		{"POST", "/1/stop", "192.0.2.1", nil, http.StatusNotFound},
		{"POST", "/1/stop", "192.0.2.1", []string{tokenHeader, s.door.token}, http.StatusNotFound},
	} {
		w := ask(c.method, c.path, c.local, c.header...)
		if w.Code != c.want || w.Header().Get("X-Frame-Options") != "DENY" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s at %s with %q: %d, want %d; %v", c.method, c.path, c.local, c.header, w.Code, c.want, w.Header())
		}
	}
	if index := ask("GET", "/", "192.0.2.1").Body.String(); !strings.Contains(index, `<a href="2/">`) {
		t.Errorf("the list is\n%s", index)
	}
	now := &state{parts: map[string]string{"counts": "a", printedPart: "secret"}}
	if told := string(door{Pages: pages}.message(nil, now)); strings.Contains(told, "secret") || !strings.Contains(told, `"counts":"a"`) {
		t.Errorf("one who reads is told %s", told)
	}
	if told := string(s.door.message(nil, now)); !strings.Contains(told, "secret") {
		t.Errorf("one on this machine is told %s", told)
	}
	for _, d := range []door{{Pages: pages, also: "metrics"}, s.door} {
		top := part("top", map[string]any{"Parts": htmlParts(now.parts), "Server": d.id, "Token": d.token, "Also": d.also, "Report": 1})
		for _, text := range []string{"secret", "<button", "data-token"} {
			if strings.Contains(top, text) == d.readOnly() {
				t.Errorf("that there is %s in the page is %t\n%s", text, !d.readOnly(), top)
			}
		}
	}
}

// TestListen: an address that others can reach and a port that is used are refused, with what to do.
func TestListen(t *testing.T) {
	s, _ := listen(t)
	used := strings.TrimSuffix(strings.TrimPrefix(s.URL, "http://"), "/")
	for address, want := range map[string]string{"0.0.0.0:0": "ssh -L", "192.0.2.1:80": "ssh -L", used: "end the program that uses the port"} {
		if _, err := Listen(address, NewPages()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", address, err, want)
		}
	}
}
