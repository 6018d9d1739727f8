package record

import "time"

// Status is how a run ended.
type Status string

// The ways to end.
const (
	Finished    Status = "finished"    // all steps were made
	Diverged    Status = "diverged"    // loss, gradient or update became infinite or not a number: a result, not a failure
	Failed      Status = "failed"      // the plugin, the disk or the host failed
	Interrupted Status = "interrupted" // the user stopped it
)

// Outcome is the result of a run.
type Outcome struct {
	Status             Status
	Err                error  // why it failed
	Reason             string // what diverged
	Steps              int    // updates applied
	TrainLoss          Value  // over all training examples at the last weights; not measured if the run had none
	ValidationLoss     Value  // at the last weights; not measured without validation examples
	ValidationAccuracy Value  // likewise
	TestLoss           Value  // at the last weights; not measured without test examples
	TestAccuracy       Value  // likewise
	StepsToTarget      int    // the first point that reached the target; -1 if none did
	Restarts           int    // of the plugin
	Wall               time.Duration
	Time               StepTime
}

// StepTime splits the time of a step. In an Outcome each is a median over steps, zero if no step was made.
type StepTime struct {
	Gradient  time.Duration // loss and gradient, in the host
	Optimizer time.Duration // the update rule, in the plugin
	Transport time.Duration // the rest of the call: encoding, sending, waiting
}
