package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plugin"
)

// lecture is the folder of the course.
const lecture = "../experiments/lecture"

// TestLecture: each experiment of the course asks a question, names the statement that it is about, claims something, and shows it in figures, whose
// pictures the course's README has, and no others. With STEEPEST_WHOLE each runs to its end, and all that it claims comes out.
func TestLecture(t *testing.T) {
	known(t)
	t.Parallel()
	files, err := filepath.Glob(lecture + "/*.toml")
	if err != nil || len(files) < 11 {
		t.Fatalf("%d experiments, %v", len(files), err)
	}
	text, err := os.ReadFile(lecture + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(text)
	pictures, err := filepath.Glob(lecture + "/pictures/*.svg")
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range pictures {
		pictures[i] = filepath.Base(p)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".toml")
		t.Run(name, func(t *testing.T) {
			own := stated(t, file, readme)
			for _, begin := range own { // of several problems each has a file, whose name goes on
				if i := slices.IndexFunc(pictures, func(p string) bool { return p == begin+".svg" || strings.HasPrefix(p, begin+"-") }); i < 0 {
					t.Errorf("pictures/%s.svg is not there; run make lecture", begin)
				}
			}
			for _, p := range pictures {
				if strings.HasPrefix(p, name+".") || strings.HasPrefix(p, name+"-") {
					if n := strings.Count(readme, "(pictures/"+p+")"); n != 1 {
						t.Errorf("README.md shows pictures/%s %d times, in place of once", p, n)
					}
				}
			}
			pictures = slices.DeleteFunc(pictures, func(p string) bool { return strings.HasPrefix(p, name+".") || strings.HasPrefix(p, name+"-") })
			if whole {
				run := exec.Command("steepest", "run", "--quiet", "--strict", "--jobs", "2", "--out", filepath.Join(t.TempDir(), "out"), file)
				run.Env = append(os.Environ(), plugin.PathEnv+"="+pluginDir)
				if out, err := run.CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			}
		})
	}
	if len(pictures) > 0 {
		t.Errorf("no experiment has the pictures %v: remove them", pictures)
	}
}

// stated checks what an experiment of the course says of itself, and returns how the names of its pictures begin.
func stated(t *testing.T, file, readme string) (pictures []string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if number := strings.TrimLeft(filepath.Base(file)[:2], "0"); !strings.HasPrefix(string(b), "# Lecture, statement "+number) {
		t.Errorf("its first comment does not name statement %s of the lecture", number)
	}
	e, err := config.Load(file)
	switch {
	case err != nil:
		t.Fatal(err)
	case e.Question == "" || len(e.Expect) == 0 || len(e.Figures) == 0:
		t.Errorf("question %q, %d claims, %d figures: it needs all three", e.Question, len(e.Expect), len(e.Figures))
	case !strings.Contains(readme, "["+filepath.Base(file)+"]("+filepath.Base(file)+") · *"+e.Question+"*"):
		t.Errorf("README.md does not have [%[1]s](%[1]s) · *%[2]s*", filepath.Base(file), e.Question)
	}
	_, about, _ := strings.Cut(readme, "["+filepath.Base(file)+"]("+filepath.Base(file)+") · ")
	about, _, _ = strings.Cut(about, ".toml) · ")
	for _, exercise := range regexp.MustCompile("`(--set [^`]*)`").FindAllStringSubmatch(about, -1) {
		var set []string
		for _, key := range regexp.MustCompile(`--set (?:'([^']*)'|(\S+))`).FindAllStringSubmatch(exercise[1], -1) {
			set = append(set, key[1]+key[2])
		}
		if _, err := config.LoadWith(file, set); err != nil {
			t.Errorf("what README.md says to try, %s: %v", exercise[1], err)
		}
	}
	for _, f := range e.Figures {
		begin := e.Name
		if f.Name != "" {
			begin += "-" + f.Name
		}
		if f.Title == "" {
			t.Errorf("the figure %s has no title", begin)
		}
		pictures = append(pictures, begin)
	}
	return pictures
}

// TestBrokenLecture: what is wrong in an experiment of the course, its claims notice.
func TestBrokenLecture(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("is about claims, not about goroutines")
	}
	for _, x := range []struct{ experiment, what, set, failing string }{
		{"01-classifier", "a start that knows something", `problem.weight_init={ kind = "normal", stddev = 1.0 }`, "A model that knows nothing says 1/2, so that the loss begins at ln 2"},
		{"03b-saddle", "a start on the ridge", "problem.start=[1.0, 0.0]", "So the saddle does not hold it: y has grown by 1.1 a step from a thousandth, (0.001 · 1.1^120)² = 8594"},
		{"03c-cliff", "a bound that binds nothing", "optimizer.clipped.gradient.clip_norm=10.0", "With clipping the minimum is found"},
		{"03d-ravine", "momentum without momentum", "optimizer.momentum.momentum=0.0", "Momentum is there in a fifth of the steps"},
		{"04a-taylor-quadratic", "another curvature", "problem.condition=10", "The best learning rate is gᵀg / gᵀHg"},
		{"08b-index-and-loss", "a function of one wave", "problem.waves=1", "Of two many are"},
		{"10a-adagrad", "a minimum that moves once", "problem.changes=1", "Behind the ninth change it is not there after 500 steps"},
		{"10d-momentum-ravine", "momentum without momentum", "optimizer.momentum.momentum=0.0", "Momentum is there in a twelfth of the steps"},
		{"10e-rmsprop-momentum", "momentum without momentum", `optimizer."rmsprop with momentum".momentum=0.0`, "Momentum is there in a quarter of the steps"},
	} {
		t.Run(x.experiment, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			code := within("", plugin.PathEnv+"="+pluginDir).steepest([]string{"run", "--quiet", "--set", x.set, "--out", filepath.Join(t.TempDir(), "out"),
				filepath.Join(lecture, x.experiment+".toml")}, &out, &errs)
			_, verdicts, _ := strings.Cut(out.String(), x.failing+"\n")
			claim := regexp.MustCompile(`(?m)^\S`).Split(verdicts, 2)[0]
			if code != exitUnmet || !strings.Contains(claim, "  FAIL ") {
				t.Errorf("%s: exit code %d; the claim does not fail:\n%s%s", x.what, code, &out, &errs)
			}
		})
	}
}
