package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"time"
)

// startPrometheus starts a Prometheus of the recorded data on a free port of this machine.
func startPrometheus(source, folder string) (address string, stop func(), err error) {
	if err := os.Mkdir(folder, 0o755); err != nil {
		return "", nil, err
	}
	archive := home + "/data/" + source + ".tar.gz"
	if out, err := exec.Command("tar", "-xzf", archive, "-C", folder).CombinedOutput(); err != nil {
		return "", nil, fmt.Errorf("%s: %w: %s", archive, err, out)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		return "", nil, err
	}
	args := []string{"--config.file=/dev/null", "--storage.tsdb.path=" + folder, "--storage.tsdb.retention.time=100y", // the data are of a fixed day
		"--web.listen-address=" + address, "--log.level=error"}
	if source == "by-step" {
		args = append(args, "--query.lookback-delta=1s") // as docs/by-step.md says
	}
	prometheus := exec.Command("prometheus", args...)
	prometheus.Stderr = os.Stderr
	if err := prometheus.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = prometheus.Process.Kill()
		_ = prometheus.Wait()
	}
	for range 600 {
		response, err := http.Get("http://" + address + "/-/ready")
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return address, stop, nil
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	return "", nil, errors.New("prometheus was not ready within 30 seconds")
}

const html = `<!doctype html>
<meta charset="utf-8">
<title>Preview</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page/app.css">
<style>body { margin: 0 }</style>
<div id="root"></div>
<script src="/before.js"></script>
<script src="/page/app.js"></script>`

// servePage serves the page in folder, the dashboards, and what it asks the servers by the name of their data source.
func servePage(folder, dashboards string, sources map[string]string) (site string, stop func(), err error) {
	mux := http.NewServeMux()
	mux.Handle("/page/", http.StripPrefix("/page/", http.FileServer(http.Dir(folder))))
	mux.Handle("/dashboards/", http.StripPrefix("/dashboards/", http.FileServer(http.Dir(dashboards))))
	// Grafana's font, in all weights, and its icons.
	mux.HandleFunc("/public/fonts/inter/", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, home+"/node_modules/@fontsource-variable/inter/files/inter-latin-wght-normal.woff2")
	})
	mux.Handle("/public/build/img/", http.StripPrefix("/public/build/img/", http.FileServer(http.Dir(home+"/node_modules/@grafana/ui/dist/public/img"))))
	mux.HandleFunc("/before.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, home+"/app/before.js") })
	for source, address := range sources {
		prefix := "/prometheus/" + source
		mux.Handle(prefix+"/", http.StripPrefix(prefix, httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})))
	}
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(html)) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}
