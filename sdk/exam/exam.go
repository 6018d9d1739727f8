// Package exam examines optimizer plugins through the protocol that a host speaks with them, and reports the results as
// data. It examines whatever answers the calls of OptimizerService: a service in this process (package opttest does that
// for tests in Go) or a program in any language (`steepest plugins check`).
package exam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Verdict is how a check came out.
type Verdict string

// The verdicts.
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	NotApplicable Verdict = "not applicable"
)

// Result is what one check found.
type Result struct {
	Name    string  `json:"name"` // in lower case, with hyphens; stable
	What    string  `json:"what"` // that is examined
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail,omitempty"` // what was seen
	Remedy  string  `json:"remedy,omitempty"` // of a failure
	Seconds float64 `json:"seconds"`
}

// Agreement is a convention of a published rule whose recorded trajectory the plugin follows.
type Agreement struct {
	Convention string `json:"convention"` // such as "adam/eps-outside"
	Steps      int    `json:"steps"`
	// Difference is the largest one in a coordinate, relative to the recorded coordinate; 0 is equal bits.
	Difference float64 `json:"largest_relative_difference"`
}

// Report is the outcome of an exam.
type Report struct {
	Checks      []Result
	Conventions []Agreement
}

// Verdict is Fail if any check failed.
func (r *Report) Verdict() Verdict { return Overall(r.Checks) }

// Overall is Fail if any check failed, and if there is none.
func Overall(checks []Result) Verdict {
	verdict := Fail
	for _, c := range checks {
		if c.Verdict == Fail {
			return Fail
		}
		verdict = Pass
	}
	return verdict
}

// Connection is a running plugin.
type Connection struct {
	Client v1.OptimizerServiceClient
	// Planes are the ways in which the plugin can be stepped, [Inline] first. All must give the same bits.
	Planes []Plane
	// Kill ends the plugin at once, without telling it.
	Kill func()
	// Explain says more about the error of a call, such as how the process ended. It may be nil.
	Explain func(error) error
}

// Plane is a way to carry gradients and updates.
type Plane struct {
	Name string
	// Open opens the instance that the request describes; what the request says of data planes is for Open to fill in.
	Open func(ctx context.Context, r *v1.OpenRequest) (Stepper, error)
}

// Stepper is an open instance on one data plane.
type Stepper interface {
	// Step writes the update of step k, from 1, for the gradient. values are the schedulable hyperparameters in force,
	// weights and loss those before the step. It returns the time spent in the update rule itself.
	Step(ctx context.Context, k int, values, gradient, weights []float64, loss float64, update []float64) (time.Duration, error)
	// Locate writes the answer to a question of this kind between two steps, of which k is the last; values are as for that step.
	Locate(ctx context.Context, what v1.StepKind, k int, values, weights, update []float64) error
	// Close forgets the instance.
	Close(ctx context.Context) error
}

// Subject is what is examined.
type Subject struct {
	// Start starts the plugin afresh: in a new process, if it is a program.
	Start func(context.Context) (*Connection, error)
	// Timeout is for one check; 0 means 30 seconds.
	Timeout time.Duration
	// Only names the checks to make; nil means all.
	Only []string
}

// maxHangs is after how many checks without an answer the exam ends: each costs the whole timeout.
const maxHangs = 2

// check is one part of the exam. Its run returns nil if the plugin passes.
type check struct {
	name, what, remedy string // the remedy of a failure that brings none of its own
	run                func(*examiner) error
}

