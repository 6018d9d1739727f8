package optimizer

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/steepest/steepest/proto/shm"
)

// pace decides, for one instance, how host and plugin wait for each other. They never compute at the same time, so there
// are two good ways, and the kernel left alone finds neither:
//
//   - Spinning, each on a core of its own: an answer after 0.2 us. It pays for short steps in quick succession, and only
//     while there are cores that nobody else needs.
//   - Sleeping, both on the same core: an answer after 2 us, and the vectors stay in that core's cache. On another core
//     the sleeper must first be woken by an interrupt, which takes 50 us on a virtual machine, and then fetch the
//     vectors from the first one's cache.
//
// docs/decisions/0001-doorbell.md has the measurements.
type pace struct {
	parameters int
	last       time.Time     // when the last step was answered
	steps      int           // in the present window
	gaps       time.Duration // between an answer and the next step, summed over the window
	since      time.Time     // start of the present window
	spinning   bool
	calm       int   // windows to come without spinning
	patience   int   // how many they are after the next disappointment
	core       int32 // that the host's thread is bound to; -1 if it is not
	preempted  int64 // when the window began
	all        []int32
}

const (
	spinParameters  = 512                   // the most for which an answer comes sooner from another core
	spinMicros      = 50                    // before falling asleep
	spinGap         = 10 * time.Microsecond // the longest mean time between steps for which the plugin spins
	window          = 64                    // steps between two decisions
	windowTime      = 100 * time.Millisecond
	spinAnswer      = 5 * time.Microsecond // the longest mean answer for which spinning goes on
	mostPatience    = 1024                 // windows
	mostPreemptions = 20                   // a second; with more the core is somebody else's too
)

// busy counts the open instances of this host on each core; those that spin are on none.
var busy = struct {
	sync.Mutex
	open  int
	pairs map[int32]int
}{pairs: map[int32]int{}}

func (p *pace) begin(parameters int) {
	p.parameters, p.core = parameters, -1
	busy.Lock()
	busy.open++
	busy.Unlock()
}

// next fills in how this step is waited for.
func (p *pace) next(now time.Time, r *shm.Request) {
	if p.steps > 0 {
		p.gaps += now.Sub(p.last)
	}
	p.steps++
	if p.since.IsZero() || p.steps > window || now.Sub(p.since) > windowTime {
		p.decide(now)
	}
	r.CPU, r.Threads = p.core, 1
	if p.spinning {
		r.Spin = spinMicros
	}
	if p.parameters >= parallelFrom && cores() >= 2*instances() {
		r.Threads = uint32(cores())
	}
}

// parallelFrom is the number of parameters from which a plugin is allowed a second thread.
const parallelFrom = 1_000_000

func cores() int { return runtime.GOMAXPROCS(0) }

func instances() int {
	busy.Lock()
	defer busy.Unlock()
	return busy.open
}

// decide chooses the way for the next window.
func (p *pace) decide(now time.Time) {
	quick := p.steps > window/2 && p.gaps < time.Duration(p.steps)*spinGap
	if p.spinning && now.Sub(p.since)-p.gaps > time.Duration(p.steps)*spinAnswer {
		// The other core is busy with somebody else's work, and both sides spin in vain.
		p.patience = min(max(2*p.patience, 1), mostPatience)
		p.calm = p.patience
	}
	p.spinning = quick && p.calm == 0 && p.parameters <= spinParameters && cores() >= 2*instances()
	p.calm = max(p.calm-1, 0)
	switch {
	case p.spinning:
		p.unbind()
	case p.core < 0:
		p.bind(shm.CPU())
	case float64(shm.Preemptions()-p.preempted) > mostPreemptions*now.Sub(p.since).Seconds()+1:
		p.bind(p.all[rand.IntN(len(p.all))])
	}
	p.steps, p.gaps, p.since, p.preempted = 1, 0, now, shm.Preemptions()
}

// bind keeps the calling goroutine's thread on a core: the given one, unless another of this host's instances has it
// and there is one that none has.
func (p *pace) bind(wish int32) {
	if p.all == nil {
		runtime.LockOSThread()
		p.all = shm.Cores()
	}
	p.release()
	if len(p.all) == 0 || wish < 0 {
		return
	}
	busy.Lock()
	defer busy.Unlock()
	p.core = wish
	if busy.pairs[wish] > 0 {
		p.core = slices.MinFunc(p.all, func(a, b int32) int { return busy.pairs[a] - busy.pairs[b] })
	}
	busy.pairs[p.core]++
	shm.Stay(p.core)
}

func (p *pace) release() {
	if p.core >= 0 {
		busy.Lock()
		busy.pairs[p.core]--
		busy.Unlock()
		p.core = -1
	}
}

// unbind lets the thread go wherever the system wants it.
func (p *pace) unbind() {
	if p.core >= 0 {
		p.release()
		shm.Stay(p.all...)
	}
}

func (p *pace) end() {
	p.unbind()
	if p.all != nil {
		runtime.UnlockOSThread()
		p.all = nil
	}
	busy.Lock()
	busy.open--
	busy.Unlock()
}
