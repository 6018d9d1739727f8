// Package sampler speaks with a program that chooses trials: JSON lines, ask and tell. docs/tuning.md is the manual.
package sampler

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/conduct"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/terminal"
)

// Protocol is the version of what is spoken.
const Protocol = 1

// Command is a program that was started.
type Command struct {
	text    string // as the user gave it
	timeout time.Duration
	cmd     *exec.Cmd
	to      io.WriteCloser
	answers chan answer
	lines   int
	last    string // line
}

var _ conduct.Sampler = (*Command)(nil)

type answer struct {
	line string
	err  error
}

// longest is the most bytes of a line.
const longest = 1 << 20

// patience is how long a program may take to end by itself once there is nothing more to say.
const patience = 2 * time.Second

// Settings say how a program is started.
type Settings struct {
	Dir     string
	Stderr  io.Writer
	Timeout time.Duration // for an answer
}

// Start starts a program, given as a line for the shell, and says what it is about. It has a process group of its own, and ends with
// [Command.Close].
func Start(text string, p plan.Plan, s Settings) (*Command, error) {
	c := &Command{text: text, timeout: s.Timeout, cmd: exec.Command("sh", "-c", text), answers: make(chan answer)}
	c.cmd.Dir, c.cmd.Stderr, c.cmd.WaitDelay = s.Dir, s.Stderr, patience
	group(c.cmd)
	var err error
	if c.to, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	from, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start the program that chooses the trials: %w; --trials-from takes a line for the shell sh", err)
	}
	go c.read(from)
	c.say(begin(p))
	return c, nil
}

// read passes on what the program says, line by line.
func (c *Command) read(from io.Reader) {
	defer close(c.answers)
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longest)
	for lines.Scan() {
		c.answers <- answer{line: lines.Text()}
	}
	err := lines.Err()
	if err == nil {
		err = io.EOF
	}
	c.answers <- answer{err: err}
}

// Close ends the program: nothing more is asked. What does not end by itself is ended.
func (c *Command) Close() {
	c.say(map[string]any{"event": "end"})
	_ = c.to.Close()
	ended := make(chan struct{})
	go func() {
		for range c.answers { // so that nothing holds it up
		}
		_ = c.cmd.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(patience):
	}
	kill(c.cmd) // and what it started
	<-ended
}

// say writes a line. That nobody reads it shows when something is asked.
func (c *Command) say(event any) {
	if d, can := c.to.(interface{ SetWriteDeadline(t time.Time) error }); can { // it may have stopped reading
		_ = d.SetWriteDeadline(time.Now().Add(c.timeout))
	}
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if e.Encode(event) == nil {
		_, _ = c.to.Write(line.Bytes())
	}
}

// study names an optimizer on a problem.
type study struct {
	Problem   string `json:"problem,omitempty"` // empty if the experiment has one without a name
	Optimizer string `json:"optimizer"`
}

type beginEvent struct {
	Event      string       `json:"event"`
	Protocol   int          `json:"protocol"`
	Experiment string       `json:"experiment"`
	Measure    string       `json:"measure"`
	Direction  string       `json:"direction"` // minimize or maximize
	Studies    []beginStudy `json:"studies"`
}

type beginStudy struct {
	study
	Trials int           `json:"trials"` // how many there are to be
	Space  []config.Axis `json:"space"`
}

func begin(p plan.Plan) beginEvent {
	e := beginEvent{Event: "begin", Protocol: Protocol, Experiment: p.Name, Measure: p.Judge(), Direction: "minimize"}
	if m, err := measure.Parse(p.Judge()); err == nil {
		if q, _ := m.Find(p.Quantities()); q.Better == record.More {
			e.Direction = "maximize"
		}
	}
	for _, w := range p.Workloads {
		for _, o := range w.Optimizers {
			if o.Space != nil {
				e.Studies = append(e.Studies, beginStudy{study{w.Name, o.Base}, w.Trials(o), o.Space})
			}
		}
	}
	return e
}

type trialEvent struct {
	Event string `json:"event"`
	study
	Trial  int            `json:"trial"`
	Values map[string]any `json:"values,omitempty"`
	// Value is the measure: null if it is no number, and State says why.
	Value *float64 `json:"value"`
	State string   `json:"state"`
	Of    int      `json:"of,omitempty"` // which trial is repeated
}

// Tell implements conduct.Sampler.
func (c *Command) Tell(w *config.Workload, t plan.Trial) {
	e := trialEvent{Event: "tell", study: study{w.Name, t.Base}, Trial: t.Trial, Values: values(t.Optimizer), State: t.Value.State().String()}
	if x, _ := t.Value.Number(); t.Eligible() {
		e.Value = &x
	}
	c.say(e)
}

// Repeated implements conduct.Sampler.
func (c *Command) Repeated(w *config.Workload, o config.Optimizer, trial int, before config.Optimizer) {
	c.say(trialEvent{Event: "tell", study: study{w.Name, o.Base}, Trial: trial, Values: values(before), State: "repeated", Of: before.Trial})
}

func values(o config.Optimizer) map[string]any {
	all := map[string]any{}
	for _, c := range o.Choices {
		all[c.Key] = c.Value
	}
	return all
}

// Ask implements conduct.Sampler.
func (c *Command) Ask(ctx context.Context, w *config.Workload, o config.Optimizer, trial int) (values map[string]any, ok bool, err error) {
	c.say(struct {
		Event string `json:"event"`
		study
		Trial int `json:"trial"`
	}{"ask", study{w.Name, o.Base}, trial})
	timer := time.NewTimer(c.timeout)
	defer timer.Stop()
	var a answer
	select {
	case <-ctx.Done():
		return nil, false, ctx.Err()
	case <-timer.C:
		return nil, false, fmt.Errorf("%s did not answer for %v when asked for trial %d of %s; it must write a line of JSON to its standard output, and flush it; "+
			"wait longer with --trials-timeout", c, c.timeout, trial, o.Base)
	case a = <-c.answers:
	}
	if a.err != nil {
		return nil, false, fmt.Errorf("%s did not answer when asked for trial %d of %s: %w; what it printed to standard error may say why. Run again to "+
			"go on: it is told what is known", c, trial, o.Base, c.why(a.err))
	}
	c.lines++
	c.last = a.line
	var said struct {
		Values map[string]any `json:"values"`
		Done   bool           `json:"done"`
	}
	d := json.NewDecoder(strings.NewReader(a.line))
	d.DisallowUnknownFields()
	if err := d.Decode(&said); err != nil {
		return nil, false, c.Fault(fmt.Errorf("it is no answer (%w)", err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, false, c.Fault(errors.New("more than one answer stands in it"))
	}
	if said.Done == (said.Values != nil) {
		return nil, false, c.Fault(errors.New("it has neither values nor done, or both"))
	}
	return said.Values, !said.Done, nil
}

// why says why nothing more can be read.
func (c *Command) why(err error) error {
	if errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("its line is longer than %d bytes", longest)
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	return errors.New("it ended, or closed its standard output")
}

// Fault implements conduct.Sampler.
func (c *Command) Fault(err error) error {
	line := c.last
	if len(line) > 200 {
		line = line[:200] + "..."
	}
	return fmt.Errorf("line %d of %s: %s\n  %w\n  an answer is like {\"values\": {\"lr\": 0.1}}, with a value of the told space for each of its keys, "+
		"or {\"done\": true}; docs/tuning.md has the protocol", c.lines, c, terminal.Escape(line), err)
}

// String names the program.
func (c *Command) String() string { return fmt.Sprintf("the program %q", c.text) }
