//go:build linux && (amd64 || arm64)

package shm

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The operations of futex(2), with memory shared between processes.
const (
	futexWait = 0
	futexWake = 1
)

var slice = unix.NsecToTimespec(Slice.Nanoseconds())

// sleep returns when the word is woken, is no longer at its current value, or after a slice, or for no reason at all.
func sleep(word *atomic.Uint32, current uint32) {
	// Syscall6, not RawSyscall6: Go's scheduler must know that the thread may block. Whatever the outcome (woken,
	// changed, interrupted, timed out), the caller looks at the word again.
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWait, uintptr(current),
		uintptr(unsafe.Pointer(&slice)), 0, 0)
}

func wake(word *atomic.Uint32) {
	_, _, _ = unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(word)), futexWake, 1, 0, 0, 0)
}
