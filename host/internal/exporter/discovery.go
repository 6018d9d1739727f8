package exporter

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/metrics"
)

// target is an entry of a file for Prometheus' file_sd.
type target struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels,omitempty"`
}

// announce writes the file by which Prometheus finds this program. Its name tells machine and process, for whoever looks for a program that
// doesn't answer any more. What programs of this machine left that were killed and had the same address goes: a program that is
// killed leaves its file, so that Prometheus sees that it is gone.
func announce(folder string, s *metrics.Server) (file string, err error) {
	host, err := os.Hostname()
	if err != nil {
		return "", err
	}
	mine := target{Targets: []string{reachable(s.Addr, host)}}
	if strings.HasPrefix(s.URL, "https:") {
		mine.Labels = map[string]string{"__scheme__": "https"}
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return "", err
	}
	prefix := "steepest-" + host + "-"
	for _, e := range entries {
		name := e.Name()
		if rest, is := strings.CutPrefix(name, prefix); is && ofProgram.MatchString(rest) {
			if other := filepath.Join(folder, name); announced(other, mine) {
				_ = os.Remove(other)
			}
		}
	}
	file = filepath.Join(folder, prefix+program()+".json")
	return file, atomicfile.WriteJSON(file, []target{mine})
}

// ofProgram is what follows the machine's name in the name of a file. Names of other machines may go on otherwise: node-1 begins with node.
var ofProgram = regexp.MustCompile(`^[0-9]+(\.[a-z0-9]+)?\.json$`)

// announced tells whether a file names the same address.
func announced(file string, t target) bool {
	b, err := os.ReadFile(file)
	var all []target
	return err == nil && json.Unmarshal(b, &all) == nil && len(all) == 1 && slices.Equal(all[0].Targets, t.Targets)
}

// reachable is the address for others of what listens here. One that stands for all of the machine's is called by the machine's name.
func reachable(a net.Addr, host string) string {
	if t, ok := a.(*net.TCPAddr); ok && t.IP.IsUnspecified() {
		return net.JoinHostPort(host, fmt.Sprint(t.Port))
	}
	return a.String()
}
