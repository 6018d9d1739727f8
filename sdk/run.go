package sdk

import (
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/steepest/steepest/proto"
	"github.com/steepest/steepest/proto/shm"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// instance is an open run as the service sees it, free of the author's types.
type instance interface {
	// size is that of the vectors; use says where they are. Both vectors of the plugin's own and shared ones will do.
	size() shm.Size
	use(gradient, weights, update []float64)
	// hyperparameters is where advance finds the values in force of those that are schedulable.
	hyperparameters() []float64
	// asks tells whether the rule does, and answerBy says who answers.
	asks() bool
	answerBy(oracle)
	// advance is step k over the vectors. It returns the time spent in the rule.
	advance(k uint64, loss float64, threads int) (time.Duration, error)
	// locate is a request of another kind between two steps, of which k is the last.
	locate(kind v1.StepKind, k uint64) error

	// place says to which tensor element i of the vectors belongs, and which of its elements it is.
	place(i int) (tensor string, element int)

	vectors() int
	stateVersion() string
	save(io.Writer) error
	load(io.Reader) error
	close()
}

// rule is the author's functions: one of the first two, one of the next two if its result is elsewhere, and start if it begins elsewhere.
type rule[H, G, S any] struct {
	tensor func(H, *S, Tensor)
	joint  func(H, *G, []S, Model)
	dense  bool // it writes every element of the update, which need not be cleared before

	result      func(H, *S, Tensor)
	jointResult func(H, *G, []S, Model)
	start       func(H, Tensor)
}

// run is one optimizer instance: hyperparameters, state and the tensors that its step sees.
type run[H, G, S any] struct {
	hypers       []H          // the instance's, then each group's
	fields       []hyperField // that are schedulable
	shape        *shape
	states       []S
	vecs         [][]vector // of each tensor's state, without those in slices
	global       G          // a joint rule's state of the whole model
	globalShape  *shape
	started      bool // the states are those of Init, or were restored
	rule         rule[H, G, S]
	capabilities *v1.Capabilities
	tensors      []Tensor // as the rule sees them: the layout's, or pieces of them
	model        Model    // as a joint rule sees it: with the view of the tensors
	view         []Tensor // the copy of tensors that the rule is given
	lengths      []int    // of tensors
	starts       []int    // of tensors: where in the layout's tensor a piece begins
	groups       []int    // of tensors: which of hypers is theirs
	parameters   int
	values       []float64 // of the schedulable hyperparameters, for the next step; as many for each of hypers
	inForce      []float64 // and those that hypers have
	update       []float64
	host         apart         // if the rule asks
	compute      time.Duration // that the rule took when it was last timed

	// Helpers share the pieces of a step with the caller's goroutine.
	helpers int
	work    chan struct{}
	next    atomic.Int64 // pieces that somebody took
	alone   counter      // the same without helpers
	busy    sync.WaitGroup
	failed  atomic.Bool
	fault   *stepError // if failed
}

var _ instance = (*run[struct{}, struct{}, struct{}])(nil)

const (
	// pieceLength is the most elements of an elementwise rule's tensors.
	pieceLength = 1 << 19
	// parallelFrom is the number of parameters from which a second thread pays for waking it.
	parallelFrom = 1_000_000
	// clockAlways is the number of parameters from which every step is timed. Below, looking at the clock takes longer
	// than the rule, and every eighth is.
	clockAlways = 1000
)

// stepError is a failure of the update rule itself, as opposed to a malformed request.
type stepError struct {
	message string
	stack   []byte
}

func (e *stepError) Error() string { return e.message }

func newRun[H, G, S any](hypers []H, fields []hyperField, shape, global *shape, rule rule[H, G, S], c *v1.Capabilities,
	request *v1.OpenRequest) (*run[H, G, S], error) {
	if len(request.Groups) > 0 && !c.Groups {
		return nil, errors.New("this optimizer has the same hyperparameters for all tensors; open it without groups")
	}
	groups, err := proto.GroupOf(request.Groups, len(request.Tensors))
	if err != nil {
		return nil, err
	}
	r := &run[H, G, S]{hypers: hypers, fields: schedulable(fields), shape: shape, globalShape: global, rule: rule, capabilities: c}
	r.model.Steps = int(min(request.TotalSteps, math.MaxInt32))
	if c.Asks {
		r.model.asker = &asker{}
	}
	r.values = make([]float64, len(r.fields)*len(hypers))
	for at, t := range request.Tensors {
		shape, product, negative := make([]int, len(t.Shape)), 1, false
		for i, d := range t.Shape {
			shape[i] = int(d)
			product *= int(d)
			negative = negative || d < 0
		}
		if t.Offset != int64(r.parameters) || t.Length != int64(product) || negative {
			return nil, fmt.Errorf("tensor %q: offset %d and length %d do not continue the layout at %d with shape %v",
				t.Name, t.Offset, t.Length, r.parameters, shape)
		}
		if c.Matrices && len(shape) < 2 {
			return nil, fmt.Errorf("tensor %q has the shape %v, and this optimizer takes matrices alone; give [[optimizer]] another plugin, "+
				"such as adamw, and this one to the matrices: plugin = ... in an [[optimizer.group]]", t.Name, shape)
		}
		r.parameters += product
		for whole := product; product >= 0; {
			length := product
			if c.Elementwise && rule.tensor != nil {
				length = min(length, pieceLength)
			}
			r.tensors = append(r.tensors, Tensor{
				Name: t.Name, Shape: shape, Role: Role(t.Role), Place: Place(t.Place), FanIn: int(t.FanIn), FanOut: int(t.FanOut),
				Steps: r.model.Steps, seed: request.Seed, index: uint64(len(r.tensors)),
			})
			r.lengths, r.starts, r.groups = append(r.lengths, length), append(r.starts, whole-product), append(r.groups, groups[at])
			if product -= length; product == 0 {
				break
			}
		}
	}
	r.view = make([]Tensor, len(r.tensors))
	r.model.Tensors = r.view
	allocate(reflect.ValueOf(&r.global).Elem(), r.parameters)
	r.set(newStates[S](r.lengths), !shape.init)
	return r, nil
}

// set gives the run other states.
func (r *run[H, G, S]) set(states []S, started bool) {
	r.states, r.started = states, started
	r.vecs = make([][]vector, len(states))
	for i := range states {
		r.vecs[i] = vectorsOf(reflect.ValueOf(&states[i]).Elem(), false)
	}
}

func (r *run[H, G, S]) size() shm.Size {
	return shm.Size{Parameters: r.parameters, Hyperparameters: len(r.values), Weights: r.capabilities.NeedsWeights}
}

func (r *run[H, G, S]) use(gradient, weights, update []float64) {
	if r.asks() {
		r.host = apart{gradient, update}
		gradient, update = make([]float64, len(gradient)), make([]float64, len(update))
	}
	r.update = update
	r.model.Grad, r.model.Update = gradient[:r.parameters:r.parameters], update[:r.parameters:r.parameters]
	if r.capabilities.NeedsWeights {
		r.model.Weights = weights[:r.parameters:r.parameters]
	}
	offset := 0
	for i, length := range r.lengths {
		end := offset + length
		t := &r.tensors[i]
		t.Grad, t.Update = gradient[offset:end:end], update[offset:end:end]
		if r.capabilities.NeedsWeights {
			t.Weights = weights[offset:end:end]
		}
		offset = end
	}
}

func (r *run[H, G, S]) hyperparameters() []float64 { return r.values }

func (r *run[H, G, S]) asks() bool { return r.model.asker != nil }

func (r *run[H, G, S]) answerBy(o oracle) { r.model.asker.oracle = o }

func (r *run[H, G, S]) advance(k uint64, loss float64, threads int) (time.Duration, error) {
	if k == 0 {
		return 0, errors.New("steps are numbered from 1")
	}
	if !slices.Equal(r.values, r.inForce) { // reflection is slow, and most values are constant
		if err := r.schedule(); err != nil {
			return 0, err
		}
	}
	if !r.capabilities.NeedsLoss {
		loss = 0 // on every data plane
	}
	for i := range r.tensors {
		r.tensors[i].K, r.tensors[i].Loss = int(k), loss
	}
	r.model.K, r.model.Loss = int(k), loss
	copy(r.view, r.tensors) // so that a rule that reslices its tensors cannot spoil the next step
	if !r.started {
		if r.begin(); r.failed.Load() {
			r.failed.Store(false)
			return 0, r.fault
		}
	}
	clock := r.parameters >= clockAlways || k%8 == 1 || r.asks()
	var start time.Time
	if clock {
		start = time.Now()
	}
	if !r.rule.dense {
		clear(r.update)
	}
	if r.asks() {
		copy(r.model.Grad, r.host.gradient)
		*r.model.asker = asker{oracle: r.model.asker.oracle, stepping: true}
		defer func() { r.model.asker.stepping = false }()
	}
	if threads = min(threads, len(r.tensors)); threads > 1 && r.capabilities.Elementwise && r.parameters >= parallelFrom {
		r.call(threads - 1)
		r.take(&r.next)
		r.busy.Wait()
	} else {
		r.alone = 0
		r.take(&r.alone)
	}
	if r.failed.Load() {
		r.failed.Store(false)
		return 0, r.fault
	}
	if clock {
		r.compute = time.Since(start)
	}
	if r.asks() {
		r.compute -= r.model.asker.waited
		copy(r.host.update, r.update)
	}
	return r.compute, nil
}

// schedule puts the values of this step in force, once all were found right: a step that is refused changes nothing.
func (r *run[H, G, S]) schedule() error {
	n := len(r.fields)
	for i := range r.hypers {
		if err := checkRanges(r.fields, r.values[i*n:(i+1)*n]); err != nil && i > 0 {
			return fmt.Errorf("group %d: %w", i-1, err)
		} else if err != nil {
			return err
		}
	}
	first := len(r.inForce) == 0
	for i := range r.hypers {
		if values := r.values[i*n : (i+1)*n]; first || !slices.Equal(values, r.inForce[i*n:(i+1)*n]) {
			schedule(reflect.ValueOf(&r.hypers[i]).Elem(), r.fields, values)
		}
	}
	r.inForce = append(r.inForce[:0], r.values...)
	return nil
}

// turns says which piece is next: 1, 2, ...
type turns interface{ Add(int64) int64 }

// counter counts the turns of one goroutine.
type counter int64

func (c *counter) Add(n int64) int64 { *c += counter(n); return int64(*c) }

// call lets a number of helpers take pieces too.
func (r *run[H, G, S]) call(helpers int) {
	if r.work == nil {
		r.work = make(chan struct{})
	}
	for ; r.helpers < helpers; r.helpers++ {
		go func() {
			debug.SetPanicOnFault(true)
			for range r.work {
				r.take(&r.next)
				r.busy.Done()
			}
		}()
	}
	r.next.Store(0)
	r.busy.Add(helpers)
	for range helpers {
		r.work <- struct{}{}
	}
}

// take calls the author's rule for one piece after another until there are none.
func (r *run[H, G, S]) take(turns turns) {
	at := -1
	defer r.guard("step", &at)
	if r.rule.joint != nil {
		m := r.model
		r.rule.joint(r.hypers[0], &r.global, r.states, m)
		if m.asker != nil && m.asker.failed != nil {
			panic(m.asker.failed) // which the author recovered from
		}
		r.inspectGlobal()
		for i := range r.states {
			r.inspect("step", i)
		}
		return
	}
	for {
		i := int(turns.Add(1) - 1)
		if i >= len(r.view) {
			return
		}
		at = i
		r.rule.tensor(r.hypers[r.groups[i]], &r.states[i], r.view[i])
		r.inspect("step", i)
	}
}

// begin lets the states' Init make them what they are before the first step.
func (r *run[H, G, S]) begin() {
	at := -1
	defer r.guard("Init before step", &at)
	states := newStates[S](r.lengths) // once more, for an Init that failed may be called again
	r.set(states, false)
	for i, x := range r.view {
		at = i
		x.K, x.Update = 0, nil
		any(&states[i]).(interface{ Init(H, Tensor) }).Init(r.hypers[r.groups[i]], x)
		r.inspect("Init before step", i)
	}
	r.started = !r.failed.Load()
}

// guard is deferred where the author's code is called. It turns a panic into a fault that says where it happened.
func (r *run[H, G, S]) guard(during string, at *int) {
	cause := recover()
	if cause == nil {
		return
	}
	if u, is := cause.(*unanswered); is {
		r.fail(&stepError{message: fmt.Sprintf("step %d: %v", r.tensors[0].K, u)})
		return
	}
	if broken, is := cause.(*stepError); is { // of a base
		r.fail(broken)
		return
	}
	message := fmt.Sprintf("panic in %s %d", during, r.tensors[0].K)
	if *at >= 0 {
		message += fmt.Sprintf(" at tensor %q", r.tensors[*at].Name)
	}
	message += fmt.Sprintf(": %v%s", cause, explainFault(cause))
	if line := authorsLine(); line != "" {
		message += ", at " + line
	}
	r.fail(&stepError{message, debug.Stack()})
}

// fail notes the first of several faults.
func (r *run[H, G, S]) fail(fault *stepError) {
	if r.failed.CompareAndSwap(false, true) {
		r.fault = fault
	}
}

// inspect looks whether the state of tensor i can still be saved and restored: a vector that has another length could not,
// and one that lies in memory of the host's would change behind the rule's back.
func (r *run[H, G, S]) inspect(during string, i int) {
	vectors := r.vecs[i]
	if r.shape.listed {
		vectors = vectorsOf(reflect.ValueOf(&r.states[i]).Elem(), true)
	}
	t := &r.tensors[i]
	if field, what := unfit(vectors, t.Grad, t.Update, t.Weights); what != "" {
		r.fail(&stepError{message: fmt.Sprintf("after %s %d the state's %s of tensor %q %s", during, t.K, field, t.Name, what)})
	}
}

// inspectGlobal does so with the state of the model.
func (r *run[H, G, S]) inspectGlobal() {
	if r.globalShape.version == noGlobal {
		return
	}
	m := &r.model
	if field, what := unfit(vectorsOf(reflect.ValueOf(&r.global).Elem(), true), m.Grad, m.Update, m.Weights); what != "" {
		r.fail(&stepError{message: fmt.Sprintf("after step %d the state's %s of the model %s", m.K, field, what)})
	}
}

// unfit finds a vector that cannot be part of a state, of what has the gradient and the other slices of the step that are
// given, and says what is wrong with it.
func unfit(vectors []vector, gradient, update, weights []float64) (field, what string) {
	elements := len(gradient)
	lent := func(s, by []float64) bool { return len(by) > 0 && &s[0] == &by[0] }
	for _, v := range vectors {
		s := *v.at
		switch {
		case len(s) == 0 && (v.listed || elements == 0):
		case len(s) != elements && !v.free:
			return v.name, fmt.Sprintf("has %d values, and it has %d elements; write into a sdk.Vec instead of putting another in "+
				"its place, and use []float64 for a list of another length", len(s), elements)
		case len(s) > 0 && (lent(s, gradient) || lent(s, update) || lent(s, weights)):
			return v.name, "is one of the step's own slices, which another step overwrites; copy the values with copy(s." + v.name + ", ...)"
		}
	}
	return "", ""
}

// explainFault adds what the runtime cannot know about a fault at an address.
func explainFault(cause any) string {
	if _, ok := cause.(interface{ Addr() uintptr }); ok {
		return " (the gradient and the weights can only be read; write to Update or to the state)"
	}
	return ""
}

func (r *run[H, G, S]) close() {
	if r.work != nil {
		close(r.work)
	}
}

func (r *run[H, G, S]) place(i int) (tensor string, element int) {
	at := 0
	for ; i >= r.lengths[at]; at++ {
		i -= r.lengths[at]
	}
	return r.tensors[at].Name, r.starts[at] + i
}

func (r *run[H, G, S]) vectors() int { return r.shape.vectors }

func (r *run[H, G, S]) stateVersion() string { return r.shape.version }

// save writes the states, after a byte that tells whether Init was called if there is one.
func (r *run[H, G, S]) save(w io.Writer) error {
	if r.shape.init {
		started := []byte{0}
		if r.started {
			started[0] = 1
		}
		if _, err := w.Write(started); err != nil {
			return err
		}
	}
	if r.globalShape.version != noGlobal {
		e := encoder{w: w}
		if e.save(reflect.ValueOf(&r.global).Elem()); e.err != nil {
			return e.err
		}
	}
	return saveStates(w, r.states)
}

func (r *run[H, G, S]) load(reader io.Reader) error {
	started := []byte{1}
	if r.shape.init {
		if _, err := io.ReadFull(reader, started); err != nil || started[0] > 1 {
			return errors.New("the snapshot does not say whether its state is that of Init")
		}
	}
	var global G
	allocate(reflect.ValueOf(&global).Elem(), r.parameters)
	if r.globalShape.version != noGlobal {
		d := decoder{r: reader, length: r.parameters}
		if err := d.load(reflect.ValueOf(&global).Elem(), "", false); err != nil {
			return fmt.Errorf("the snapshot of the model: %w", err)
		}
	}
	states, err := loadStates[S](reader, r.lengths)
	if err == nil {
		r.global = global
		r.set(states, started[0] == 1)
	}
	return err
}
