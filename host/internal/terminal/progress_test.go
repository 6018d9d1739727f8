package terminal

import (
	"strings"
	"testing"
)

func TestProgress(t *testing.T) {
	var out strings.Builder
	columns := 80
	p := NewProgress(Status{W: &out, Columns: func() int { return columns }})
	p.Show("soon done", 0.5)
	p.Clear()
	if out.Len() > 0 {
		t.Errorf("what takes no time is shown: %q", &out)
	}
	p.began = p.began.Add(-progressDelay)
	for _, share := range []float64{0, 0.001, 0.4, 0.401, 1} {
		p.Show("reading", share)
	}
	got := strings.Split(strings.ReplaceAll(out.String(), "\x1b[0m\x1b[J", ""), "\r")
	for i, want := range []string{
		"reading ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 0 %", "reading ████████████░░░░░░░░░░░░░░░░░░ 40 %", "reading ██████████████████████████████ 100 %", "",
	} {
		if i >= len(got) || got[i] != want {
			t.Fatalf("drawing %d of %q, want %q", i, got, want)
		}
	}
	p.Clear()
	if !strings.HasSuffix(out.String(), eraseBelow) {
		t.Errorf("it is still there: %q", &out)
	}
	out.Reset()
	columns = 0
	if p.Show("reading", 0.5); out.Len() > 0 {
		t.Errorf("shown without a terminal: %q", &out)
	}
}
