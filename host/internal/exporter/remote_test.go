package exporter

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestSendingIsSaid: a program that does not end because a receiver is slow says so, and does not when it is quick.
func TestSendingIsSaid(t *testing.T) {
	patience := silence
	silence = 100 * time.Millisecond
	defer func() { silence = patience }()
	for _, slow := range []bool{false, true} {
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			if slow {
				time.Sleep(3 * silence)
			}
		}))
		defer server.Close()
		o := Options{Remote: server.URL + "/write", MaxRuns: 1}
		if err := o.Check(func(string) bool { return false }); err != nil {
			t.Fatal(err)
		}
		var notes strings.Builder
		x, err := o.Serve(t.Context(), &notes, http.NotFoundHandler())
		if err != nil {
			t.Fatal(err)
		}
		x.Close(t.Context())
		if want := "waiting until all is sent to " + server.URL; strings.Contains(notes.String(), want) != slow {
			t.Errorf("slow: %v, notes: %s", slow, notes.String())
		}
	}
}
