package compare

import (
	"cmp"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

// evaluate is the value of a measure of a run on record. Its points are read only if the outcome does not say enough; if they cannot be read of
// one that did not end, the outcome is all that is known.
func evaluate(m measure.Measure, s record.Schema, o record.Outcome, points measure.Columns) (measure.Value, error) {
	v, err := m.Of(s, o, points)
	if err != nil && !o.Status.Ended() {
		return m.Begin(s).End(o), nil
	}
	return v, err
}

// atOnce does something with each of some values, several at once. The error is that of the first of which there is one.
func atOnce[T any](xs []T, do func(i int, x T) error) error {
	errs := make([]error, len(xs))
	var group errgroup.Group
	group.SetLimit(runtime.NumCPU())
	for i, x := range xs {
		group.Go(func() error {
			errs[i] = do(i, x)
			return nil
		})
	}
	_ = group.Wait()
	return cmp.Or(errs...)
}
