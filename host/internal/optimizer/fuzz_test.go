//go:build linux && (amd64 || arm64)

package optimizer

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/steepest/steepest/proto/shm"
)

// gone ends a wait that nobody answers.
type gone struct{}

func (gone) Gone() bool                               { return true }
func (gone) Explain(err error, _ time.Duration) error { return err }

// FuzzControlPage: whatever a plugin writes into the control page, a step ends in time, with a time that was possible and
// a message that can be printed.
func FuzzControlPage(f *testing.F) {
	f.Add([]byte{}, uint16(0))
	f.Add([]byte{3, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 127, 0x1b, '[', '2', 'J'}, uint16(72))
	f.Add([]byte(strings.Repeat("\xff", 4096)), uint16(0))
	f.Fuzz(func(t *testing.T, garbage []byte, at uint16) {
		memory, err := shm.New(shm.Size{Parameters: 1, Hyperparameters: 1})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = memory.Close() }()
		plugin := &Plugin{Name: "hostile", Supervisor: gone{}}
		s := &shared{owner: &Instance{plugin: plugin, timeout: time.Second}, memory: memory, pace: &pace{}}
		s.quit = s.giveUp
		page := memory.Control.Page()
		bell := memory.Control.Answers()
		done := make(chan struct{})
		go func() {
			defer close(done)
			copy(page[min(int(at), len(page)):], garbage)
			bell.Ring(1)
		}()
		<-done
		s.pace.begin(1)
		d, err := s.Step(t.Context(), 1, []float64{1}, 0)
		if d < 0 || d > time.Second {
			t.Errorf("the rule took %v", d)
		}
		if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
			t.Errorf("%q cannot be printed", err)
		}
		s.pace.end()
	})
}
