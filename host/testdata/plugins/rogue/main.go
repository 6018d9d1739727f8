// Command steepest-optimizer-rogue misbehaves on request. It is for tests. Called steepest-optimizer-rogue-MODE, it
// misbehaves unasked.
package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/steepest/steepest/proto"
	"github.com/steepest/steepest/sdk"
)

type hyper struct {
	LR   float64 `hyper:"lr,0.001" in:"[0,inf)" help:"learning rate"`
	Mode string  `hyper:"mode,none" choices:"none,panic,nan,huge,scribble,exit,noise,slow,suicide,once,hang,stop,fork,chatty,words,last-words" help:"what to do wrong"`
	At   int     `hyper:"at,10" in:"[1,inf)" help:"in which step"`
}

type state struct{}

// name is the program's, after its file's.
var name = strings.TrimPrefix(filepath.Base(os.Args[0]), proto.BinaryPrefix)

// first are the hyperparameters that the process saw first.
var first = struct {
	sync.Once
	hyper
}{}

func step(h hyper, _ *state, x sdk.Tensor) {
	if name == "rogue-first" { // as if they were those of all tensors
		first.Do(func() { first.hyper = h })
		h = first.hyper
	}
	for i, g := range x.Grad {
		x.Update[i] = -h.LR * g
	}
	if _, unasked, ok := strings.Cut(name, "-"); ok {
		h.Mode = unasked
	}
	if h.Mode == "slow" {
		time.Sleep(time.Millisecond)
	}
	if x.K != h.At {
		return
	}
	switch h.Mode {
	case "panic":
		_ = x.Grad[len(x.Grad)+x.K]
	case "nan":
		for i := range x.Update {
			x.Update[i] = math.NaN()
		}
	case "huge":
		x.Update[0] = math.MaxFloat64
	case "scribble":
		x.Grad[0] = 7
	case "hang":
		select {}
	case "stop":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		select {} // until it is delivered
	case "fork":
		// A grandchild keeps standard error open and has left the process group.
		c := exec.Command("sleep", "20")
		c.Stderr, c.SysProcAttr = os.Stderr, &syscall.SysProcAttr{Setsid: true}
		fmt.Fprintln(os.Stderr, "grandchild:", c.Start())
		os.Exit(3)
	case "exit":
		os.Exit(3)
	case "suicide":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "once": // and never again while the folder for temporary files is the same
		f, err := os.OpenFile(filepath.Join(os.TempDir(), "rogue-died"), os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			_ = f.Close()
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
	case "words", "last-words":
		fmt.Println("to standard output")
		fmt.Fprint(os.Stderr, "to standard error, without an end of line")
		if h.Mode == "last-words" {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
	case "noise":
		// More than a pipe holds, without a newline, past every layer that could redirect it.
		_, _ = syscall.Write(1, []byte(strings.Repeat("x", 1<<20)))
		fmt.Println("hello from the rogue")
	}
}

func main() {
	if name == "rogue-chatty" && os.Getenv(proto.Handshake.MagicCookieKey) != "" {
		fmt.Println("the rogue loads its weapons")
	}
	sdk.Serve(name, step, sdk.Summary("misbehaves on request"), sdk.Reference("none"), sdk.Version("0.0.0-test"))
}
