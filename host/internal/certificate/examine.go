package certificate

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
	"github.com/steepest/steepest/sdk/exam"
)

// Options of an exam.
type Options struct {
	Host    Host
	Start   time.Duration // for the program to start; 0 means what the program is given, or Process if that is set
	Process time.Duration // for the program to end when its host is gone; 0 means 10 seconds
	Timeout time.Duration // for one check; 0 means 30 seconds
	Only    []string      // of package exam's checks; nil means all
}

// Examine makes the whole exam of a program: what only a program can do wrong, and then what package exam examines. An
// error means that there was no exam.
func Examine(ctx context.Context, b plugin.Binary, o Options) (*Certificate, error) {
	if o.Start == 0 {
		o.Start = cmp.Or(o.Process, b.StartTimeout, plugin.DefaultStartTimeout)
	}
	if o.Process == 0 {
		o.Process = 10 * time.Second
	}
	program, err := b.Program()
	if err != nil {
		return nil, err
	}
	sum := program.Checksum
	program.Close()
	c := &Certificate{
		Schema: Schema, Plugin: Plugin{Name: b.Name, Path: b.Path, SHA256: hex.EncodeToString(sum)},
		Date: time.Now().UTC().Truncate(time.Second), Protocol: int(proto.Handshake.ProtocolVersion),
		Host: o.Host, System: runtime.GOOS + "/" + runtime.GOARCH, Conventions: []exam.Agreement{},
	}
	var served bool
	c.Checks, served = probe(ctx, b, o)
	if served { // the host cannot start it otherwise
		c.Checks = append(c.Checks, command(ctx, b, &c.Plugin, o.Start))
		report, err := exam.Run(ctx, exam.Subject{Start: starter(b), Timeout: o.Timeout, Only: o.Only})
		if err != nil {
			return nil, err
		}
		c.Checks = append(c.Checks, report.Checks...)
		c.Conventions = append(c.Conventions, report.Conventions...)
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if again, err := plugin.SHA256(b.Path); err != nil || !bytes.Equal(sum, again) {
		return nil, errors.Join(fmt.Errorf("%s changed while it was examined; check it again", b.Path), err)
	}
	c.Verdict = exam.Overall(c.Checks)
	return c, nil
}

// starter starts the program as a run would.
func starter(b plugin.Binary) func(context.Context) (*exam.Connection, error) {
	return func(ctx context.Context) (*exam.Connection, error) {
		p, err := plugin.Launch(ctx, b)
		if err != nil {
			return nil, err
		}
		return &exam.Connection{
			Client: p.Service(),
			Planes: planes(p),
			Kill: func() {
				if process, err := os.FindProcess(p.Pid()); err == nil {
					_ = process.Kill() // as a crash would, without a word
				}
				p.Kill()
			},
			Explain: func(err error) error {
				err = p.Explain(err, optimizer.DefaultTimeout)
				if said := lastWords(p.Said()); said != "" {
					err = fmt.Errorf("%w; its last words: %s", err, said)
				}
				return err
			},
		}, nil
	}
}

// planes are the data planes on which the host can step the plugin, inline first. All of them must give the same bits.
func planes(p *plugin.Process) []exam.Plane {
	all := []exam.Plane{exam.Inline(p.Service())}
	if plane, err := p.Plane(optimizer.Auto); err == nil && plane == optimizer.Shared {
		all = append(all, exam.Plane{Name: string(optimizer.Shared),
			Open: func(ctx context.Context, r *v1.OpenRequest) (exam.Stepper, error) {
				oracle := new(oracle)
				in, err := p.Open(ctx, optimizer.Config{Instance: r.Instance, Hyperparameters: r.Hyperparameters, Layout: r.Tensors,
					Groups: r.Groups, Seed: r.Seed, Log: io.Discard, Plane: optimizer.Shared, Oracle: oracle,
					MaxAsks: int(r.MaxAsks)})
				return shared{in, oracle, p.Description.Capabilities.NoGradient}, err
			}})
	}
	return all
}

// Return has nothing to do, for the function has the same curvature everywhere.
func (o *oracle) Return() {}

// shared steps an instance in shared memory.
type shared struct {
	*optimizer.Instance
	oracle     *oracle
	noGradient bool
}

// oracle is the exam's of the step that is under way.
type oracle struct{ *exam.Oracle }

var _ optimizer.Oracle = (*oracle)(nil)

func (o *oracle) Loss(_ context.Context, batch optimizer.Batch, d []float64) (float64, error) {
	return o.Answer(v1.AskKind_ASK_KIND_LOSS, batch, d, nil), nil
}

func (o *oracle) Gradient(_ context.Context, batch optimizer.Batch, d, into []float64) (float64, error) {
	return o.Answer(v1.AskKind_ASK_KIND_GRADIENT, batch, d, into), nil
}

func (o *oracle) HessianVector(_ context.Context, batch optimizer.Batch, v, into []float64) error {
	o.Answer(v1.AskKind_ASK_KIND_HESSIAN_VECTOR, batch, v, into)
	return nil
}

func (s shared) Step(ctx context.Context, k int, values, gradient, weights []float64, loss float64,
	update []float64) (time.Duration, error) {
	v := s.Vectors()
	s.oracle.Oracle = exam.NewOracle(gradient, loss)
	if s.noGradient {
		clear(v.Gradient)
	} else {
		copy(v.Gradient, gradient)
	}
	copy(v.Weights, weights)
	d, err := s.Instance.Step(ctx, k, values, loss)
	copy(update, v.Update)
	return d, coded(err)
}

func (s shared) Locate(ctx context.Context, what v1.StepKind, k int, values, weights, update []float64) error {
	v := s.Vectors()
	copy(v.Weights, weights)
	err := s.Instance.Locate(ctx, what, k, values)
	copy(update, v.Update)
	return coded(err)
}

// coded gives an error of a step in shared memory the code that it would have had inline.
func coded(err error) error {
	code := codes.Aborted
	switch plugin.Kind(err) {
	case plugin.KindCrash:
		code = codes.Unavailable
	case plugin.KindTimeout:
		code = codes.DeadlineExceeded
	case plugin.KindProtocol:
		return err
	}
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return status.Error(code, err.Error())
}

// lastWords picks the line that says most of what a program printed before it ended: its panic, with the line of the
// program's own code where it happened, or its last line.
func lastWords(said string) string {
	last := ""
	for line := range strings.Lines(said) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") {
			if at := ownLine.FindStringSubmatch(said); at != nil {
				line += ", at " + at[1]
			}
			return line
		}
		if line != "" {
			last = line
		}
	}
	return last
}

// ownLine finds the innermost line of package main in the stack of a panic.
var ownLine = regexp.MustCompile(`(?m)^main\.[^\n]*\n\t(\S+:\d+)`)
