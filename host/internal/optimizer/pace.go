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
// The parts of a composite take turns too, and have one pace: all sleep on one core.
//
// docs/decisions/0001-doorbell.md has the measurements.
type pace struct {
	instances    int           // that have it
	parameters   int           // of all of them
	spin         time.Duration // of both sides, 0 while they sleep
	host, plugin int32         // the cores that their threads are bound to, -1 before the first step
	threads      uint32        // that the update rule may use
	all          []int32       // the cores that there are

	// The present window, of which a few steps are timed: looking at the clock takes longer than a small step.
	steps     int
	since     time.Time // when it began
	preempted int64     // preemptions until then
	asked     time.Time // when the present step was asked for; zero if it is not timed
	last      time.Time // when the last step was answered; likewise
	gaps      share     // times from an answer to the next step that were longer than spinGap
	answers   share     // times from a step to its answer that were longer than spinAnswer

	calm    int // windows to come without spinning
	backoff int // how many they are after the next disappointment
}

// share counts how many of the timed steps of a window were slow.
type share struct{ slow, all int }

func (s *share) add(slow bool) {
	if s.all++; slow {
		s.slow++
	}
}

func (s share) most() bool { return 2*s.slow > s.all }

const (
	spinParameters  = 2048                  // the most for which an answer comes sooner from another core
	spinTime        = 50 * time.Microsecond // before falling asleep
	spinGap         = 10 * time.Microsecond // between an answer and the next step, for spinning to pay
	spinAnswer      = 5 * time.Microsecond  // from a step to its answer, likewise
	windowSteps     = 64                    // between two decisions
	windowTime      = 100 * time.Millisecond
	longestBackoff  = 1024      // windows
	mostPreemptions = 20        // a second; with more the core is somebody else's too
	parallelFrom    = 1_000_000 // parameters from which a plugin may have a second thread
)

// busy counts the open instances of this host, and the threads that it bound to each core; two that sleep by turns count
// as one.
var busy = struct {
	sync.Mutex
	open int
	on   map[int32]int
}{on: map[int32]int{}}

func (p *pace) begin(parameters int) {
	p.parameters += parameters
	if p.instances++; p.instances > 1 {
		return
	}
	p.host, p.plugin = -1, -1
	busy.Lock()
	busy.open++
	busy.Unlock()
}

// next is the request of a step, with how it is to be waited for.
func (p *pace) next(k uint64, loss float64) shm.Request {
	p.steps++
	p.asked = time.Time{}
	if p.parameters > spinParameters || p.steps%16 < 2 || p.steps == 1 { // two in a row, for the gap between them
		p.asked = time.Now()
		if !p.last.IsZero() {
			p.gaps.add(p.asked.Sub(p.last) > spinGap)
		}
		if p.since.IsZero() || p.steps > windowSteps || p.asked.Sub(p.since) > windowTime {
			p.decide(p.asked)
		}
	}
	return shm.Request{Step: k, Loss: loss, Spin: uint32(p.spin / time.Microsecond), CPU: p.plugin, Threads: p.threads}
}

// answered notes the time of an answer.
func (p *pace) answered() {
	if p.last = (time.Time{}); !p.asked.IsZero() {
		p.last = time.Now()
		p.answers.add(p.last.Sub(p.asked) > spinAnswer)
	}
}

func cores() int { return runtime.GOMAXPROCS(0) }

// decide chooses the way for the next window.
func (p *pace) decide(now time.Time) {
	if p.all == nil {
		runtime.LockOSThread()
		p.all = shm.Cores()
	}
	busy.Lock()
	room := min(cores(), len(p.all)) >= 2*busy.open
	busy.Unlock()
	if p.spin > 0 && p.answers.most() {
		// The other core is busy with somebody else's work, and both sides spin in vain.
		p.backoff = min(max(2*p.backoff, 1), longestBackoff)
		p.calm = p.backoff
	}
	p.calm = max(p.calm-1, 0)
	preempted := shm.Preemptions()
	contended := float64(preempted-p.preempted) > mostPreemptions*now.Sub(p.since).Seconds()+1
	if len(p.all) > 0 && (p.host < 0 || contended) {
		p.move()
	}
	spin := p.gaps.all > 0 && !p.gaps.most() && p.calm == 0 && p.parameters <= spinParameters && len(p.all) > 1 && room && p.instances == 1
	switch {
	case spin && p.spin == 0:
		p.plugin = take(p.all, p.all[(slices.Index(p.all, p.host)+1)%len(p.all)])
		p.spin = spinTime
	case !spin && p.spin > 0:
		give(p.plugin)
		p.plugin, p.spin = p.host, 0
	}
	if p.threads = 1; room && p.parameters >= parallelFrom {
		p.threads = uint32(cores())
	}
	p.steps, p.since, p.preempted, p.gaps, p.answers = 0, now, preempted, share{}, share{}
}

// move binds the thread to a core, at first the one that it is on, and then to any other.
func (p *pace) move() {
	wish := shm.CPU()
	if p.host >= 0 {
		wish = p.all[rand.IntN(len(p.all))]
	}
	p.leave()
	p.host = take(p.all, wish)
	p.plugin, p.spin = p.host, 0
	shm.Stay(p.host)
}

// take reserves a core: the wish, unless another of this host's instances has it and there is one that fewer have.
func take(all []int32, wish int32) int32 {
	busy.Lock()
	defer busy.Unlock()
	if busy.on[wish] > 0 {
		wish = slices.MinFunc(all, func(a, b int32) int { return busy.on[a] - busy.on[b] })
	}
	busy.on[wish]++
	return wish
}

func give(core int32) {
	busy.Lock()
	defer busy.Unlock()
	busy.on[core]--
}

// leave gives the cores back.
func (p *pace) leave() {
	if p.spin > 0 {
		give(p.plugin)
	}
	if p.host >= 0 {
		give(p.host)
	}
}

func (p *pace) end() {
	if p.instances--; p.instances > 0 {
		return
	}
	p.leave()
	p.host, p.plugin, p.spin = -1, -1, 0
	if p.all != nil {
		shm.Stay(p.all...)
		runtime.UnlockOSThread()
		p.all = nil
	}
	busy.Lock()
	busy.open--
	busy.Unlock()
}
