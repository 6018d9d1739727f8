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

// Display follows the runs of an experiment.
type Display interface {
	// Expect is told which runs of a stage are to be made, before they begin. What says what they are for; it may be empty.
	Expect(what string, jobs []plan.Job)
	Begin(plan.Job) *Meter
	End(plan.Job, record.Outcome)
	// Again is told of a run that failed and is tried again: it begins once more.
	Again(plan.Job, record.Outcome)
	Stop()
}

// Meter is where a run stands, written by the training loop and read by the display.
type Meter struct {
	run    plan.Job
	step   atomic.Int64
	losses *losses // nil where none are shown
}

var _ record.Observer = (*Meter)(nil)

// Observe notes that the run reached a point.
func (m *Meter) Observe(p *record.Sample) error {
	m.step.Store(int64(p.Step))
	if m.losses != nil {
		m.losses.note(m.run, p)
	}
	return nil
}

// End implements record.Observer. [Display.End] is called for every run, also for one that could not begin.
func (*Meter) End(record.Outcome) error { return nil }

// Silent shows nothing.
type Silent struct{}

// Expect implements Display.
func (Silent) Expect(string, []plan.Job) {}

// Begin implements Display.
func (Silent) Begin(r plan.Job) *Meter { return &Meter{run: r} }

// End implements Display.
func (Silent) End(plan.Job, record.Outcome) {}

// Again implements Display.
func (Silent) Again(plan.Job, record.Outcome) {}

// Stop implements Display.
func (Silent) Stop() {}

// Lines writes a line when a run ends, for logs and pipes.
type Lines struct {
	mu   sync.Mutex
	w    io.Writer
	all  int
	done int
}

// NewLines counts the runs that it is told to expect.
func NewLines(w io.Writer) *Lines { return &Lines{w: w} }

// Expect implements Display.
func (l *Lines) Expect(what string, jobs []plan.Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all += len(jobs); what != "" {
		_, _ = fmt.Fprintf(l.w, "%s: %d runs\n", what, len(jobs))
	}
}

// Begin implements Display.
func (l *Lines) Begin(r plan.Job) *Meter { return &Meter{run: r} }

// End implements Display.
func (l *Lines) End(r plan.Job, o record.Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done++
	_, _ = fmt.Fprintf(l.w, "[%d/%d] %s\n", l.done, l.all, ending(r, o))
}

// Again implements Display.
func (l *Lines) Again(r plan.Job, o record.Outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = fmt.Fprintf(l.w, "trying again: %s\n", ending(r, o))
}

// Stop implements Display.
func (l *Lines) Stop() {}

// ending is the end of a run in one line. Of an error it has the first; the whole follows when all runs have ended.
func ending(r plan.Job, o record.Outcome) string {
	s := fmt.Sprintf("%s %s after %d steps in %s", r.ID, o.Status, o.Steps, terminal.Duration(o.Wall))
	q := record.Standard()[record.TrainLoss]
	if x, measured := o.Final.Of(q.Name).Get(); measured {
		s += ", " + q.Title + " " + number(x)
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
