//go:build linux && (amd64 || arm64)

package shm

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// Send passes the memory of an instance to the plugin at the other end of the life line, before Open names the
// instance. The host's own mappings stay, its file descriptors are closed. It never blocks.
func (m *Memory) Send(lifeline *os.File, instance string) error {
	defer m.closeFiles()
	conn, err := lifeline.SyscallConn() // which may be closed by another goroutine meanwhile
	if err != nil {
		return err
	}
	var failed error
	err = conn.Control(func(fd uintptr) {
		failed = unix.Sendmsg(int(fd), []byte(instance), unix.UnixRights(m.files[:]...), nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	})
	return errors.Join(err, os.NewSyscallError("sendmsg", failed))
}

// Listen receives until the host is gone, then returns. It must be called once.
func (b *Mailbox) Listen(lifeline *os.File) {
	data, rights := make([]byte, MaxInstance), make([]byte, unix.CmsgSpace(3*4))
	for fd := int(lifeline.Fd()); ; {
		n, oob, _, _, err := unix.Recvmsg(fd, data, rights, unix.MSG_CMSG_CLOEXEC)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ENOTSOCK): // a life line that is a pipe carries nothing
			n, err = lifeline.Read(data)
		}
		if err != nil || n == 0 {
			return
		}
		if files, ok := parseRights(rights[:oob]); ok {
			b.put(string(data[:n]), files)
		}
	}
}

// parseRights takes the three file descriptors out of a message; any other number is closed again.
func parseRights(oob []byte) (files [3]int, ok bool) {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return files, false
	}
	var all []int
	for _, m := range messages {
		if fds, err := unix.ParseUnixRights(&m); err == nil {
			all = append(all, fds...)
		}
	}
	if len(all) != len(files) {
		closeFiles(all...)
		return files, false
	}
	return [3]int(all), true
}

func closeFiles(files ...int) {
	for _, fd := range files {
		_ = unix.Close(fd)
	}
}
