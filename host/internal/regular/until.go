package regular

import "context"

// Until returns what f returns, or the context's error as soon as that is over: reading a large file does not look at a
// context, and may hang in the kernel. f then goes on until the program ends, which must be soon.
func Until[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return *new(T), ctx.Err()
	}
}
