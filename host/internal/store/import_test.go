package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
)

// curve is a run of another program, with steps left out.
func curve() Foreign {
	at := record.Measured
	return Foreign{Imported: Imported{Format: "csv", Source: "/x/torch.csv", Bytes: 7, SHA256: strings.Repeat("ab", 32),
		Names: map[string]string{"loss": "train_loss"}}, Problem: "mlp", Optimizer: "torch, adam",
		Hyperparameters: map[string]any{"lr": 1e-5, "amsgrad": true, "steps": int64(1<<60 + 1), "kind": "x"}, Seed: 3,
		Quantities: []string{"train_loss", "validation_accuracy", "my loss", "test_loss"},
		Points: []Point{
			{Step: 2, Values: []record.Value{at(0.5), {}, at(7), {}}},
			{Step: 10, Epoch: at(1), Wall: 250 * time.Millisecond, Values: []record.Value{at(math.NaN()), at(0.75), {}, {}}},
			{Step: 11, Wall: time.Second, Values: []record.Value{at(0.25), at(0.5), at(math.Inf(1)), at(4)}},
		}}
}

// TestImport: a run of another program is there with every value and step, says what it is from, and is there once.
func TestImport(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "results")
	run, err := Import(dir, curve())
	if err != nil || !strings.HasPrefix(filepath.Base(run), "torch-adam-seed3-") {
		t.Fatal(run, err)
	}
	again, err := Import(dir, curve())
	if again != run || !errors.Is(err, ErrDone) {
		t.Errorf("%s, %v", again, err)
	}
	other := curve()
	other.Seed = 4
	if _, err := Import(dir, other); err != nil {
		t.Fatal(err)
	}
	records, faults, err := ReadRecords(t.Context(), dir)
	if err != nil || len(faults) > 0 || len(records) != 2 {
		t.Fatal(len(records), faults, err)
	}
	r := records[0]
	if r.Imported == nil || r.Imported.SHA256 != curve().SHA256 || r.Imported.Time.IsZero() || r.Identity == r.Asked().Identity() ||
		r.Identity == records[1].Identity || r.Seed != 3 || r.Optimizer.Name != "torch, adam" || r.Steps != 11 || r.Experiment.Name != "results" {
		t.Errorf("%+v", r.Manifest)
	}
	o := r.Outcome
	best := o.Best.Of("validation_accuracy")
	if o.Status != record.Finished || o.Steps != 11 || o.Wall != time.Second || o.StepsToTarget != -1 ||
		!slices.Equal(o.Final, record.Named(map[string]record.Value{"test_loss": record.Measured(4), "train_loss": record.Measured(0.25),
			"validation_accuracy": record.Measured(0.5)})) ||
		best.Step != 10 || best.Get() != record.Measured(0.75) {
		t.Errorf("%+v", o)
	}
	var got []string
	if err := r.Points(func(p *Point) error { got = append(got, fmt.Sprint(*p)); return nil }); err != nil {
		t.Fatal(err)
	}
	const no = "{0 false} "
	want := "[{2 {0 false} 0s [{0.5 true} " + no + no + no + no + no + "{7 true} {0 false}]} " +
		"{10 {1 true} 250ms [{NaN true} " + no + no + no + no + "{0.75 true} " + no + "{0 false}]} " +
		"{11 {0 false} 1s [{0.25 true} " + no + no + no + no + "{0.5 true} {+Inf true} {4 true}]}]"
	if fmt.Sprint(got) != want || fmt.Sprint(r.Quantities()[6:]) != "[my loss test_loss]" {
		t.Errorf("%s, want %s", got, want)
	}
	files, err := os.ReadDir(run)
	if err != nil || len(files) != 2 {
		t.Error(files, err)
	}
	// What an import leaves that is killed before its end is no run.
	if err = os.CopyFS(filepath.Join(dir, "half"), os.DirFS(run)); err == nil {
		err = os.Rename(filepath.Join(dir, "half"), filepath.Join(dir, ".half"))
		if again, _, e := ReadRecords(t.Context(), dir); err != nil || e != nil || len(again) != 2 {
			t.Error(len(again), err, e)
		}
		err = os.RemoveAll(filepath.Join(dir, ".half"))
	}
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(hidden) > 0 {
		t.Error(hidden, err)
	}
}

// TestImportedIsSealed: whatever is changed of the record of an imported run afterwards is noticed.
func TestImportedIsSealed(t *testing.T) {
	for file, change := range map[string][2]string{RunFile: {`"seed": 3`, `"seed": 5`}, StepsFile: {"0.5", "0.6"}} {
		dir := t.TempDir()
		run, err := Import(filepath.Join(dir, "r"), curve())
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(run, file)
		b, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, []byte(strings.Replace(string(b), change[0], change[1], 1)), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		if records, faults, err := ReadRecords(t.Context(), run); err != nil || len(records) > 0 || len(faults) != 1 {
			t.Errorf("%s: %v, %v, %v", file, records, faults, err)
		}
	}
}

