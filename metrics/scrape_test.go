package metrics

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
)

// asOpenMetrics is what a Prometheus gets that asks for OpenMetrics, with a header more.
func asOpenMetrics(t *testing.T, url string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/openmetrics-text;version=1.0.0")
	if len(header) > 0 {
		r.Header.Set(header[0], header[1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(b)
}

// TestSlowSteps: the slowest step between two scrapes stands at its bucket, by its run and number, if it took more than twice as long as the
// others; at each histogram its own.
func TestSlowSteps(t *testing.T) {
	c, registry, _ := newCollector(2)
	s := serve(t, "", c, registry)
	r := c.Add(info("a"))
	r.Begin(0)
	record := func(from, to int, slow map[int]StepTime) {
		for step := from; step < to; step++ {
			took := StepTime{time.Microsecond, 2 * time.Microsecond, 3 * time.Microsecond}
			if other, is := slow[step]; is {
				took = other
			}
			r.Record(&Point{Step: step, Time: took})
		}
	}
	exemplar := regexp.MustCompile(`(?m)^steepest_(\w+)_seconds_bucket\{.*,le="([^"]+)"\} \d+ # \{(.+)\} (\S+) `)
	step := regexp.MustCompile(`^(?:run_id="quickstart/a",)?step="(\d+)"(?:,run_id="quickstart/a")?$`) // in any order
	look := func(want ...string) {
		t.Helper()
		code, text := asOpenMetrics(t, s.URL)
		var got []string
		for _, m := range exemplar.FindAllStringSubmatch(text, -1) {
			m[3] = step.ReplaceAllString(m[3], "$1")
			got = append(got, strings.Join(m[1:], " "))
		}
		if slices.Sort(got); code != http.StatusOK || !slices.Equal(got, want) {
			t.Errorf("%d, exemplars %q, want %q\n%s", code, got, want, text)
		}
	}
	record(0, 100, map[int]StepTime{50: {time.Microsecond, 3 * time.Microsecond, 4 * time.Microsecond}})
	look() // none took twice as long
	record(100, 200, map[int]StepTime{150: {7 * time.Millisecond, 0, 0}, 160: {8 * time.Millisecond, 0, 0}, 170: {0, 0, 9 * time.Second}})
	look("boundary_duration 10.0 170 9.0", "gradient_duration 0.01 160 0.008")
	record(200, 300, nil)
	look("boundary_duration 10.0 170 9.0", "gradient_duration 0.01 160 0.008") // they stay
}

// TestUnits: whatever is measured in seconds says so.
func TestUnits(t *testing.T) {
	c, registry, _ := newCollector(2)
	s := serve(t, "", c, registry)
	r := c.Add(info("a"))
	r.Begin(0)
	r.Record(&Point{Step: 1, Time: StepTime{1, 1, 1}})
	_, text := asOpenMetrics(t, s.URL)
	count := 0
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (\S+) `).FindAllStringSubmatch(text, -1) {
		has := strings.Contains(text, "\n# UNIT "+m[1]+" seconds\n")
		if has != strings.HasSuffix(m[1], "_seconds") {
			t.Errorf("%s has a unit: %v", m[1], has)
		}
		if has {
			count++
		}
	}
	if count != 5 || strings.Count(text, "# UNIT ") != count {
		t.Errorf("%d metrics have the unit seconds, want 5\n%s", count, text)
	}
}

// waiting is a collector that waits until somebody lets it go on.
type waiting chan struct{}

func (waiting) Describe(chan<- *prometheus.Desc)   {}
func (w waiting) Collect(chan<- prometheus.Metric) { <-w }

// TestLate: a scrape that will not be answered in the time that it has is refused before that is over, and was not one; others that wait for
// the same get the answer.
func TestLate(t *testing.T) {
	c, _, _ := newCollector(2)
	c.Add(info("a"))
	slow, registry := waiting(make(chan struct{})), prometheus.NewRegistry()
	registry.MustRegister(c, slow)
	s := serve(t, "", c, registry)
	type answered struct {
		code int
		text string
	}
	patient := make(chan answered)
	go func() {
		code, text := asOpenMetrics(t, s.URL, timeoutHeader, "not a number")
		patient <- answered{code, text}
	}()
	if code, text := asOpenMetrics(t, s.URL, timeoutHeader, "0.05"); code != http.StatusServiceUnavailable || !strings.Contains(text, "scrape_timeout") {
		t.Errorf("%d %s", code, text)
	}
	if s.scraped.Load() != 0 {
		t.Error("it counts as a scrape")
	}
	close(slow)
	if a := <-patient; a.code != http.StatusOK || !strings.Contains(a.text, "steepest_run_info{") {
		t.Errorf("%d %s", a.code, a.text)
	}
	if code, _ := asOpenMetrics(t, s.URL, timeoutHeader, "10"); code != http.StatusOK {
		t.Errorf("an answer in time is %d", code)
	}
}

// TestImpatient: where more was asked than can be answered in time, by clients that wait for none of it, nothing is left to be made long after.
func TestImpatient(t *testing.T) {
	limiter := rate.NewLimiter(answerRate, answerBurst)
	for range answerBurst + answerRate*int(writeTimeout/time.Second) {
		limiter.Reserve()
	}
	all := &answers{handler: http.NotFoundHandler(), version: func() uint64 { return 0 }, limiter: limiter}
	w := httptest.NewRecorder()
	if _, ok := all.serve(w, httptest.NewRequest(http.MethodGet, "/metrics", nil)); ok || w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "Too many") {
		t.Errorf("one who asks behind them is told %d %s", w.Code, w.Body)
	}
}
