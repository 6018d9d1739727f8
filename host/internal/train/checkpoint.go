package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/record"
)

// Checkpoint is all that a run needs to go on from a point as if it had never stopped. What it draws at random follows
// from the seed and the step, so that the step is also the position in the seed tree.
type Checkpoint struct {
	Step          int       // updates applied
	Weights       []float64 // after them
	Optimizer     optimizer.Snapshot
	StepsToTarget int                        // the first point that reached the target so far; -1 if none did
	UsedToTarget  time.Duration              // by the steps before it
	Used          time.Duration              // by the steps, see [Run.Limit]
	Asked         record.Asked               // in them
	AskedToTarget record.Asked               // in those before the target
	Kept          []record.Digest            // of the weights written before
	Best          record.ByName[record.Best] // of the points before; nil of an earlier version
	Watch         []float64                  // what the watch knows of them
	Followed      [][]float64                // what each of the diagnostics knows of them
}

// Checkpoints keeps the last checkpoint of a run.
type Checkpoints interface {
	// Save replaces the last one, whole or not at all.
	Save(*Checkpoint) error
	// Load returns the last one, nil if there is none.
	Load() (*Checkpoint, error)
}

const (
	// interruptGrace is how long a call may go on when the run is interrupted: long enough to end a step and to take a
	// checkpoint.
	interruptGrace = 2 * time.Second
	// saveShare is the part of the time that checkpoints by time may take.
	saveShare = 20
)

// grace returns a context that is cancelled a moment after ctx.
func grace(ctx context.Context, moment time.Duration) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(moment, cancel) })
	return late, func() { stop(); cancel() }
}

// begin opens the optimizer and goes to the last checkpoint, or to the start.
func (l *loop) begin(ctx context.Context) {
	if ctx.Err() != nil {
		l.interrupt()
		return
	}
	if optimizer.Pause(ctx, l.attempts); ctx.Err() != nil {
		l.interrupt()
		return
	}
	opened, err := l.Open(l.calls, &l.answers)
	if err != nil {
		l.lost(err)
		return
	}
	l.optimizer, l.Vectors, l.stepped, l.result.step = opened, opened.Vectors(), false, -1
	var c *Checkpoint
	if l.Checkpoints != nil {
		if c, err = l.Checkpoints.Load(); err != nil {
			l.fail(err)
			return
		}
	}
	l.savedAt = time.Now()
	if c == nil {
		l.k, l.out.StepsToTarget, l.out.ToTarget, l.used, l.kept = 0, -1, record.Effort{}, 0, nil
		l.answers.asked, l.askedToTarget = record.Asked{}, record.Asked{}
		if l.Objective.Initialize(l.Weights); !l.propose() {
			return
		}
	} else {
		if len(c.Weights) != len(l.Weights) {
			l.fail(fmt.Errorf("the checkpoint has %d weights, the problem %d", len(c.Weights), len(l.Weights)))
			return
		}
		l.k, l.out.StepsToTarget, l.used, l.kept = c.Step, c.StepsToTarget, c.Used, slices.Clone(c.Kept)
		if l.out.ToTarget = (record.Effort{}); c.StepsToTarget >= 0 {
			l.answers.asked = c.AskedToTarget
			l.out.ToTarget = record.Effort{Spent: l.spent(c.StepsToTarget), Used: c.UsedToTarget}
		}
		l.answers.asked, l.askedToTarget = c.Asked, c.AskedToTarget
		copy(l.Weights, c.Weights)
		if err := l.optimizer.Restore(l.calls, c.Optimizer); err != nil {
			l.lost(fmt.Errorf("going on from the checkpoint after step %d: %w", c.Step, err))
			return
		}
	}
	if err := l.recall(c); err != nil {
		l.fail(err)
	}
	l.saved, l.out.Steps = l.k, max(l.out.Steps, l.k)
}

// due tells whether it is time for a checkpoint.
func (l *loop) due(now time.Time) bool {
	if l.Checkpoints == nil || l.k == l.saved {
		return false
	}
	return l.EverySteps > 0 && l.k-l.saved >= l.EverySteps ||
		l.EveryTime > 0 && now.Sub(l.savedAt) >= max(l.EveryTime, saveShare*l.saveCost)
}

// save writes a checkpoint of the present point, between two steps.
func (l *loop) save() {
	if l.Checkpoints == nil || l.k == l.saved {
		return
	}
	begin := time.Now()
	state, err := l.optimizer.Snapshot(l.calls)
	if err != nil {
		l.lost(fmt.Errorf("checkpoint after step %d: %w", l.k, err))
		return
	}
	c := &Checkpoint{Step: l.k, Weights: l.Weights, Optimizer: state, StepsToTarget: l.out.StepsToTarget, UsedToTarget: l.out.ToTarget.Used,
		Used: l.used, Asked: l.answers.asked, AskedToTarget: l.askedToTarget, Kept: l.kept, Best: l.bests(), Watch: l.watched(),
		Followed: l.followed()}
	if err := l.Checkpoints.Save(c); err != nil {
		l.fail(err)
		return
	}
	l.saved, l.savedAt, l.saveCost = l.k, time.Now(), time.Since(begin)
}

// lost judges a failed call of the plugin. A plugin that died, be it while it was started again, is opened once more, unless
// it did so too often without getting further than where it died before; never does a run go on with an optimizer whose
// state was silently reset.
func (l *loop) lost(err error) {
	if errors.Is(l.calls.Err(), context.Canceled) {
		l.interrupt()
		return
	}
	if l.k > l.furthest {
		l.furthest, l.attempts = l.k, 0
	}
	var died *optimizer.Died
	resumes := errors.As(err, &died) && l.Resume
	again := resumes && l.attempts < optimizer.MaxRestarts
	for _, o := range l.Observers {
		if f, wants := o.(record.FailureObserver); wants {
			f.PluginFailed(err, again)
		}
	}
	if resumes && !again {
		err = fmt.Errorf("%w; %d restarts did not get it further", err, optimizer.MaxRestarts)
	}
	if !again {
		l.fail(err)
		return
	}
	l.attempts++
	l.out.Restarts++
	l.close()
}

// close gives the optimizer back. What a dead plugin says to that is of no interest.
func (l *loop) close() {
	if l.optimizer != nil {
		_ = l.optimizer.Close(l.calls)
		l.optimizer = nil
	}
}
