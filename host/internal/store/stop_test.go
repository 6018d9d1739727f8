package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/plan"
)

// TestRequestStop: all programs at work in a folder are asked, those that left are not, and each program finds what it is asked alone.
func TestRequestStop(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	job := plan.Job{ID: "r", Identity: "abc"}
	if asked, err := RequestStop(dir); err != nil || len(asked) > 0 {
		t.Fatalf("before anybody is there: %v, %v", asked, err)
	}
	a, b := taken(t, dir, Place{}, job), taken(t, dir, Place{}, job)
	gone := a.worker
	gone.ID, gone.Start = "gone", "0"
	for name, w := range map[string]Worker{"gone": gone, "gone" + stopEnd: gone, chooserRole + "-1": a.worker, "left" + stopEnd: elsewhere("left")} {
		if err := atomicfile.WriteJSON(filepath.Join(dir, workersDir, name), w); err != nil {
			t.Fatal(err)
		}
	}
	forOne, cancel := a.Stoppable(t.Context())
	defer cancel()
	// What was asked of programs that are gone stops none that is there.
	if requested(a.pulse.path) || requested(b.pulse.path) || forOne.Err() != nil {
		t.Fatal("a request for another program is taken for its own")
	}
	want := []string{a.worker.ID, b.worker.ID}
	if a.worker.Kernel == "" { // where processes cannot be told apart
		want = append(want, "gone")
	}
	slices.Sort(want)
	for range 2 { // to ask twice does no harm
		asked, err := RequestStop(dir)
		var ids []string
		for _, w := range asked {
			ids = append(ids, w.ID)
		}
		if err != nil || !slices.Equal(ids, want) {
			t.Fatalf("asked were %v, not %v: %v", asked, want, err)
		}
	}
	for _, f := range []*Folder{a, b} {
		ctx, cancel := f.Stoppable(t.Context())
		select {
		case <-ctx.Done():
		case <-time.After(time.Minute):
			t.Fatal("it never finds that it was asked")
		}
		if cancel(); !errors.Is(context.Cause(ctx), ErrStopped) {
			t.Errorf("the cause is %v", context.Cause(ctx))
		}
	}
	if err := errors.Join(a.Close(), b.Close()); err != nil {
		t.Fatal(err)
	}
	// What was asked goes with those that were asked; the next program clears away what others left.
	c := taken(t, dir, Place{}, job)
	if requested(c.pulse.path) {
		t.Error("the next program is asked to stop too")
	}
	files, err := os.ReadDir(filepath.Join(dir, workersDir))
	if err != nil {
		t.Fatal(err)
	}
	left := []string{c.worker.ID, chooserRole + "-1"}
	if slices.Sort(left); a.worker.Kernel == "" {
		return
	}
	if got := slices.IndexFunc(files, func(f os.DirEntry) bool { return !slices.Contains(left, f.Name()) }); got >= 0 {
		t.Errorf("%s is left", files[got].Name())
	}
	ctx, cancel := c.Stoppable(t.Context())
	time.Sleep(2 * beatEvery)
	if ctx.Err() != nil {
		t.Error("an old request stops a new program")
	}
	cancel()
	if ctx.Err() == nil || errors.Is(context.Cause(ctx), ErrStopped) {
		t.Errorf("the cause is %v", context.Cause(ctx))
	}
}

// TestRequestAtTheEnd: of a program that leaves just now nothing is asked, and no request is left.
func TestRequestAtTheEnd(t *testing.T) {
	sign := filepath.Join(t.TempDir(), "w")
	if there, err := request(sign, elsewhere("w")); there || err != nil || exists(sign+stopEnd) {
		t.Errorf("a program that left: %v, %v", there, err)
	}
	if there, err := request(filepath.Join(sign, "w"), elsewhere("w")); there || err != nil {
		t.Errorf("the last program left: %v, %v", there, err)
	}
}
