package store

import (
	"context"
	"iter"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// manyAtOnce is how many files are waited for at once: a file system in the network answers many questions in the time of one.
var manyAtOnce = max(runtime.NumCPU(), 16)

// atATime is how many numbers are taken together: it costs less than one by one.
const atATime = 16

// inOrder does something with each of the first n numbers, several at once, and yields what comes of it in their order. Little is done before
// it is asked for. It ends early if the context does.
func inOrder[T any](ctx context.Context, n int, do func(int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		ctx, stop := context.WithCancel(ctx)
		ahead, ended := make(chan chan []T, 2*manyAtOnce), make(chan struct{})
		defer func() { stop(); <-ended }()
		go func() {
			defer close(ended)
			var group errgroup.Group
			group.SetLimit(manyAtOnce)
			for from := 0; from < n && ctx.Err() == nil; from += atATime {
				some := make(chan []T, 1)
				select {
				case ahead <- some:
					group.Go(func() error {
						var all []T
						for i := from; i < min(from+atATime, n) && ctx.Err() == nil; i++ {
							all = append(all, do(i))
						}
						some <- all
						return nil
					})
				case <-ctx.Done():
				}
			}
			_ = group.Wait()
			close(ahead)
		}()
		for some := range ahead {
			for _, one := range <-some {
				if ctx.Err() != nil || !yield(one) {
					return
				}
			}
		}
	}
}
