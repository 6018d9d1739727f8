package record

import "time"

// Status is how a run ended.
type Status string

// The ways to end.
const (
	Finished    Status = "finished"    // all steps were made
	Diverged    Status = "diverged"    // loss, gradient or update became infinite or not a number: a result, not a failure
	Stopped     Status = "stopped"     // it got no better; what it had not reached by then it never reaches
	Pruned      Status = "pruned"      // others were better at a rung of successive halving
	Failed      Status = "failed"      // the plugin, the disk or the host failed
	Interrupted Status = "interrupted" // the user stopped it
	Paused      Status = "paused"      // no end: it waits at a rung, with a checkpoint, for what is decided there
)

// Ended tells whether a run came to an end of its own, so that its numbers count.
func (s Status) Ended() bool { return s == Finished || s == Diverged || s == Stopped }

// Over tells whether nothing is left to do of a run.
func (s Status) Over() bool { return s.Ended() || s == Pruned }

// Outcome is the result of a run.
type Outcome struct {
	Status        Status
	Err           error         // why it failed
	Reason        string        // what diverged, or why it ended before its last step
	Steps         int           // updates applied
	Final         ByName[Value] // what was measured at the last weights; train_loss is over all training examples
	Best          ByName[Best]  // of the recorded points, where a quantity has better values; nil if that is not known
	Effort                      // of its steps
	Weights       []Digest      // of the weights that were written, and, if it ended by itself, of the last
	StepsToTarget int           // the first point that reached the target; -1 if none did
	ToTarget      Effort        // of the steps before it
	Restarts      int           // of the plugin
	Gradients     int           // computed by this program, also those computed again
	Wall          time.Duration
	Time          StepTime
	Diagnosed     []Diagnosed // by the diagnostics that were asked for, in this program
}

// Diagnosed is what the measurements of a diagnostic took.
type Diagnosed struct {
	Name        string
	Points      int     // at which it measured
	Equivalents float64 // gradient equivalents
	Time        time.Duration
}

// StepTime splits the time of a step. In an Outcome each is a median over steps, zero if no step was made.
type StepTime struct {
	Gradient  time.Duration // loss and gradient, in the host
	Optimizer time.Duration // the update rule, in the plugin
	Transport time.Duration // the rest of the call: encoding, sending, waiting
}
