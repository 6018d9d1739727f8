package live

import (
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// tokenHeader has the token of the server in a request that changes something. A page of another origin may not send such a header, nor read the token.
const tokenHeader = "X-Steepest-Token"

// guard answers only what a page of this very server asks. A page of any other site, open in a browser that can reach it, can make that browser ask: across
// origins, or under a name of its own that leads here (DNS rebinding). The latter is told from what people ask where it comes from this machine; other
// machines may ask under any name, and so may who has a certificate for it.
func (d door) guard(next http.Handler) http.Handler {
	across := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		at, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
		switch {
		case r.TLS == nil && at != nil && at.IP.IsLoopback() && !own(r.Host):
			http.Error(w, fmt.Sprintf("The page is only to be had as that of this machine, such as http://localhost:%d/.", at.Port), http.StatusForbidden)
		case !navigation(r) && !sameOrigin(r), across.Check(r) != nil:
			http.Error(w, "This was asked by a page of another origin.", http.StatusForbidden)
		case r.Method == http.MethodPost && !d.readOnly() && subtle.ConstantTimeCompare([]byte(r.Header.Get(tokenHeader)), []byte(d.token)) != 1:
			http.Error(w, "This was not asked by a page of this program; load the page again.", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// own tells whether a Host header names this machine as nobody elsewhere can call it. Its port may be another one: that of a tunnel.
func own(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	if hostname, err := os.Hostname(); err == nil && strings.EqualFold(name, hostname) {
		return true
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
