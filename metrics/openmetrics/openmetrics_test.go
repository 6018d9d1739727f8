package openmetrics

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/metrics"
)

// point is a point of a run in memory.
type point struct {
	step         int
	wall         time.Duration
	loss, update float64
	updated      bool
}

func run(id string, status metrics.Status, points ...point) Run {
	return Run{Info: metrics.Info{Experiment: "e", Problem: "p", Optimizer: "o", RunID: id, Variant: "v", Seed: 3, ConfigHash: "c",
		PluginVersion: "1", Run: "r", Color: 2, VariantID: "x"}, Instance: "h", Status: status, Began: time.UnixMilli(1_700_000_000_999),
		Column: func(name string, visit func(int, time.Duration, float64, bool) error) error {
			for _, p := range points {
				value, measured := 0.0, false
				switch name {
				case "step":
					value, measured = float64(p.step), true
				case "train_loss":
					value, measured = p.loss, true
				case "update_norm":
					value, measured = p.update, p.updated
				}
				if err := visit(p.step, p.wall, value, measured); err != nil {
					return err
				}
			}
			return nil
		}}
}

// quantities are those of the tests; no point has the last.
var quantities = []metrics.Quantity{{Name: "train_loss", Help: "Loss."}, {Name: "update_norm", Help: "Norm."},
	{Name: "rare", Help: "Rare."}}

// samples are the lines of an export without comments and without what does not vary.
func samples(t *testing.T, axis Axis, runs ...Run) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, quantities, runs, axis); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "#") {
			for _, part := range []string{`job="steepest",instance="h",`, `experiment="e",problem="p",optimizer="o",`, `,experiment="e",problem="p",optimizer="o"`,
				`,variant="v",seed="3",run="r",color="2",variant_id="x",config_hash="c",plugin_version="1"`} {
				line = strings.ReplaceAll(line, part, "")
			}
			lines = append(lines, strings.TrimPrefix(line, "steepest_"))
		}
	}
	return strings.Join(lines, "")
}

