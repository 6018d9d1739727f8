package exam

import (
	"fmt"
	"math"
	"slices"

	"google.golang.org/grpc/codes"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// setting is hyperparameters of tensors over a run.
type setting struct {
	values map[string]*v1.Value  // at Open
	at     func(k int) []float64 // the schedulable ones in force at step k + 1
}

// grouped is a run with groups of the tensors of the reference layout.
type grouped struct {
	groups []*v1.Group
	of     []setting // the instance's, then each group's
}

// groups gives tensors hyperparameters of their own, which change from step to step.
func groups(e *examiner) error {
	if !e.about.Capabilities.Groups {
		return inapplicable("it does not declare groups")
	}
	want, err := e.reference()
	if err != nil {
		return err
	}
	other, err := e.otherValues()
	if err != nil {
		return err
	}
	defaults, changed := e.numbers(nil), e.numbers(other)
	rest := setting{nil, func(int) []float64 { return defaults }}
	still := setting{other, func(int) []float64 { return changed }}
	moving := setting{other, func(k int) []float64 { return [][]float64{changed, defaults}[k/3%2] }}

	equal := grouped{[]*v1.Group{{Tensors: []uint32{3, 0}}, {Tensors: []uint32{2}}}, []setting{rest, rest, rest}}
	if err := e.finish(e.conn.Planes[0], equal, want); err != nil {
		return fmt.Errorf("two groups with the values of the rest: %w", err)
	}
	all := grouped{[]*v1.Group{{Tensors: []uint32{0, 1, 2, 3}}}, []setting{rest, moving}}
	if want, err = e.alone(moving); err != nil {
		return err
	}
	if err := e.renew(); err != nil { // a process that kept the values of another instance
		return err
	}
	if err := e.finish(e.conn.Planes[0], all, want); err != nil {
		return fmt.Errorf("all tensors in a group, against the same values without groups: %w", err)
	}
	e.note = "all tensors in one group"
	if e.about.Capabilities.Elementwise {
		all = grouped{[]*v1.Group{{Tensors: []uint32{3, 0}}, {Tensors: []uint32{2}}}, []setting{rest, moving, still}}
		if want, err = e.parts(all); err != nil {
			return err
		}
		if err := e.finish(e.conn.Planes[0], all, want); err != nil {
			return fmt.Errorf("two groups, against the same values for all tensors: %w", err)
		}
		e.note = "two groups and the rest"
	}
	for _, plane := range e.conn.Planes[1:] {
		if err := e.finish(plane, all, want); err != nil {
			return fmt.Errorf("data plane %s: %w", plane.Name, err)
		}
	}
	if err := e.resumeGroups(all, want); err != nil {
		return err
	}
	return e.damagedGroups(all, other, want)
}

// numbers are the values of the schedulable hyperparameters in the order of the step's vector.
func (e *examiner) numbers(values map[string]*v1.Value) (numbers []float64) {
	for _, p := range proto.Schedulable(e.about) {
		v, ok := values[p.Name]
		if !ok {
			v = p.Default
		}
		numbers = append(numbers, proto.Number(v))
	}
	return numbers
}

// otherValues are other ones than the defaults, for as many hyperparameters as the plugin takes together.
func (e *examiner) otherValues() (map[string]*v1.Value, error) {
	valid := func(values map[string]*v1.Value) (bool, error) {
		r, err := e.conn.Client.Validate(e.ctx, &v1.ValidateRequest{Hyperparameters: values})
		if err != nil {
			return false, &callError{"Validate", err}
		}
		return len(r.Diagnostics) == 0, nil
	}
	all, numbers, rest := map[string]*v1.Value{}, map[string]*v1.Value{}, map[string]*v1.Value{}
	for _, p := range e.about.Hyperparameters {
		for _, v := range others(p) {
			ok, err := valid(with(all, p.Name, v))
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			all[p.Name] = v
			if p.Schedulable {
				numbers[p.Name] = v
			} else {
				rest[p.Name] = v
			}
			break
		}
	}
	// Numbers change between these and the defaults; what cannot change must suit both.
	ok, err := valid(rest)
	if err == nil && !ok {
		all = numbers
	}
	return all, err
}

// others are values of a hyperparameter that its description allows, beside the default.
func others(p *v1.Hyperparameter) (values []*v1.Value) {
	var list []any
	switch x := proto.Plain(p.Default).(type) {
	case float64:
		list = []any{x / 2, 2 * x, 0.5, 1.0, x + 1}
	case int64:
		list = []any{x + 1, x - 1}
	case bool:
		list = []any{!x}
	case string:
		for _, choice := range p.Choices {
			list = append(list, choice)
		}
	}
	for _, x := range list {
		if v := proto.NewValue(x); x != proto.Plain(p.Default) && proto.CheckValue(p, v) == nil {
			values = append(values, v)
		}
	}
	return values
}

// openGroups opens an instance of the reference layout.
func (e *examiner) openGroups(plane Plane, run grouped) (*session, error) {
	request := e.openRequest(run.of[0].values, e.layout(referenceShapes()...))
	for i, g := range run.groups {
		request.Groups = append(request.Groups, &v1.Group{Tensors: g.Tensors, Hyperparameters: run.of[i+1].values})
	}
	s, err := e.openRequested(plane, request)
	if err == nil {
		s.at = func(k int) (values []float64) {
			for _, o := range run.of {
				values = append(values, o.at(k)...)
			}
			return values
		}
	}
	return s, err
}

// finish makes a run with groups, and compares its updates.
func (e *examiner) finish(plane Plane, run grouped, want [][]float64) error {
	s, err := e.openGroups(plane, run)
	if err != nil {
		return err
	}
	return s.finish(gradients(steps, elements), want)
}

// alone makes the reference run with other hyperparameters, and without groups.
func (e *examiner) alone(o setting) ([][]float64, error) {
	s, err := e.openGroups(e.conn.Planes[0], grouped{of: []setting{o}})
	if err != nil {
		return nil, err
	}
	return s.run(gradients(steps, elements))
}

// parts puts the updates of a run with groups together from runs that have the hyperparameters of each for all tensors.
func (e *examiner) parts(run grouped) ([][]float64, error) {
	updates, err := e.alone(run.of[0])
	if err != nil {
		return nil, err
	}
	tensors := e.layout(referenceShapes()...)
	for i, g := range run.groups {
		own, err := e.alone(run.of[i+1])
		if err != nil {
			return nil, err
		}
		for _, at := range g.Tensors {
			from := tensors[at].Offset
			for k := range updates {
				copy(updates[k][from:from+tensors[at].Length], own[k][from:])
			}
		}
	}
	return updates, nil
}

// resumeGroups restores a state in the middle of a run with groups.
func (e *examiner) resumeGroups(run grouped, want [][]float64) error {
	if !e.about.Capabilities.Snapshot {
		return nil
	}
	g := gradients(steps, elements)
	before, err := e.openGroups(e.conn.Planes[0], run)
	if err != nil {
		return err
	}
	if _, err := before.run(g[:steps/2]); err != nil {
		return err
	}
	state, err := before.snapshot()
	if err != nil {
		return err
	}
	after, err := e.openGroups(e.conn.Planes[0], run)
	if err != nil {
		return err
	}
	if err := after.resume(before, state, 1000); err != nil {
		return err
	}
	if err := after.finish(g, want); err != nil {
		return fmt.Errorf("restored with groups: %w", err)
	}
	return nil
}

// damagedGroups sends what no correct host sends in the middle of a run with groups, which must go on as if nothing had
// happened.
func (e *examiner) damagedGroups(run grouped, other map[string]*v1.Value, want [][]float64) error {
	g := gradients(steps, elements)
	s, err := e.openGroups(e.conn.Planes[0], run)
	if err != nil {
		return err
	}
	if _, err := s.run(g[:5]); err != nil {
		return err
	}
	open := func(name string, groups ...*v1.Group) damage {
		return damage{"Open with " + name, codes.InvalidArgument, func() error {
			r := e.openRequest(nil, e.layout(referenceShapes()...))
			r.Groups = groups
			_, err := e.conn.Client.Open(e.ctx, r)
			return err
		}}
	}
	list := []damage{
		open("a tensor that is not there in a group", &v1.Group{Tensors: []uint32{0, 4}, Hyperparameters: other}),
		open("a tensor in two groups", &v1.Group{Tensors: []uint32{0, 2}}, &v1.Group{Tensors: []uint32{2}}),
		open("a tensor twice in a group", &v1.Group{Tensors: []uint32{2, 2}}),
		open("a group of no tensor", &v1.Group{}),
		open("an unknown hyperparameter in a group", &v1.Group{Tensors: []uint32{0},
			Hyperparameters: with(nil, unknownHyperparameter, proto.NewValue(1.0))}),
	}
	for _, w := range wrongValues(e.about) {
		list = append(list, open(fmt.Sprintf("%s = %s in a group", w.name, proto.FormatValue(w.value)),
			&v1.Group{Tensors: []uint32{2}, Hyperparameters: with(nil, w.name, w.value)}))
	}
	step := func(name string, spoil func(values []byte) []byte) {
		list = append(list, damage{"a step with " + name, codes.InvalidArgument, func() error {
			r := s.request(g[5])
			r.Hyperparameters = spoil(slices.Clone(r.Hyperparameters))
			_, err := e.conn.Client.Step(e.ctx, r)
			return err
		}})
	}
	if n := len(proto.Schedulable(e.about)); n > 0 {
		step("the hyperparameters of the instance alone", func(values []byte) []byte { return values[:8*n] })
		step("a hyperparameter of a group that is NaN, and others that are right and new", func([]byte) []byte {
			values := slices.Repeat(e.numbers(other), len(run.of))
			values[len(values)-1] = math.NaN()
			return proto.AppendFloat64s(nil, values)
		})
	}
	if err := e.refuses(list); err != nil {
		return err
	}
	if err := s.finish(g, want); err != nil {
		return fmt.Errorf("after damaged requests were refused: %w", err)
	}
	return nil
}
