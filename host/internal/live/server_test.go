package live

import (
	"net/http"
	"strings"
	"testing"
)

// TestGuards: what another origin, another name of this machine or no page of this server asks is refused, and what its own page asks is not.
func TestGuards(t *testing.T) {
	s, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.Add(t.TempDir())
	own := strings.TrimSuffix(s.URL, "/")
	for _, c := range []struct {
		method, path, host string
		header             map[string]string
		want               int
	}{
		{"POST", "stop", "", map[string]string{tokenHeader: s.token, "Origin": own}, http.StatusConflict}, // there is no program to stop
		{"POST", "stop", "", map[string]string{tokenHeader: s.token}, http.StatusConflict},
		{"POST", "stop", "", nil, http.StatusForbidden},
		{"POST", "stop", "", map[string]string{tokenHeader: "x" + s.token}, http.StatusForbidden},
		{"POST", "stop", "", map[string]string{tokenHeader: s.token, "Origin": "http://evil.example"}, http.StatusForbidden},
		{"POST", "stop", "", map[string]string{tokenHeader: s.token, "Origin": "null"}, http.StatusForbidden},
		{"POST", "stop", "", map[string]string{tokenHeader: s.token, "Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		{"POST", "stop", "evil.example", map[string]string{tokenHeader: s.token}, http.StatusForbidden},
		{"GET", "stop", "", nil, http.StatusMethodNotAllowed},
		{"PUT", "stop", "", map[string]string{tokenHeader: s.token}, http.StatusMethodNotAllowed},
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

// TestListen: an address that others can reach and a port that is used are refused, with what to do.
func TestListen(t *testing.T) {
	s, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	used := strings.TrimSuffix(strings.TrimPrefix(s.URL, "http://"), "/")
	for address, want := range map[string]string{"0.0.0.0:0": "ssh -L", "192.0.2.1:80": "ssh -L", used: "end the program that uses the port"} {
		if _, err := Listen(address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", address, err, want)
		}
	}
}
