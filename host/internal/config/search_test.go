package config

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/steepest/steepest/host/internal/seed"
)

// swept is an experiment whose one optimizer has these lines, and whose file has these tables more.
func swept(lines, more string) string {
	return "[problem]\nkind = \"rosenbrock\"\n[budget]\nsteps = 5\n" + more + "\n[[optimizer]]\nplugin = \"sgd\"\n" + lines + "\n"
}

func parsed(t *testing.T, src string) *Experiment {
	t.Helper()
	e, err := Parse("f.toml", src)
	if err != nil {
		t.Fatalf("%s\n%v", src, err)
	}
	return e
}

// drawnValues are the values of a key, trial by trial.
func drawnValues(t *testing.T, src, key string) (list []float64) {
	t.Helper()
	for _, o := range parsed(t, src).Workloads[0].Optimizers {
		x, _ := toFloat(o.Hyperparameters[key])
		list = append(list, x)
	}
	return list
}

// TestLogGrid: numpy.logspace(-5, 2, 36) is as given here, to within 1e-14; what is a short decimal number is exactly that.
func TestLogGrid(t *testing.T) {
	want := []float64{1e-05, 1.584893192461114e-05, 2.5118864315095822e-05, 3.9810717055349695e-05, 6.309573444801929e-05, 0.0001,
		0.00015848931924611142, 0.0002511886431509582, 0.00039810717055349735, 0.000630957344480193, 0.001, 0.001584893192461114,
		0.002511886431509582, 0.003981071705534973, 0.006309573444801936, 0.01, 0.01584893192461114, 0.025118864315095822,
		0.039810717055349734, 0.06309573444801936, 0.1, 0.1584893192461114, 0.25118864315095824, 0.39810717055349776, 0.6309573444801942, 1.0,
		1.584893192461114, 2.5118864315095824, 3.9810717055349776, 6.309573444801943, 10.0, 15.848931924611142, 25.11886431509582,
		39.81071705534978, 63.09573444801943, 100.0}
	got := drawnValues(t, swept("lr = { log_grid = [1e-5, 1e2, 36] }", ""), "lr")
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	for i, x := range got {
		if math.Abs(x-want[i]) > 1e-14*want[i] || i%5 == 0 && x != want[i] {
			t.Errorf("value %d is %v, numpy has %v", i, x, want[i])
		}
	}
	if got := drawnValues(t, swept("lr = { log_grid = [0.001, 1, 4] }", ""), "lr"); !slices.Equal(got, []float64{0.001, 0.01, 0.1, 1}) {
		t.Errorf("got %v", got)
	}
}

// TestWholeLogGrid: with integer = true points are the whole numbers next to them, each once; ends must be whole.
func TestWholeLogGrid(t *testing.T) {
	for _, c := range []struct {
		points string
		want   []int64
		warned string
	}{
		{"[8, 100, 4]", []int64{8, 19, 43, 100}, ""}, // 8, 18.57, 43.09, 100
		{"[1, 4, 8]", []int64{1, 2, 3, 4}, "the 8 points of log_grid are 4 whole numbers"},
		{"[1, 1000000, 3]", []int64{1, 1000, 1000000}, ""},
	} {
		e, err := Parse("f.toml", swept("n = { log_grid = "+c.points+", integer = true }", ""))
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, o := range e.Workloads[0].Optimizers {
			n, _ := o.Hyperparameters["n"].(int64)
			got = append(got, n)
		}
		warnings := e.Warnings()
		if !slices.Equal(got, c.want) || (len(warnings) > 0) != (c.warned != "") || len(warnings) > 0 && !strings.Contains(warnings[0].Message, c.warned) {
			t.Errorf("%s: got %v, warnings %v", c.points, got, warnings)
		}
	}
}

