package picture

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

// course is a run with a value at each of some steps.
func course(status record.Status, every int, values ...float64) Course {
	c := Course{Status: status}
	for i, x := range values {
		c.Rows = append(c.Rows, store.Sampled{Step: i * every, Wall: time.Second, Value: record.Measured(x)})
	}
	return c
}

// TestSoFar: at each step the median is over the runs that got there; what diverged is infinitely bad from there on, and what failed is as far as it went.
func TestSoFar(t *testing.T) {
	q := record.Standard()[record.TrainLoss]
	ways := []Way{
		{&config.Optimizer{Name: "a lr=1", Base: "a"}, []Course{course("", 1, 8, 4, 2, 1), course("", 1, 6, 3), course(record.Diverged, 1, 7, math.NaN())}},
		{&config.Optimizer{Name: "a lr=2", Base: "a"}, nil},
		{&config.Optimizer{Name: "b"}, []Course{course(record.Failed, 2, 9, 5)}},
	}
	c, there := SoFar("title", q, ways)
	if !there || len(c.Lines) != 2 {
		t.Fatalf("%v, %+v", there, c)
	}
	inf := math.Inf(1)
	a := c.Lines[0]
	if got, want := fmt.Sprint(a.Name, a.X, a.Median, a.Runs), fmt.Sprint("a lr=1", []float64{0, 1, 2, 3}, []float64{7, 4, inf, inf}, 3); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b := c.Lines[1] // whose rows have every second step alone
	if got, want := fmt.Sprint(b.Name, b.X, b.Median, len(b.Low)), fmt.Sprint("b", []float64{0, 1, 2}, []float64{9, 9, 5}, 0); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if a.Look.Place == b.Look.Place || !strings.Contains(strings.Join(c.Notes, " "), "got there") {
		t.Errorf("%v, %v, %q", a.Look, b.Look, c.Notes)
	}
	if _, there := SoFar("title", q, ways[1:2]); there {
		t.Error("there is a figure of nothing")
	}
}

// TestSoFarOfMany: of many variants, those of each optimizer that are lowest now; of long runs, as many points as are seen.
func TestSoFarOfMany(t *testing.T) {
	var ways []Way
	for i := range 40 {
		values := make([]float64, 5000)
		for k := range values {
			values[k] = 1 + math.Abs(float64(i-17))
		}
		ways = append(ways, Way{&config.Optimizer{Name: fmt.Sprintf("%d lr=%d", i%2, i), Base: fmt.Sprint(i % 2)}, []Course{course("", 1, values...)}})
	}
	c, _ := SoFar("title", record.Standard()[record.TrainLoss], ways)
	if len(c.Lines) != 2 || c.Lines[0].Name != "0 lr=16" || c.Lines[1].Name != "1 lr=17" || len(c.Lines[0].X) != glancePoints+1 {
		t.Errorf("%d lines: %s and %s, with %d points", len(c.Lines), c.Lines[0].Name, c.Lines[1].Name, len(c.Lines[0].X))
	}
	if !strings.Contains(strings.Join(c.Notes, " "), "Of 40 variants") {
		t.Errorf("the notes are %q", c.Notes)
	}
}
