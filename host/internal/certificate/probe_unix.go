//go:build unix

package certificate

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	goplugin "github.com/hashicorp/go-plugin"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
	"github.com/steepest/steepest/sdk/exam"
)

// callTimeout is for the calls between handshake and end.
const callTimeout = 5 * time.Second

// bare is a program that was started as docs/protocol.md says, with nothing of go-plugin's between it and us.
type bare struct {
	cmd      *exec.Cmd
	stdout   *stdout
	stderr   *bounded
	lifeline *os.File
	pipe     *os.File // our end of its standard output
	dir      *plugin.SocketDir
	done     chan struct{} // closed when it has ended
	read     chan struct{} // closed when its standard output was read to the end
}

// probe starts the program, waits for its handshake, makes some calls and goes away. served tells whether the handshake
// is one that the host accepts.
func probe(ctx context.Context, b plugin.Binary, o Options) (results []exam.Result, served bool) {
	handshake, noise, end := handshakeCheck, stdoutCheck, lifelineCheck
	begin := time.Now()
	p, err := startBare(b)
	if err != nil {
		handshake.Detail = fmt.Sprintf("it cannot be started: %v", err)
		handshake.Remedy = "build it for this system; the first line of a script must name a program that is here"
		return []exam.Result{handshake}, false
	}
	defer p.end()
	fields, remedy, err := p.waitForHandshake(ctx, o.Start)
	handshake.Seconds = time.Since(begin).Seconds()
	if err != nil {
		handshake.Detail, handshake.Remedy = err.Error(), remedy
		return []exam.Result{handshake}, false
	}
	handshake.Verdict, handshake.Remedy = exam.Pass, ""
	handshake.Detail = fmt.Sprintf("after %v; the limit is %v", time.Since(begin).Round(time.Millisecond), o.Start)

	begin = time.Now()
	exercise(ctx, fields[2]+":"+fields[3], min(o.Process, callTimeout))
	noise.Seconds = time.Since(begin).Seconds()

	begin = time.Now()
	p.judgeEnd(ctx, &end, o.Process)
	end.Seconds = time.Since(begin).Seconds()
	select {
	case <-p.read:
	case <-time.After(time.Second): // it goes on, or left somebody behind
	}
	served = p.judgeNoise(&noise)
	return []exam.Result{handshake, noise, end}, served
}

