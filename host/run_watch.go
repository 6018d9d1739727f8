package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/steepest/steepest/host/internal/exporter"
	"github.com/steepest/steepest/metrics"
)

// watchFlags are for those who watch.
func watchFlags(f *pflag.FlagSet, o *exporter.Options) {
	f.StringVar(&o.Address, exporter.AddressFlag, "", fmt.Sprintf("serve Prometheus metrics at `HOST:PORT` while running; without a host only to this machine,"+
		" such as :9464; without a port at the first free one from %d on. Where somebody scrapes, the next scrape, which shows how the runs ended, comes before the"+
		" end, if it is due within %v", metrics.DefaultPort, metrics.MaxDue))
	f.StringVar(&o.Discovery, exporter.DiscoveryFlag, "", "keep a file in `FOLDER` while serving metrics, by which Prometheus finds this program (file_sd); it alone serves"+
		" them too, to this machine")
	f.StringVar(&o.Remote, exporter.RemoteFlag, "", "send all points and metrics to a receiver of Prometheus' remote write at `URL`, such as"+
		" http://127.0.0.1:9090/api/v1/write")
	f.StringVar(&o.RemoteConfig, exporter.RemoteConfigFlag, "", "ask that receiver as `FILE` says: TLS, password, token; docs/metrics.md has an example")
	f.DurationVar(&o.Linger, "linger", 0, "after the last run, keep the metrics until they were scraped once more, at most this long, such as 30s")
	f.IntVar(&o.MaxRuns, "metrics-max-runs", 100, "show the metrics of at most `N` runs at once")
	f.DurationVar(&o.Grace, "metrics-grace", 5*time.Minute, "keep the metrics of a run this long after its end")
	f.BoolVar(&o.Layers, "metrics-layers", false, fmt.Sprintf("show the gradient norm of every layer too, at most %d for a run", metrics.MaxLayers))
	f.StringVar(&o.Config, "web.config.file", "", "demand TLS or a password for the metrics, as `FILE` says; docs/metrics.md has an example")
}
