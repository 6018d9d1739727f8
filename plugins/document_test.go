package main

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
	"github.com/steepest/steepest/sdk"
	"github.com/steepest/steepest/sdk/exam"
	"github.com/steepest/steepest/sdk/opttest"
)

var update = flag.Bool("update", false, "examine and time all optimizers, and write docs/zoo.md")

var only = flag.String("only", "", "the optimizers, with commas, that -update times again; the others' rows stay")

const document = "../docs/zoo.md"

const introduction = `# The optimizers

%d optimizers come with Steepest, each a folder in [plugins/](../plugins): its formula, its paper and what it is equal to stand at the top of
the file. ` + "`make zoo`" + ` writes this page.

- *Needs* is what a rule wants of the host beside the gradient, or does not want.
- *Lines* are those of its Go files, comments included, without tests and vectorised kernels.
- *Error* is the largest difference, in any coordinate after any step, from the trajectories that the reference recorded on a small network, relative to
  the largest coordinate. [plugins/reference](../plugins/reference/README.md) says how they are made.
- *Exam* is the verdict of [the exam](certificate.md), and how many checks passed; the others do not apply.
- *Time* is that of the fastest of some hundred steps of the rule alone, with one thread: of a matrix of 1000 x 1000 parameters, or of 512 x 512
  where the family is matrix. The steps in which SOAP turns its bases, every tenth, take longer; Shampoo's, whose authors' default
  is a root in each, are almost nothing but two eigendecompositions (` + "`frequency = 10`" + ` has one in ten). What a rule asks is answered at once here.
  A host adds its transport, and other programs take their share: ` + "`steepest plugins bench`" + `.

Timed on one processor of %s, %s. Compare within the table, and on your machine.

`

// row is what the table says of an optimizer that is not timed.
type row struct {
	family, needs, name, reference, difference string
	lines                                      int
}

func (r row) String() string {
	return fmt.Sprintf("| %s | [%s](../plugins/%[2]s/%[2]s.go) | %s | %d | %s | %s |", r.family, r.name, r.needs, r.lines, r.reference, r.difference)
}

// describe makes the row of an optimizer.
func describe(t *testing.T, o *sdk.Optimizer) row {
	d, err := o.Service().Describe(t.Context(), &v1.DescribeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	r := row{name: o.Name(), family: d.Family, reference: "—", difference: "—"}
	var needs []string
	for _, n := range []struct {
		name string
		is   bool
	}{
		{"weights", d.Capabilities.NeedsWeights}, {"loss", d.Capabilities.NeedsLoss}, {"asks", d.Capabilities.Asks},
		{"no gradient", d.Capabilities.NoGradient}, {"evaluation weights", d.Capabilities.EvaluationWeights},
		{"initialization", d.Capabilities.Initialization}, {"matrices", d.Capabilities.Matrices},
	} {
		if n.is {
			needs = append(needs, n.name)
		}
	}
	r.needs = strings.Join(needs, ", ")
	files, err := filepath.Glob(filepath.Join(o.Name(), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(file, "_test.go") && !strings.HasPrefix(filepath.Base(file), "kernel_") {
			r.lines += bytes.Count(b, []byte("\n"))
		}
	}
	worst := 0.0
	for _, file := range references(t, o.Name()) {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		recorded, err := exam.ReadTrajectory(f)
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		r.reference = short(recorded.Reference)
		worst = math.Max(worst, replay(t, o, file))
		if r.difference = "0"; worst > 0 {
			r.difference = fmt.Sprintf("%.0e", worst)
		}
	}
	return r
}

// short is a reference's distribution, version and last name: "torch 2.15.0 Adam" of "torch 2.15.0, torch.optim.adam.Adam(lr=0.1)".
func short(reference string) string {
	distribution, rest, _ := strings.Cut(reference, ", ")
	path, _, _ := strings.Cut(rest, "(")
	return distribution + " " + path[strings.LastIndex(path, ".")+1:]
}

// TestDocument holds docs/zoo.md to the optimizers: all are there, with what is said of them but for what is examined and timed.
func TestDocument(t *testing.T) {
	var rows []row
	for _, o := range optimizers {
		rows = append(rows, describe(t, o))
	}
	slices.SortStableFunc(rows, func(a, b row) int { return strings.Compare(a.family+"/"+a.name, b.family+"/"+b.name) })
	if *update {
		write(t, rows)
	}
	b, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	got := listed(string(b))
	if len(got) != len(rows) {
		t.Errorf("%d optimizers are in it, and %d in the table; run make zoo", len(got), len(rows))
	}
	for i := range min(len(got), len(rows)) {
		want := rows[i].String()
		if runtime.GOARCH != "amd64" { // others fuse multiplications with additions
			want = strings.TrimSuffix(want, rows[i].difference+" |")
		}
		if !strings.HasPrefix(got[i], want) {
			t.Errorf("%s\nshould begin with\n%s\nrun make zoo", got[i], want)
		}
	}
}

// listed are the rows of the table in a text.
func listed(text string) (rows []string) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, "](../plugins/") && strings.HasPrefix(line, "|") {
			rows = append(rows, line)
		}
	}
	return rows
}

// write examines, times and writes.
func write(t *testing.T, rows []row) {
	before, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, introduction, len(rows), processor(), runtime.GOOS+"/"+runtime.GOARCH)
	text.WriteString("| family | optimizer | needs | lines | reference | error | exam | time | kernel |\n" +
		"|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), r.name) {
			old := listed(string(before))
			if at := slices.IndexFunc(old, func(line string) bool { return strings.HasPrefix(line, r.String()) }); at >= 0 {
				text.WriteString(old[at])
				continue
			}
		}
		o := optimizers[slices.IndexFunc(optimizers, func(o *sdk.Optimizer) bool { return o.Name() == r.name })]
		report, err := opttest.Examine(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		passed := 0
		for _, c := range report.Checks {
			if c.Verdict == exam.Pass {
				passed++
			}
		}
		shape := []int{1000, 1000}
		if r.family == "matrix" {
			shape = []int{512, 512}
		}
		times, least := "— | —", math.Inf(1)
		for range 3 {
			timed, err := o.Bench(shape, 1)
			if err != nil {
				t.Logf("%s is not timed: %v", r.name, err)
				break
			}
			least = min(least, timed.Least)
			times = fmt.Sprintf("%s us | %s", significant(least), timed.Kernel)
			if least > 1e5 {
				break
			}
		}
		_, _ = fmt.Fprintf(&text, "%s %s, %d | %s |\n", r, report.Verdict(), passed, times)
	}
	if err := os.WriteFile(document, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// significant is a number with three digits.
func significant(x float64) string {
	unit := math.Pow(10, math.Floor(math.Log10(x))-2)
	return fmt.Sprintf("%.10g", math.Round(x/unit)*unit)
}

func processor() string {
	b, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(b)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "an unnamed processor"
}
