package main

import (
	"fmt"
	"runtime"

	"github.com/steepest/steepest/host/internal/blas"
)

// memoryNeed is what the program must be able to map. Addresses, mostly: little of it is ever used. Where they are short the
// program would crash in the middle, or hang in OpenBLAS, which asks for a buffer until it gets one.
type memoryNeed struct {
	threads int // with a stack and an arena of the C library each
	heap    int // bytes
	buffers int // of OpenBLAS, which every call in flight needs
}

const (
	threadAddresses = 80 << 20
	bufferAddresses = 128 << 20
)

// needToStart is what the commands need that compute nothing.
var needToStart = memoryNeed{threads: 4, heap: 64 << 20}

// needToRun is what runs need, so many of them at once.
func needToRun(inFlight int) memoryNeed {
	n := memoryNeed{threads: runtime.GOMAXPROCS(0) + 2*inFlight + 2, heap: 256 << 20}
	if !blas.IsGonum() {
		n.buffers = max(runtime.GOMAXPROCS(0), inFlight)
	}
	return n
}

func (n memoryNeed) bytes() int {
	return n.threads*threadAddresses + n.heap + n.buffers*bufferAddresses
}

// check tells whether there is enough, and what to do if not.
func (n memoryNeed) check() error {
	reserved, err := reserve(n.threads*threadAddresses+n.heap, false)
	defer reserved()
	for range n.buffers {
		if err != nil {
			break
		}
		reserved, err = reserve(bufferAddresses, true)
		defer reserved()
	}
	if err == nil {
		return nil
	}
	remedy := "raise the limit (`ulimit -v unlimited`; to bound the memory in use, limit that of a control group instead)"
	if n.buffers > 0 {
		remedy += ", or need less with --jobs 1 or --blas gonum"
	} else if n.threads > needToStart.threads {
		remedy += ", or need less with --jobs 1"
	}
	return exit{exitUsage, fmt.Sprintf("too little memory may be mapped%s: about %d MiB more are needed, most of it for addresses alone: %v; %s",
		limits(), n.bytes()>>20, err, remedy)}
}
