// Package exporter shows runs to Prometheus: live, as package metrics serves them, and recorded ones as OpenMetrics text.
package exporter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/metrics"
	"github.com/steepest/steepest/metrics/remote"
)

// Options are what those who watch may choose.
type Options struct {
	Address      string // HOST:PORT, or HOST for a port that is free
	Discovery    string // folder in which Prometheus looks for whom to scrape; without it and an address nobody can scrape them
	Remote       string // URL that they are sent to; may be empty
	RemoteConfig string // file that says how the receiver is to be asked; may be empty
	Config       string // file that demands TLS or a password; may be empty
	Linger       time.Duration
	Grace        time.Duration
	MaxRuns      int
	Layers       bool

	addresses []string
	receiver  *remote.Receiver
}

// AddressFlag and DiscoveryFlag are the flags without which the others do nothing.
const (
	AddressFlag   = "metrics-address"
	DiscoveryFlag = "metrics-discovery"
)

var (
	serverFlags = []string{"linger", "web.config.file"}
	otherFlags  = []string{"metrics-max-runs", "metrics-grace", "metrics-layers"}
)

// served tells whether somebody can scrape the metrics.
func (o *Options) served() bool { return o.Address != "" || o.Discovery != "" }

// Check judges the options before anything is started, and completes the address. It asks which flags were given.
func (o *Options) Check(given func(flag string) bool) error {
	if err := o.checkRemote(given); err != nil {
		return err
	}
	switch {
	case o.Address == "" && given(AddressFlag):
		return fmt.Errorf("--%s is empty; give HOST:PORT, such as 127.0.0.1:9464, or leave it out", AddressFlag)
	case o.Discovery == "" && given(DiscoveryFlag):
		return fmt.Errorf("--%s is empty; give the folder in which Prometheus looks, or leave it out", DiscoveryFlag)
	}
	var idle []string
	if !o.served() {
		idle = serverFlags
		if o.receiver == nil {
			idle = append(slices.Clone(idle), otherFlags...)
		}
	}
	for _, name := range idle {
		if given(name) {
			return fmt.Errorf("--%s does nothing without metrics; add --%s :9464, or leave it out", name, AddressFlag)
		}
	}
	if !o.served() && o.receiver == nil {
		return nil
	}
	var err error
	if o.addresses, err = metrics.Addresses(o.Address); err != nil {
		return fmt.Errorf("--%s: %w; give HOST:PORT, such as 127.0.0.1:9464", AddressFlag, err)
	}
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
	server     *metrics.Server // nil if nobody can scrape them
	sending    *sending
	discovery  string // file by which Prometheus finds this program; may be empty
	lingered   bool
	runIDs     metrics.RunIDs
}

// Serve begins to answer scrapes and to send metrics, as far as that is wanted, and shows people the landing page. What they should know of it goes to notes.
func (o Options) Serve(ctx context.Context, notes io.Writer, landing http.Handler) (*Exporter, error) {
	if !o.served() && o.receiver == nil {
		return nil, nil
	}
	build := metrics.Build{GoVersion: runtime.Version()}
	build.Version, build.Revision = store.Version()
	x := &Exporter{options: o, notes: notes, quantities: Quantities()}
	x.collector = metrics.New(metrics.Options{Quantities: x.quantities, MaxRuns: o.MaxRuns, Grace: o.Grace, Build: build})
	registry := prometheus.NewRegistry()
	registry.MustRegister(x.collector, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if o.served() {
		if err := x.serve(registry, landing); err != nil {
			return nil, err
		}
	}
	if err := x.send(ctx, registry); err != nil {
		x.unserve(ctx)
		return nil, err
	}
	return x, nil
}

// serve begins to answer scrapes.
func (x *Exporter) serve(registry *prometheus.Registry, landing http.Handler) (err error) {
	o := x.options
	if x.server, err = metrics.Serve(o.addresses, o.Config, x.collector, registry, landing); err != nil {
		remedy := "choose another --" + AddressFlag + ", such as 127.0.0.1:9464"
		switch {
		case metrics.InUse(err) && len(o.addresses) > 1:
			remedy = fmt.Sprintf("all ports from %d on are in use until this one; choose another one by --%s HOST:PORT", metrics.DefaultPort, AddressFlag)
		case metrics.InUse(err):
			remedy = "end the program that uses the port, or choose another one; a host without a port takes one that is free, such as 127.0.0.1"
		}
		return fmt.Errorf("cannot serve metrics: %w; %s", err, remedy)
	}
	if o.Discovery != "" {
		if x.discovery, err = announce(o.Discovery, x.server); err != nil {
			x.server.Close()
			return fmt.Errorf("--%s: %w; give a folder that can be written to", DiscoveryFlag, err)
		}
	}
	_, _ = fmt.Fprintf(x.notes, "metrics at %smetrics\n", x.server.URL)
	if !x.server.Loopback() && o.Config == "" {
		_, _ = fmt.Fprintf(x.notes, "note: whoever can reach %s can read them; --web.config.file asks for a password\n", x.server.Addr)
	}
	return nil
}

// Linger waits for a last scrape.
func (x *Exporter) Linger(ctx context.Context) {
	if x == nil || x.server == nil || x.options.Linger == 0 {
		return
	}
	x.lingered = true
	most := terminal.Duration(x.options.Linger)
	_, _ = fmt.Fprintf(x.notes, "waiting up to %s until %smetrics is scraped once more; Ctrl-C ends it at once\n", most, x.server.URL)
	if !x.server.Linger(ctx, x.options.Linger) && ctx.Err() == nil {
		_, _ = fmt.Fprintf(x.notes, "nobody scraped the last values within %s; they are in the results\n", most)
	}
}

// Close ends all. It waits until what is to be sent was, unless the context ended.
func (x *Exporter) Close(ctx context.Context) {
	if x == nil {
		return
	}
	x.sending.finish(ctx)
	x.unserve(ctx)
}

// unserve ends the server. Where somebody scrapes, the next scrape comes before: to Prometheus the runs would seem to go on for ever in a
// program that is gone, however this one ends: also after an interrupt. Another one ends the wait.
func (x *Exporter) unserve(ctx context.Context) {
	if x.server == nil {
		return
	}
	if due := x.server.Due(); due > 0 && !x.lingered {
		if due > 2*time.Second {
			_, _ = fmt.Fprintf(x.notes, "waiting up to %s for the next scrape, which shows how the runs ended; Ctrl-C ends it at once\n", terminal.Duration(due))
		}
		if ctx.Err() != nil { // the next one ends the program
			ctx = context.Background()
		}
		x.server.Linger(ctx, due)
	}
	if x.discovery != "" {
		_ = os.Remove(x.discovery)
	}
	x.server.Close()
}
