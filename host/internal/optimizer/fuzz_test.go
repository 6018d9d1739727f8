//go:build linux && (amd64 || arm64)

package optimizer

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"google.golang.org/protobuf/proto"

	steepest "github.com/steepest/steepest/proto"
	"github.com/steepest/steepest/proto/shm"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

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
		plugin := &Plugin{Binary: Binary{Name: "hostile"}}
		plugin.lost.Store(true) // ends a wait that nobody answers
		s := &shared{owner: &Instance{plugin: plugin, timeout: time.Second}, memory: memory}
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

// FuzzDescribe: a description that passes the check can be used for everything that the host uses it for.
func FuzzDescribe(f *testing.F) {
	good, err := proto.Marshal(&v1.DescribeResponse{Name: "x", Hyperparameters: []*v1.Hyperparameter{{
		Name: "lr", Type: v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT, Schedulable: true,
		Default: &v1.Value{Kind: &v1.Value_Float{Float: 1}}, Interval: &v1.Interval{High: 2},
	}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("\n\x01x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var d v1.DescribeResponse
		if proto.Unmarshal(b, &d) != nil || checkDescription("x", &d) != nil {
			return
		}
		names := map[string]bool{}
		for _, h := range d.Hyperparameters {
			if names[h.Name] || h.Default == nil || steepest.CheckValue(h, h.Default) != nil {
				t.Errorf("%v", h)
			}
			names[h.Name] = true
			_ = steepest.FormatInterval(h.Interval) + steepest.FormatValue(h.Default)
		}
		for _, h := range steepest.Schedulable(&d) {
			_ = steepest.Number(h.Default)
		}
		if d.Capabilities == nil || clip(d.Summary) != d.Summary {
			t.Errorf("%v", &d)
		}
	})
}
