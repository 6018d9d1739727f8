package certificate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	pb "google.golang.org/protobuf/proto"

	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/remedy"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
	"github.com/steepest/steepest/sdk/exam"
)

// commandLimit is how many bytes of a description are read.
const commandLimit = 1 << 20

// command compares what the program prints when a person asks it to describe itself with what it tells the host. It
// notes the version on the way.
func command(ctx context.Context, b plugin.Binary, about *Plugin, limit time.Duration) exam.Result {
	begin := time.Now()
	r := exam.Result{Name: "describe-command",
		What:    "run as a plain command with the argument describe, it prints its description",
		Verdict: exam.Fail, Remedy: "print the answer of Describe as JSON to standard output, and exit with 0"}
	defer func() { r.Seconds = time.Since(begin).Seconds() }()
	p, err := plugin.Launch(ctx, b)
	if err != nil {
		r.Detail, r.Remedy = err.Error(), cmp.Or(remedy.Of(err), "answer Describe as docs/protocol.md says")
		return r
	}
	about.Version = p.Description.Version
	p.Kill()
	printed, err := ask(ctx, b, limit)
	if err != nil {
		r.Detail = err.Error()
		return r
	}
	if !pb.Equal(printed, p.Description) {
		r.Detail = fmt.Sprintf("what it prints differs from what it tells the host: %s", difference(printed, p.Description))
		return r
	}
	r.Verdict, r.Remedy = exam.Pass, ""
	return r
}

// ask runs the program with the argument describe. It may take as long as it may to start for a host.
func ask(ctx context.Context, b plugin.Binary, limit time.Duration) (*v1.DescribeResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	out, said := &bounded{limit: commandLimit}, &bounded{limit: 4 << 10}
	cmd := exec.CommandContext(ctx, b.Path, "describe")
	cmd.Env = b.Environment()
	cmd.Stdout, cmd.Stderr = out, said
	cmd.WaitDelay = time.Second // for what it may have started and left behind
	err := b.Run(cmd)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("it did not end within %v", limit)
	case err != nil:
		if words := lastWords(said.String()); words != "" {
			err = fmt.Errorf("%w: %s", err, words)
		}
		return nil, err
	case out.total > commandLimit:
		return nil, fmt.Errorf("it printed %d bytes; a description has at most %d", out.total, commandLimit)
	}
	d, err := readDescription(out.kept)
	if err != nil {
		return nil, fmt.Errorf("what it prints is no description: %w", err)
	}
	return d, nil
}

// readDescription reads a description as JSON. Fields that this host does not know are left out.
func readDescription(b []byte) (*v1.DescribeResponse, error) {
	if len(b) > commandLimit {
		return nil, errors.New("it is too long")
	}
	d := &v1.DescribeResponse{}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(b, d); err != nil {
		return nil, err
	}
	if d.Capabilities == nil {
		d.Capabilities = &v1.Capabilities{}
	}
	return d, nil
}

// difference names the first field in which two descriptions differ.
func difference(a, b *v1.DescribeResponse) string {
	for _, field := range [][3]string{
		{"name", a.Name, b.Name}, {"version", a.Version, b.Version}, {"summary", a.Summary, b.Summary}, {"reference",
			a.Reference, b.Reference},
	} {
		if field[1] != field[2] {
			return fmt.Sprintf("%s is %q, not %q", field[0], field[1], field[2])
		}
	}
	if !pb.Equal(a.Capabilities, b.Capabilities) {
		return "capabilities"
	}
	for i := range min(len(a.Hyperparameters), len(b.Hyperparameters)) {
		if !pb.Equal(a.Hyperparameters[i], b.Hyperparameters[i]) {
			return "hyperparameter " + b.Hyperparameters[i].Name
		}
	}
	return fmt.Sprintf("%d hyperparameters, not %d", len(a.Hyperparameters), len(b.Hyperparameters))
}
