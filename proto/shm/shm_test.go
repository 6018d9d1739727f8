//go:build linux && (amd64 || arm64)

package shm

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// lifeline is a connected pair as a host makes it.
func lifeline(t *testing.T) (host, plugin *os.File) {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	host, plugin = os.NewFile(uintptr(pair[0]), "host"), os.NewFile(uintptr(pair[1]), "plugin")
	t.Cleanup(func() { _, _ = host.Close(), plugin.Close() })
	return host, plugin
}

// TestPass: what the host writes is seen by the plugin and the other way round, over the life line.
func TestPass(t *testing.T) {
	host, plugin := lifeline(t)
	before := descriptors(t)
	size := Size{Parameters: 3, Hyperparameters: 2, Weights: true}
	mine, err := New(size)
	if err != nil {
		t.Fatal(err)
	}
	if err := mine.Send(host, "run"); err != nil {
		t.Fatal(err)
	}
	var box Mailbox
	listening := make(chan struct{})
	go func() { defer close(listening); box.Listen(plugin) }()
	theirs, err := box.Take(t.Context(), "run", size)
	if err != nil {
		t.Fatal(err)
	}
	copy(mine.Gradient, []float64{1, 2, 3})
	copy(mine.Weights, []float64{4, 5, 6})
	mine.Control.SetHyper([]float64{7, 8})
	request := Request{Step: 9, Loss: math.Pi, Spin: 10, CPU: -1, Threads: 2}
	mine.Control.SetRequest(request)
	if !slices.Equal(theirs.Gradient, []float64{1, 2, 3}) || !slices.Equal(theirs.Weights, []float64{4, 5, 6}) ||
		!slices.Equal(theirs.Control.Hyper, []float64{7, 8}) || theirs.Control.Request() != request {
		t.Errorf("the plugin sees %+v, %+v", theirs, theirs.Control.Request())
	}
	copy(theirs.Update, []float64{-1, -2, -3})
	theirs.Control.SetAnswer(Failed, 42, "no")
	s, compute, message := mine.Control.Answer()
	if !slices.Equal(mine.Update, []float64{-1, -2, -3}) || s != Failed || compute != 42 || message != "no" {
		t.Errorf("the host sees %v, %v %v %q", mine.Update, s, compute, message)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := box.Take(ctx, "nobody", size); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("memory that nobody sent: %v", err)
	}
	if err := errors.Join(mine.Close(), theirs.Close(), host.Close()); err != nil {
		t.Error(err)
	}
	<-listening // the host is gone
	if after := descriptors(t); after > before {
		t.Errorf("%d file descriptors before, %d after", before, after)
	}
}

func descriptors(t *testing.T) int {
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	return len(fds)
}

// TestSeals: with the file descriptors in hand, a plugin can neither write what it shall only read nor resize anything,
// by any way there is, and the host's later writes are seen all the same.
func TestSeals(t *testing.T) {
	m, err := New(Size{Parameters: 512, Weights: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	input := m.files[1]
	const bytes = 2 * 512 * 8
	if _, err := unix.Mmap(input, 0, bytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err == nil {
		t.Error("a second writable mapping was made")
	}
	if _, err := unix.Pwrite(input, []byte{1}, 0); err == nil {
		t.Error("pwrite was allowed")
	}
	for i, fd := range m.files {
		for _, size := range []int64{0, 1 << 20} {
			if err := unix.Ftruncate(fd, size); err == nil {
				t.Errorf("file %d was resized to %d", i, size)
			}
		}
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_WRITE); err == nil {
			t.Errorf("another seal on file %d", i)
		}
	}
	view, err := unix.Mmap(input, 0, bytes, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Mprotect(view, unix.PROT_READ|unix.PROT_WRITE); err == nil {
		t.Error("mprotect made the mapping writable")
	}
	m.Gradient[0] = 42
	if got := floats(view, 1)[0]; got != 42 {
		t.Errorf("the plugin sees %v, not the host's 42", got)
	}
	_ = unix.Munmap(view)
}

// TestWrongMemory: memory that is too small, of another version, or not three files is refused.
func TestWrongMemory(t *testing.T) {
	host, plugin := lifeline(t)
	var box Mailbox
	listening := make(chan struct{})
	go func() { defer close(listening); box.Listen(plugin) }()
	small, err := New(Size{Parameters: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := small.Send(host, "small"); err != nil {
		t.Fatal(err)
	}
	if _, err := box.Take(t.Context(), "small", Size{Parameters: 1 << 20}); err == nil {
		t.Error("a plugin would read behind the end")
	}
	old, err := New(Size{Parameters: 1})
	if err != nil {
		t.Fatal(err)
	}
	old.Control.page[0]++
	if err := old.Send(host, "old"); err != nil {
		t.Fatal(err)
	}
	if _, err := box.Take(t.Context(), "old", Size{Parameters: 1}); err == nil {
		t.Error("a control page of another version was accepted")
	}
	if err := unix.Sendmsg(int(host.Fd()), []byte("one"), unix.UnixRights(0), nil, 0); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := box.Take(ctx, "one", Size{Parameters: 1}); err == nil {
		t.Error("one file was accepted for three")
	}
	if err := errors.Join(small.Close(), old.Close(), host.Close()); err != nil {
		t.Error(err)
	}
	<-listening
}

// TestBells: no ring is lost, whether the other side spins or sleeps, and a sleeper can be stopped.
func TestBells(t *testing.T) {
	m, err := New(Size{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	never := func() bool { return false }
	for _, spin := range []time.Duration{0, 20 * time.Microsecond} {
		m.Control.Requests().number.Store(0)
		m.Control.Answers().number.Store(0)
		const rings = 5000
		done := make(chan struct{})
		go func() {
			defer close(done)
			for n := uint32(1); n <= rings; n++ {
				m.Control.Requests().Wait(n, spin, never)
				m.Control.Answers().Ring(n)
			}
		}()
		for n := uint32(1); n <= rings; n++ {
			m.Control.Requests().Ring(n)
			if !m.Control.Answers().Wait(n, spin, never) {
				t.Fatalf("ring %d", n)
			}
		}
		<-done
	}
	if m.Control.Requests().Wait(1<<31, 0, func() bool { return true }) { // or it never returns
		t.Error("a ring that nobody rang")
	}
}
