// Package optimizer is the seam between the training loop and optimizers: what a step gives and gets, and the two ways in
// which its vectors reach a plugin. Of processes it knows what Supervisor says.
package optimizer

import (
	"context"
	"io"
	"time"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Optimizer is one optimizer over one weight vector, as the training loop sees it. All calls come from one goroutine.
type Optimizer interface {
	// Vectors are what the optimizer shares with its caller, all as long as the weight vector: the caller keeps the
	// gradient and the weights there, and finds the update. They are valid until Close.
	Vectors() Vectors
	// Step writes the update of step k, from 1, for the gradient. values are the schedulable hyperparameters in force, and then
	// those of each group; loss is that before the step. It returns the time spent in the update rule itself. Gradient is as it was when
	// it returns, whatever was asked.
	Step(ctx context.Context, k int, values []float64, loss float64) (time.Duration, error)
	// Locate writes the update that leads from the weights after step k to those of what, which the plugin must have declared: those
	// to evaluate, or, with k = 0, those to start from. values are as for step k, for the first one if there was none.
	Locate(ctx context.Context, what Elsewhere, k int, values []float64) error
	// Snapshot is the complete state between two steps, and Restore its inverse.
	Snapshot(ctx context.Context) (Snapshot, error)
	Restore(ctx context.Context, s Snapshot) error
	// Close forgets the optimizer's state.
	Close(ctx context.Context) error
}

// Elsewhere is what an optimizer can have at other weights than those that it trains.
type Elsewhere = v1.StepKind

// What there is.
const (
	Evaluation     = v1.StepKind_STEP_KIND_EVALUATION
	Initialization = v1.StepKind_STEP_KIND_INITIALIZATION
)

// Vectors are the three vectors of a step.
type Vectors struct {
	Gradient, Weights, Update []float64
}

// Snapshot is an optimizer's state, as the plugin wrote it.
type Snapshot = proto.Snapshot

// Config is what an optimizer is opened with.
type Config struct {
	Instance        string // unique within the plugin's process
	Hyperparameters map[string]*v1.Value
	Layout          []*v1.Tensor
	Groups          []*v1.Group // tensors with hyperparameters of their own; nil unless the plugin declared groups
	Seed            uint64
	Steps           int       // of the whole run; 0 where that is not known
	Log             io.Writer // receives what the plugin prints while the instance is open
	Plane           Plane
	Timeout         time.Duration // of a step, without the time of the oracle's answers; 0 is DefaultTimeout
	Oracle          Oracle        // answers asks
	MaxAsks         int           // how many of a step it answers

	pace *pace // that it shares with other parts of a composite; nil if it has its own
}

// DefaultTimeout is how long a plugin may take for a step if nothing else is said.
const DefaultTimeout = 30 * time.Second

// Plane is how vectors travel between host and plugin.
type Plane string

// The planes. Auto is shared memory where host, plugin and system have it, else inline.
const (
	Auto   Plane = "auto"
	Shared Plane = "shm"
	Inline Plane = "inline"
)

// Planes are the choices for users.
var Planes = []string{string(Auto), string(Shared), string(Inline)}
