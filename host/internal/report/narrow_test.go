package report

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/terminal"
)

// drawing is the variable that makes the test draw in the terminal that it was started in, instead of starting one.
const drawing = "STEEPEST_TEST_DRAWS"

// TestTerminalNarrows: of what is drawn while runs go on, a terminal that becomes half as wide keeps hardly a piece.
func TestTerminalNarrows(t *testing.T) {
	if os.Getenv(drawing) != "" {
		drawForEver()
	}
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
			t.Fatal("tmux is missing: apt-get install tmux")
		}
		t.Skip("tmux is missing: apt-get install tmux")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, widths := range map[string][]int{"at once": {40}, "bit by bit": {72, 64, 56, 48, 44, 40}} {
		t.Run(name, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "tmux")
			tmux := func(args ...string) string {
				c := exec.Command("tmux", append([]string{"-S", socket, "-f", "/dev/null", "-u"}, args...)...)
				c.Env = append(os.Environ(), "TERM=xterm-256color", drawing+"=1")
				out, err := c.CombinedOutput()
				if err != nil {
					t.Fatalf("tmux %s: %v: %s", args[0], err, out)
				}
				return string(out)
			}
			// the cursor is at the bottom when the drawing begins, as after other commands
			tmux("new-session", "-d", "-x", "80", "-y", "24", "seq 100; exec '"+self+"' -test.run '^TestTerminalNarrows$'")
			t.Cleanup(func() { tmux("kill-server") })
			screen := func() string { return tmux("capture-pane", "-p", "-S", "-") }
			await := func(what string, width int) {
				for range 200 {
					if time.Sleep(50 * time.Millisecond); strings.Contains(screen(), fmt.Sprintf("%s%d.", what, width)) {
						return
					}
				}
				t.Fatalf("%d columns wide, nothing was drawn:\n%s", width, screen())
			}
			await("at", 80)
			for _, width := range widths {
				tmux("resize-window", "-x", fmt.Sprint(width))
				await("at", width)
			}
			var pieces []string
			for line := range strings.Lines(screen()) {
				if line = strings.TrimSpace(line); line != "" && strings.Trim(line, "0123456789") != "" {
					pieces = append(pieces, line)
				}
			}
			if drawn := 1 + 6; len(pieces) > drawn+1 {
				t.Errorf("%d pieces are left beside the %d lines:\n%s", len(pieces)-drawn, drawn, strings.Join(pieces, "\n"))
			}
		})
	}
}

// drawForEver shows six optimizers, of which the first is called as the terminal is wide.
func drawForEver() {
	b := NewBar(os.Stderr, func() int { return terminal.Columns(os.Stderr) }, func() int { return terminal.Rows(os.Stderr) }, false)
	for i := range 6 {
		j := plan.Job{ID: fmt.Sprint(i), Steps: 1000, Optimizer: &config.Optimizer{Name: fmt.Sprintf("an optimizer with a long name %d", i)}}
		b.Expect("", []plan.Job{j})
		m := b.Begin(j)
		for step := range 1000 {
			observe(m, step, 1/float64(1+step))
		}
	}
	for range time.Tick(redraw) {
		b.mu.Lock()
		b.contenders[0].name = fmt.Sprintf("at%d.", terminal.Columns(os.Stderr))
		b.mu.Unlock()
	}
}