// TestOneMistakeInASet: several values of a set with the same mistake are one error, whether they are written or computed.
func TestOneMistakeInASet(t *testing.T) {
	const problem, rest = "[problem]\nkind = \"mlp\"\ndataset = \"digits\"\n%s\n", "[budget]\nsteps = 1\n[[optimizer]]\nplugin = \"sgd\"\n"
	for lines, want := range map[string][]string{
		"batch = { log_grid = [8, 100, 4] }": {"4:9: batch must be a whole number, not the number 18.5663553344511 (and 1 more of the set)"},
		"batch = { grid = [0, 8.5, -1, 9.5] }": {"4:19: batch = 0 is out of range (and 1 more of the set)",
			"4:22: batch must be a whole number, not the number 8.5 (and 1 more of the set)"},
		"hidden = { grid = [[0], [4, 0]] }":            {"4:21: hidden = 0 is out of range (and 1 more of the set)"},
		"hidden = [{ log_grid = [2, 7, 9] }]":          {"4:11: hidden must be a whole number, not the number 2.33"},
		"batch = { grid = [0] }\nhidden = [0]":         {"4:19: batch = 0 is out of range", "5:11: hidden = 0 is out of range"},
		"batch = { grid = [\"8\", \"9\"] }":            {"4:19: batch = \"8\" is neither a number nor \"full\" (and 1 more of the set)"},
		"activation = { grid = [\"relo\", \"tahn\"] }": {"4:24: unknown activation \"relo\"", "4:32: unknown activation \"tahn\""},
		"batch = { min = 1, max = 100 }":               {"4:11: unknown sort of set \"min\""},
		"batch = { range = [1, 100] }":                 {"4:11: unknown sort of set \"range\""},
	} {
		_, err := Parse("f.toml", fmt.Sprintf(problem, lines)+rest)
		errs, _ := err.(Errors)
		right := len(errs) == len(want)
		for i := range want {
			right = right && strings.HasPrefix(errs[i].String(), "f.toml:"+want[i])
		}
		if !right {
			t.Errorf("%s: got\n%v\nwant %q", lines, err, want)
		}
	}
}

// TestDrawsAreIndependent: the value of a trial follows from the search's seed, the key and the number of the trial: neither another set,
// nor more trials, nor another optimizer changes it.
func TestDrawsAreIndependent(t *testing.T) {
	for _, kind := range []string{"random", "halton"} {
		search := func(trials, seed int) string {
			return fmt.Sprintf("[search]\nkind = %q\ntrials = %d\nseed = %d\n", kind, trials, seed)
		}
		const lr = "lr = { log_uniform = [1e-4, 1] }\n"
		alone := drawnValues(t, swept(lr, search(20, 3)), "lr")
		for _, before := range []bool{true, false} {
			more := "momentum = { uniform = [0, 1] }\nbeta = { choice = [1, 2, 3] }\n"
			lines := lr + more
			if before {
				lines = more + lr
			}
			if got := drawnValues(t, swept(lines, search(20, 3)), "lr"); !slices.Equal(got, alone) {
				t.Errorf("%s: another set changes lr from %v to %v", kind, alone, got)
			}
		}
		if got := drawnValues(t, swept(lr, search(50, 3)), "lr"); !slices.Equal(got[:20], alone) {
			t.Errorf("%s: more trials change the first from %v to %v", kind, alone, got)
		}
		if got := drawnValues(t, swept(lr, search(20, 4)), "lr"); slices.ContainsFunc(got, func(x float64) bool { return slices.Contains(alone, x) }) {
			t.Errorf("%s: another seed draws the same", kind)
		}
		own := "search = { kind = \"" + kind + "\", trials = 20, seed = 3 }\n"
		if got := drawnValues(t, swept(own+lr, ""), "lr"); !slices.Equal(got, alone) {
			t.Errorf("%s: a search of its own draws %v, want %v", kind, got, alone)
		}
		for _, x := range alone {
			if x < 1e-4 || x > 1 {
				t.Errorf("%s: %v is out of range", kind, x)
			}
		}
	}
}

