// Package sdk is all that the author of an optimizer plugin imports.
//
// An optimizer is a struct of hyperparameters, a struct of state and a function that turns a gradient into an update:
//
//	type hyper struct {
//		LR float64 `hyper:"lr,1e-3" in:"[0,inf)" help:"learning rate"`
//	}
//
//	type state struct{}
//
//	func step(h hyper, s *state, x sdk.Tensor) {
//		for i, g := range x.Grad {
//			x.Update[i] = -h.LR * g
//		}
//	}
//
//	func main() { sdk.Serve("sgd", step) }
//
// The build result, named steepest-optimizer-sgd, is a complete plugin: it describes its hyperparameters, checks their
// ranges, allocates, saves and restores its state, takes any schedule, and serves many runs at once.
package sdk

import (
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"

	"github.com/steepest/steepest/proto"
	"github.com/steepest/steepest/proto/shm"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Optimizer is a plugin that is ready to be served or tested.
type Optimizer struct {
	description *v1.DescribeResponse
	kernel      any // func(H, *S, Tensor), nil without one
	result      any // that of EvaluatesAt or EvaluatesModelAt, nil without one
	start       any // func(H, Tensor), nil without one
	open        func(*v1.OpenRequest) (instance, error)
	validate    func(map[string]*v1.Value) []*v1.Diagnostic
}

// Name is what experiments call the optimizer.
func (o *Optimizer) Name() string { return o.description.Name }

// An Option tells more about an optimizer.
type Option func(*Optimizer)

// Summary says in one line what the rule does.
func Summary(s string) Option { return func(o *Optimizer) { o.description.Summary = s } }

// Reference says where the rule is published.
func Reference(s string) Option { return func(o *Optimizer) { o.description.Reference = s } }

// Family says what the rule is akin to, in a word or two by which `steepest plugins list` groups: "gradient" descent and its momentum,
// "adaptive" learning rates, "sign", "matrix", "layerwise", "second order", "line search", "sharpness", "gradient-free", "averaging" or
// a word of your own.
func Family(s string) Option { return func(o *Optimizer) { o.description.Family = s } }

// Version sets the plugin's version. Without it, it is the version of the plugin's Go module.
func Version(v string) Option { return func(o *Optimizer) { o.description.Version = v } }

// Elementwise promises that the update of an element depends on that element's history alone, so that a host may
// partition tensors at will. A long tensor then reaches step in pieces, several at once if there are cores to spare.
func Elementwise() Option {
	return func(o *Optimizer) { o.description.Capabilities.Elementwise = true }
}

// NeedsWeights asks for the weights with every step, in [Tensor.Weights].
func NeedsWeights() Option {
	return func(o *Optimizer) { o.description.Capabilities.NeedsWeights = true }
}

// NeedsLoss asks for the loss with every step, in [Tensor.Loss].
func NeedsLoss() Option {
	return func(o *Optimizer) { o.description.Capabilities.NeedsLoss = true }
}

// IgnoresGradient says that step does not look at [Tensor.Grad]: a rule that searches by the loss, or not at all. Without
// it, the exam takes a rule that makes nothing of its gradient for a mistake.
func IgnoresGradient() Option {
	return func(o *Optimizer) { o.description.Capabilities.IgnoresGradient = true }
}

// Matrices says that the rule is one of matrices: an experiment that gives it a tensor of less than two dimensions, such as a bias, is
// refused, with a remedy. The tensors of step have [Tensor.Matrix].
func Matrices() Option {
	return func(o *Optimizer) { o.description.Capabilities.Matrices = true }
}

// KernelIf gives a step that computes the same, to the last bit, faster, and that writes every element of the update. If
// the processor can run it, it takes the place of the one that [New] was given, which remains the readable definition
// and does the shortest tensors. The name, such as "avx", tells people what runs.
func KernelIf[H, S any](possible bool, name string, step func(h H, s *S, x Tensor)) Option {
	return func(o *Optimizer) {
		if possible {
			o.description.Kernel, o.kernel = name, step
		}
	}
}

// kernelFrom is the length from which a kernel's preparations pay.
const kernelFrom = 16

// Serve runs a plugin whose step treats each tensor on its own. It does not return. See [New].
func Serve[H, S any](name string, step func(h H, s *S, x Tensor), options ...Option) {
	New(name, step, options...).Serve()
}

// New makes an optimizer whose step treats each tensor on its own, with a state of its own, and with hyperparameters of its own
// where an experiment has groups of tensors.
//
// H is a struct of hyperparameters. Each field is exported, of type float64, int, bool or string, and tagged with its
// name and default, `hyper:"lr,1e-3"`, and optionally with its range, `in:"[0,1)"`, the choices of a string,
// `choices:"l1,l2"`, and a line for people, `help:"learning rate"`. If H has a method Validate() error, it is asked
// about combinations; see [Fault].
//
// S is a struct of state. Each field is exported, of type [Vec] (one value for each parameter), float64, int, uint64 or
// bool, or a struct or slice of such; a slice has a length that the rule chooses. All is zero before the first step, unless *S has
// a method Init(h H, x Tensor): then that is called before the first step, once for each tensor, with the tensor of that
// step but for K, which is 0, and without Update.
//
// A malformed H, S or name panics with the field's name: the mistake is the author's and shows at start-up.
func New[H, S any](name string, step func(h H, s *S, x Tensor), options ...Option) *Optimizer {
	return build(name, rule[H, struct{}, S]{tensor: step}, options)
}

// NewJoint makes an optimizer whose step sees all tensors at once, for rules that need norms across layers, or numbers that
// are the whole model's. s[i] is the state of m.Tensors[i], and g that of the model, of fields as in S but that a [Vec] in it has a
// value for each parameter of the model. H and S are as in [New]; one H is for all tensors, so that an experiment cannot
// group them.
func NewJoint[H, G, S any](name string, step func(h H, g *G, s []S, m Model), options ...Option) *Optimizer {
	return build(name, rule[H, G, S]{joint: step}, options)
}

func build[H, G, S any](name string, rule rule[H, G, S], options []Option) *Optimizer {
	must := func(err error) {
		if err != nil {
			panic(fmt.Sprintf("sdk: optimizer %s: %v", name, err))
		}
	}
	must(proto.CheckName(name))
	fields, err := hyperFields(reflect.TypeFor[H]())
	must(err)
	shape, err := stateShape(reflect.TypeFor[S](), reflect.TypeFor[H]())
	must(err)
	global, err := globalShape(reflect.TypeFor[G]())
	must(err)
	if global.version != noGlobal {
		shape.version += " of a model with " + global.version
	}
	o := &Optimizer{description: &v1.DescribeResponse{
		Name:         name,
		Version:      moduleVersion(),
		Capabilities: &v1.Capabilities{Snapshot: true},
		Kernel:       "go",
	}}
	for _, f := range fields {
		o.description.Hyperparameters = append(o.description.Hyperparameters, f.schema)
	}
	o.description.Capabilities.Groups = rule.tensor != nil
	for _, option := range options {
		option(o)
	}
	must(proto.CheckDescription(o.description))
	if rule.joint != nil && o.description.Capabilities.Elementwise {
		must(errors.New("sdk.Elementwise promises that tensors may be partitioned, and a step that was given to sdk.NewJoint " +
			"sees all of them at once; remove sdk.Elementwise, or use sdk.New"))
	}
	if rule.joint == nil && o.description.Capabilities.Asks {
		must(errors.New("sdk.Asks and sdk.NoGradient are for a step that sees the whole model; use sdk.NewJoint, or remove them"))
	}
	must(rule.elsewhere(o))
	if o.kernel != nil {
		step, fits := o.kernel.(func(H, *S, Tensor))
		if !fits || rule.tensor == nil {
			panic(fmt.Sprintf("sdk: optimizer %s: kernel %s is a %T, not of the type of the step it replaces", name,
				o.description.Kernel, o.kernel))
		}
		readable := rule.tensor
		rule.tensor, rule.dense = func(h H, s *S, x Tensor) {
			if len(x.Grad) < kernelFrom {
				clear(x.Update)
				readable(h, s, x)
			} else {
				step(h, s, x)
			}
		}, true
	}
	if shm.Supported() == nil {
		o.description.Capabilities.DataPlanes = []v1.DataPlane{v1.DataPlane_DATA_PLANE_SHARED_MEMORY}
	}
	o.validate = func(values map[string]*v1.Value) []*v1.Diagnostic {
		_, diagnostics := readHyper[H](fields, values)
		return diagnostics
	}
	o.open = func(r *v1.OpenRequest) (instance, error) {
		hypers, err := readHypers[H](fields, r)
		if err != nil {
			return nil, err
		}
		return newRun(hypers, fields, shape, global, rule, o.description.Capabilities, r)
	}
	return o
}

// moduleVersion is the version that the Go toolchain stamped into the binary.
func moduleVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
