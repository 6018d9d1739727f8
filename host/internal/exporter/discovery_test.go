package exporter

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDiscovery: a program names its address in a file of its own while it serves, at another port than those that serve already. It removes
// what was left at its address on this machine, and nothing else.
func TestDiscovery(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "discovery")
	serve := func(o Options) *Exporter {
		t.Helper()
		o.MaxRuns = 1
		if err := o.Check(func(string) bool { return false }); err != nil {
			t.Fatal(err)
		}
		var notes strings.Builder
		x, err := o.Serve(t.Context(), &notes, http.NotFoundHandler())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { x.Close(t.Context()) })
		return x
	}
	first := serve(Options{Address: "127.0.0.1"})
	x := serve(Options{Discovery: dir})
	host, _ := os.Hostname()
	if want := filepath.Join(dir, fmt.Sprintf("steepest-%s-%s.json", host, program())); x.discovery != want {
		t.Errorf("the file is %s, not %s", x.discovery, want)
	}
	text := func() string {
		b, _ := os.ReadFile(x.discovery)
		return strings.Join(strings.Fields(string(b)), "")
	}
	address := x.server.Addr.String()
	if want := `[{"targets":["` + address + `"]}]`; text() != want || first.server.Addr.String() == address {
		t.Errorf("%s, want %s", text(), want)
	}
	x.Close(t.Context())
	if text() != "" {
		t.Error("the file is left")
	}

	free := ":" + strings.TrimPrefix(address, "127.0.0.1:")
	left := map[string]bool{} // whether it goes
	for name, goes := range map[string]bool{"steepest-" + host + "-1.json": true, "steepest-" + host + "-1.a2b3.json": true,
		"steepest-" + host + "-2-1.json": false, "steepest-other-1.json": false, "mine.json": false} {
		left[name] = goes
		if err := os.WriteFile(filepath.Join(dir, name), []byte(`[{"targets": ["`+address+`"]}]`), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	elsewhere := "steepest-" + host + "-2.json"
	left[elsewhere] = false
	if err := os.WriteFile(filepath.Join(dir, elsewhere), []byte(`[{"targets": ["127.0.0.1:1"]}]`), 0o644); err != nil {
		t.Fatal(err)
	}
	serve(Options{Address: free, Discovery: dir})
	for name, goes := range left {
		if _, err := os.Stat(filepath.Join(dir, name)); (err != nil) != goes {
			t.Errorf("%s goes: %v, want %v", name, err, goes)
		}
	}
}

// TestReachable: others reach what listens at all addresses of a machine by the machine's name.
func TestReachable(t *testing.T) {
	for given, want := range map[string]string{"127.0.0.1:9464": "127.0.0.1:9464", "0.0.0.0:9464": "box:9464", "[::]:9464": "box:9464", "[::1]:9464": "[::1]:9464"} {
		a, err := net.ResolveTCPAddr("tcp", given)
		if err != nil {
			t.Fatal(err)
		}
		if got := reachable(a, "box"); got != want {
			t.Errorf("%s is reached at %s, not %s", given, got, want)
		}
	}
}

// TestProgram: programs that have the same process id in containers have names of their own, and the others just their id.
func TestProgram(t *testing.T) {
	for _, namespace := range []string{"", machinePIDs} {
		if name := programOf(7, namespace); name != "7" {
			t.Errorf("in %q: %s", namespace, name)
		}
	}
	a, b := programOf(7, "pid:[4026532001]"), programOf(7, "pid:[4026532001]")
	if a == b || !strings.HasPrefix(a, "7.") || !ofProgram.MatchString(a+".json") {
		t.Errorf("%s and %s", a, b)
	}
}

// TestAddressErrors: an empty value is no choice, as a variable of the shell that is not set makes it, and ports that are all taken are not called free.
func TestAddressErrors(t *testing.T) {
	for _, flag := range []string{AddressFlag, DiscoveryFlag} {
		o := Options{MaxRuns: 1}
		if err := o.Check(func(given string) bool { return given == flag }); err == nil || !strings.Contains(err.Error(), "--"+flag+" is empty") {
			t.Errorf("an empty --%s: %v", flag, err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	taken := l.Addr().String()
	for want, addresses := range map[string][]string{"end the program": {taken}, "all ports": {taken, taken}} {
		_, err := Options{Address: "127.0.0.1", MaxRuns: 1, addresses: addresses}.Serve(t.Context(), io.Discard, http.NotFoundHandler())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", addresses, err, want)
		}
	}
}
