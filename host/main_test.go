package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/seed"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// pluginDir holds the bundled plugins, built once for all tests.
var pluginDir string

type built struct{ m *testing.M }

func (b built) Run() int {
	dir, err := os.MkdirTemp("", "steepest-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	sources, err := filepath.Glob("testdata/plugins/*")
	if err != nil || len(sources) == 0 {
		fmt.Fprintf(os.Stderr, "no plugins in testdata: %v\n", err)
		return 1
	}
	args := []string{"build", "-ldflags=-s -w", "-o", dir + string(filepath.Separator), "../plugins"}
	for _, source := range sources {
		args = append(args, "./"+source)
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the plugins: %v\n%s", err, out)
		return 1
	}
	for _, source := range sources {
		name := filepath.Base(source)
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(dir, proto.BinaryPrefix+name)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	if out, err := exec.Command(filepath.Join(dir, "plugins"), "link").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "linking the plugins: %v\n%s", err, out)
		return 1
	}
	pluginDir = dir
	if err := blas.Use("auto"); err != nil { // as every program in this process does; so none changes it under another
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return b.m.Run()
}

// within is Steepest in a folder, or in that of the tests if it is empty, with the bundled plugins and with further variables,
// each as NAME=VALUE.
func within(dir string, variables ...string) program {
	changed := map[string]string{plugin.PathEnv: pluginDir}
	for _, v := range variables {
		name, value, _ := strings.Cut(v, "=")
		changed[name] = value
	}
	return program{dir: dir, variables: environ.Variables(nil).With(changed)}
}

// steepest carries out a command line and returns the exit code.
func (p program) steepest(args []string, stdout, stderr io.Writer) int {
	p.stdout, p.stderr = stdout, stderr
	return p.run(context.Background(), args)
}

// steepest carries out a command line in the folder of the tests.
func steepest(args []string, stdout, stderr io.Writer) int {
	return within("").steepest(args, stdout, stderr)
}

// commands are the programs of the scripts.
var commands = map[string]func(){"steepest": main, "changed": changed, "tamper": tamper}

func TestMain(m *testing.M) {
	testscript.Main(built{m}, commands)
}

func TestScripts(t *testing.T) {
	t.Parallel()
	openBLAS := !blas.IsGonum()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv(plugin.PathEnv, pluginDir)
			e.Setenv("PLUGINS", pluginDir)
			experiments, err := filepath.Abs("../experiments")
			e.Setenv("EXPERIMENTS", experiments)
			return err
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "openblas":
				return openBLAS, nil
			case "namespaces": // a file system of its own can be mounted
				return exec.Command("unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt").Run() == nil, nil
			}
			return false, fmt.Errorf("there is no condition %s", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"samesteps": sameSteps, "folder": folder},
	})
}

// changed copies a program and appends a byte to it, which it does not notice: changed FROM TO.
func changed() {
	b, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = os.WriteFile(os.Args[2], append(b, 0), 0o755)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// tamper damages a file: tamper FILE cut BYTES, tamper FILE rows FROM TO, tamper FILE replace PATTERN TEXT,
// tamper RUN interrupt.
func tamper() {
	number := func(i int) int {
		n, err := strconv.Atoi(os.Args[i])
		if err != nil {
			panic(err)
		}
		return n
	}
	file := os.Args[1]
	if os.Args[2] == "interrupt" {
		if err := interrupt(file); err != nil {
			panic(err)
		}
		return
	}
	b, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	switch os.Args[2] {
	case "cut":
		b = b[:len(b)-number(3)]
	case "rows": // keep the header and some
		rows := strings.SplitAfter(string(b), "\n")
		b = []byte(rows[0] + strings.Join(rows[number(3):number(4)+1], ""))
	case "replace":
		text := strings.NewReplacer(`\n`, "\n").Replace(os.Args[4])
		changed := regexp.MustCompile(os.Args[3]).ReplaceAll(b, []byte(text))
		if string(changed) == string(b) {
			panic("nothing to replace")
		}
		b = changed
	}
	if err := os.WriteFile(file, b, 0o644); err != nil {
		panic(err)
	}
}

// interrupt makes the folder of a run that is over as if its program had been killed before the end of the run.
func interrupt(dir string) error {
	var r map[string]any
	b, err := os.ReadFile(filepath.Join(dir, store.RunFile))
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	for _, key := range []string{"summary", "steps_csv", "checksum"} {
		delete(r, key)
	}
	b, bad := json.Marshal(r)
	if err = errors.Join(err, bad); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, "attempt-1.claim"), append(b, '\n'), 0o644),
		os.Rename(filepath.Join(dir, store.StepsFile), filepath.Join(dir, "attempt-1.steps.csv")), os.Remove(filepath.Join(dir, store.RunFile)))
}

// folder finds the folder of a run by its name without the identity, and makes it a variable: folder VARIABLE PATH. Negated, there must be
// none.
func folder(ts *testscript.TestScript, negated bool, args []string) {
	found := runFolders(ts.MkAbs(args[1]))
	if negated != (len(found) == 0) || len(found) > 1 {
		ts.Fatalf("%s: %v", args[1], found)
	}
	if !negated {
		path, err := filepath.Rel(ts.MkAbs("."), found[0])
		ts.Check(err)
		ts.Setenv(args[0], filepath.ToSlash(path))
	}
}

// runFolders are those of the runs with a path but for their identities.
func runFolders(path string) (found []string) {
	folders, _ := os.ReadDir(filepath.Dir(path))
	for _, f := range folders {
		if regexp.MustCompile("^" + regexp.QuoteMeta(filepath.Base(path)) + "-[0-9a-f]{12}$").MatchString(f.Name()) {
			found = append(found, filepath.Join(filepath.Dir(path), f.Name()))
		}
	}
	return found
}

// runFolder is that of a run with a path but for its identity.
func runFolder(t testing.TB, path ...string) string {
	t.Helper()
	found := runFolders(filepath.Join(path...))
	if len(found) != 1 {
		t.Fatalf("%v: %v", path, found)
	}
	return found[0]
}

// withoutWall is the text of a steps.csv without the one column that may differ.
func withoutWall(text string) (string, error) {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	var b strings.Builder
	for _, row := range rows {
		fmt.Fprintln(&b, strings.Join(slices.Delete(row, 2, 3), ","))
	}
	return b.String(), err
}

// sameSteps compares two steps.csv but for the column wall_seconds: samesteps A B.
func sameSteps(ts *testscript.TestScript, negated bool, args []string) {
	read := func(name string) string {
		text, err := withoutWall(ts.ReadFile(name))
		ts.Check(err)
		return text
	}
	if same := read(args[0]) == read(args[1]); same == negated {
		ts.Fatalf("%s and %s: same is %v", args[0], args[1], same)
	}
}

func launch(t testing.TB, name string) *plugin.Process {
	t.Helper()
	p, err := plugin.Launch(t.Context(),
		plugin.Binary{Name: name, Path: filepath.Join(pluginDir, proto.BinaryPrefix+name)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

// TestTorchThroughPlugins replays torch.optim's runs on Rosenbrock's function through the plugin programs, the wire and
// the training loop, and compares every point.
func TestTorchThroughPlugins(t *testing.T) {
	t.Parallel()
	float := func(x float64) *v1.Value { return &v1.Value{Kind: &v1.Value_Float{Float: x}} }
	yes := &v1.Value{Kind: &v1.Value_Boolean{Boolean: true}}
	type values = map[string]*v1.Value
	for _, c := range []struct {
		plugin, file string
		values       values
		tolerance    float64 // relative
	}{
		{"sgd", "sgd", values{"lr": float(1e-3)}, 1e-13},
		{"momentum", "momentum", values{"lr": float(1e-4)}, 1e-13},
		{"momentum", "nesterov", values{"lr": float(1e-4), "nesterov": yes}, 1e-13},
		{"adagrad", "adagrad", values{"lr": float(0.1)}, 1e-11},
		{"rmsprop", "rmsprop", values{"lr": float(1e-3)}, 1e-11},
		{"rmsprop", "rmsprop_momentum", values{"lr": float(1e-3), "momentum": float(0.9)}, 1e-11},
		{"rmsprop", "rmsprop_centered", values{"lr": float(1e-3), "centered": yes}, 1e-11},
		{"adam", "adam", values{"lr": float(1e-2)}, 1e-11},
	} {
		for _, plane := range []optimizer.Plane{optimizer.Inline, optimizer.Auto} {
			t.Run(c.file+"/"+string(plane), func(t *testing.T) {
				want := readNumbers(t, "../sdk/exam/torch/rosenbrock_"+c.file+".csv")
				rosenbrock, _ := problem.Functions.Find("rosenbrock")
				p := rosenbrock.Problem([]float64{-1.5, 2})
				plugin := launch(t, c.plugin)
				var effective []float64
				for _, h := range proto.Schedulable(plugin.Description) {
					v, ok := c.values[h.Name]
					if !ok {
						v = h.Default
					}
					effective = append(effective, proto.Number(v))
				}
				worst := 0.0
				run := train.Run{
					Objective: p.Objective(seed.New(1)), Values: func(int) []float64 { return effective }, Steps: len(want) - 1,
					Schema: record.Standard(), Recorded: -1,
					Open: func(ctx context.Context, _ optimizer.Oracle) (optimizer.Optimizer, error) {
						return plugin.Open(ctx, optimizer.Config{
							Instance: "torch", Hyperparameters: c.values, Layout: p.Layout(), Log: io.Discard, Plane: plane})
					},
					Observers: []record.Observer{record.Each(func(p *record.Sample) error {
						loss, _ := p.Get(record.TrainLoss).Get()
						norm, _ := p.Get(record.GradientNorm).Get()
						row := want[p.Step] // step, x0, x1, f, g0, g1
						for i, got := range []float64{p.Weights[0], p.Weights[1], loss, norm} {
							expected := []float64{row[1], row[2], row[3], math.Hypot(row[4], row[5])}[i]
							e := math.Abs(got-expected) / math.Abs(expected)
							if i < 2 {
								worst = math.Max(worst, e)
								if !(e <= c.tolerance) {
									return fmt.Errorf("x%d at step %d: %.17g, want %.17g: relative difference %.1e", i, p.Step, got, expected, e)
								}
							} else if !(e <= 1e-9) { // f and its gradient amplify a last-bit difference in x near the valley floor
								return fmt.Errorf("value %d at step %d: %.17g, want %.17g: relative difference %.1e", i, p.Step, got, expected, e)
							}
						}
						return nil
					})},
				}
				if o := run.Do(t.Context()); o.Status != record.Finished || o.Steps != 200 {
					t.Fatalf("%s after %d steps: %v", o.Status, o.Steps, o.Err)
				}
				t.Logf("largest relative difference %.1e (bit-equal: %v)", worst, worst == 0)
			})
		}
	}
}

func readNumbers(t *testing.T, file string) [][]float64 {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]float64
	for _, row := range rows[1:] {
		var numbers []float64
		for _, cell := range row {
			x, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			numbers = append(numbers, x)
		}
		out = append(out, numbers)
	}
	return out
}

// long are the experiments that take a minute or more of processor time, and how many steps TestShippedExperiments makes of them.
var long = map[string]int{"fashion-mnist-mlp.toml": 10, "digits-cnn.toml": 50}

// whole lets tests run the long experiments to their end too.
var whole = os.Getenv("STEEPEST_WHOLE") != ""

// TestShippedExperiments checks every experiment file against the plugins, and runs it as a user would. All of its runs finish. Of
// those that are long the first optimizer makes some steps unless STEEPEST_WHOLE is set.
func TestShippedExperiments(t *testing.T) {
	known(t)
	t.Parallel()
	files, err := filepath.Glob("../experiments/*.toml")
	if err != nil || len(files) < 2 {
		t.Fatalf("found %v, %v", files, err)
	}
	index, err := os.ReadFile("../experiments/README.md")
	if err != nil {
		t.Fatal(err)
	}
	pool := plugin.NewPool(plugin.Find([]plugin.Folder{{Path: pluginDir}}))
	t.Cleanup(pool.Kill)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			e, err := config.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			if e.Question == "" {
				t.Error("it asks no question")
			}
			if len(e.Expect) == 0 {
				t.Error("it claims nothing")
			}
			if !strings.Contains(string(index), filepath.Base(file)) {
				t.Error("experiments/README.md does not list it")
			}
			_, err = new(program).prepare(t.Context(), []string{file}, pool)
			if missing := missingData(e); missing != nil && os.Getenv("STEEPEST_REQUIRE_ALL") == "" &&
				err != nil && strings.Contains(err.Error(), missing.Error()) &&
				strings.HasSuffix(err.Error(), "\n\n1 error; nothing was started") {
				t.Skipf("checked but for its data: %v; %s", missing, missing.Remedy())
			}
			if err != nil {
				t.Fatal(err)
			}
			if e.Tune != nil {
				return // its trials diverge; TestDeepOBSTuningIsPublished runs it
			}
			dir, runs := t.TempDir(), 0
			for _, w := range e.Workloads {
				runs += len(w.Optimizers) * len(e.Seeds)
			}
			switch steps, isLong := long[filepath.Base(file)]; {
			case whole:
			case isLong:
				file, runs = shortened(t, dir, file, steps, 1), len(e.Seeds)
			}
			run := exec.Command("steepest", "run", "--quiet", "--out", filepath.Join(dir, "out"), file)
			run.Env = append(os.Environ(), plugin.PathEnv+"="+pluginDir)
			if out, err := run.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			summaries, err := filepath.Glob(filepath.Join(dir, "out", "*", store.RunFile))
			if err != nil || len(summaries) != runs {
				t.Fatalf("%d runs have ended, want %d: %v", len(summaries), runs, err)
			}
			for _, summary := range summaries {
				if b, err := os.ReadFile(summary); err != nil || !strings.Contains(string(b), `"status": "finished"`) {
					t.Errorf("%s: %s, %v", summary, b, err)
				}
			}
		})
	}
}

// shortened copies an experiment with a number of steps as its budget and with its first optimizers.
func shortened(t *testing.T, dir, file string, steps, optimizers int) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	budget := regexp.MustCompile(`(?m)^(epochs|steps) *= *[0-9_]+$`)
	if n := len(budget.FindAll(b, -1)); n != 1 {
		t.Fatalf("%s has %d budgets", file, n)
	}
	const begins = "[[optimizer]]"
	text, _, _ := strings.Cut(string(budget.ReplaceAll(b, fmt.Appendf(nil, "steps = %d", steps))), "[[expect]]") // which needs all steps
	parts := strings.Split(text, begins)
	text = strings.Join(parts[:min(1+optimizers, len(parts))], begins)
	file = filepath.Join(dir, filepath.Base(file))
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// missingData is not nil if an experiment's data set has to be fetched first.
func missingData(e *config.Experiment) (missing *dataset.MissingError) {
	if e.Workloads[0].Problem.Data != nil {
		known, _ := dataset.Find(e.Workloads[0].Problem.Dataset)
		if known.Fetched != nil {
			_, err := known.Fetched.Folder(nil)
			errors.As(err, &missing)
		}
	}
	return missing
}

// BenchmarkStep is one call of the SGD plugin on either plane. `steepest plugins bench` has percentiles.
func BenchmarkStep(b *testing.B) {
	for _, plane := range []optimizer.Plane{optimizer.Inline, optimizer.Shared} {
		for _, n := range []int{2, 1_000, 100_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/n=%d", plane, n), func(b *testing.B) {
				plugin := launch(b, "sgd")
				instance, err := plugin.Open(b.Context(), optimizer.Config{Instance: "bench", Log: io.Discard, Plane: plane,
					Layout: []*v1.Tensor{{Name: "x", Shape: []int64{int64(n)}, Length: int64(n)}}})
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(2 * n * proto.BytesPerFloat64))
				b.ReportAllocs()
				k, values := 0, []float64{1e-3}
				for b.Loop() {
					k++
					if _, err := instance.Step(b.Context(), k, values, 0); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