func TestWrite(t *testing.T) {
	us := func(n int) time.Duration { return time.Duration(n) * time.Microsecond }
	ended := run(`a"\`, "diverged", point{0, us(0), 0.1, 1e-300, true}, point{1, us(10), math.Inf(1), math.Inf(-1), true},
		point{4, us(1500), math.NaN(), 0, false})
	begun := run("b\n", "", point{0, us(5000), 5e-324, 2, true})
	for _, c := range []struct{ axis, want string }{
		{"step", `train_loss{run_id="a\"\\"} 0.1 946684800
train_loss{run_id="a\"\\"} +Inf 946684801
train_loss{run_id="a\"\\"} NaN 946684804
train_loss{run_id="b\n"} 5e-324 946684800
update_norm{run_id="a\"\\"} 1e-300 946684800
update_norm{run_id="a\"\\"} -Inf 946684801
update_norm{run_id="b\n"} 2 946684800
run_step{run_id="a\"\\"} 0 946684800
run_step{run_id="a\"\\"} 1 946684801
run_step{run_id="a\"\\"} 4 946684804
run_step{run_id="b\n"} 0 946684800
run_info{run_id="a\"\\"} 1 946684800
run_info{run_id="a\"\\"} 1 946684801
run_info{run_id="a\"\\"} 1 946684804
run_info{run_id="b\n"} 1 946684800
run_status{run_id="a\"\\",status="running"} 1 946684800
run_status{run_id="a\"\\",status="running"} 1 946684801
run_status{run_id="a\"\\",status="running"} 0 946684804
run_status{run_id="a\"\\",status="diverged"} 1 946684804
run_status{run_id="b\n",status="running"} 1 946684800
`},
		// The second point is in the millisecond of the first and goes to the next; the third would be there and is put after it.
		{"time", `train_loss{run_id="a\"\\"} 0.1 1700000000.999
train_loss{run_id="a\"\\"} +Inf 1700000001
train_loss{run_id="a\"\\"} NaN 1700000001.001
train_loss{run_id="b\n"} 5e-324 1700000001.004
update_norm{run_id="a\"\\"} 1e-300 1700000000.999
update_norm{run_id="a\"\\"} -Inf 1700000001
update_norm{run_id="b\n"} 2 1700000001.004
`},
	} {
		if got := samples(t, Axis(c.axis), ended, begun); !strings.HasPrefix(got, c.want) {
			t.Errorf("axis %s:\n%swant\n%s", c.axis, got, c.want)
		}
	}
}

// full takes so many bytes.
type full int

func (f *full) Write(b []byte) (int, error) {
	if *f -= full(len(b)); *f < 0 {
		return 0, errFull
	}
	return len(b), nil
}

var errFull = errors.New("no space left")

// TestWriteError: an export onto a full disk fails, be it at the first byte or at the last, and ends early.
func TestWriteError(t *testing.T) {
	points := make([]point, 10_000)
	for i := range points {
		points[i].step = i
	}
	var all strings.Builder
	if err := Write(&all, quantities, []Run{run("a", "", points...)}, Step); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 100_000, all.Len() - 1} {
		f, visits := full(size), 0
		r := run("a", "", points...)
		column := r.Column
		r.Column = func(name string, visit func(int, time.Duration, float64, bool) error) error {
			return column(name, func(s int, w time.Duration, v float64, m bool) error { visits++; return visit(s, w, v, m) })
		}
		if err := Write(&f, quantities, []Run{r}, Step); !errors.Is(err, errFull) {
			t.Errorf("%d bytes: %v", size, err)
		}
		if size == 0 && visits > len(points) {
			t.Errorf("%d points were read for a disk that was full at once", visits)
		}
	}
}

// TestMilliseconds: a parser that reads seconds as a float64 and cuts off after milliseconds, as Prometheus' does, gets the
// time that was meant.
func TestMilliseconds(t *testing.T) {
	var b strings.Builder
	points := make([]point, 20_000)
	for i := range points {
		points[i] = point{step: i, wall: time.Duration(i) * 99_730_013 * time.Nanosecond}
	}
	r := run("a", "", points...)
	if err := Write(&b, quantities, []Run{r}, Time); err != nil {
		t.Fatal(err)
	}
	i := 0
	for line := range strings.Lines(b.String()) {
		if !strings.HasPrefix(line, "steepest_train_loss") {
			continue
		}
		seconds, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:]), 64)
		if want := r.Began.Add(points[i].wall).UnixMilli(); err != nil || int64(seconds*1000) != want {
			t.Fatalf("%s is %d ms, want %d", line, int64(seconds*1000), want)
		}
		i++
	}
	if i != len(points) {
		t.Errorf("%d samples", i)
	}
}

// The grammar of OpenMetrics 1.0 for what is written here: https://prometheus.io/docs/specs/om/open_metrics_spec/#abnf
var (
	comment    = regexp.MustCompile(`^# (HELP|TYPE) (steepest_[a-z_]+) (gauge|[^\n]+)$`)
	sampleLine = regexp.MustCompile(`^(steepest_[a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\}) ` +
		`(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|NaN|[+-]Inf) (\d+)(?:\.(\d{3}))?$`)
)

// grammar returns what is wrong with a text: a line that is none of OpenMetrics', a family in two places, a series in two places,
// or a time that does not grow.
func grammar(text string) error {
	lines := strings.Split(text, "\n")
	if n := len(lines); n < 2 || lines[n-2] != "# EOF" || lines[n-1] != "" {
		return errors.New("it does not end with # EOF")
	}
	families, series := map[string]bool{}, map[string]int64{}
	family, current := "", ""
	for i, line := range lines[:len(lines)-2] {
		if c := comment.FindStringSubmatch(line); c != nil {
			if c[1] == "HELP" {
				if families[c[2]] {
					return fmt.Errorf("line %d: the family %s is there twice", i+1, c[2])
				}
				family, families[c[2]] = c[2], true
			}
			if c[2] != family {
				return fmt.Errorf("line %d: the type of another family", i+1)
			}
			continue
		}
		s := sampleLine.FindStringSubmatch(line)
		if s == nil || s[1] != family {
			return fmt.Errorf("line %d: %q", i+1, line)
		}
		ms, _ := strconv.ParseInt(s[3]+(s[4] + "000")[:3], 10, 64)
		last, seen := series[s[1]+s[2]]
		if seen && (current != s[1]+s[2] || ms <= last) {
			return fmt.Errorf("line %d: the series is in two places, or goes back in time: %q", i+1, line)
		}
		current = s[1] + s[2]
		series[current] = ms
	}
	return nil
}

func FuzzWrite(f *testing.F) {
	f.Add("a", "finished", int64(0), uint64(1), uint64(2))
	f.Add("\xff\"\\\n{}", "", int64(1e15), math.Float64bits(math.NaN()), math.Float64bits(math.Inf(-1)))
	f.Add("é#,=", "failed", int64(999_999), uint64(0x7ff0000000000002), uint64(1<<63)) // Prometheus' stale marker, -0
	f.Fuzz(func(t *testing.T, name, status string, wall int64, x, y uint64) {
		w := time.Duration(max(wall, 0) % int64(100*365*24*time.Hour))
		a := run(name, metrics.Status(status), point{0, 0, math.Float64frombits(x), math.Float64frombits(y), true},
			point{1, w / 2, math.Float64frombits(y), 0, false}, point{2, w, 1, math.Float64frombits(x), true})
		a.Optimizer, a.Variant = name, name
		b := a
		b.RunID += "b"
		for _, axis := range []Axis{Time, Step} {
			var out strings.Builder
			if err := Write(&out, quantities, []Run{a, b}, axis); err != nil {
				t.Fatal(err)
			}
			if err := grammar(out.String()); err != nil {
				t.Fatalf("axis %s: %v\n%s", axis, err, &out)
			}
		}
	})
}

// TestPromtoolAcceptsNames: what the grammar above accepts, Prometheus does too.
func TestPromtoolAcceptsNames(t *testing.T) {
	if _, err := exec.LookPath("promtool"); err != nil {
		if os.Getenv("STEEPEST_REQUIRE_ALL") != "" {
			t.Fatal("promtool is missing; install it with: apt-get install prometheus")
		}
		t.Skip("promtool is missing; install it with: apt-get install prometheus")
	}
	var runs []Run
	for _, name := range []string{"", "a b", `"\n`, "\n\\", "\xff\x00", "é#,={}", strings.Repeat("x", 3000)} {
		r := run(name, "failed", point{0, 0, math.Inf(-1), math.Copysign(0, -1), true}, point{7, 0, math.MaxFloat64, 5e-324, true})
		r.Variant = name
		runs = append(runs, r)
	}
	file := filepath.Join(t.TempDir(), "x.om")
	for _, axis := range []Axis{Time, Step} {
		var b strings.Builder
		if err := Write(&b, quantities, runs, axis); err != nil {
			t.Fatal(err)
		}
		for _, cut := range []string{"", "# EOF\n"} { // an export that is cut off is refused
			if err := os.WriteFile(file, []byte(strings.TrimSuffix(b.String(), cut)), 0o644); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("promtool", "tsdb", "create-blocks-from", "openmetrics", file, t.TempDir()).CombinedOutput()
			if (err == nil) != (cut == "") {
				t.Errorf("axis %s without %q: %v\n%s", axis, cut, err, out)
			}
		}
	}
}

func TestScheduledHyperparameters(t *testing.T) {
	r := run("a", "", point{step: 0, loss: 0.5}, point{step: 1, loss: 0.75})
	r.Scheduled = []string{"beta1", "beta2"}
	column := r.Column
	r.Column = func(name string, visit func(int, time.Duration, float64, bool) error) error {
		if _, is := strings.CutPrefix(name, HyperparameterColumn); is {
			name = "train_loss"
		}
		return column(name, visit)
	}
	want := `hyperparameter{run_id="a",hyperparameter="beta1"} 0.5 946684800
hyperparameter{run_id="a",hyperparameter="beta1"} 0.75 946684801
hyperparameter{run_id="a",hyperparameter="beta2"} 0.5 946684800
hyperparameter{run_id="a",hyperparameter="beta2"} 0.75 946684801
`
	if got := samples(t, Step, r); !strings.Contains(got, want) {
		t.Errorf("%s\nlacks\n%s", got, want)
	}
}
