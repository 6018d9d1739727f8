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

// Offsets in the control page. All words are little-endian. The host writes from offHost on, the plugin before it, each in
// as few cache lines as it can: a step of a small model is little more than these lines crossing between two cores.
const (
	offMagic   = 0                       // uint64, written by the host at the start
	offPlugin  = 64                      //
	offAnswer  = offPlugin               // uint32: the number of the newest answer; the host sleeps on it
	offPSleeps = offPlugin + 4           // uint32: 1 while the plugin sleeps or is about to
	offStatus  = offPlugin + 8           // uint32: see Status
	offLength  = offPlugin + 12          // uint32: bytes of the message
	offCompute = offPlugin + 16          // uint64: nanoseconds spent in the update rule
	offAsk     = offPlugin + 24          // uint32: what is asked for, if the status says so; see AskKind
	offBatch   = offPlugin + 28          // uint32: of which examples; see AskBatch
	offMessage = offPlugin + 64          // text of a failure
	offHost    = offMessage + MaxMessage //
	offRequest = offHost                 // uint32: the number of the newest request; the plugin sleeps on it
	offHSleeps = offHost + 4             // uint32: 1 while the host sleeps or is about to
	offStep    = offHost + 8             // uint64: number of the step, from 1
	offLoss    = offHost + 16            // float64
	offSpin    = offHost + 24            // uint32: microseconds to spin for the next request before sleeping
	offCPU     = offHost + 28            // int32: the core to wait on, -1 for any
	offThreads = offHost + 32            // uint32: how many threads the update rule may use
	offKind    = offHost + 36            // uint32: see Kind
	offHyper   = offHost + 40            // float64 each

	// MaxMessage is the longest text of a failure, in bytes.
	MaxMessage = 1024

	magic = 0x314d485345455453 // "STEESHM1"
)

// Status is a plugin's answer to a step.
type Status uint32

// The answers. The numbers are part of the protocol.
const (
	Done    Status = 1 // the update is written
	Invalid Status = 2 // the request was refused; the message says why
	Failed  Status = 3 // the update rule failed; the message names tensor and step
	Ask     Status = 4 // it is none yet, but an ask, whose vector is where the update will be
)

// Kind is what a request is for. The numbers are those of StepKind.
type Kind uint32

// The requests.
const (
	Step           Kind = 0
	Answer         Kind = 1 // to the ask; what was asked for is where the gradient was
	Evaluation     Kind = 2
	Initialization Kind = 3
)

// Request is what the host says with a step, beside the vectors.
type Request struct {
	Step    uint64
	Loss    float64
	Spin    uint32 // microseconds
	CPU     int32
	Threads uint32
	Kind    Kind
}

// Control is a mapped control page.
type Control struct {
	page  []byte
	Hyper []float64 // the schedulable hyperparameters' values, in the order of Describe, and then those of each group

	// What this side wrote last. It starts as the page does, at zero.
	request Request
	values  []float64
	status  Status
	compute uint64
}

// controlSize is the size of a control page for the given number of hyperparameters.
func controlSize(hyper int) int { return offHyper + hyper*8 }

func newControl(page []byte, hyper int) *Control {
	return &Control{page: page, Hyper: floats(page[offHyper:], hyper), values: make([]float64, hyper)}
}

// Page is the whole page, for tests of what a hostile side can do.
func (c *Control) Page() []byte { return c.page }

// The numbers and the sleepers' flags are atomic, and order everything else: what was written before a ring is seen after
// the wait for it.
func (c *Control) atomic32(off int) *atomic.Uint32 {
	return (*atomic.Uint32)(unsafe.Pointer(&c.page[off]))
}
func (c *Control) word32(off int) *uint32 { return (*uint32)(unsafe.Pointer(&c.page[off])) }
func (c *Control) word64(off int) *uint64 { return (*uint64)(unsafe.Pointer(&c.page[off])) }

// Requests is the bell that the host rings.
func (c *Control) Requests() Bell { return Bell{c.atomic32(offRequest), c.atomic32(offPSleeps)} }

// Answers is the bell that the plugin rings.
func (c *Control) Answers() Bell { return Bell{c.atomic32(offAnswer), c.atomic32(offHSleeps)} }

// SetRequest is for the host, before it rings. What has not changed is not written again: the plugin may be spinning on
// the same cache line, and would fetch it back between two writes.
func (c *Control) SetRequest(r Request) {
	*c.word64(offStep) = r.Step
	if loss := math.Float64bits(r.Loss); loss != math.Float64bits(c.request.Loss) {
		*c.word64(offLoss) = loss
	}
	if r.Spin != c.request.Spin {
		*c.word32(offSpin) = r.Spin
	}
	if r.CPU != c.request.CPU {
		*c.word32(offCPU) = uint32(r.CPU)
	}
	if r.Threads != c.request.Threads {
		*c.word32(offThreads) = r.Threads
	}
	if r.Kind != c.request.Kind {
		*c.word32(offKind) = uint32(r.Kind)
	}
	c.request = r
}

// SetHyper is likewise for the values of the hyperparameters.
func (c *Control) SetHyper(values []float64) {
	for i, x := range values {
		if math.Float64bits(x) != math.Float64bits(c.values[i]) {
			c.Hyper[i], c.values[i] = x, x
		}
	}
}

// Request is for the plugin, after the bell.
func (c *Control) Request() Request {
	return Request{
		Step: *c.word64(offStep), Loss: math.Float64frombits(*c.word64(offLoss)),
		Spin: *c.word32(offSpin), CPU: int32(*c.word32(offCPU)), Threads: *c.word32(offThreads), Kind: Kind(*c.word32(offKind)),
	}
}

// SetAnswer is for the plugin, before it rings. A long message is cut. What has not changed is not written again.
func (c *Control) SetAnswer(s Status, computeNanoseconds uint64, message string) {
	if len(message) > 0 {
		*c.word32(offLength) = uint32(copy(c.page[offMessage:offMessage+MaxMessage], message))
	} else if c.status != s {
		*c.word32(offLength) = 0
	}
	if c.status != s {
		*c.word32(offStatus), c.status = uint32(s), s
	}
	if c.compute != computeNanoseconds {
		*c.word64(offCompute), c.compute = computeNanoseconds, computeNanoseconds
	}
}

// SetAsk is likewise an answer, with the numbers of AskKind and AskBatch.
func (c *Control) SetAsk(kind, batch uint32) {
	*c.word32(offAsk), *c.word32(offBatch) = kind, batch
	c.SetAnswer(Ask, c.compute, "")
}

// Ask is for the host, after an answer with that status.
func (c *Control) Ask() (kind, batch uint32) { return *c.word32(offAsk), *c.word32(offBatch) }

// Answer is for the host, after the bell. The message is empty unless the status is a failure.
func (c *Control) Answer() (s Status, computeNanoseconds uint64, message string) {
	s, computeNanoseconds = Status(*c.word32(offStatus)), *c.word64(offCompute)
	if s != Done && s != Ask {
		n := min(*c.word32(offLength), MaxMessage)
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