// checks is the exam, in its order.
var checks = []check{
	{"describe", "its description is complete, and its defaults are allowed",
		"complete the description; in Go: sdk.Summary, sdk.Reference, and the tags hyper, in and help", describe},
	{"determinism", "the same run gives the same bits, whatever other instances do",
		"keep all state in the instance, draw random numbers from the run's seed only (in Go: x.Rand()), " +
			"and iterate over no map", determinism},
	{"shapes", "scalars, empty and large tensors get finite updates",
		"loop over the elements that there are: a tensor may have none", shapes},
	{"large-messages", "gradients and states of more than 4 MiB pass inline",
		"raise the gRPC server's receive limit to 2 GiB", largeMessages},
	{"zero-gradient", "a zero gradient gives a finite update",
		"guard the division: add an epsilon outside the root", zeroGradient},
	{"gradient", "the update depends on the gradient, unless it declares that it ignores it",
		"use the gradient, or declare ignores_gradient (in Go: sdk.IgnoresGradient())", usesGradient},
	{"nan-gradient", "a gradient that is not a number is not hidden",
		"let NaN through to the update: comparisons with NaN are false, and sign, min, max and clipping may swallow it",
		nanGradient},
	{"snapshot-restore", "a state survives a snapshot and a restore bit for bit",
		"save everything that a step changes, and replace all of it in a restore", snapshotRestore},
	{"kill-and-resume", "n steps, a kill, a restore in a new process and n steps equal 2n steps",
		"keep nothing outside the snapshot that a step depends on: no globals, no time, no process id", killAndResume},
	{"elementwise", "another partition into tensors gives the same bits, as it promises",
		"do not declare elementwise if an element's update depends on its tensor", elementwise},
	{"groups", "groups of tensors have hyperparameters of their own, as it promises",
		"use for each tensor the values of its group, of Open and of this step, kept in no global, and check the groups; " +
			"docs/protocol.md has the rules",
		groups},
	{"validate", "Validate finds unknown and disallowed hyperparameters",
		"return a diagnostic with the hyperparameter's name, a message and a remedy", validate},
	{"refusals", "damaged requests are refused with the code of the protocol and leave no trace",
		"check instance, lengths, ranges and state before anything is changed; docs/protocol.md has the codes", refusals},
	{"data-planes", "all data planes give the same bits",
		"use the same arithmetic on every data plane", dataPlanes},
	{"evaluation", "where its result is, and where it starts, it tells without a trace, after a restore too, as it promises",
		"let the answer follow from the state, the hyperparameters, the weights and the step alone, and change nothing", evaluation},
	{"conventions", "it follows the recorded trajectory of the rule that it is named after",
		"correct the rule, or give the variant a name of its own", conventionsCheck},
}

// failure is a finding with a remedy of its own.
type failure struct {
	error
	remedy string
}

func (f *failure) Unwrap() error { return f.error }

// fail is a failure without a cause beneath it.
func fail(remedy, format string, args ...any) error {
	return &failure{fmt.Errorf(format, args...), remedy}
}

// inapplicable says why a check does not concern the plugin.
type inapplicable string

func (i inapplicable) Error() string { return string(i) }

// examiner is an exam under way.
type examiner struct {
	subject  Subject
	ctx      context.Context // of the present check
	conn     *Connection
	about    *v1.DescribeResponse
	updates  [][]float64 // of the reference run, once it was made
	sessions []*session  // open in the present check
	serial   int
	note     string // what the present check has to say if it passes
	report   Report
}

// Run makes the whole exam. It ends early only if ctx does; then the error is ctx's.
func Run(ctx context.Context, subject Subject) (*Report, error) {
	if subject.Timeout == 0 {
		subject.Timeout = 30 * time.Second
	}
	e := &examiner{subject: subject}
	defer e.disconnect()
	hangs := 0
	for _, c := range checks {
		if subject.Only != nil && !slices.Contains(subject.Only, c.name) {
			continue
		}
		if hangs == maxHangs {
			e.report.Checks = append(e.report.Checks, Result{Name: c.name, What: c.what, Verdict: NotApplicable,
				Detail: fmt.Sprintf("not examined: %d checks had no answer in time", hangs)})
			continue
		}
		result, hung := e.examine(ctx, c)
		if ctx.Err() != nil {
			return &e.report, ctx.Err()
		}
		if hung {
			hangs++
		}
		e.report.Checks = append(e.report.Checks, result)
	}
	return &e.report, nil
}

