package report

import (
	"errors"
	"fmt"
	"io"

	"github.com/steepest/steepest/host/internal/claim"
	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Screen is where experiments are shown: progress on standard error, so that the result on standard output can be piped.
type Screen struct {
	Stdout, Stderr io.Writer
	JSON           bool // events for programs, in place of all that is for people
	Quiet          bool // no progress
	Plain          bool // no bar, even on a terminal
	Colour         bool
	Braille        bool // the terminal can show it
	Further        bool // whether another experiment stands above
}

// Charts tells whether a chart is shown: on a terminal.
func (s Screen) Charts() bool { return !s.JSON && terminal.Columns(s.Stdout) > 0 }

// Warn shows what may not be meant in an experiment.
func Warn(w io.Writer, e *config.Experiment) {
	for _, warning := range e.Warnings() {
		_, _ = fmt.Fprintf(w, "warning: %s\n\n", terminal.EscapeLines(warning.String()))
	}
}

// Begin shows the question of an experiment whose results are in a directory, and returns what follows its runs.
func (s Screen) Begin(e *config.Experiment, directory string) Display {
	if s.JSON {
		events := NewJSON(s.Stdout, e.Name, directory)
		for _, w := range e.Warnings() {
			events.Warn(w)
		}
		return events
	}
	if s.Further {
		_, _ = fmt.Fprintln(s.Stdout)
	}
	if e.Question != "" {
		_, _ = fmt.Fprintf(s.Stdout, "%s\n\n", terminal.Wrap(terminal.Escape(e.Name+": "+e.Question), terminal.Columns(s.Stdout)))
	}
	columns := func() int { return terminal.Columns(s.Stderr) }
	switch {
	case s.Quiet:
		return Silent{}
	case s.Plain || columns() == 0:
		return NewLines(s.Stderr)
	}
	rows := func() int {
		if !s.Braille {
			return 0
		}
		return terminal.Rows(s.Stderr)
	}
	return NewBar(s.Stderr, columns, rows, s.Colour)
}

// Result is what came out of an experiment.
type Result struct {
	Directory string // of the results
	Runs      []store.Run
	Rows      []compare.Row
	Studies   []plan.Study // where values were chosen
	TooMany   int          // how many runs failed, if that is why the others stopped
	// Interrupted is why the runs were; nil if they were not.
	Interrupted error
	ExitCode    int    // that the program would end with if this were its only experiment
	Next        string // a command that goes on from here
	Verdicts    []claim.Verdict
	Curves      figure.Curves // of the loss, for a chart; empty if there is to be none
	Mixed       string        // where runs are compared that met different arithmetic; empty if none are
}

// End shows what came out of an experiment that a display followed.
func (s Screen) End(p plan.Plan, d Display, r Result) {
	e := p.Experiment
	d.Stop()
	for _, run := range r.Runs {
		var damaged *store.Damaged
		switch {
		case errors.As(run.Err, &damaged):
			_, _ = fmt.Fprintf(s.Stderr, "damaged: %s\n", terminal.EscapeLines(damaged.Error()))
		case run.Status == record.Failed:
			_, _ = fmt.Fprintf(s.Stderr, "failed: %s after step %d: %s\n", run.ID, run.Outcome.Steps,
				terminal.EscapeLines(remedy.Told(run.Err).Error()))
		}
	}
	if r.TooMany > 0 {
		_, _ = fmt.Fprintf(s.Stderr, "stopped: %s failed, as many as [failures] allows; the others can be gone on with\n", counted(r.TooMany, "run"))
	}
	if events, is := d.(*JSON); is {
		events.Studies(p, r.Studies)
		events.Verdicts(r.Verdicts)
		events.Table(e, r.Rows, r.Mixed, r.ExitCode)
		return
	}
	columns := terminal.Columns(s.Stdout)
	if r.Interrupted != nil {
		_, _ = fmt.Fprintf(s.Stdout, "%s\n\n", r.headline())
	}
	if len(r.Studies) > 0 {
		_, _ = fmt.Fprintf(s.Stdout, "%s\n\n%s\n\n", Chosen(p, r.Studies, r.Runs, columns), ChosenLegend(p, r.Studies, r.Runs, columns))
	}
	if chart := Chart(r.Curves, columns, s.Braille && s.Colour && !s.Plain); chart != "" {
		_, _ = fmt.Fprintf(s.Stdout, "%s\n\n", chart)
	}
	result := "No run ended."
	if tables := Tables(e, r.Rows, columns); tables != "" {
		result = tables + "\n\n" + Legend(e, r.Rows, columns)
	}
	if r.Mixed != "" {
		result += "\n" + terminal.Wrap("Warning: "+terminal.Escape(r.Mixed)+".", columns)
	}
	if len(r.Verdicts) > 0 {
		result += "\n\n" + Claims(r.Verdicts, e.Quantities(), columns)
	}
	_, _ = fmt.Fprintf(s.Stdout, "%s\n\n%s\nNext:    %s\n", result,
		Results(r.Directory, columns), r.Next)
}

// headline says how far an experiment came that was interrupted.
func (r Result) headline() string {
	how, done := "Interrupted", 0
	if errors.Is(r.Interrupted, store.ErrStopped) {
		how = "Stopped on request"
	}
	for _, run := range r.Runs {
		if run.Status.Over() || run.Status == record.Failed {
			done++
		}
	}
	return fmt.Sprintf("%s: %d of %s done.", how, done, counted(len(r.Runs), "run"))
}
