//go:build !(linux || darwin || freebsd)

package machine

func reserve(int, bool) (release func(), err error) { return func() {}, nil }

func limits() string { return "" }
