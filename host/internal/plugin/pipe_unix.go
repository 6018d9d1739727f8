//go:build unix

package plugin

import (
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// Read waits for something.
func (p *pipe) Read(b []byte) (n int, err error) {
	raw, err := p.SyscallConn()
	if err != nil {
		return 0, err
	}
	closed := raw.Read(func(fd uintptr) bool {
		n, err = p.take(int(fd), b)
		return !errors.Is(err, unix.EAGAIN)
	})
	switch {
	case closed != nil:
		return 0, closed
	case err == nil && n == 0:
		return 0, io.EOF
	}
	return n, err
}

// drain passes on what is there, as much as a pipe can hold.
func (p *pipe) drain() {
	raw, err := p.SyscallConn()
	if err != nil {
		return
	}
	const most = 1 << 20
	b := make([]byte, 4<<10)
	_ = raw.Control(func(fd uintptr) {
		for total := 0; total < most; {
			n, _ := p.take(int(fd), b)
			if n == 0 {
				return
			}
			total += n
		}
	})
}

// take reads and passes on what is there, without a wait.
func (p *pipe) take(fd int, b []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if n, err = unix.Read(fd, b); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if n = max(n, 0); n > 0 {
		_, _ = p.to.Write(b[:n])
	}
	return n, err
}