// TestRadicalInverse: without scrambling the points are those of scipy.stats.qmc.Halton(d=4, scramble=False).
func TestRadicalInverse(t *testing.T) {
	for i, want := range map[int][4]float64{
		0: {0, 0, 0, 0}, 1: {0.5, 0.3333333333333333, 0.2, 0.14285714285714285}, 2: {0.25, 0.6666666666666666, 0.4, 0.2857142857142857},
		3: {0.75, 0.1111111111111111, 0.6000000000000001, 0.42857142857142855}, 5: {0.625, 0.7777777777777777, 0.04, 0.7142857142857142},
		10: {0.3125, 0.37037037037037035, 0.08, 0.4489795918367347}, 17: {0.53125, 0.9259259259259258, 0.52, 0.4693877551020408},
		29: {0.71875, 0.6790123456790123, 0.808, 0.22448979591836732},
	} {
		for j, base := range haltonBases {
			if got := radicalInverse(i, base, func(_, _, digit int) int { return digit }); math.Abs(got-want[j]) > 1e-15 {
				t.Errorf("point %d in base %d is %v, want %v", i, base, got, want[j])
			}
		}
	}
}

// TestHalton: scrambled digits are permutations, so that base^m points in a row have one in each of as many equal parts; few points have a
// lower discrepancy than random ones; and two sets with the same base are as independent as any.
func TestHalton(t *testing.T) {
	for _, base := range haltonBases {
		root := seed.New(1).Branch(fmt.Sprint(base))
		permuted := scrambling(root, base)
		for size := base; size <= 343; size *= base {
			for block := range 3 {
				parts := map[int]bool{}
				for i := range size {
					x := radicalInverse(block*size+i, base, permuted)
					if x < 0 || x >= 1 {
						t.Fatalf("%v is not in [0, 1)", x)
					}
					parts[int(x*float64(size)+1e-9)] = true
				}
				if len(parts) != size {
					t.Errorf("base %d: %d points from %d on are in %d of as many parts", base, size, block*size, len(parts))
				}
			}
		}
	}
	const trials = 60
	points := func(kind, key string, seed int) []float64 {
		return drawnValues(t, swept(key+" = { uniform = [0, 1] }", fmt.Sprintf("[search]\nkind = %q\ntrials = %d\nseed = %d\n", kind, trials, seed)), key)
	}
	var even, random float64
	for seed := range 20 {
		even += discrepancy(points("halton", "lr", seed)) / 20
		random += discrepancy(points("random", "lr", seed)) / 20
	}
	if even > 0.06 || random < 0.08 { // of random points it is about 0.87/sqrt(60) = 0.11
		t.Errorf("the discrepancy of %d points is %v, of random ones %v", trials, even, random)
	}
	strongest := 0.0
	for seed := range 20 {
		a, b := points("halton", "lr", seed), points("halton", "momentum", seed)
		var sum float64
		for i := range a {
			sum += 12 * (a[i] - 0.5) * (b[i] - 0.5) / trials
		}
		strongest = max(strongest, math.Abs(sum))
	}
	if strongest > 4/math.Sqrt(trials) { // a correlation has the standard deviation 1/sqrt(n) if there is none
		t.Errorf("two sets correlate by %v", strongest)
	}
}

// discrepancy is the star discrepancy of points in the unit interval.
func discrepancy(points []float64) (worst float64) {
	points = slices.Sorted(slices.Values(points))
	n := float64(len(points))
	for i, x := range points {
		worst = max(worst, float64(i+1)/n-x, x-float64(i)/n)
	}
	return worst
}

// TestIntegerDraws: whole numbers of an interval are drawn evenly, both ends included.
func TestIntegerDraws(t *testing.T) {
	counts := map[float64]int{}
	e := parsed(t, swept("k = { uniform = [3, 6], integer = true }\nlr = { uniform = [0, 1] }", "[search]\nkind = \"random\"\ntrials = 4000\n"))
	for _, o := range e.Workloads[0].Optimizers {
		k, is := o.Hyperparameters["k"].(int64)
		if !is {
			t.Fatalf("%T", o.Hyperparameters["k"])
		}
		counts[float64(k)]++
	}
	for _, k := range []float64{3, 4, 5, 6} {
		if n := counts[k]; n < 850 || n > 1150 { // 5 standard deviations around 1000
			t.Errorf("%v was drawn %d times of 4000", k, n)
		}
	}
	if len(counts) != 4 {
		t.Errorf("drawn: %v", counts)
	}
}

// names are those of the optimizers of an experiment with one problem.
func names(e *Experiment) (list []string) {
	for _, o := range e.Workloads[0].Optimizers {
		list = append(list, o.Name)
	}
	return list
}

