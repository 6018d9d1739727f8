package live

import (
	"crypto/subtle"
	"net"
	"net/http"
	"net/url"
)

// tokenHeader has the token of the server in a request that changes something. A page of another origin may not send such a header, nor read the token.
const tokenHeader = "X-Steepest-Token"

// guard answers only what a page of this very server asks. Nobody else on the network can reach it; but a page of any other site, open in a browser on this
// machine, can make that browser ask: under a name of its own that leads here (DNS rebinding), or across origins.
func (s *Server) guard(next http.Handler) http.Handler {
	across := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		switch {
		case !loopback(r.Host):
			http.Error(w, "The page is only to be had as that of this machine, such as "+s.URL+".", http.StatusForbidden)
		case !navigation(r) && !sameOrigin(r), across.Check(r) != nil:
			http.Error(w, "This was asked by a page of another origin.", http.StatusForbidden)
		case r.Method == http.MethodPost && subtle.ConstantTimeCompare([]byte(r.Header.Get(tokenHeader)), []byte(s.token)) != 1:
			http.Error(w, "This was not asked by a page of this program; load the page again.", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// loopback tells whether a Host header names this machine to itself. Its port may be another one: that of a tunnel.
func loopback(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// navigation tells whether somebody follows a link or types an address.
func navigation(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
}

// sameOrigin tells whether no browser says that a page of another origin asks.
func sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}
