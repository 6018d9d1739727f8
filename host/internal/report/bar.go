package report

import (
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Bar shows on a terminal one line for all steps of all runs, with rate and time left, and above it each optimizer's median loss so far.
// What goes wrong is written above them.
type Bar struct {
	mu        sync.Mutex
	status    terminal.Status
	rows      func() int // of the terminal; 0 if there is to be the bar alone
	colour    text.Colors
	began     time.Time
	running   []*Meter
	runs      int
	endedRuns int
	total     int64 // steps to make
	timed     bool  // some runs end when their time is over: how many steps they make is not known
	ended     int64 // steps of the runs that have ended
	stop      chan struct{}
	done      sync.WaitGroup

	contenders []*contender // in the order in which they are expected
	named      map[string]*contender
}

// redraw is the time between two drawings.
const redraw = 100 * time.Millisecond

// NewBar begins to draw on a terminal, whose width and height are asked for at each drawing.
func NewBar(w io.Writer, columns, rows func() int, colour bool) *Bar {
	b := &Bar{status: terminal.Status{W: w, Columns: columns}, rows: rows, began: time.Now(),
		stop: make(chan struct{}), named: map[string]*contender{}}
	if colour {
		b.colour = text.Colors{text.FgGreen}
	}
	b.done.Go(func() {
		tick := time.NewTicker(redraw)
		defer tick.Stop()
		for {
			b.draw(true)
			select {
			case <-b.stop:
				return
			case <-tick.C:
			}
		}
	})
	return b
}

func (b *Bar) draw(standings bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	made := b.ended
	for _, m := range b.running {
		made += m.step.Load()
	}
	columns, lines := b.status.Columns()-1, []string(nil)
	if standings {
		lines = b.standings(columns, b.rows())
	}
	b.status.Show(append(lines, b.line(min(made, b.total), time.Since(b.began), columns))...)
}

const (
	shortestBar = 5
	longestBar  = 30
)

// line is what fits of runs, percent, bar, time, rate and time left, in the order of their worth but for the bar.
func (b *Bar) line(made int64, elapsed time.Duration, columns int) string {
	share := float64(made) / float64(max(b.total, 1))
	if b.timed {
		share = float64(b.endedRuns) / float64(max(b.runs, 1))
	}
	line := fmt.Sprintf("%d of %d runs, %d running %3.0f%%", b.endedRuns, b.runs, len(b.running), 100*share)
	bar, rest := columns-len(line)-1, ""
	parts := []string{"  " + terminal.Duration(elapsed.Round(redraw))}
	if made > 0 && elapsed > 0 {
		parts = append(parts, "  "+rate(float64(made)/elapsed.Seconds()))
	}
	if share > 0 && made < b.total {
		left := time.Duration(float64(elapsed) / share * (1 - share))
		parts = append(parts, ", "+terminal.Duration(max(left.Round(time.Second), time.Second))+" left")
	}
	for _, part := range parts {
		if len(part)+shortestBar > bar {
			break
		}
		rest += part
		bar -= len(part)
	}
	if bar = min(bar, longestBar); bar >= shortestBar {
		line += " " + b.colour.Sprint(terminal.Bar(share, bar))
	}
	return line + rest
}

// rate shows steps in a second with three digits.
func rate(x float64) string {
	unit := ""
	for _, larger := range []string{"k", "M", "G"} {
		if x < 999.5 {
			break
		}
		x, unit = x/1000, larger
	}
	return strconv.FormatFloat(x, 'g', 3, 64) + unit + " steps/s"
}

// Expect implements Display.
func (b *Bar) Expect(_ string, jobs []plan.Job) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.runs += len(jobs)
	for _, j := range jobs {
		b.timed = b.timed || j.Limit() > 0
		b.total += int64(j.Pause())
		b.contender(j)
	}
}

// Begin implements Display.
func (b *Bar) Begin(r plan.Job) *Meter {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := &Meter{run: r, losses: newLosses()}
	b.running = append(b.running, m)
	c := b.contender(r)
	c.running = append(c.running, m)
	return m
}

// End implements Display.
func (b *Bar) End(r plan.Job, o record.Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m := b.leave(r); m != nil && o.Status != record.Failed {
		b.contender(r).end(m)
	}
	b.ended += int64(o.Steps)
	if o.Status != record.Interrupted && o.Status != record.Paused {
		b.endedRuns++
		b.total -= int64(r.Pause() - o.Steps) // a run that ended early leaves no steps to wait for
	}
	if o.Status == record.Failed || o.Status == record.Diverged || o.Status == record.Stopped {
		b.status.Print(ending(r, o))
	}
}

// Again implements Display.
func (b *Bar) Again(r plan.Job, o record.Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leave(r)
	b.status.Print("trying again: " + ending(r, o))
}

// Stop ends the drawing with the last state of the bar.
func (b *Bar) Stop() {
	close(b.stop)
	b.done.Wait()
	b.draw(false)
	_, _ = io.WriteString(b.status.W, "\n")
}