// TestSearch: how sets combine, and how the variants are called.
func TestSearch(t *testing.T) {
	for _, c := range []struct{ lines, more, want string }{
		{"lr = { grid = [1, 2] }\nb = { grid = [3, 4] }", "", "sgd lr=1 b=3|sgd lr=1 b=4|sgd lr=2 b=3|sgd lr=2 b=4"},
		{"lr = { grid = [1, 2] }\nb = { grid = [3, 4] }", "[search]\nkind = \"zip\"", "sgd lr=1 b=3|sgd lr=2 b=4"},
		{"lr = { grid = [0.1] }\nb = { grid = [3, 4] }", "", "sgd b=3|sgd b=4"}, // one value distinguishes nothing
		{"lr = { grid = [0.12345, 0.123451, 1e-7, 123456789] }", "", "sgd lr=0.12345|sgd lr=0.123451|sgd lr=1e-7|sgd lr=123456789"},
		{"lr = { grid = [100000.0, 2000000.0] }", "", "sgd lr=100000|sgd lr=2e6"},
		{`s = { choice = ["a", "b c", "1", 1, true, "true"] }`, "", `sgd s=a|sgd s="b c"|sgd s="1"|sgd s=1|sgd s=true|sgd s="true"`},
		{"lr = { grid = [{ schedule = \"cosine\", from = 1.0 }, 0.5] }", "", "sgd lr={from=1 schedule=cosine}|sgd lr=0.5"},
		{"lr = { schedule = \"piecewise\", values = { grid = [[1, 2], [1, 3]] } }", "", "sgd lr.values=[1 2]|sgd lr.values=[1 3]"},
		{"lr = { grid = [1, 2] }", "[gradient]\nclip_norm = { grid = [5, 6] }",
			"sgd lr=1 gradient.clip_norm=5|sgd lr=1 gradient.clip_norm=6|sgd lr=2 gradient.clip_norm=5|sgd lr=2 gradient.clip_norm=6"},
		{"lr = { grid = [1, 2] }\ngradient = {}", "[gradient]\nclip_norm = { grid = [5, 6] }", "sgd lr=1|sgd lr=2"},
		{"gradient = { clip_value = { grid = [1, 2] } }", "", "sgd gradient.clip_value=1|sgd gradient.clip_value=2"},
		{"lr = { choice = [1, 2] }", "[search]\nkind = \"random\"\ntrials = 50", "sgd lr=1|sgd lr=2"}, // repeated ones left out
		{"lr = 1", "[search]\nkind = \"random\"\ntrials = 50", "sgd"},
		{"[[optimizer]]\nplugin = { grid = [\"adam\", \"x\"] }\nlr = { grid = [1, 2] }", "", "sgd|adam lr=1|adam lr=2|x lr=1|x lr=2"},
		{"[[optimizer]]\nname = \"n\"\nplugin = { grid = [\"adam\", \"x\"] }", "", "sgd|n plugin=adam|n plugin=x"},
	} {
		got := names(parsed(t, swept(c.lines, c.more)))
		if slices.Sort(got); strings.Join(got, "|") != strings.Join(slices.Sorted(slices.Values(strings.Split(c.want, "|"))), "|") {
			t.Errorf("%s, %s: got %s, want %s", c.lines, c.more, strings.Join(got, "|"), c.want)
		}
	}
	e := parsed(t, swept("lr = { grid = [1, 2] }", "[gradient]\nclip_norm = { grid = [5, 6] }"))
	if o := e.Workloads[0].Optimizers[3]; o.Gradient["clip_norm"] != 6 || o.Trial != 2 || o.Base != "sgd" || len(o.Choices) != 2 {
		t.Errorf("%+v", o)
	}
	e = parsed(t, swept("lr = { grid = [0.1] }", ""))
	if w := e.Warnings(); len(w) != 1 || w[0].Message != "lr is a set of one value: it does not vary" || w[0].Line == 0 {
		t.Errorf("%v", w)
	}
	e = parsed(t, swept("lr = { choice = [1, 2] }", "[search]\nkind = \"random\"\ntrials = 50"))
	if w := e.Warnings(); len(w) != 1 || !strings.Contains(w[0].Message, "48 of 50 trials") || w[0].Line != 8 {
		t.Errorf("%v", w)
	}
}

