package store

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/record"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// TestSequence: the rows are those that were to be recorded, and the last may be any.
func TestSequence(t *testing.T) {
	every, listed := record.Points{Every: 10}, record.Points{Steps: []int{3, 5}}
	for _, c := range []struct {
		points record.Points
		rows   []int
		bad    int // the place of the first row that must not be there; -1 if there is none
	}{
		{record.Points{}, []int{0, 1, 2}, -1}, {record.Points{}, []int{1}, 0}, {record.Points{}, []int{0, 0}, 1}, {record.Points{}, []int{0, 2}, 1},
		{every, []int{0, 10, 20}, -1}, {every, []int{0, 10, 20, 23}, -1}, {every, []int{0, 4}, -1}, {every, []int{0, 10, 30}, 2},
		{every, []int{0, 10, 13, 20}, 3}, {every, []int{0, 10, 13, 14}, 3}, {every, []int{10}, 0}, {every, []int{0, 10, 10}, 2}, {every, []int{0, 10, 9}, 2},
		{listed, []int{0, 3, 5, 100}, -1}, {listed, []int{0, 3, 4}, -1}, {listed, []int{0, 5}, 1}, {listed, []int{0, 3, 5, 6, 7}, 4},
	} {
		order := newSequence()
		order.points = c.points
		var steps strings.Builder
		steps.WriteString(Columns + "\n")
		for _, step := range c.rows {
			fmt.Fprintf(&steps, "%d,,0,1,2,3,4,,\n", step)
		}
		found, err := inspect(strings.NewReader(steps.String()), order, -1)
		want := ""
		if c.bad >= 0 {
			want = fmt.Sprintf("steps.csv:%d: ", c.bad+2)
		}
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) || err == nil && found.last != c.rows[len(c.rows)-1] {
			t.Errorf("%+v: %v: the last is %d, %v", c.points, c.rows, found.last, err)
		}
		read := 0
		_, err = scanColumn(readRows(strings.NewReader(steps.String())), order, "x.csv", "train_loss",
			func(int, time.Duration, float64, bool) error { read++; return nil })
		if (err == nil) != (c.bad < 0) || c.bad >= 0 && read != c.bad {
			t.Errorf("%+v: %v: %d are read, %v", c.points, c.rows, read, err)
		}
	}
}

// TestRowsOfSomePoints: points without a row are not in steps.csv, and a run is gone on with behind the last row that has a step.
func TestRowsOfSomePoints(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	m := begunWith("one")
	m.Record.Every, m.Steps = 4, 11
	m.Identity = m.Asked().Identity()
	r, err := Create(dir, m, Extra{})
	if err != nil {
		t.Fatal(err)
	}
	for step := range 11 {
		p := point(step)
		p.Row = step%4 == 0
		if err := r.Observe(p); err != nil {
			t.Fatal(err)
		}
	}
	paused := point(11) // the last, of which the step is not known yet
	paused.Values[record.UpdateNorm] = record.Value{}
	if err := r.Observe(paused); err != nil {
		t.Fatal(err)
	}
	if err := r.End(record.Outcome{Status: record.Paused, Steps: 11, StepsToTarget: -1}); err != nil {
		t.Fatal(err)
	}
	s, err := stand(dir)
	if err != nil {
		t.Fatal(err)
	}
	again, err := claim(dir, s, m, newWorker(NewExecution()), Extra{})
	if err != nil {
		t.Fatal(err)
	}
	if step, _ := again.Recorded(); step != 8 {
		t.Errorf("it goes on behind step %d, want 8", step)
	}
	if err := again.Observe(point(11)); err != nil {
		t.Fatal(err)
	}
	if err := again.End(record.Outcome{Status: record.Finished, Steps: 11, StepsToTarget: -1}); err != nil {
		t.Fatal(err)
	}
	found, err := ReadRecord(dir)
	if err != nil {
		t.Fatal(err)
	}
	var steps []int
	if err := found.Points(func(p *Point) error { steps = append(steps, p.Step); return nil }); err != nil || !slices.Equal(steps, []int{0, 4, 8, 11}) {
		t.Errorf("%v, %v", steps, err)
	}
}

// TestKeep: weights are written with the names and the shapes of their tensors, and again if they are met again.
func TestKeep(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	r, err := Create(dir, begunWith("one"), Extra{})
	if err != nil {
		t.Fatal(err)
	}
	layout := []*v1.Tensor{{Name: "layer1.weight", Shape: []int64{2, 3}, Length: 6}, {Name: "layer1.bias", Shape: []int64{2}, Offset: 6, Length: 2}}
	weights := []float64{1, 2, 3, 4, 5, 6, 7, 8}
	for range 2 {
		if err := r.Keep(10, layout, weights); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "weights-10", "*"))
	if len(files) != 2 {
		t.Errorf("%v", files)
	}
	m, _, err := dataset.ReadMatrix(filepath.Join(dir, "weights-10", "layer1.weight.npy"))
	if err != nil || m.At(1, 0) != 4 {
		t.Errorf("%v, %v", m, err)
	}
	if err := r.End(record.Outcome{Status: record.Finished}); err != nil {
		t.Fatal(err)
	}
}
