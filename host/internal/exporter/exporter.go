// Package exporter shows runs to Prometheus: live, as package metrics serves them, and recorded ones as OpenMetrics text.
package exporter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/metrics"
)

// Options are what those who watch may choose.
type Options struct {
	Address string // HOST:PORT; empty for no metrics
	Config  string // file that demands TLS or a password; may be empty
	Linger  time.Duration
	Grace   time.Duration
	MaxRuns int
	Layers  bool
}

// AddressFlag is the flag without which the others do nothing.
const AddressFlag = "metrics-address"

var otherFlags = []string{"linger", "metrics-max-runs", "metrics-grace", "metrics-layers", "web.config.file"}

// Check judges the options before anything is started, and completes the address. It asks which flags were given.
func (o *Options) Check(given func(flag string) bool) error {
	if o.Address == "" {
		for _, name := range otherFlags {
			if given(name) {
				return fmt.Errorf("--%s does nothing without metrics; add --%s :9464, or leave it out", name, AddressFlag)
			}
		}
		return nil
	}
	address, err := metrics.Address(o.Address)
	if err != nil {
		return fmt.Errorf("--%s: %w; give HOST:PORT, such as 127.0.0.1:9464", AddressFlag, err)
	}
	o.Address = address
	if o.MaxRuns < 1 {
		return fmt.Errorf("--metrics-max-runs %d is out of range; give at least 1", o.MaxRuns)
	}
	if o.Linger < 0 || o.Grace < 0 {
		return errors.New("--linger and --metrics-grace must not be negative; give a time such as 30s")
	}
	if err := metrics.CheckConfig(o.Config); err != nil {
		return fmt.Errorf("--web.config.file %s: %w; docs/metrics.md shows a right one", o.Config, err)
	}
	return nil
}

// Exporter shows the runs of all experiments. A nil one shows nothing.
type Exporter struct {
	options    Options
	notes      io.Writer
	quantities []metrics.Quantity
	collector  *metrics.Collector
	server     *metrics.Server
}

// Serve begins to answer scrapes, if that is wanted, and shows people the landing page. What they should know of it goes to notes.
func (o Options) Serve(notes io.Writer, landing http.Handler) (*Exporter, error) {
	if o.Address == "" {
		return nil, nil
	}
	build := metrics.Build{GoVersion: runtime.Version()}
	build.Version, build.Revision = store.Version()
	x := &Exporter{options: o, notes: notes, quantities: Quantities()}
	x.collector = metrics.New(metrics.Options{Quantities: x.quantities, MaxRuns: o.MaxRuns, Grace: o.Grace, Build: build})
	registry := prometheus.NewRegistry()
	registry.MustRegister(x.collector, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	var err error
	if x.server, err = metrics.Serve(o.Address, o.Config, x.collector, registry, landing); err != nil {
		remedy := "choose another --" + AddressFlag + ", such as 127.0.0.1:9464"
		if errors.Is(err, syscall.EADDRINUSE) {
			remedy = "end the program that uses the port, or choose another one; :0 takes any that is free"
		}
		return nil, fmt.Errorf("cannot serve metrics at %s: %w; %s", o.Address, err, remedy)
	}
	_, _ = fmt.Fprintf(notes, "metrics at %smetrics\n", x.server.URL)
	if !x.server.Loopback() && o.Config == "" {
		_, _ = fmt.Fprintf(notes, "note: whoever can reach %s can read them; --web.config.file asks for a password\n", x.server.Addr)
	}
	return x, nil
}

// Linger waits for a last scrape.
func (x *Exporter) Linger(ctx context.Context) {
	if x == nil || x.options.Linger == 0 {
		return
	}
	most := terminal.Duration(x.options.Linger)
	_, _ = fmt.Fprintf(x.notes, "waiting up to %s until %smetrics is scraped once more; Ctrl-C ends it at once\n", most, x.server.URL)
	if !x.server.Linger(ctx, x.options.Linger) && ctx.Err() == nil {
		_, _ = fmt.Fprintf(x.notes, "nobody scraped the last values within %s; they are in the results\n", most)
	}
}

// Close ends the server.
func (x *Exporter) Close() {
	if x != nil {
		x.server.Close()
	}
}