// TestSetErrors: what is wrong with a set or a search is said once, at its place, with a remedy.
func TestSetErrors(t *testing.T) {
	for _, c := range []struct{ lines, more, want string }{
		{"lr = { uniform = [0, 1] }", "", `8:6: uniform is an interval, and a search of the kind "grid"|kind = "random"`},
		{"lr = { uniform = [1, 0] }", "[search]\nkind = \"random\"\ntrials = 5", `10:18: uniform needs two finite numbers|[0.5, 1.0]`},
		{"lr = { log_uniform = [0, 1] }", "[search]\nkind = \"random\"\ntrials = 5", `10:22: log_uniform needs two numbers above 0|[1e-4, 1.0]`},
		{"lr = { gird = [0.1, 0.2] }", "", `8:8: unknown sort of set "gird"|did you mean "grid"`},
		{"lr = { grid = [0.1, 0.2], points = 3 }", "", `8:27: unknown key "points"|grid`},
		{"lr = { grid = [0.1, 1, 1.0] }", "", `8:24: grid has 1 twice|write each value once`},
		{"lr = { grid = [1, 2] }\nb = { grid = [1, 2, 3] }", "[search]\nkind = \"zip\"", `10:5: b has 3 values, and lr has 2|as many values`},
		{"lr = { log_grid = [1, 2, 1] }", "", `8:26: the number of points = 1 is out of range|from 2`},
		{"name = { grid = [\"a\", \"b\"] }", "", "8:8: name cannot be a set of values (grid)|one value"},
		{"step_timeout = { grid = [\"1s\", \"2s\"] }", "", "8:16: step_timeout cannot be a set of values (grid)|one value"},
		{"lr = 1", "[seeds]\ncount = { grid = [1, 2] }", "6:9: seeds.count cannot be a set of values (grid)|never a hyperparameter"},
		{"lr = 1", "[checkpoint]\nsteps = { grid = [1, 2] }", "6:9: checkpoint.steps cannot be a set of values (grid)|one value"},
		{"lr = 1", "[target]\ntrain_loss = { grid = [1, 2] }", "6:14: target.train_loss cannot be a set of values (grid)|[problem.target]"},
		{"lr = 1", "[gradient]\nclip_norm = { uniform = [1, 2] }", "6:13: uniform is an interval, from which|grid"},
		{"lr = 1", "[search]\nkind = \"rando\"\ntrials = 3", `6:8: unknown kind "rando"|did you mean "random"`},
		{"lr = 1", "[search]\ntrials = 3", `6:10: [search] with trials needs a kind that draws them|kind = "random"`},
		{"lr = 1", "[search]\nkind = \"halton\"", `5:2: [search] lacks "trials"|trials = 20`},
		{"lr = { log_grid = [1, 2, 1000] }\nb = { log_grid = [1, 2, 1000] }\nc = { log_grid = [1, 2, 1000] }", "", "9:5: the sets up to here make more than 100000 variants|fewer"},
	} {
		_, err := Parse("f.toml", swept(c.lines, c.more))
		where, remedy, _ := strings.Cut(c.want, "|")
		if err == nil || !strings.HasPrefix(err.Error(), "f.toml:"+where) || !strings.Contains(err.Error(), remedy) || strings.Count(err.Error(), "remedy:") != 1 {
			t.Errorf("%s, %s: got\n%v\nwant one error: %s", c.lines, c.more, err, c.want)
		}
	}
}

