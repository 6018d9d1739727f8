//go:build linux && (amd64 || arm64)

package shm

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// CPU is the core that the calling thread runs on, -1 if the system does not say.
func CPU() int32 {
	var cpu uint32
	if _, _, errno := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); errno != 0 {
		return -1
	}
	return int32(cpu)
}

// Cores are the cores that the calling thread may run on.
func Cores() []int32 {
	var set unix.CPUSet
	var cores []int32
	if unix.SchedGetaffinity(0, &set) == nil {
		for cpu := range int32(len(set) * 64) {
			if set.IsSet(int(cpu)) {
				cores = append(cores, cpu)
			}
		}
	}
	return cores
}

// Stay keeps the calling thread on one of the cores. It is a wish: the system may refuse.
func Stay(cores ...int32) {
	var set unix.CPUSet
	for _, cpu := range cores {
		set.Set(int(cpu))
	}
	_ = unix.SchedSetaffinity(0, &set)
}

// Preemptions counts how often the calling thread had to give its core to another against its will.
func Preemptions() int64 {
	var usage unix.Rusage
	if unix.Getrusage(unix.RUSAGE_THREAD, &usage) != nil {
		return 0
	}
	return int64(usage.Nivcsw)
}
