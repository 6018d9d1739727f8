package report

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"

	"github.com/steepest/steepest/host/internal/sweep"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/host/internal/train"
)

// Display follows the runs of an experiment. Point is called for every point of every run and must be quick.
type Display interface {
	Begin(sweep.Run) *Meter
	End(sweep.Run, train.Outcome)
	Stop()
}

// Meter is where a run stands, written by the training loop and read by the display.
type Meter struct {
	run  sweep.Run
	step atomic.Int64
}

// Point notes that the run reached a point.
func (m *Meter) Point(p *train.Point) { m.step.Store(int64(p.Step)) }

// Silent shows nothing.
type Silent struct{}

// Begin implements Display.
func (Silent) Begin(r sweep.Run) *Meter { return &Meter{run: r} }

// End implements Display.
func (Silent) End(sweep.Run, train.Outcome) {}

// Stop implements Display.
func (Silent) Stop() {}

// Lines writes a line when a run ends, for logs and pipes.
type Lines struct {
	mu   sync.Mutex
	w    io.Writer
	all  int
	done int
}

// NewLines counts up to the number of runs.
func NewLines(w io.Writer, runs int) *Lines { return &Lines{w: w, all: runs} }

// Begin implements Display.
func (l *Lines) Begin(r sweep.Run) *Meter { return &Meter{run: r} }

// End implements Display.
func (l *Lines) End(r sweep.Run, o train.Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done++
	_, _ = fmt.Fprintf(l.w, "[%d/%d] %s\n", l.done, l.all, ending(r, o))
}

// Stop implements Display.
func (l *Lines) Stop() {}

// ending is the end of a run in one line.
func ending(r sweep.Run, o train.Outcome) string {
	s := fmt.Sprintf("%s %s after %d steps in %s", r.ID, o.Status, o.Steps, terminal.Duration(o.Wall))
	if x, measured := o.TrainLoss.Get(); measured {
		s += ", train loss " + number(x)
	}
	if o.Reason != "" {
		s += ": " + o.Reason
	}
	if o.Err != nil {
		s += ": " + o.Err.Error()
	}
	return terminal.Escape(s)
}

// Bar shows on a terminal one bar for all steps of all runs, with rate and time left. What goes wrong is written above
// it.
type Bar struct {
	mu        sync.Mutex
	writer    progress.Writer
	tracker   *progress.Tracker
	running   []*Meter
	runs      int
	endedRuns int
	total     int64 // steps to make
	ended     int64 // steps of the runs that have ended
	stop      chan struct{}
	done      sync.WaitGroup
}

// redraw is the time between two drawings.
const redraw = 100 * time.Millisecond

// beside is how many columns of a line are not the bar's, if all numbers are long.
const beside = 65

// NewBar begins to draw on a terminal of some columns.
func NewBar(w io.Writer, runs, steps, columns int, colour bool) *Bar {
	b := &Bar{writer: progress.NewWriter(), runs: runs, total: int64(steps), stop: make(chan struct{}),
		tracker: &progress.Tracker{Total: int64(steps)}}
	b.writer.SetOutputWriter(w)
	b.writer.SetUpdateFrequency(redraw)
	b.writer.SetTerminalWidth(columns - 1) // go-pretty looks at standard output's
	b.writer.SetTrackerLength(max(5, min(30, columns-beside)))
	b.writer.SetTrackerPosition(progress.PositionRight)
	b.writer.SetStyle(progress.StyleBlocks)
	style := b.writer.Style()
	style.Visibility.ETA, style.Visibility.Speed, style.Visibility.Value = true, true, false
	style.Options.Separator = ""
	style.Options.PercentFormat = "%3.0f%%"
	style.Options.SpeedSuffix = " steps/s"
	style.Options.DoneString, style.Options.ErrorString = "", ""
	style.Options.ETAPrecision, style.Options.TimeInProgressPrecision = time.Second, time.Second
	if colour {
		style.Colors = progress.StyleColorsExample
	}
	b.update()
	b.writer.AppendTracker(b.tracker)
	b.done.Go(b.writer.Render)
	b.done.Go(func() {
		tick := time.NewTicker(redraw)
		defer tick.Stop()
		for {
			select {
			case <-b.stop:
				return
			case <-tick.C:
				b.update()
			}
		}
	})
	return b
}

func (b *Bar) update() {
	b.mu.Lock()
	defer b.mu.Unlock()
	sum := b.ended
	for _, m := range b.running {
		sum += m.step.Load()
	}
	b.tracker.UpdateMessage(fmt.Sprintf("%d of %d runs, %d running", b.endedRuns, b.runs, len(b.running)))
	b.tracker.SetValue(min(sum, b.total-1)) // Stop completes it
}

// Begin implements Display.
func (b *Bar) Begin(r sweep.Run) *Meter {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := &Meter{run: r}
	b.running = append(b.running, m)
	return m
}

// End implements Display.
func (b *Bar) End(r sweep.Run, o train.Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running = slices.DeleteFunc(b.running, func(m *Meter) bool { return m.run.ID == r.ID })
	if o.Status != train.Interrupted {
		b.endedRuns++
	}
	b.ended += int64(o.Steps)
	b.total -= int64(r.Steps - o.Steps) // a run that ended early leaves no steps to wait for
	b.tracker.UpdateTotal(b.total)
	if o.Status == train.Failed || o.Status == train.Diverged {
		b.writer.Log("%s", ending(r, o))
	}
}

// Stop ends the drawing with the last state of the bar.
func (b *Bar) Stop() {
	close(b.stop)
	b.update()
	if b.endedRuns == b.runs {
		b.tracker.MarkAsDone()
	} else {
		b.tracker.MarkAsErrored()
	}
	for b.writer.LengthDone() == 0 { // until it is drawn as such
		time.Sleep(redraw / 10)
	}
	b.writer.Stop()
	b.done.Wait()
}
