package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/store"
)

// TestBitsDependOnTheExperimentAlone runs a convolutional network by itself and beside another optimizer, several runs at
// once, on several threads, and with interruptions: steps.csv and the final losses are the same each time.
func TestBitsDependOnTheExperimentAlone(t *testing.T) {
	known(t)
	shipped, err := os.ReadFile("../experiments/digits-cnn.toml")
	if err != nil {
		t.Fatal(err)
	}
	optimizers, _, _ := strings.Cut(string(shipped), "\n[[expect]]")
	parts := strings.Split(optimizers, "[[optimizer]]")
	if len(parts) != 4 {
		t.Fatalf("the experiment has %d optimizers", len(parts)-1)
	}
	short := regexp.MustCompile(`epochs = \d+`).ReplaceAllString(parts[0], "steps = 25") // almost an epoch
	short = regexp.MustCompile(`count = \d+`).ReplaceAllString(short, "count = 2")
	short = strings.Replace(short, "[problem]\n", "[problem]\ntest = 0.1\n", 1)
	dir := t.TempDir()
	write := func(name string, optimizers ...string) string {
		file := filepath.Join(dir, name+".toml")
		text := short + "[[optimizer]]" + strings.Join(optimizers, "[[optimizer]]")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	alone, beside := write("alone", parts[1]), write("beside", parts[1], parts[3])
	t.Cleanup(func() { blas.SetThreads(1); _ = blas.Use("auto") })
	losses := regexp.MustCompile(`"(final|test)[a-z_]*": [^,\n]*`)
	of := func(out string) (text string) {
		for _, seed := range []string{"sgd-seed1", "sgd-seed2"} {
			summary, err := os.ReadFile(latest(runFolder(t, dir, out, seed), store.RunFile))
			if err != nil {
				t.Fatal(err)
			}
			final := losses.FindAllString(string(summary), -1)
			if len(final) < 5 {
				t.Fatalf("%s", summary)
			}
			text += steps(t, filepath.Join(runFolder(t, dir, out, seed), store.StepsFile)) + strings.Join(final, "\n")
		}
		return text
	}
	for _, choice := range blas.Choices[1:] {
		if err := blas.Use(choice); err != nil {
			t.Log(err)
			continue
		}
		want := ""
		compare := func(what, out string) {
			t.Helper()
			if got := of(out); want == "" {
				want = got
			} else if got != want {
				t.Errorf("%s: %s has other bits", choice, what)
			}
		}
		for i, c := range []struct {
			file          string
			jobs, threads int
		}{{alone, 1, 1}, {alone, 1, 0}, {alone, 1, 2}, {alone, 2, 3}, {beside, 1, 0}, {beside, 2, 0}, {beside, 4, 0}, {beside, 4, 3}} {
			var output bytes.Buffer
			out := fmt.Sprintf("%s%d", choice, i)
			if code := steepest([]string{"run", "--quiet", "--blas", choice, "--out", filepath.Join(dir, out), "--jobs", fmt.Sprint(c.jobs),
				"--threads", fmt.Sprint(c.threads), c.file}, &output, &output); code != exitOK {
				t.Fatalf("exit code %d\n%s", code, output.String())
			}
			compare(fmt.Sprintf("%+v", c), out)
		}
		out, interrupted := choice+"resumed", 0
		for {
			ctx, cancel := context.WithCancel(t.Context())
			stop := func() {}
			if interrupted < 3 {
				stop = cancel
			}
			args := []string{"run", "--json", "--blas", choice, "--out", filepath.Join(dir, out), "--jobs", fmt.Sprint(1 + interrupted%2),
				"--threads", fmt.Sprint(3 - interrupted), alone}
			if interrupted > 0 {
				args = append(args, "--resume")
			}
			here := within("")
			here.stdout, here.stderr = &onWrite{"run_began", stop}, io.Discard
			code := here.run(ctx, args)
			cancel()
			if code == exitOK {
				break
			}
			if code != exitInterrupted {
				t.Fatalf("exit code %d", code)
			}
			interrupted++
		}
		if interrupted == 0 {
			t.Error("the run was never interrupted")
		}
		compare("what was interrupted and resumed", out)
	}
}

// onWrite calls do when a text is written.
type onWrite struct {
	text string
	do   func()
}

func (w *onWrite) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(w.text)) {
		w.do()
	}
	return len(p), nil
}
