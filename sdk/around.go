package sdk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/steepest/steepest/proto/shm"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Around makes an optimizer out of another one, in the same process: a rule that changes what the base sees or does. It has the
// base's hyperparameters after its own and the base's state beside its own. H and G are as in [NewJoint]. step may call base once with a gradient
// of its choice, in m.Grad's place: that is a step of the base, whose update is then in m.Update.
//
//	var Optimizer = sdk.Around("sam", momentum.Optimizer, step, sdk.Asks())
//
// A rule that averages weights is given [NeedsWeights], whatever its base sees: those after the step are m.Weights + m.Update once base has
// returned. Its result is where [EvaluatesModelAt] says, whose states are those of step, an empty list.
//
// An experiment cannot group its tensors, and the base may be any rule that does not ask and has its result where it trains.
func Around[H, G any](name string, base *Optimizer, step func(h H, g *G, m Model, base func(gradient []float64)),
	options ...Option) *Optimizer {
	o := build(name, rule[H, G, struct{}]{joint: func(h H, g *G, _ []struct{}, m Model) { step(h, g, m, m.base) }}, options)
	own, theirs := o.description, base.description
	var fields []hyperField // the base's, for their ranges alone
	for _, h := range theirs.Hyperparameters {
		if slices.ContainsFunc(own.Hyperparameters, func(mine *v1.Hyperparameter) bool { return mine.Name == h.Name }) {
			panic(fmt.Sprintf("sdk: optimizer %s: its base %s has a hyperparameter %s too; give it another name", name, theirs.Name, h.Name))
		}
		fields = append(fields, hyperField{schema: h})
	}
	if theirs.Capabilities.Asks {
		panic(fmt.Sprintf("sdk: optimizer %s: its base %s asks, which a base cannot; choose one that does not", name, theirs.Name))
	}
	if theirs.Capabilities.EvaluationWeights {
		panic(fmt.Sprintf("sdk: optimizer %s: the result of its base %s is elsewhere, and nobody would ask where; choose another base", name, theirs.Name))
	}
	mine := len(schedulableOf(own))
	own.Hyperparameters = append(own.Hyperparameters, theirs.Hyperparameters...)
	own.Kernel = theirs.Kernel
	own.Capabilities.NeedsWeights = own.Capabilities.NeedsWeights || theirs.Capabilities.NeedsWeights
	own.Capabilities.NeedsLoss = own.Capabilities.NeedsLoss || theirs.Capabilities.NeedsLoss
	own.Capabilities.Matrices = own.Capabilities.Matrices || theirs.Capabilities.Matrices

	split := func(values map[string]*v1.Value) (mine, others map[string]*v1.Value) {
		mine, others = maps.Clone(values), map[string]*v1.Value{}
		for _, h := range theirs.Hyperparameters {
			if v, ok := values[h.Name]; ok {
				others[h.Name] = v
				delete(mine, h.Name)
			}
		}
		return mine, others
	}
	open, validate := o.open, o.validate
	o.validate = func(values map[string]*v1.Value) []*v1.Diagnostic {
		mine, others := split(values)
		return append(validate(mine), base.validate(others)...)
	}
	o.open = func(r *v1.OpenRequest) (instance, error) {
		own, others := split(r.Hyperparameters)
		outside, err := open(withHyperparameters(r, own))
		if err != nil {
			return nil, err
		}
		inside, err := base.open(withHyperparameters(r, others))
		if err != nil {
			return nil, err
		}
		a := &around{instance: outside, base: inside, fields: schedulable(fields), own: mine}
		a.values = make([]float64, mine+len(a.fields))
		model := &outside.(*run[H, G, struct{}]).model
		a.update = func() []float64 { return model.Update }
		model.base = a.step
		return a, nil
	}
	return o
}

// schedulableOf are the hyperparameters whose values every step carries.
func schedulableOf(d *v1.DescribeResponse) []*v1.Hyperparameter {
	return slices.DeleteFunc(slices.Clone(d.Hyperparameters), func(h *v1.Hyperparameter) bool { return !h.Schedulable })
}

// withHyperparameters is the same request with other hyperparameters.
func withHyperparameters(r *v1.OpenRequest, values map[string]*v1.Value) *v1.OpenRequest {
	return &v1.OpenRequest{
		Instance: r.Instance, Hyperparameters: values, Tensors: r.Tensors, Dtype: r.Dtype, Seed: r.Seed, DataPlanes: r.DataPlanes,
		Groups: r.Groups, TotalSteps: r.TotalSteps, MaxAsks: r.MaxAsks,
	}
}

// around is an instance of a rule that has another one within.
type around struct {
	instance          // the rule around it
	base     instance // with a gradient of its own, and the update of the rule around it
	fields   []hyperField
	own      int       // values of the rule around it
	values   []float64 // its and the base's

	gradient []float64
	update   func() []float64
	k        uint64
	loss     float64
	threads  int
}

func (a *around) size() shm.Size {
	size := a.instance.size()
	size.Hyperparameters = len(a.values)
	return size
}

func (a *around) use(gradient, weights, update []float64) {
	a.instance.use(gradient, weights, update)
	a.gradient = make([]float64, len(gradient))
	a.base.use(a.gradient, weights, a.update())
}

func (a *around) hyperparameters() []float64 { return a.values }

func (a *around) advance(k uint64, loss float64, threads int) (time.Duration, error) {
	if err := checkRanges(a.fields, a.values[a.own:]); err != nil {
		return 0, err
	}
	copy(a.instance.hyperparameters(), a.values)
	copy(a.base.hyperparameters(), a.values[a.own:])
	a.k, a.loss, a.threads = k, loss, threads
	return a.instance.advance(k, loss, threads)
}

// locate asks the rule around it where the result is: that of a base is where the weights are.
func (a *around) locate(kind v1.StepKind, k uint64) error {
	copy(a.instance.hyperparameters(), a.values)
	return a.instance.locate(kind, k)
}

// step is one of the base, in the middle of one of the rule around it.
func (a *around) step(gradient []float64) {
	copy(a.gradient, gradient)
	if _, err := a.base.advance(a.k, a.loss, a.threads); err != nil {
		panic(err)
	}
}

func (a *around) vectors() int { return a.instance.vectors() + a.base.vectors() }

func (a *around) stateVersion() string {
	return a.instance.stateVersion() + " around " + a.base.stateVersion()
}

// save writes the states one after the other, the first one's length before it.
func (a *around) save(w io.Writer) error {
	var own bytes.Buffer
	if err := a.instance.save(&own); err != nil {
		return err
	}
	_, err := w.Write(binary.LittleEndian.AppendUint64(nil, uint64(own.Len())))
	if err == nil {
		_, err = own.WriteTo(w)
	}
	if err == nil {
		err = a.base.save(w)
	}
	return err
}

func (a *around) load(r io.Reader) error {
	var length [8]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return fmt.Errorf("the snapshot ends before its state: %w", err)
	}
	var before bytes.Buffer
	if err := a.instance.save(&before); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint64(length[:])
	if n > 1<<62 {
		return errors.New("the snapshot's length is damaged")
	}
	err := a.instance.load(io.LimitReader(r, int64(n)))
	if err != nil {
		return err
	}
	if err = a.base.load(r); err != nil {
		err = errors.Join(fmt.Errorf("of the base: %w", err), a.instance.load(&before))
	}
	return err
}

func (a *around) close() {
	a.instance.close()
	a.base.close()
}
