package shm

import (
	"sync/atomic"
	"time"
)

// Bell is a number that one side counts up and the other waits for, first spinning, then asleep in the kernel.
type Bell struct {
	number, asleep *atomic.Uint32
}

// Slice is how long a sleeper sleeps at most before it looks around: a futex never tells that the other side is gone.
const Slice = 20 * time.Millisecond

// Ring announces the number and wakes the other side if it sleeps.
func (b Bell) Ring(number uint32) {
	b.number.Store(number)
	if b.asleep.Load() != 0 {
		wake(b.number)
	}
}

// Nudge wakes the sleeper without a number, so that it looks around.
func (b Bell) Nudge() { wake(b.number) }

// Wait returns true once the number is reached, or false once quit, asked every slice, says so. The caller is locked to
// its thread if it is to stay on one core.
func (b Bell) Wait(number uint32, spin time.Duration, quit func() bool) bool {
	var begin time.Time // of spinning; the clock is not asked by answers that come at once
	for i := 1; spin > 0; i++ {
		if b.number.Load() == number {
			return true
		}
		if i%512 > 0 {
			continue
		}
		if begin.IsZero() {
			begin = time.Now()
		} else if time.Since(begin) > spin {
			break
		}
	}
	for {
		b.asleep.Store(1)
		current := b.number.Load()
		if current != number {
			sleep(b.number, current)
			current = b.number.Load()
		}
		b.asleep.Store(0)
		if current == number {
			return true
		}
		if quit() {
			return false
		}
	}
}
