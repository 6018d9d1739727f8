package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/store"
)

// endless is an experiment that goes on until something stops it.
const endless = `
[problem]
kind = "rosenbrock"
[budget]
steps = 100_000_000
[record]
parameters = true
[[optimizer]]
plugin = "sgd"
lr = 1e-4
[[optimizer]]
plugin = "adam"
`

// known leaves a test out of quick ones, those under the race detector, that is about what a reader or a publication has: its code is that
// of others, and takes a minute there.
func known(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("other tests run the same code")
	}
}

// output is a buffer that a test may read while a program writes it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// await waits until a program has written something, and returns the part in parentheses.
func await(t *testing.T, o *output, pattern string) string {
	t.Helper()
	for range 1500 {
		if m := regexp.MustCompile(pattern).FindStringSubmatch(o.String()); m != nil {
			return m[1]
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s:\n%s", pattern, o.String())
	return ""
}

// steps reads a steps.csv without its times.
func steps(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := withoutWall(string(b))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// latest is the path of a file of a run, as steps.csv: under the name that it has when the run is over, or that of the last attempt.
func latest(dir, name string) string {
	if path := filepath.Join(dir, name); exists(path) {
		return path
	}
	end := name
	if name == store.RunFile {
		end = "json"
	}
	for n := 20; n > 0; n-- {
		if path := filepath.Join(dir, fmt.Sprintf("attempt-%d.%s", n, end)); exists(path) {
			return path
		}
	}
	return filepath.Join(dir, name)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// need skips a test that needs a program from outside, except where everything is required.
func need(t *testing.T, program, install string) {
	t.Helper()
	if _, err := exec.LookPath(program); err == nil {
		return
	}
	message := fmt.Sprintf("%s is missing; install it with: %s", program, install)
	if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
		t.Fatal(message)
	}
	t.Skip(message)
}

// writeProgram writes a file that can be executed. No program is started meanwhile: it would have the file open for a moment, in
// which the file cannot be started.
func writeProgram(t *testing.T, path, text string) {
	t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}
