//go:build linux && (amd64 || arm64)

package shm

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// New makes and maps the memory, for the host. What the plugin shall only read is sealed against any writable mapping
// but this one, and nothing can be resized: a shorter file under a mapping would be a fault in the host.
func New(size Size) (*Memory, error) {
	m := &Memory{files: [3]int{-1, -1, -1}}
	for i, bytes := range size.bytes() {
		err := m.create(i, bytes)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sharing memory: %w", err), m.Close())
		}
	}
	m.slice(size)
	*m.Control.word64(offMagic) = magic
	return m, nil
}

func (m *Memory) create(i, bytes int) (err error) {
	if m.files[i], err = unix.MemfdCreate("steepest", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING); err != nil {
		return os.NewSyscallError("memfd_create", err)
	}
	if err = unix.Ftruncate(m.files[i], int64(bytes)); err != nil {
		return os.NewSyscallError("ftruncate", err)
	}
	m.maps[i], err = unix.Mmap(m.files[i], 0, bytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
	if err != nil {
		return os.NewSyscallError("mmap", err)
	}
	seals := unix.F_SEAL_SHRINK | unix.F_SEAL_GROW
	if i == 1 {
		seals |= unix.F_SEAL_FUTURE_WRITE
	}
	_, err = unix.FcntlInt(uintptr(m.files[i]), unix.F_ADD_SEALS, seals|unix.F_SEAL_SEAL)
	return os.NewSyscallError("fcntl F_ADD_SEALS", err)
}

// attach maps memory that a host made, for the plugin. It takes the files over, also if it fails.
func attach(files [3]int, size Size) (*Memory, error) {
	m := &Memory{files: files}
	for i, bytes := range size.bytes() {
		var stat unix.Stat_t
		if err := unix.Fstat(files[i], &stat); err != nil || stat.Size < int64(bytes) {
			return nil, errors.Join(fmt.Errorf("shared memory %d has %d bytes, not %d (%v)", i, stat.Size, bytes, err), m.Close())
		}
		access := unix.PROT_READ
		if i != 1 {
			access |= unix.PROT_WRITE
		}
		var err error
		if m.maps[i], err = unix.Mmap(files[i], 0, bytes, access, unix.MAP_SHARED|unix.MAP_POPULATE); err != nil {
			return nil, errors.Join(os.NewSyscallError("mmap", err), m.Close())
		}
	}
	m.slice(size)
	if *m.Control.word64(offMagic) != magic {
		return nil, errors.Join(errors.New("the control page is of another version"), m.Close())
	}
	m.closeFiles() // the mappings stay
	return m, nil
}

// Close unmaps everything. No slice of m may be used afterwards.
func (m *Memory) Close() error {
	m.closeFiles()
	var errs error
	for i, b := range m.maps {
		if b != nil {
			errs = errors.Join(errs, os.NewSyscallError("munmap", unix.Munmap(b)))
			m.maps[i] = nil
		}
	}
	m.Control, m.Gradient, m.Weights, m.Update = nil, nil, nil, nil
	return errs
}

func (m *Memory) closeFiles() {
	for i, fd := range m.files {
		if fd >= 0 {
			_ = unix.Close(fd)
			m.files[i] = -1
		}
	}
}