// TestImportDiverged: a curve whose loss ends with what is no number has diverged.
func TestImportDiverged(t *testing.T) {
	f := curve()
	f.Points = f.Points[:2]
	run, err := Import(filepath.Join(t.TempDir(), "r"), f)
	if err != nil {
		t.Fatal(err)
	}
	records, _, err := ReadRecords(t.Context(), run)
	if err != nil || len(records) != 1 || records[0].Status != record.Diverged || records[0].Outcome.Reason != "the last train_loss is NaN" {
		t.Error(records, err)
	}
}

// TestImportIntoOtherFolders: a folder that has something else is none for results.
func TestImportIntoOtherFolders(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Import(dir, curve()); err == nil || !strings.Contains(err.Error(), "is no results folder, and not empty") {
		t.Error(err)
	}
}

// sums are the names and contents of all files in a folder.
func sums(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s %x\n", path, sha256.Sum256(content))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestConvert: results of an earlier version are the same ones afterwards, run by run, and the original is as it was.
func TestConvert(t *testing.T) {
	const earlier = "../export/testdata/curves" // one finished, one diverged, and one that was cut off
	before := sums(t, earlier)
	to := filepath.Join(t.TempDir(), "runs", "curves")
	runs, faults, err := Convert(t.Context(), earlier, to)
	if err != nil || len(faults) > 0 || runs != 3 {
		t.Fatal(runs, faults, err)
	}
	if sums(t, earlier) != before {
		t.Error("the original was changed")
	}
	old, _, err := ReadRecords(t.Context(), earlier)
	if err != nil {
		t.Fatal(err)
	}
	now, faults, err := ReadRecords(t.Context(), to)
	if err != nil || len(faults) > 0 || len(now) != len(old) {
		t.Fatal(len(now), faults, err)
	}
	for i, a := range old {
		b := now[i]
		var points [2][]string
		for k, r := range []*Record{a, b} {
			if err := r.Points(func(p *Point) error { points[k] = append(points[k], fmt.Sprint(*p)); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if a.Identity != b.Identity || fmt.Sprint(a.Outcome) != fmt.Sprint(b.Outcome) || fmt.Sprint(points[0]) != fmt.Sprint(points[1]) || len(points[0]) < 2 {
			t.Errorf("%+v\n%+v", a, b)
		}
		if over := a.Status.Over(); exists(filepath.Join(b.Dir, RunFile)) != over || strings.HasSuffix(b.Dir, "-"+a.Identity[:IdentityDigits]) != over {
			t.Errorf("%s of a run that is over: %t", b.Dir, over)
		}
	}
	if _, _, err := Convert(t.Context(), earlier, to); err == nil || !strings.Contains(err.Error(), to+" exists; name another folder") {
		t.Error(err)
	}
	published := filepath.Join(t.TempDir(), "published")
	if err := os.CopyFS(published, os.DirFS(to)); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(published, "sgd-seed2")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Convert(t.Context(), published, to+"-2"); err == nil || !strings.Contains(err.Error(), "there is nothing to import") {
		t.Error(err)
	}
	if exists(to + "-2") {
		t.Error("something was written")
	}
}

// TestConvertKeepsOfDamage: a damaged run is left out and named, and the others are there.
func TestConvertKeepsOfDamage(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "old"), os.DirFS("../export/testdata/curves")); err != nil {
		t.Fatal(err)
	}
	steps := filepath.Join(dir, "old", "sgd-seed1", StepsFile)
	if err := os.Truncate(steps, 300); err != nil {
		t.Fatal(err)
	}
	runs, faults, err := Convert(t.Context(), filepath.Join(dir, "old"), filepath.Join(dir, "new"))
	if err != nil || runs != 2 || len(faults) != 1 || !strings.Contains(faults[0].Error(), "sgd-seed1 is damaged") {
		t.Error(runs, faults, err)
	}
}

// TestImportedBesideOurs: a run of another program is compared on the problem that it is said to be of, and met a target where its first
// point did, whatever came after.
func TestImportedBesideOurs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "r")
	f := curve()
	if _, err := Import(dir, f); err != nil {
		t.Fatal(err)
	}
	f.Problem = "another"
	if _, err := Import(dir, f); err != nil {
		t.Fatal(err)
	}
	for target, want := range map[float64]int{0.75: 10, 0.8: -1, 0.5: 10} {
		w := &config.Workload{Name: "named", Problem: config.Problem{Kind: "mlp"},
			Target: &measure.Target{Measure: measure.Measure{Quantity: "validation_accuracy"}, Value: target}}
		folder := &Folder{Dir: dir, asked: plan.Plan{Jobs: []plan.Job{{ID: "x", Workload: w}}}}
		runs, faults := folder.Imported()
		if len(runs) != 1 || len(faults) > 0 || runs[0].StepsToTarget != want || runs[0].Optimizer.Name != "torch, adam (imported)" ||
			runs[0].Seed != 3 || runs[0].Problem != "named" || runs[0].Status != record.Finished {
			t.Errorf("target %v: %+v, %v; want step %d", target, runs, faults, want)
		}
	}
	w := &config.Workload{Name: "another", Problem: config.Problem{Kind: "rosenbrock"}}
	runs, _ := (&Folder{Dir: dir, asked: plan.Plan{Jobs: []plan.Job{{ID: "x", Workload: w}}}}).Imported()
	if len(runs) != 1 || runs[0].StepsToTarget != -1 {
		t.Errorf("%+v", runs)
	}
}