func startBare(b plugin.Binary) (p *bare, err error) {
	p = &bare{stdout: newStdout(), stderr: &bounded{limit: 4 << 10}, done: make(chan struct{}), read: make(chan struct{})}
	program, err := b.Program()
	if err != nil {
		return nil, err
	}
	defer program.Close()
	dir, err := plugin.NewSocketDir(b.Variables)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			dir.Remove()
		}
	}()
	p.dir = dir
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	unix.CloseOnExec(pair[0])
	unix.CloseOnExec(pair[1])
	p.lifeline = os.NewFile(uintptr(pair[0]), "lifeline")
	theirs := os.NewFile(uintptr(pair[1]), "lifeline of plugin")
	defer func() { _ = theirs.Close() }()
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = writer.Close() }()
	p.pipe = reader
	p.cmd = exec.Command(b.Path)
	p.cmd.Env = append(b.Environment(),
		proto.Handshake.MagicCookieKey+"="+proto.Handshake.MagicCookieValue,
		fmt.Sprintf("PLUGIN_PROTOCOL_VERSIONS=%d", proto.Handshake.ProtocolVersion),
		goplugin.EnvUnixSocketDir+"="+p.dir.Path, proto.LifelineEnv+"=3")
	p.cmd.Stdout, p.cmd.Stderr = writer, p.stderr
	p.cmd.ExtraFiles = []*os.File{theirs}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = time.Second // for what it may have started and left behind with its standard error
	if err := program.Start(p.cmd, p.dir.Path); err != nil {
		_ = reader.Close()
		_ = p.lifeline.Close()
		return nil, err
	}
	go func() {
		_, _ = io.Copy(p.stdout, reader)
		close(p.read)
	}()
	go func() {
		_ = p.cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// end leaves nothing of the program behind.
func (p *bare) end() {
	_ = unix.Kill(-p.cmd.Process.Pid, unix.SIGKILL)
	<-p.done
	_ = p.lifeline.Close()
	_ = p.pipe.Close()
	p.dir.Remove()
}

// waitForHandshake returns the fields of the handshake's line, or what to do about there being none.
func (p *bare) waitForHandshake(ctx context.Context, limit time.Duration) (fields []string, remedy string, err error) {
	about := func() string {
		text := ""
		if noise := quote(&p.stdout.before); noise != "" {
			text += fmt.Sprintf("; it printed %q to standard output", noise)
		}
		if words := lastWords(p.stderr.String()); words != "" {
			text += "; its last words: " + words
		}
		return text
	}
	select {
	case fields := <-p.stdout.handshake:
		if fields[0] != "1" || fields[1] != "1" || fields[2] != "unix" && fields[2] != "tcp" || fields[4] != "grpc" {
			return nil, handshakeCheck.Remedy, fmt.Errorf("its line is %q; version 1 of the protocol is 1|1|unix|/path/of/the/socket|grpc",
				strings.Join(fields, "|"))
		}
		return fields, "", nil
	case <-p.done:
		select { // its output was read
		case <-p.read:
		case <-time.After(time.Second):
		}
		return nil, whyItEnds, fmt.Errorf("it ended before the handshake: %v%s", p.cmd.ProcessState, about())
	case <-time.After(limit):
		return nil, handshakeCheck.Remedy + ", and do slow things after it, in Open",
			fmt.Errorf("there was no handshake within %v%s", limit, about())
	case <-ctx.Done():
		return nil, "", ctx.Err()
	}
}

// exercise makes some calls, so that a rule that prints has something to print. What is wrong with the answers is for the
// rest of the exam to find.
func exercise(ctx context.Context, address string, limit time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if path, ok := strings.CutPrefix(address, "tcp:"); ok {
		address = path
	}
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	client := v1.NewOptimizerServiceClient(conn)
	about, err := client.Describe(ctx, &v1.DescribeRequest{})
	if err != nil {
		return
	}
	values := proto.Defaults(about)
	stepper, err := exam.Inline(client).Open(ctx, &v1.OpenRequest{
		Instance: "probe", Dtype: v1.Dtype_DTYPE_FLOAT64, Tensors: []*v1.Tensor{{Name: "x", Shape: []int64{2}, Length: 2}},
	})
	for k := 1; k <= 20 && err == nil; k++ {
		_, err = stepper.Step(ctx, k, values, []float64{1, -1}, []float64{1, 1}, 1, make([]float64, 2))
	}
}

// judgeNoise tells whether what was printed is what the host can live with.
func (p *bare) judgeNoise(r *exam.Result) bool {
	s := p.stdout
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.before.total > 0:
		r.Detail = fmt.Sprintf("it printed %q before the handshake; the host takes the first line for the handshake",
			quote(&s.before))
		return false
	case s.longest > maxLine:
		r.Detail = fmt.Sprintf("it printed %d bytes without a newline after the handshake; more than %d block both sides",
			s.longest, maxLine)
		return true
	case s.after.total > 0:
		r.Detail = fmt.Sprintf("it printed %d bytes after the handshake, which are lost: %q", s.after.total, quote(&s.after))
	}
	r.Verdict, r.Remedy = exam.Pass, ""
	return true
}

// judgeEnd closes the life line and waits for the program to end.
func (p *bare) judgeEnd(ctx context.Context, r *exam.Result, limit time.Duration) {
	select {
	case <-p.done:
		r.Detail = fmt.Sprintf("it ended by itself: %v", p.cmd.ProcessState)
		if words := lastWords(p.stderr.String()); words != "" {
			r.Detail += "; its last words: " + words
		}
		r.Remedy = whyItEnds
		return
	default:
	}
	begin := time.Now()
	_ = p.lifeline.Close()
	select {
	case <-p.done:
		r.Verdict, r.Remedy = exam.Pass, ""
		r.Detail = fmt.Sprintf("after %v", time.Since(begin).Round(time.Millisecond))
	case <-time.After(limit):
		r.Detail = fmt.Sprintf("it still ran %v after its life line was closed", limit)
	case <-ctx.Done():
	}
}
