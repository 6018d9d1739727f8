package report

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Display follows the runs of an experiment. Point is called for every point of every run and must be quick.
type Display interface {
	Begin(plan.Job) *Meter
	End(plan.Job, record.Outcome)
	Stop()
}

// Meter is where a run stands, written by the training loop and read by the display.
type Meter struct {
	run  plan.Job
	step atomic.Int64
}

// Point notes that the run reached a point.
func (m *Meter) Point(p *record.Sample) { m.step.Store(int64(p.Step)) }

// Silent shows nothing.
type Silent struct{}

// Begin implements Display.
func (Silent) Begin(r plan.Job) *Meter { return &Meter{run: r} }

// End implements Display.
func (Silent) End(plan.Job, record.Outcome) {}

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
func (l *Lines) Begin(r plan.Job) *Meter { return &Meter{run: r} }

// End implements Display.
func (l *Lines) End(r plan.Job, o record.Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done++
	_, _ = fmt.Fprintf(l.w, "[%d/%d] %s\n", l.done, l.all, ending(r, o))
}

// Stop implements Display.
func (l *Lines) Stop() {}

// ending is the end of a run in one line. Of an error it has the first; the whole follows when all runs have ended.
func ending(r plan.Job, o record.Outcome) string {
	s := fmt.Sprintf("%s %s after %d steps in %s", r.ID, o.Status, o.Steps, terminal.Duration(o.Wall))
	if x, measured := o.TrainLoss.Get(); measured {
		s += ", train loss " + number(x)
	}
	if o.Reason != "" {
		s += ": " + o.Reason
	}
	if o.Err != nil {
		first, _, _ := strings.Cut(o.Err.Error(), "\n")
		s += ": " + first
	}
	return terminal.Escape(s)
}