// examine makes one check. A failure costs the plugin its process: what follows gets a fresh one.
func (e *examiner) examine(ctx context.Context, c check) (result Result, hung bool) {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, e.subject.Timeout)
	defer cancel()
	e.ctx, e.note, e.sessions = ctx, "", nil
	err := e.connect()
	if err == nil {
		err = c.run(e)
	}
	if err == nil {
		err = e.closeSessions()
	}
	result = Result{Name: c.name, What: c.what, Verdict: Pass, Detail: e.note, Seconds: time.Since(begin).Seconds()}
	var not inapplicable
	switch {
	case errors.As(err, &not):
		result.Verdict, result.Detail = NotApplicable, string(not)
	case err != nil:
		result.Verdict = Fail
		result.Detail, result.Remedy, hung = e.explain(ctx, c, err)
		e.disconnect()
	}
	return result, hung
}

// explain turns the error of a check into what is found. The remedy is that of the failure; only a failure that has none gets
// the check's.
func (e *examiner) explain(ctx context.Context, c check, err error) (detail, remedy string, hung bool) {
	detail, remedy = err.Error(), c.remedy
	if call, ok := errors.AsType[*callError](err); ok {
		said, code := message(call.cause), status.Code(call.cause)
		switch {
		case ctx.Err() != nil || code == codes.DeadlineExceeded:
			return strings.Replace(detail, said, fmt.Sprintf("no answer within %v", e.subject.Timeout), 1),
				"answer every call; a rule must not wait for anything", true
		case code == codes.Unavailable:
			if e.conn != nil && e.conn.Explain != nil {
				detail = strings.Replace(detail, said, e.conn.Explain(call.cause).Error(), 1)
			}
			return detail, "find out why the process ends: a panic, an exit and a signal all end every run that it serves", false
		}
		if _, is := status.FromError(call.cause); is && remedies[code] != "" {
			remedy = remedies[code]
		}
	}
	if f := (*failure)(nil); errors.As(err, &f) {
		remedy = f.remedy
	}
	return detail, remedy, false
}

// remedies are for a call that got an error where the request was in order.
var remedies = map[codes.Code]string{
	codes.Aborted:            "the update rule itself fails: mend it where the message says",
	codes.Unknown:            "the plugin's own code fails: mend it where the message, or the plugin's standard error, says",
	codes.Internal:           "the plugin's own code fails: mend it where the message, or the plugin's standard error, says",
	codes.Unimplemented:      "serve the call, or do not declare in Describe what needs it",
	codes.ResourceExhausted:  "raise the gRPC server's receive limit to 2 GiB",
	codes.InvalidArgument:    acceptIt,
	codes.NotFound:           acceptIt,
	codes.AlreadyExists:      acceptIt,
	codes.FailedPrecondition: acceptIt,
	codes.OutOfRange:         acceptIt,
}

const acceptIt = "accept the request, which is one that a host sends: docs/protocol.md says what is refused with which code"

// message is an error without gRPC's dressing.
func message(err error) string {
	if s, ok := status.FromError(err); ok {
		return s.Message() + " (" + s.Code().String() + ")"
	}
	return err.Error()
}

// connect starts the plugin if it does not run.
func (e *examiner) connect() error {
	if e.conn != nil {
		return nil
	}
	conn, err := e.subject.Start(e.ctx)
	if err != nil {
		remedy := "see docs/protocol.md, \"Start\""
		if known := (interface{ Remedy() string })(nil); errors.As(err, &known) {
			remedy = known.Remedy()
		}
		return fail(remedy, "it does not start: %w", err)
	}
	e.conn = conn
	e.about, err = conn.Client.Describe(e.ctx, &v1.DescribeRequest{})
	if err != nil {
		return &callError{"Describe", err}
	}
	if e.about.Capabilities == nil {
		e.about.Capabilities = &v1.Capabilities{}
	}
	return nil
}

// renew kills the plugin and starts it afresh.
func (e *examiner) renew() error {
	e.disconnect()
	e.sessions = nil
	return e.connect()
}

func (e *examiner) disconnect() {
	if e.conn != nil {
		e.conn.Kill()
		e.conn = nil
	}
}

// closeSessions closes what the check opened.
func (e *examiner) closeSessions() error {
	for _, s := range e.sessions {
		if err := s.close(); err != nil {
			return err
		}
	}
	return nil
}
