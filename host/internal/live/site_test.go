package live

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestReportsTakeLittle: while runs go on a report is made as often as one in share of the time allows, by what it will take and not by what the last took.
func TestReportsTakeLittle(t *testing.T) {
	second := time.Second
	for _, c := range []struct {
		name          string
		after         time.Duration // since the page was begun
		ago           time.Duration // since the report was made
		took, spent   time.Duration
		then, now     int // steps on record
		changed, busy bool
		due           bool
	}{
		{"nothing changed", 1000 * second, 500 * second, second / 100, second / 100, 0, 0, false, true, false},
		{"cheap", 20 * second, 6 * second, second / 100, second / 100, 0, 0, true, true, true},
		{"just made", 20 * second, 2 * second, second / 100, second / 100, 0, 0, true, true, false},
		{"dear", 100 * second, 50 * second, second, second, 0, 0, true, true, false},
		{"dear, long ago", 500 * second, 300 * second, second, second, 0, 0, true, true, true},
		{"much came since", 20 * second, 6 * second, second / 100, second / 100, 0, besides * 10, true, true, false},
		{"much came since, little of it new", 20 * second, 6 * second, second / 100, second / 100, besides * 10, besides * 11, true, true, true},
		{"no run goes on", 20 * second, second, 10 * second, 10 * second, 0, besides * 10, true, false, true},
	} {
		s := newSite(nil, "")
		s.began, s.spent = time.Now().Add(-c.after), c.spent
		s.report = &report{made: time.Now().Add(-c.ago), took: c.took, steps: c.then}
		now := &state{steps: c.now, going: c.busy}
		if c.changed {
			now.changes = 1
		}
		if got := s.due(now); got != c.due {
			t.Errorf("%s: due is %t", c.name, got)
		}
	}
}

// TestLastReportTooDear: where a report would hold up the end of a program it is not made, and the page says how to have it.
func TestLastReportTooDear(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	s := newSite(NewPages(), dir)
	s.watchers = 1
	s.report = &report{number: 1, took: time.Minute, changes: -1}
	began := time.Now()
	s.conclude()
	if took := time.Since(began); took > mostPatience {
		t.Errorf("the end took %s", took)
	}
	if s.report.number != 1 || !s.now.finished || !strings.Contains(s.now.parts["asof"], "steepest report "+dir) {
		t.Errorf("at last there is report %d, finished is %t, and the page says\n%s", s.report.number, s.now.finished, s.now.parts["asof"])
	}
}

// TestEndStays: who asks for the page when it was closed, as a window does that is told of a last report, sees how things stood at last.
func TestEndStays(t *testing.T) {
	pages := NewPages()
	pages.Add(t.TempDir())
	s := pages.all()[0]
	s.report = &report{number: 1, changes: -1}
	end := s.look()
	pages.Close()
	s.expire()
	if now := s.look(); now != end || s.now != end {
		t.Errorf("after the end the page shows %+v", now.parts)
	}
	if s.renew(&state{changes: 7}) != nil {
		t.Error("after the end another report is made")
	}
}