// TestExclude: combinations of which every value matches are dropped.
func TestExclude(t *testing.T) {
	const src = `[[problem]]
name = "bowl"
kind = "sphere"
dimension = { grid = [2, 3] }
[[problem]]
name = "valley"
kind = "rosenbrock"
[budget]
steps = 5
[[optimizer]]
plugin = "sgd"
lr = { log_grid = [0.01, 1, 5] }
[[optimizer]]
plugin = "adam"
`
	all := func(e *Experiment) (list []string) {
		for _, w := range e.Workloads {
			for _, o := range w.Optimizers {
				list = append(list, w.Name+": "+o.Name)
			}
		}
		return list
	}
	whole := all(parsed(t, src))
	for exclude, want := range map[string]string{ // substrings of what is dropped, all of which a combination has
		"optimizer = \"sgd\"\nlr = 1.0":                                   "sgd lr=1$",
		"optimizer = \"sgd lr=0.1\"":                                      "sgd lr=0.1",
		"lr = 0.03162\nproblem = \"valley\"":                              "valley&lr=0.03162",
		"problem.dimension = 3\noptimizer = \"adam\"":                     "dimension=3&adam",
		"\"problem.dimension\" = 3":                                       "dimension=3",
		"problem = \"bowl\"":                                              "bowl",
		"problem = \"bowl dimension=2\"\n[[exclude]]\nproblem=\"valley\"": "dimension=2|valley",
	} {
		var kept []string
		for _, name := range whole {
			dropped := false
			for alternative := range strings.SplitSeq(want, "|") {
				is := true
				for part := range strings.SplitSeq(alternative, "&") {
					is = is && strings.Contains(name+"$", part)
				}
				dropped = dropped || is
			}
			if !dropped {
				kept = append(kept, name)
			}
		}
		if got := all(parsed(t, src+"[[exclude]]\n"+exclude)); !slices.Equal(got, kept) || len(kept) == len(whole) {
			t.Errorf("%s: got %q, want %q", exclude, got, kept)
		}
	}
	for exclude, want := range map[string]string{
		"lrr = 1":                `16:1: no optimizer has the key "lrr"|did you mean "lr"`,
		"lr = 2":                 `16:6: no optimizer has lr = 2|the nearest is 1`,
		"optimizer = \"sdg\"":    `16:13: no optimizer has optimizer = sdg|did you mean "sgd"`,
		"problem = \"valey\"":    `16:11: no problem has problem = valey|did you mean "valley"`,
		"problem.dimensions = 2": `16:9: no problem has the key "problem.dimensions"|did you mean "problem.dimension"`,
		"seed = 2":               `16:1: seeds are no choice|[seeds]`,
		"lr = { grid = [1, 2] }": `16:6: exclude.lr cannot be a set|one value`,
		"optimizer = \"sgd\"\n[[exclude]]\noptimizer = \"adam\"": `15:3: [[exclude]] leaves nothing to run|less`,
	} {
		_, err := Parse("f.toml", src+"[[exclude]]\n"+exclude)
		where, remedy, _ := strings.Cut(want, "|")
		if err == nil || !strings.HasPrefix(err.Error(), "f.toml:"+where) || !strings.Contains(err.Error(), remedy) {
			t.Errorf("%s: got\n%v\nwant %s", exclude, err, want)
		}
	}
	e := parsed(t, src+"[[exclude]]\noptimizer = \"adam\"\nlr = 0.1\n")
	if w := e.Warnings(); len(w) != 1 || !strings.Contains(w[0].Message, "matches no combination") || w[0].Line != 15 {
		t.Errorf("%v", w)
	}
}

// FuzzSets: whatever stands in place of a value, expansion ends, and makes no two variants with the same name or folder.
func FuzzSets(f *testing.F) {
	for _, seed := range []string{"{ grid = [1, 2] }", "{ log_grid = [1e-300, 1e300, 7] }", "{ uniform = [0, 1], integer = true }", "{ choice = [[], {}, {grid=1}] }",
		`{ grid = ["é", "é", "\u0000", "a/b", ".."] }`, "[{ grid = [1, [2]] }, { grid = [{}, 1.0, nan, inf, -0.0, 0.0] }]", "{ grid = 1, choice = [2] }",
		"{ a = { b = { log_uniform = [1, 2] } } }", "{ grid = [1979-05-27, 1979-05-27T07:32:00Z] }"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, kind := range []string{`"grid"`, `"zip"`, `"random", trials = 3`, `"halton", trials = 3`} {
			e, err := Parse("f.toml", "search = { kind = "+kind+" }\nproblem = { kind = \"sphere\", dimension = 2 }\nbudget.steps = 1\n[[optimizer]]\nplugin = \"x\"\na = "+a+"\nb = "+b+"\n")
			if err != nil {
				continue
			}
			seen := map[string]bool{}
			for _, o := range e.Workloads[0].Optimizers {
				if seen[o.Name] || seen["/"+o.Folder()] {
					t.Errorf("two variants have the name %q or the folder %q", o.Name, o.Folder())
				}
				seen[o.Name], seen["/"+o.Folder()] = true, true
			}
		}
	})
}

