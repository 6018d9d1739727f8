// Package machine knows what the operating system grants this program, and whether that is enough.
package machine

import (
	"fmt"
	"runtime"

	"github.com/steepest/steepest/host/internal/blas"
)

// Memory is what a program must be able to map. Addresses, mostly: little of it is ever used. Where they are short the
// program would crash in the middle, or hang in OpenBLAS, which asks for a buffer until it gets one.
type Memory struct {
	threads int // with a stack and an arena of the C library each
	heap    int // bytes
	buffers int // of OpenBLAS, which every call in flight needs
}

const (
	threadAddresses = 80 << 20
	bufferAddresses = 128 << 20
)

// MemoryToStart is what the commands need that compute nothing.
var MemoryToStart = Memory{threads: 4, heap: 64 << 20}

// MemoryToRun is what runs need, so many of them at once.
func MemoryToRun(inFlight int) Memory {
	n := Memory{threads: runtime.GOMAXPROCS(0) + 2*inFlight + 2, heap: 256 << 20}
	if !blas.IsGonum() {
		n.buffers = max(runtime.GOMAXPROCS(0), inFlight)
	}
	return n
}

func (n Memory) bytes() int {
	return n.threads*threadAddresses + n.heap + n.buffers*bufferAddresses
}

// Check tells whether there is enough, and what to do if not.
func (n Memory) Check() error {
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
	} else if n.threads > MemoryToStart.threads {
		remedy += ", or need less with --jobs 1"
	}
	return fmt.Errorf("too little memory may be mapped%s: about %d MiB more are needed, most of it for addresses alone: %w; %s",
		limits(), n.bytes()>>20, err, remedy)
}
