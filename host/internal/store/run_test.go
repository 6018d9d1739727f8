package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/remedy"
)

// TestRunsAreRead: what is told of runs is what the disk has, whatever their program said of them; where it has nothing, what went
// wrong is told all the same.
func TestRunsAreRead(t *testing.T) {
	var jobs []plan.Job
	for _, id := range []string{"finished", "failed", "unborn", "waiting", "stuck", "damaged"} {
		jobs = append(jobs, plan.Job{ID: id})
	}
	folders, err := Place{Out: filepath.Join(t.TempDir(), "out")}.Claim(t.Context(), []plan.Plan{planned(t, small, jobs...)})
	if err != nil {
		t.Fatal(err)
	}
	f := folders[0]
	defer func() { _ = f.Close() }()
	end := func(id string, o record.Outcome) {
		t.Helper()
		r, err := Create(f.Run(plan.Job{ID: id}).Dir, begunWith("one"), Extra{})
		for k := range o.Steps {
			err = errors.Join(err, r.Observe(point(k)))
		}
		if err = errors.Join(err, r.End(o)); err != nil {
			t.Fatal(err)
		}
	}
	full := remedy.With(fmt.Errorf("writing: %w", os.ErrPermission), "make room")
	end("finished", record.Outcome{Status: record.Finished, Steps: 2, StepsToTarget: 1, Wall: time.Second,
		Final: record.Named(map[string]record.Value{"train_loss": record.Measured(0.1)})})
	end("failed", record.Outcome{Status: record.Failed, Steps: 3, Err: full, StepsToTarget: -1})
	end("stuck", record.Outcome{Status: record.Interrupted, Steps: 4, StepsToTarget: -1})
	end("damaged", record.Outcome{Status: record.Finished, Steps: 1, StepsToTarget: -1})
	if err := os.WriteFile(filepath.Join(f.Dir, "damaged", RunFile), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	none := record.Outcome{Status: record.Failed, Err: errors.New("it cannot begin"), StepsToTarget: -1}
	f.Ended(jobs[0], record.Outcome{Status: record.Finished, Steps: 99})
	f.Ended(jobs[1], record.Outcome{Status: record.Failed, Steps: 99, Err: full})
	f.Ended(jobs[2], none)
	f.Ended(jobs[4], none)
	for i, want := range []struct {
		status    record.Status
		steps     int
		err, does string
	}{{record.Finished, 2, "", ""}, {record.Failed, 3, full.Error(), "make room"}, {record.Failed, 0, none.Err.Error(), ""}, {"", 0, "", ""},
		{record.Failed, 0, none.Err.Error(), ""}, {record.Failed, 0, "", ""}} {
		r := f.Runs()[i]
		text := ""
		if r.Err != nil {
			text = r.Err.Error()
		}
		var damaged *Damaged
		if is := errors.As(r.Err, &damaged); is != (r.ID == "damaged") || is && damaged.Dir != r.Dir {
			t.Errorf("%s: %v", r.ID, r.Err)
		} else if is {
			text = ""
		}
		if r.Status != want.status || r.Outcome.Steps != want.steps || text != want.err || remedy.Of(r.Err) != want.does {
			t.Errorf("%s: %+v, want %+v", r.ID, r.Outcome, want)
		}
	}
	r := f.Runs()[0]
	if x, measured := r.Final.Of("train_loss").Get(); x != 0.1 || !measured || r.StepsToTarget != 1 || r.Wall != time.Second {
		t.Errorf("%+v", r.Outcome)
	}
}

// TestNothingIsBegunTwice: a run that is over keeps its record, even if it is asked for.
func TestNothingIsBegunTwice(t *testing.T) {
	f := newFolder(t.TempDir(), planned(t, small, plan.Job{ID: "r"}), Place{})
	f.change(plan.Job{ID: "r"}, func(r *Run) { r.over = true })
	if _, err := f.Begin(plan.Job{ID: "r"}, nil, "", Environment{}); !errors.Is(err, ErrDone) {
		t.Error(err)
	}
}
