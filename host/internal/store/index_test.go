package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
)

// manyRuns makes as many published runs in a new folder as an index is made of, begun by three programs, whose records were written an
// hour ago.
func manyRuns(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	p := newPublisher(dir)
	for i := range worthAnIndex {
		m := begunWith(fmt.Sprint(i % 3))
		m.Seed, m.Target = uint64(i), &measure.Target{Measure: measure.Measure{Quantity: "train_loss"}, Value: 0.5}
		m.Optimizer.Hyperparameters = map[string]any{"lr": 0.1 * float64(i)}
		m.Identity = m.Asked().Identity()
		r, err := Create(filepath.Join(dir, fmt.Sprintf("run%03d", i)), m, Extra{})
		if err != nil {
			t.Fatal(err)
		}
		r.publisher, r.failed = p, func(err error) { t.Error(err) }
		err = r.Observe(point(0))
		o := record.Outcome{Status: record.Diverged, Reason: "<it>", StepsToTarget: i%2 - 1, Final: record.Named(map[string]record.Value{"train_loss": record.Measured(float64(i))})}
		if err := errors.Join(err, r.End(o)); err != nil {
			t.Fatal(err)
		}
	}
	p.flush()
	anHourAgo(t, dir)
	return dir
}

func anHourAgo(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", RunFile))
	for _, path := range files {
		err = errors.Join(err, os.Chtimes(path, time.Time{}, time.Now().Add(-time.Hour)))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// listed are the runs in a folder.
func listed(t *testing.T, dir string) (records []*Record, faults []error) {
	t.Helper()
	for r, err := range (&Results{Dir: dir}).Runs(t.Context()) {
		if err != nil {
			faults = append(faults, err)
			continue
		}
		records = append(records, r)
	}
	return records, faults
}

// inIndex counts the runs in the index of a folder.
func inIndex(dir string) int { return len(readIndex(dir).lines) }

// TestIndex: what the index says of runs is what their records say, and it is relied on.
func TestIndex(t *testing.T) {
	dir := manyRuns(t)
	before, faults := listed(t, dir)
	if n := inIndex(dir); len(before) != worthAnIndex || n != worthAnIndex {
		t.Fatalf("%d runs, %d in the index, %v", len(before), n, faults)
	}
	after, _ := listed(t, dir)
	if !reflect.DeepEqual(before, after) {
		t.Errorf("by the index the runs are\n%+v\nand by their records\n%+v", after[0], before[0])
	}
	for i, r := range before {
		if x, _ := r.Outcome.Final.Of("train_loss").Get(); r.Seed != uint64(i) || x != float64(i) || r.Outcome.StepsToTarget != i%2-1 || r.Host.Version != fmt.Sprint(i%3) {
			t.Errorf("%d: %+v", i, r)
		}
	}
	path := filepath.Join(before[3].Dir, RunFile)
	info, err := os.Stat(path)
	if err == nil {
		err = errors.Join(os.WriteFile(path, bytes.Repeat([]byte("x"), int(info.Size())), 0o666), os.Chtimes(path, time.Time{}, info.ModTime()))
	}
	if err != nil {
		t.Fatal(err)
	}
	if records, faults := listed(t, dir); len(records) != worthAnIndex || len(faults) > 0 {
		t.Errorf("a record was read that is in the index: %v", faults)
	}
}

// TestIndexFollows: whatever becomes of a run whose record is in the index is seen.
func TestIndexFollows(t *testing.T) {
	dir := manyRuns(t)
	records, _ := listed(t, dir)
	path := func(i int) string { return filepath.Join(records[i].Dir, RunFile) }
	moved := filepath.Join(dir, "another")
	text, err := os.ReadFile(path(4))
	changed := bytes.Replace(text, []byte(`"diverged"`), []byte(`"finished"`), 1)
	err = errors.Join(err, os.Rename(records[0].Dir, moved), os.RemoveAll(records[1].Dir), // they are elsewhere, and gone
		os.RemoveAll(records[2].Dir), os.Rename(records[3].Dir, records[2].Dir), // another has its place
		os.WriteFile(path(4), changed, 0o666), os.Remove(path(5)))
	if err != nil {
		t.Fatal(err)
	}
	now, faults := listed(t, dir)
	if len(now) != worthAnIndex-4 || len(faults) != 2 {
		t.Errorf("%d runs and %v", len(now), faults)
	}
	for _, r := range now {
		switch r.Dir {
		case moved:
			if r.Seed != 0 {
				t.Errorf("what was moved has the seed %d", r.Seed)
			}
		case records[2].Dir:
			if r.Seed != 3 {
				t.Errorf("what took the place of another has the seed %d", r.Seed)
			}
		}
	}
}

// TestIndexIsYoung: a record that was written about when it was read may have been written to since, in the same instant.
func TestIndexIsYoung(t *testing.T) {
	dir := manyRuns(t)
	now := time.Now()
	for i := range 10 {
		if err := os.Chtimes(filepath.Join(dir, fmt.Sprintf("run%03d", i), RunFile), now, now); err != nil {
			t.Fatal(err)
		}
	}
	if records, _ := listed(t, dir); len(records) != worthAnIndex || inIndex(dir) != 0 { // the others are few
		t.Errorf("%d runs, %d in the index", len(records), inIndex(dir))
	}
	anHourAgo(t, dir)
	if listed(t, dir); inIndex(dir) != worthAnIndex {
		t.Errorf("%d in the index", inIndex(dir))
	}
	for i := range 10 {
		if err := os.Chtimes(filepath.Join(dir, fmt.Sprintf("run%03d", i), RunFile), now, now); err != nil {
			t.Fatal(err)
		}
	}
	records := map[string]indexed{}
	for i := range 2 * worthAnIndex {
		records[fmt.Sprint(i)] = indexed{stamp{Size: 1, Time: now.Add(-time.Duration(i/worthAnIndex) * time.Hour).UnixNano()}, recordText{[]byte("{}"), []byte("{}")}}
	}
	if err := writeIndex(dir, records, time.Now()); err != nil || inIndex(dir) != worthAnIndex || readIndex(dir).lines["0"] != nil {
		t.Errorf("%d in the index, %v", inIndex(dir), err)
	}
}

// TestNoIndex: few runs have none; and one that is damaged, of another version, or no file is as none.
func TestNoIndex(t *testing.T) {
	dir := manyRuns(t)
	want, _ := listed(t, dir)
	path := filepath.Join(dir, IndexFile)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for what, other := range map[string][]byte{
		"nothing in it": nil, "its end cut off": text[:len(text)-100], "its first line alone": text[:bytes.IndexByte(text, '\n')+1],
		"another number in it": bytes.Replace(text, []byte(`train_loss":7`), []byte(`train_loss":8`), 1),
		"another version":      bytes.Replace(text, []byte(`"index_of_runs":1`), []byte(`"index_of_runs":2`), 1),
	} {
		if err := os.WriteFile(path, other, 0o666); err != nil {
			t.Fatal(err)
		}
		if n := inIndex(dir); n > 0 {
			t.Errorf("with %s it has %d runs", what, n)
		}
		if got, faults := listed(t, dir); !reflect.DeepEqual(got, want) || len(faults) > 0 {
			t.Errorf("with %s there are other runs: %d, %v", what, len(got), faults)
		}
		if n := inIndex(dir); n != worthAnIndex {
			t.Errorf("with %s it was not made again: it has %d runs", what, n)
		}
	}
	if err := errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "inside"), 0o777)); err != nil {
		t.Fatal(err)
	}
	if got, _ := listed(t, dir); !reflect.DeepEqual(got, want) {
		t.Errorf("with a folder of its name there are other runs")
	}
	if err := errors.Join(os.RemoveAll(path), os.RemoveAll(want[0].Dir)); err != nil {
		t.Fatal(err)
	}
	if got, _ := listed(t, dir); len(got) != worthAnIndex-1 {
		t.Errorf("%d runs", len(got))
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) > 0 {
		t.Errorf("of few runs there is %v, %v", files, err)
	}
}

