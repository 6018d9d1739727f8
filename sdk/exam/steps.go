package exam

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/steepest/steepest/proto"
)

// determinism repeats the reference run beside another instance that does something else, and then several times at once.
func determinism(e *examiner) error {
	want, err := e.reference()
	if err != nil {
		return err
	}
	g := gradients(steps, elements)
	a, err := e.open(referenceShapes()...)
	if err != nil {
		return err
	}
	b, err := e.open(referenceShapes()...)
	if err != nil {
		return err
	}
	for k := range g {
		update, err := a.step(g[k])
		if err == nil {
			err = same([][]float64{update}, want[k:k+1], k+1)
		}
		if err == nil {
			_, err = b.step(g[steps-1-k])
		}
		if err != nil {
			return err
		}
	}
	return e.concurrently(4, g, want)
}

// concurrently makes the same run in several instances at once.
func (e *examiner) concurrently(n int, g, want [][]float64) error {
	sessions, faults := make([]*session, n), make([]error, n)
	for i := range sessions {
		var err error
		if sessions[i], err = e.open(referenceShapes()...); err != nil {
			return err
		}
	}
	var all sync.WaitGroup
	for i, s := range sessions {
		all.Go(func() { faults[i] = s.finish(g, want) })
	}
	all.Wait()
	for _, err := range faults {
		if err != nil {
			return fmt.Errorf("%d instances at once: %w", n, err)
		}
	}
	return nil
}

// shapes examines layouts that are easily forgotten.
func shapes(e *examiner) error {
	if _, err := e.reference(); err != nil {
		return err
	}
	if err := finite(e.updates); err != nil {
		return fail("find what is not finite: a division by zero, the root of a negative number, an overflow", "%w", err)
	}
	large, err := e.largest(func(n int) shape { return shape{int64(8 * n), int64(5 * n)} }, 50)
	if err != nil {
		return err
	}
	for _, c := range []struct {
		name   string
		shapes []shape
	}{
		{"a scalar", []shape{{}}},
		{"an empty tensor", []shape{{3, 0}}},
		{"a large tensor", []shape{large.shape}},
		{"a tensor of four dimensions", []shape{{2, 3, 1, 2}}},
	} {
		s, err := e.open(c.shapes...)
		var updates [][]float64
		if err == nil {
			updates, err = s.run(gradients(3, len(s.weights)))
		}
		if err == nil {
			err = finite(updates)
		}
		if err != nil { // the rule works with other shapes
			return fail("loop over the elements that there are: a tensor may have none, and any shape", "%s: %w", c.name, err)
		}
	}
	e.note = large.note
	return nil
}

// size is a shape that a plugin's state leaves room for.
type size struct {
	shape shape
	note  string // if that is not the one that was wanted
}

// roomForState is how much the state of a rule may take that needs more for the wanted shape than a host accepts. It is
// still more than gRPC's default limit.
const roomForState = 5 << 20

// largest is of(n), or the largest of that kind whose state has room, as far as the states of two small ones tell: that of
// a rule which keeps a matrix grows with the square of the elements.
func (e *examiner) largest(of func(n int) shape, n int) (size, error) {
	wanted := size{shape: of(n)}
	if !e.about.Capabilities.Snapshot {
		return wanted, nil
	}
	var elements, bytes [2]float64
	small := max(1, n/4000)
	for i, m := range []int{small, 2 * small} {
		s, err := e.open(of(m))
		if err != nil {
			return size{}, err
		}
		if _, err = s.run(gradients(3, len(s.weights))); err != nil {
			return size{}, err
		}
		state, err := s.snapshot()
		if err != nil {
			return size{}, err
		}
		elements[i], bytes[i] = float64(len(s.weights)), float64(len(state.State))
	}
	if bytes[1] <= bytes[0] {
		return wanted, nil
	}
	power := math.Log(bytes[1]/bytes[0]) / math.Log(elements[1]/elements[0])
	need := func(n int) float64 { return bytes[1] * math.Pow(float64(product(of(n)))/elements[1], power) }
	if need(n) <= float64(proto.MaxState(product(of(n)))) {
		return wanted, nil
	}
	m := small
	for m < n && need(m+1) <= roomForState {
		m++
	}
	return size{of(m), fmt.Sprintf("%d elements, not %d: its state grows with their number to the power of %.1f, and would take "+
		"%.3g MB", product(of(m)), product(of(n)), power, need(n)/1e6)}, nil
}

// largeElements are more float64 than gRPC's default limit of 4 MiB lets pass.
const largeElements = 600_000

func largeMessages(e *examiner) error {
	large, err := e.largest(func(n int) shape { return shape{int64(n)} }, largeElements)
	if err != nil {
		return err
	}
	s, err := e.open(large.shape)
	if err != nil {
		return err
	}
	g := gradients(2, len(s.weights))
	if _, err := s.step(g[0]); err != nil {
		return err
	}
	e.note = large.note
	if e.note == "" {
		e.note = fmt.Sprintf("%d float64 a message", largeElements)
	}
	if !e.about.Capabilities.Snapshot {
		_, err = s.step(g[1])
		return err
	}
	state, err := s.snapshot()
	if err != nil {
		return err
	}
	e.note += fmt.Sprintf(", a state of %d bytes", len(state.State))
	restored, err := e.open(large.shape)
	if err != nil {
		return err
	}
	if err := restored.resume(s, state, proto.ChunkBytes); err != nil {
		return err
	}
	want, err := s.run(g[1:])
	if err != nil {
		return err
	}
	got, err := restored.run(g[1:])
	if err != nil {
		return err
	}
	if err = same(got, want, 2); err != nil {
		return fail("save everything that a step changes, and replace all of it in a restore, whatever the size of the state",
			"restored: %w", err)
	}
	return nil
}

