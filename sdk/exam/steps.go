package exam

import (
	"fmt"
	"math"
	"slices"
	"sync"
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
		all.Go(func() {
			got, err := s.run(g)
			if err == nil {
				err = same(got, want, 1)
			}
			faults[i] = err
		})
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
		return err
	}
	for _, c := range []struct {
		name   string
		shapes []shape
	}{
		{"a scalar", []shape{{}}},
		{"an empty tensor", []shape{{3, 0}}},
		{"a large tensor", []shape{{400, 250}}},
		{"a tensor of four dimensions", []shape{{2, 3, 1, 2}}},
	} {
		s, err := e.open(c.shapes...)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		updates, err := s.run(gradients(3, len(s.weights)))
		if err == nil {
			err = finite(updates)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}

// largeElements are more float64 than gRPC's default limit of 4 MiB lets pass.
const largeElements = 600_000

func largeMessages(e *examiner) error {
	s, err := e.open(shape{largeElements})
	if err != nil {
		return err
	}
	g := gradients(2, largeElements)
	if _, err := s.step(g[0]); err != nil {
		return err
	}
	e.note = fmt.Sprintf("%d float64 a message", largeElements)
	if !e.about.Capabilities.Snapshot {
		_, err = s.step(g[1])
		return err
	}
	version, state, err := s.snapshot()
	if err != nil {
		return err
	}
	e.note += fmt.Sprintf(", a state of %d bytes", len(state))
	restored, err := e.open(shape{largeElements})
	if err != nil {
		return err
	}
	if err := restored.restore(version, state, 1<<20); err != nil {
		return err
	}
	restored.k, restored.weights = s.k, slices.Clone(s.weights)
	want, err := s.run(g[1:])
	if err != nil {
		return err
	}
	got, err := restored.run(g[1:])
	if err == nil {
		err = same(got, want, 2)
	}
	return err
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
		got, err := s.run(gradients(steps, elements))
		if err == nil {
			err = same(got, want, 1)
		}
		if err != nil {
			return fmt.Errorf("with %d tensors: %w", len(partition), err)
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
		s, err := e.openWith(plane, nil, layout(referenceShapes()...))
		if err != nil {
			return fmt.Errorf("data plane %s: %w", plane.Name, err)
		}
		got, err := s.run(gradients(steps, elements))
		if err == nil {
			err = same(got, want, 1)
		}
		if err != nil {
			return fmt.Errorf("data plane %s: %w", plane.Name, err)
		}
		e.note += ", " + plane.Name
	}
	return nil
}
