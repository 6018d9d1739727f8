// Package shm is the shared-memory data plane of the plugin protocol: what lies where in the memory that a host and a
// plugin share for one instance, and the doorbell with which they call each other. docs/protocol.md is the prose. The
// plane needs Linux; elsewhere [Supported] says no and the inline plane is used.
//
// Everything in the control page can be overwritten by the other side at any moment. A host therefore reads each word
// once and believes none of them.
package shm

import (
	"math"
	"sync/atomic"
	"unsafe"
)

// Offsets in the control page. All words are little-endian; each cache line is written by one side.
const (
	offMagic        = 0   // uint64, written by the host at the start
	offRequest      = 64  // uint32: the number of the newest request; the plugin sleeps on it
	offAnswer       = 128 // uint32: the number of the newest answer; the host sleeps on it
	offHostSleeps   = 192 // uint32: 1 while the host sleeps or is about to
	offPluginSleeps = 256 // uint32: 1 while the plugin sleeps or is about to
	offStep         = 320 // uint64: number of the step, from 1
	offLoss         = 328 // float64
	offSpin         = 336 // uint32: microseconds to spin for the next request before sleeping
	offCPU          = 340 // int32: the core to wait on, -1 for any
	offThreads      = 344 // uint32: how many threads the update rule may use
	offStatus       = 384 // uint32: see Status
	offLength       = 388 // uint32: bytes of the message
	offCompute      = 392 // uint64: nanoseconds spent in the update rule
	offMessage      = 448 // text of a failure
	offHyper        = 2048

	// MaxMessage is the longest text of a failure, in bytes.
	MaxMessage = offHyper - offMessage

	magic = 0x314d485345455453 // "STEESHM1"
)

// Status is a plugin's answer to a step.
type Status uint32

// The answers. The numbers are part of the protocol.
const (
	Done    Status = 1 // the update is written
	Invalid Status = 2 // the request was refused; the message says why
	Failed  Status = 3 // the update rule failed; the message names tensor and step
)

// Request is what the host says with a step, beside the vectors.
type Request struct {
	Step    uint64
	Loss    float64
	Spin    uint32 // microseconds
	CPU     int32
	Threads uint32
}

// Control is a mapped control page.
type Control struct {
	page  []byte
	Hyper []float64 // the schedulable hyperparameters' values, in the order of Describe
}

// controlSize is the size of a control page for the given number of hyperparameters.
func controlSize(hyper int) int { return offHyper + hyper*8 }

func newControl(page []byte, hyper int) *Control {
	return &Control{page, floats(page[offHyper:], hyper)}
}

func (c *Control) word32(off int) *atomic.Uint32 {
	return (*atomic.Uint32)(unsafe.Pointer(&c.page[off]))
}
func (c *Control) word64(off int) *atomic.Uint64 {
	return (*atomic.Uint64)(unsafe.Pointer(&c.page[off]))
}

// Requests is the bell that the host rings; Answers is the plugin's.
func (c *Control) Requests() Bell { return Bell{c.word32(offRequest), c.word32(offPluginSleeps)} }

// Answers is the bell that the plugin rings.
func (c *Control) Answers() Bell { return Bell{c.word32(offAnswer), c.word32(offHostSleeps)} }

// SetRequest is for the host, before it rings.
func (c *Control) SetRequest(r Request) {
	c.word64(offStep).Store(r.Step)
	c.word64(offLoss).Store(math.Float64bits(r.Loss))
	c.word32(offSpin).Store(r.Spin)
	c.word32(offCPU).Store(uint32(r.CPU))
	c.word32(offThreads).Store(r.Threads)
}

// Request is for the plugin, after the bell.
func (c *Control) Request() Request {
	return Request{
		Step: c.word64(offStep).Load(), Loss: math.Float64frombits(c.word64(offLoss).Load()), Spin: c.word32(offSpin).Load(),
		CPU: int32(c.word32(offCPU).Load()), Threads: c.word32(offThreads).Load(),
	}
}

// SetAnswer is for the plugin, before it rings. A long message is cut.
func (c *Control) SetAnswer(s Status, computeNanoseconds uint64, message string) {
	n := copy(c.page[offMessage:offMessage+MaxMessage], message)
	c.word32(offLength).Store(uint32(n))
	c.word64(offCompute).Store(computeNanoseconds)
	c.word32(offStatus).Store(uint32(s))
}

// Answer is for the host, after the bell. The message is empty unless the status is a failure.
func (c *Control) Answer() (s Status, computeNanoseconds uint64, message string) {
	s, computeNanoseconds = Status(c.word32(offStatus).Load()), c.word64(offCompute).Load()
	if s != Done {
		n := min(c.word32(offLength).Load(), MaxMessage)
		message = string(c.page[offMessage : offMessage+n])
	}
	return s, computeNanoseconds, message
}

// floats views the start of b as n float64. b must be aligned to 8 bytes.
func floats(b []byte, n int) []float64 {
	if n == 0 {
		return []float64{}
	}
	return unsafe.Slice((*float64)(unsafe.Pointer(unsafe.SliceData(b[:n*8]))), n)
}
