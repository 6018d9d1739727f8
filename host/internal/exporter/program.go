package exporter

import (
	"crypto/rand"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/steepest/steepest/metrics"
)

// Instance is the label of what this program sends, another for each program.
func Instance() string {
	host, _ := os.Hostname()
	return net.JoinHostPort(metrics.Label(host), program())
}

// program names this program among those of its machine.
var program = sync.OnceValue(func() string {
	namespace, _ := os.Readlink("/proc/self/ns/pid")
	return programOf(os.Getpid(), namespace)
})

// machinePIDs is the namespace of process ids that Linux has from its start.
const machinePIDs = "pid:[4026531836]"

// programOf is the process id. In a namespace of their own, as in containers, programs have the same ids, at once and one after another:
// there something random is behind it.
func programOf(pid int, namespace string) string {
	name := strconv.Itoa(pid)
	if namespace != "" && namespace != machinePIDs {
		name += "." + strings.ToLower(rand.Text()[:8])
	}
	return name
}
