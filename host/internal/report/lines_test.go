package report

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
)

// observe lets a run be at a step with a loss.
func observe(m *Meter, step int, loss float64) {
	p := &record.Sample{Step: step, Values: make([]record.Value, len(record.Standard()))}
	p.Set(record.TrainLoss, loss)
	_ = m.Observe(p)
}

func quietBar(t *testing.T, rows int) (*Bar, *bytes.Buffer) {
	var out bytes.Buffer
	b := NewBar(&out, func() int { return 80 }, func() int { return rows }, false)
	close(b.stop)
	b.done.Wait()
	out.Reset()
	return b, &out
}

// TestStandings: the median is over the last loss of each run that did not fail, and the course over those that reached each part.
func TestStandings(t *testing.T) {
	b, _ := quietBar(t, 24)
	job := func(name string, seed int) plan.Job {
		return plan.Job{ID: fmt.Sprint(name, seed), Steps: 15, Optimizer: &config.Optimizer{Name: name}}
	}
	b.Expect("", []plan.Job{job("sgd", 1), job("幅\x1b", 1), job("waits", 1)})
	for seed, level := range []float64{1, 2, 50, 1e9} { // the second goes on, the last fails
		m := b.Begin(job("sgd", seed))
		for step := range 16 {
			observe(m, step, level*math.Pow(10, -float64(step)))
		}
		switch seed {
		case 3:
			b.End(job("sgd", seed), record.Outcome{Status: record.Failed, Err: errors.New("it died")})
		case 0, 2:
			b.End(job("sgd", seed), record.Outcome{Status: record.Finished})
		}
	}
	m := b.Begin(job("幅\x1b", 1))
	observe(m, 0, 2)
	observe(m, 8, 1)
	observe(m, 9, math.NaN()) // infinitely bad
	// each step has a part of its own, of which the share of the axis is (15 - step)/15; 2e-15 is the median of the three that did not fail
	want := []string{"sgd        2e-15 ██▇▇▆▆▅▅▄▄▃▃▂▂▁▁", `幅\x1b       inf █       ▁↑`}
	got := b.standings(80, 24)
	for i := range got {
		got[i] = strings.TrimRight(got[i], " ")
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for columns := range 100 {
		for _, line := range b.standings(columns, 24) {
			if w := text.StringWidth(line); w > columns {
				t.Errorf("%d columns: %d in %q", columns, w, line)
			}
		}
	}
	if got := b.standings(80, 0); got != nil {
		t.Errorf("no height, but %q", got)
	}
}

// TestStandingsOfMany: those that run come first, then the best, in the order of the experiment.
func TestStandingsOfMany(t *testing.T) {
	b, out := quietBar(t, 16)
	for i := range 50 {
		j := plan.Job{ID: fmt.Sprint(i), Steps: 5, Optimizer: &config.Optimizer{Name: fmt.Sprint("v", i)}}
		b.Expect("", []plan.Job{j})
		observe(b.Begin(j), 5, math.Abs(float64(i)-20.4))
		if i != 45 {
			b.End(j, record.Outcome{Status: record.Finished, Steps: 5})
		}
	}
	var names []string
	for _, line := range b.standings(80, 16) {
		names = append(names, strings.Fields(line)[0])
	}
	if got := strings.Join(names, " "); got != "v19 v20 v21 v45" {
		t.Error(got)
	}
	b.draw(true)
	if drawn := out.String(); strings.Count(drawn, "\n") != 4 || !strings.HasSuffix(drawn, "\x1b[J\x1b[4A\x1b[?7h\r") {
		t.Errorf("the cursor is not back where it was: %q", drawn)
	}
}