// TestSetsEverywhere: a set can stand wherever a value of a problem or an optimizer does, however deep.
func TestSetsEverywhere(t *testing.T) {
	const src = `[problem]
kind = "network"
dataset = { grid = ["digits", { name = "two-moons", noise = 0.3 }] }
batch = { sizes = [{ grid = [4, 8] }, 16], milestones = [1] }
[[problem.layer]]
kind = "dense"
units = { grid = [3, 5] }
weight_init = { kind = "normal", stddev = { log_grid = [0.01, 1, 3] } }
[[problem.layer]]
kind = "dense"
[budget]
epochs = 2
[[optimizer]]
plugin = "sgd"
[[optimizer.group]]
role = "bias"
lr = { schedule = "cosine", from = { grid = [0.1, 1] } }
`
	e := parsed(t, src)
	if len(e.Workloads) != 2*2*2*3 {
		t.Fatalf("%d problems", len(e.Workloads))
	}
	last := e.Workloads[len(e.Workloads)-1]
	if last.Name != "dataset={name=two-moons noise=0.3} batch.sizes[0]=8 layer1.units=5 layer1.weight_init.stddev=1" ||
		last.Problem.Dataset != "two-moons" || last.Problem.Batching.Sizes[0] != 8 || last.Problem.Layers[0].Settings["units"] != 5 {
		t.Errorf("%q, %+v", last.Name, last.Problem)
	}
	if o := last.Optimizers; len(o) != 2 || o[1].Name != "sgd bias.lr.from=1" || o[1].Groups[0].Hyperparameters["lr"].(map[string]any)["from"] != int64(1) {
		t.Errorf("%+v", o)
	}
	for old, c := range map[string][2]string{
		"grid = [3, 5]":       {"grid = [3, 0]", "f.toml:7:22: units = 0 is out of range"},
		"grid = [4, 8]":       {"grid = [4, \"x\"]", "f.toml:4:33: sizes = \"x\" is neither"},
		"[0.01, 1, 3]":        {"[-1, 1, 3]", "f.toml:8:56: log_grid needs two numbers above 0"},
		"\"digits\", { name":  {"\"digits\", { nam", "f.toml:3:31: dataset needs either name or file"},
		"{ grid = [0.1, 1] }": {"{ grid = [0.1, 1], x = 1 }", "f.toml:17:55: unknown key \"x\""},
	} {
		_, err := Parse("f.toml", strings.Replace(src, old, c[0], 1))
		if err == nil || !strings.HasPrefix(err.Error(), c[1]) {
			t.Errorf("%s: got\n%v\nwant %s", c[0], err, c[1])
		}
	}
}

// TestExpansionIsBounded: what would take all memory is refused before it is made.
func TestExpansionIsBounded(t *testing.T) {
	var many, sets strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&many, "k%d = 1\n", i)
		if i < 5000 {
			fmt.Fprintf(&sets, "k%d = { uniform = [0, 1] }\n", i)
		}
	}
	const random = "[search]\nkind = \"random\"\ntrials = 100000\n"
	for _, c := range []struct{ lines, more string }{
		{"lr = { log_grid = [1, 2, 100000] }\n" + many.String(), ""}, {sets.String(), random},
		{"lr = { schedule = \"cosine\", from = { log_grid = [1, 2, 90000] } }\n" + many.String(), ""},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Parse("f.toml", swept(c.lines, c.more))
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), "too much to hold") {
			t.Errorf("%.300v", err)
		}
		if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 300 {
			t.Errorf("%d MB were allocated", mb)
		}
	}
	if _, err := Parse("f.toml", swept("lr = 1", random)); err != nil {
		t.Error(err)
	}
}
