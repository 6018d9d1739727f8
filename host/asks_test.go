//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/store"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// sleeper takes its time for each answer.
type sleeper struct{ answers int }

func (s *sleeper) Loss(context.Context, optimizer.Batch, []float64) (float64, error) {
	s.answers++
	time.Sleep(60 * time.Millisecond)
	return 1, nil
}

func (s *sleeper) Gradient(ctx context.Context, b optimizer.Batch, d, _ []float64) (float64, error) {
	return s.Loss(ctx, b, d)
}

func (s *sleeper) HessianVector(ctx context.Context, b optimizer.Batch, v, _ []float64) error {
	_, err := s.Loss(ctx, b, v)
	return err
}

func (s *sleeper) Return() {}

// TestSlowAnswers: what the objective takes is not the plugin's fault, however short the time that this has for a step.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	asker := launch(t, "asker")
	for _, plane := range []optimizer.Plane{optimizer.Auto, optimizer.Inline} {
		s := &sleeper{}
		i, err := asker.Open(t.Context(), optimizer.Config{Instance: string(plane), Layout: []*v1.Tensor{{Length: 2, Shape: []int64{2}}},
			Log: io.Discard, Plane: plane, Oracle: s, MaxAsks: 100, Timeout: 200 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		if took, err := i.Step(t.Context(), 1, []float64{1e-3, 0.05, 0, 1}, 1); err != nil || s.answers != 5 || took > 200*time.Millisecond {
			t.Errorf("%s: after %d answers, and %v of its own: %v", plane, s.answers, took, err)
		}
		if err := i.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestBadAskers: a plugin that hangs between two asks is ended, one that asks where there is no number gets what there is, and goes on.
func TestBadAskers(t *testing.T) {
	t.Parallel()
	for _, plane := range []string{"shm", "inline"} {
		for mode, want := range map[string]string{
			"hang": `failed: asker-seed1 after step 2: step 3: plugin "asker" (process N) did not answer within 300ms`, "wild": ""} {
			dir := t.TempDir()
			text := "[problem]\nkind = \"mlp\"\ndataset = \"two-moons\"\nhidden = [3]\nbatch = 16\n[budget]\nsteps = 10\n[[optimizer]]\n" +
				"plugin = \"asker\"\nmode = \"" + mode + "\"\non_plugin_failure = \"fail\"\n"
			if mode == "hang" {
				text += "step_timeout = \"300ms\"\n"
			}
			if err := os.WriteFile(filepath.Join(dir, "x.toml"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			code := within(dir).steepest([]string{"run", "--quiet", "--data-plane", plane, "x.toml"}, &out, &out)
			if (code == exitOK) != (want == "") {
				t.Errorf("%s, %s: exit code %d: %s", mode, plane, code, &out)
			}
			for part := range strings.SplitSeq(want, "(process N)") {
				if !strings.Contains(out.String(), part) {
					t.Errorf("%s, %s lacks %q: %s", mode, plane, part, &out)
				}
			}
			status := "failed"
			if want == "" {
				status = "finished"
			}
			if b, err := os.ReadFile(latest(runFolder(t, dir, "runs", "x", "asker-seed1"), store.RunFile)); err != nil ||
				!strings.Contains(string(b), `"status": "`+status+`"`) {
				t.Errorf("%s, %s: %v\n%s", mode, plane, err, b)
			}
		}
	}
}
