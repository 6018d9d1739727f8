package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// kernel names the boot of this machine and the namespace of its processes: within both, a number is one process's at a time.
var kernel = sync.OnceValue(func() string {
	boot, err1 := os.ReadFile("/proc/sys/kernel/random/boot_id")
	space, err2 := os.Readlink("/proc/self/ns/pid")
	if err1 != nil || err2 != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + " " + space
})

// processStart is when a process started, in ticks since the boot, empty if that is not to be known; there is false if it is not there, or
// is dead and waits to be asked about.
func processStart(pid int) (start string, there bool) {
	if errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
		return "", false
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", true
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // before them stands its name, which may hold anything
	if len(fields) < 20 {
		return "", true
	}
	return fields[19], fields[0] != "Z" && fields[0] != "X"
}
