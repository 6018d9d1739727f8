package blas

import (
	"sync"
	"sync/atomic"
)

// MaxThreads bounds how many threads work on one thing.
const MaxThreads = 64

// Team shares the parts of a piece of work among up to [Threads] threads, whoever is free taking the next. How the work is
// cut is the caller's: it must follow from the work's shape alone, and sums of parts must be added in a fixed order, so that
// the number of threads changes nothing but time. See [Cut]. A team does one thing at a time and allocates nothing.
type Team struct {
	part  func(part, member int)
	tasks []func() // of the members but the first, who is the caller
	parts int32
	next  atomic.Int32
	group sync.WaitGroup
}

// NewTeam makes a team for a kind of work. A member, from 0 to [MaxThreads] - 1, does one part at a time and may have
// buffers of its own; sums belong to parts.
func NewTeam(part func(part, member int)) *Team { return &Team{part: part} }

// Do returns when all parts are done.
func (t *Team) Do(parts int) {
	members := min(Threads(), parts, MaxThreads)
	if members <= 1 {
		for i := range parts {
			t.part(i, 0)
		}
		return
	}
	for member := len(t.tasks) + 1; member < members; member++ {
		t.tasks = append(t.tasks, func() { defer t.group.Done(); t.work(member) })
	}
	t.parts = int32(parts)
	t.next.Store(0)
	t.group.Add(members - 1)
	for _, task := range t.tasks[:members-1] {
		go task()
	}
	t.work(0)
	t.group.Wait()
}

func (t *Team) work(member int) {
	for i := t.next.Add(1) - 1; i < t.parts; i = t.next.Add(1) - 1 {
		t.part(int(i), member)
	}
}

// maxParts is how many parts a piece of work has at most. It bounds how many threads are of use; 16 parts are well shared by
// 2, 4, 5, 8 and 16.
const maxParts = 16

// Cut is the number of parts of a piece of work: a power of two up to 16, so that each has at least the grain, which is the
// work that is worth waking a thread for. Results depend on it to the last bit, so it must never change.
func Cut(work, grain int) int {
	parts := 1
	for parts < maxParts && work/(2*parts) >= grain {
		parts *= 2
	}
	return parts
}

// Range is the part lo to hi of n things.
func Range(n, part, parts int) (lo, hi int) { return n * part / parts, n * (part + 1) / parts }
