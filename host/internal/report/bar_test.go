package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
)

func TestBarLine(t *testing.T) {
	b := &Bar{runs: 12, endedRuns: 3, total: 1_000_000, running: make([]*Meter, 2)}
	for columns, want := range map[int]string{
		0: "3 of 12 runs, 2 running  42%", 35: "3 of 12 runs, 2 running  42% ██░░░░", 40: "3 of 12 runs, 2 running  42% ████░░░░░░░",
		79:  "3 of 12 runs, 2 running  42% ███████░░░░░░░░░░░░  1.2 s  350k steps/s, 2 s left",
		200: "3 of 12 runs, 2 running  42% ████████████░░░░░░░░░░░░░░░░░░  1.2 s  350k steps/s, 2 s left",
	} {
		if got := b.line(420_000, 1200*time.Millisecond, columns); got != want {
			t.Errorf("%d columns:\n%s, want\n%s", columns, got, want)
		}
	}
	for columns := range 200 {
		if w := text.StringWidth(b.line(420_000, 1200*time.Millisecond, columns)); columns > 30 && w > columns {
			t.Errorf("%d columns: the line has %d", columns, w)
		}
	}
	if got := b.line(0, 0, 79); strings.Contains(got, "NaN") || strings.Contains(got, "left") || strings.Contains(got, "steps/s") {
		t.Error(got)
	}
	for x, want := range map[float64]string{0.25: "0.25 steps/s", 999.4: "999 steps/s", 999.6: "1k steps/s", 275_910: "276k steps/s", 1e6: "1M steps/s"} {
		if got := rate(x); got != want {
			t.Errorf("%v: %s, want %s", x, got, want)
		}
	}
}

// TestBarOnANarrowingTerminal: it draws one line again and again, never wider than the terminal is at the moment, and begins a new
// one only below what is to stay.
func TestBarOnANarrowingTerminal(t *testing.T) {
	var out bytes.Buffer
	drawn, widths := make(chan struct{}, 100), []int{100, 60, 40, 20, 60, 5, 1}
	calls := 0
	b := NewBar(&out, func() int {
		defer func() { drawn <- struct{}{} }()
		calls++
		return widths[min((calls-1)/2, len(widths)-1)] // two calls for a drawing
	}, func() int { return 0 }, true)
	sgd := &config.Optimizer{Name: "sgd"}
	b.Expect("", []plan.Job{{Steps: 5, Optimizer: sgd}, {Steps: 5, Optimizer: sgd}})
	for range 2 * len(widths) {
		<-drawn
	}
	for _, id := range []string{"good", "bad\x1b[2J"} {
		r := plan.Job{ID: id, Steps: 5, Optimizer: sgd}
		b.Begin(r)
		b.End(r, record.Outcome{Status: map[string]record.Status{"good": record.Finished}[id], Steps: 5})
		if id != "good" {
			b.End(r, record.Outcome{Status: record.Diverged, Steps: 5})
		}
	}
	b.Stop()
	if n := strings.Count(out.String(), "\n"); n != 2 {
		t.Errorf("%d lines, want the one of the run that diverged and the last state:\n%q", n, &out)
	}
	if strings.Contains(out.String(), "\x1b[2J") {
		t.Errorf("an escape of a name reaches the terminal: %q", &out)
	}
	for i, drawing := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\r") {
		if w := text.StringWidthWithoutEscSequences(drawing); !strings.Contains(drawing, "diverged") && w > max(widths[min(i, len(widths)-1)]-1, 1) {
			t.Errorf("drawing %d has %d columns of %d: %q", i, w, widths[min(i, len(widths)-1)], drawing)
		}
	}
}

func TestEndingIsOneLine(t *testing.T) {
	o := record.Outcome{Status: record.Failed, Steps: 3, Wall: 34_240 * time.Millisecond, Err: errors.New("it died\x1b[2J\nat line 7")}
	if got, want := ending(plan.Job{ID: "sgd-seed1"}, o), `sgd-seed1 failed after 3 steps in 34.2 s: it died\x1b[2J`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBarCountsInterruptedRunsAsTheyAre(t *testing.T) {
	var out bytes.Buffer
	b := NewBar(&out, func() int { return 80 }, func() int { return 0 }, false)
	sgd := &config.Optimizer{Name: "sgd"}
	b.Expect("", []plan.Job{{Steps: 5, Optimizer: sgd}, {Steps: 5, Optimizer: sgd}})
	for i, status := range []record.Status{record.Interrupted, record.Diverged} {
		b.Begin(plan.Job{ID: string(status), Steps: 5, Optimizer: sgd})
		b.End(plan.Job{ID: string(status), Steps: 5, Optimizer: sgd}, record.Outcome{Status: status, Steps: i + 1})
	}
	b.Stop()
	if !strings.Contains(out.String(), "1 of 2 runs, 0 running  43%") { // 3 of 7 steps
		t.Errorf("%q", &out)
	}
}