// TestIndexTogether: programs that list at once, and make the index, do not disturb each other, nor one that stops in the middle.
func TestIndexTogether(t *testing.T) {
	dir := manyRuns(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if records, faults := listed(t, dir); len(records) != worthAnIndex || len(faults) > 0 {
				t.Errorf("%d runs, %v", len(records), faults)
			}
			for range (&Results{Dir: dir}).Runs(t.Context()) {
				break
			}
		})
	}
	all.Wait()
	if n := inIndex(dir); n != worthAnIndex {
		t.Errorf("%d in the index", n)
	}
	if files, err := filepath.Glob(filepath.Join(dir, IndexFile+"*")); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}

// FuzzSplit: the two parts of an object have its keys, each once, with their values.
func FuzzSplit(f *testing.F) {
	f.Add([]byte(`{"run_id": "a", "problem": {"seed": [1, "}"]}, "summary": {}, "": null, "seed": 1}`))
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"a\"b": 1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		object := compact(text)
		var whole map[string]any
		if object == nil || json.Unmarshal(object, &whole) != nil {
			return
		}
		var own, shared map[string]any
		split := splitRecord(object)
		if err := errors.Join(json.Unmarshal(split.own, &own), json.Unmarshal(split.shared, &shared)); err != nil {
			t.Fatal(err)
		}
		for key := range own {
			if !slices.Contains(ownKeys, key) {
				delete(whole, key) // it is written in two ways in the object
				delete(shared, key)
			}
		}
		maps.Copy(shared, own)
		if len(shared) != len(whole) {
			t.Errorf("%q has %d keys, and %q and %q together %d", object, len(whole), split.own, split.shared, len(shared))
		}
	})
}
