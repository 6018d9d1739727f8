//go:build linux || darwin || freebsd

package machine

import (
	"fmt"
	"strings"
	"syscall"
)

// reserve maps so many bytes, which counts under ulimit -v, and under ulimit -d if they are writable, but uses no memory.
// release gives them back.
func reserve(bytes int, writable bool) (release func(), err error) {
	protection := syscall.PROT_NONE
	if writable {
		protection = syscall.PROT_READ | syscall.PROT_WRITE
	}
	b, err := syscall.Mmap(-1, 0, bytes, protection, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	return func() {
		if err == nil {
			_ = syscall.Munmap(b)
		}
	}, err
}

// limits names the limits that are set, as ulimit shows them, in parentheses.
func limits() string {
	var set []string
	for _, l := range []struct {
		name     string
		resource int
	}{{"ulimit -v", syscall.RLIMIT_AS}, {"ulimit -d", syscall.RLIMIT_DATA}} {
		var r syscall.Rlimit
		if err := syscall.Getrlimit(l.resource, &r); err == nil && r.Cur < 1<<50 {
			set = append(set, fmt.Sprintf("%s is %d", l.name, r.Cur/1024))
		}
	}
	if len(set) == 0 {
		return ""
	}
	return " (" + strings.Join(set, ", ") + ")"
}