// usesGradient makes the reference run with other gradients, and so with other answers to asks.
func usesGradient(e *examiner) error {
	want, err := e.reference()
	if err != nil {
		return err
	}
	s, err := e.open(referenceShapes()...)
	if err != nil {
		return err
	}
	g := gradients(steps, elements)
	slices.Reverse(g)
	got, err := s.run(g)
	if err != nil {
		return err
	}
	differs, ignores := same(got, want, 1), e.about.Capabilities.IgnoresGradient
	switch {
	case differs == nil && e.about.Capabilities.NoGradient:
		return fmt.Errorf("the updates are the same for other losses")
	case e.about.Capabilities.NoGradient: // it is told of the objective by what it asks alone
	case differs == nil && !ignores:
		return fmt.Errorf("the updates are the same for other gradients")
	case differs != nil && ignores:
		return fail("do not declare ignores_gradient (in Go: remove sdk.IgnoresGradient())",
			"it declares that it ignores the gradient, and with other gradients %w", differs)
	case ignores:
		e.note = "it ignores the gradient, as it declares"
	}
	return nil
}

func zeroGradient(e *examiner) error {
	s, err := e.open(referenceShapes()...)
	if err != nil {
		return err
	}
	updates, err := s.run(slices.Repeat([][]float64{make([]float64, elements)}, steps))
	if err != nil {
		return err
	}
	return finite(updates)
}

// nanGradient sends NaN in one element: the answer may be an error or a non-finite update, which the host refuses, but
// not a finite update, with which nobody would ever learn that the gradient is broken.
func nanGradient(e *examiner) error {
	if e.about.Capabilities.IgnoresGradient {
		return inapplicable("it declares that it ignores the gradient")
	}
	for _, at := range []int{0, 3, elements - 1} {
		s, err := e.open(referenceShapes()...)
		if err != nil {
			return err
		}
		g := gradients(6, elements)
		if _, err := s.run(g[:5]); err != nil {
			return err
		}
		g[5][at] = math.NaN()
		update, err := s.step(g[5])
		if refused(err) {
			continue
		}
		if err != nil {
			return err
		}
		if u := update[at]; !math.IsNaN(u) && !math.IsInf(u, 0) {
			return fmt.Errorf("element %d of the gradient is NaN, and element %d of the update is %v", at, at, u)
		}
	}
	return nil
}

// elementwise compares partitions into other tensors.
func elementwise(e *examiner) error {
	if !e.about.Capabilities.Elementwise {
		return inapplicable("it does not declare elementwise")
	}
	want, err := e.reference()
	if err != nil {
		return err
	}
	for _, partition := range [][]shape{{{3}, {29}}, {{elements}}, slices.Repeat([]shape{{}}, elements)} {
		s, err := e.open(partition...)
		if err != nil {
			return err
		}
		if err := s.finish(gradients(steps, elements), want); err != nil {
			return fmt.Errorf("with %d tensors: %w", len(partition), err)
		}
	}
	return e.threads()
}

// threadedElements are enough for a rule to be given several threads.
const threadedElements = 1<<20 + 7

// threads allows the rule another number of threads, which must not show in the update.
func (e *examiner) threads() error {
	g := gradients(2, threadedElements)
	var want [][]byte
	for _, threads := range []uint32{1, 3} {
		s, err := e.open(shape{threadedElements})
		if err != nil {
			return err
		}
		for k := range g {
			r := s.request(g[k])
			r.Threads = threads
			response, err := e.conn.Client.Step(e.ctx, r)
			if err != nil {
				return &callError{fmt.Sprintf("step %d with %d threads", s.k+1, threads), err}
			}
			s.k++
			if threads == 1 {
				want = append(want, response.Update)
			} else if !bytes.Equal(response.Update, want[k]) {
				return fail("let no two tensors share anything that a step writes to: no global variable, no buffer",
					"with %d threads the update of step %d differs", threads, s.k)
			}
		}
		if err := s.close(); err != nil {
			return err
		}
	}
	return nil
}

// dataPlanes makes the reference run on every further data plane.
func dataPlanes(e *examiner) error {
	if len(e.conn.Planes) < 2 {
		return inapplicable("only the data plane " + e.conn.Planes[0].Name + " is examined")
	}
	want, err := e.reference()
	if err != nil {
		return err
	}
	e.note = e.conn.Planes[0].Name
	for _, plane := range e.conn.Planes[1:] {
		s, err := e.openWith(plane, nil, e.layout(referenceShapes()...))
		if err != nil {
			return fmt.Errorf("data plane %s: %w", plane.Name, err)
		}
		if err := s.finish(gradients(steps, elements), want); err != nil {
			return fmt.Errorf("data plane %s: %w", plane.Name, err)
		}
		e.note += ", " + plane.Name
	}
	return nil
}
