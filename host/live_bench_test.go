package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/quantile"
)

// busy keeps as many cores busy as there are for some seconds.
const busy = `
problem   = { kind = "mlp", dataset = "digits", hidden = [32], batch = 64, validation = 0.2 }
budget    = { steps = 20_000 }
seeds     = { count = 2 }
optimizer = [{ plugin = "sgd", lr = 0.1 }, { plugin = "momentum", lr = 0.03 }, { plugin = "adam", lr = 0.003 }]
`

// BenchmarkLivePage makes the same runs in turn without a page and with one that somebody looks at, and reports the ratio of their times: the median over
// the pairs, and half of the range between its quartiles.
func BenchmarkLivePage(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "busy.toml"), []byte(busy), 0o644); err != nil {
		b.Fatal(err)
	}
	n := 0
	once := func(page bool) time.Duration {
		n++
		args, stderr := []string{"run", "--quiet", "--out", strconv.Itoa(n), "busy.toml"}, &output{}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if page {
			args = append(args, "--ui")
			go lookAt(ctx, stderr)
		}
		began := time.Now()
		if code := within(dir).steepest(args, io.Discard, stderr); code != exitOK {
			b.Fatalf("exit code %d\n%s", code, stderr.String())
		}
		took := time.Since(began)
		if err := os.RemoveAll(filepath.Join(dir, strconv.Itoa(n))); err != nil {
			b.Fatal(err)
		}
		return took
	}
	once(false)
	var ratios []float64
	for b.Loop() {
		var plain, watched time.Duration
		if len(ratios)%2 == 0 {
			plain = once(false)
			watched = once(true)
		} else {
			watched = once(true)
			plain = once(false)
		}
		ratios = append(ratios, watched.Seconds()/plain.Seconds())
	}
	sorted := quantile.Sorted(ratios)
	b.ReportMetric(quantile.Of(sorted, 0.5), "ratio")
	b.ReportMetric((quantile.Of(sorted, 0.75)-quantile.Of(sorted, 0.25))/2, "±")
}

// lookAt does what a browser does that shows the page: it fetches it, is told what changes, and fetches it again when there is another report.
func lookAt(ctx context.Context, stderr *output) {
	var url string
	for url == "" && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
		if m := regexp.MustCompile(`Live page: (\S+)`).FindStringSubmatch(stderr.String()); m != nil {
			url = m[1]
		}
	}
	get := func(path string) (*http.Response, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+path, nil)
		if err != nil {
			return nil, err
		}
		return http.DefaultClient.Do(request)
	}
	fetch := func() {
		if response, err := get(""); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
	}
	fetch()
	response, err := get("events")
	if err != nil {
		return
	}
	defer func() { _ = response.Body.Close() }()
	lines, report := bufio.NewReader(response.Body), ""
	for ctx.Err() == nil {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		if m := regexp.MustCompile(`"report":(\d+)`).FindStringSubmatch(line); m != nil && m[1] != report {
			report = m[1]
			fetch()
		}
	}
}
