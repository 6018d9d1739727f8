package foreign

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/steepest/steepest/host/internal/tfevents"
)

func write(t testing.TB, path string, content []byte) string {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644)); err != nil {
		t.Fatal(err)
	}
	return path
}

// shown is a curve as text.
func shown(c *Curve) string {
	var b strings.Builder
	fmt.Fprint(&b, c.Quantities)
	for _, p := range c.Points {
		fmt.Fprint(&b, " ", p.Step)
		if x, known := p.Epoch.Get(); known {
			fmt.Fprint(&b, "/", x)
		}
		fmt.Fprint(&b, "@", p.Wall, ":")
		for _, v := range p.Values {
			if x, measured := v.Get(); measured {
				fmt.Fprint(&b, " ", x)
			} else {
				fmt.Fprint(&b, " -")
			}
		}
	}
	return b.String()
}

func names(t testing.TB, texts ...string) map[string]string {
	t.Helper()
	all, err := ParseNames(texts)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestReadCSV: steps may be left out, what is empty was not measured, and NaN was.
func TestReadCSV(t *testing.T) {
	for _, c := range []struct {
		text string
		maps []string
		want string
	}{
		{"step,train_loss\n0,2.5\n10,NaN\n15,\n40,-inf\n", nil, "[train_loss] 0@0s: 2.5 10@0s: NaN 15@0s: - 40@0s: -Inf"},
		{"\ufeffepoch;step;wall_seconds;validation_accuracy\n0;5.0;0.25;0.5\n;6;1e1;1\n", nil,
			"[validation_accuracy] 5/0@250ms: 0.5 6@10s: 1"},
		{"Step,run - loss,lr\n1,2,3\n", []string{"Step=step", "run - loss=train_loss", "lr="}, "[train_loss] 1@0s: 2"},
		{"a=b,iteration\n7,1\n", []string{"a=b=x.y/z", "iteration=step"}, "[x.y/z] 1@0s: 7"},
		{"step,\"my loss\"\n1,\" 2 \"\n", nil, "[my loss] 1@0s: 2"},
	} {
		got, err := ReadCSV(write(t, filepath.Join(t.TempDir(), "x.csv"), []byte(c.text)), names(t, c.maps...))
		if err != nil || shown(got) != c.want || got.Bytes != int64(len(c.text)) && !strings.HasPrefix(c.text, "\ufeff") || got.Name != "x" {
			t.Errorf("%q: %v, %+v; want %s", c.text, err, got, c.want)
		}
	}
}

// TestWrongCSV: whatever is wrong has its place and a remedy.
func TestWrongCSV(t *testing.T) {
	for _, c := range []struct {
		text string
		maps []string
		want string
	}{
		{"", nil, "x.csv: the file is empty"},
		{"step,train_loss\n", nil, "x.csv: there is no line below the names of the columns"},
		{"Step,train_loss\n0,1\n", nil, `x.csv:1: there is no column step; say which one it is with --map NAME=step: did you mean "Step"?`},
		{"step\n0\n", nil, "x.csv:1: there is no quantity beside the step"},
		{"step,a\n0,1\n", []string{"b=c"}, `x.csv:1: there is no column "b"; use one of step, a`},
		{"step,a,b\n0,1,2\n", []string{"b=a"}, `x.csv:1: the columns "a" and "b" are both a; rename or leave out one, with --map b=`},
		{"step,\n0,1\n", nil, "x.csv:1: column 2 has no name"},
		{"step,\"a,b\"\n0,1\n", nil, `x.csv:1: the column "a,b" cannot be the name of a quantity`},
		{"step,a\n0,1\n2.5,1\n", nil, `x.csv:3:1: the step "2.5" is no step, which is a whole number from 0 on`},
		{"step,a\n-1,1\n", nil, `x.csv:2:1: the step "-1" is no step`},
		{"step,a\nNaN,1\n", nil, `x.csv:2:1: the step "NaN" is no step`},
		{"step,a\n1e300,1\n", nil, `x.csv:2:1: the step "1e300" is no step`},
		{"step,a\n,1\n", nil, `x.csv:2:1: the step "" is empty, and every line needs a step`},
		{"step,a\n3,1\n3,1\n", nil, `x.csv:3:1: the step "3" is the step of line 2 too; a file holds one run`},
		{"step,a\n3,1\n2,1\n", nil, `x.csv:3:1: the step "2" comes after step 3 in line 2`},
		{"a,step\n1,0\nnull,1\n", nil, `x.csv:3:1: the a "null" is no number; leave a cell empty that was not measured, and write NaN if it was`},
		{"a;step\n1,5;0\n", nil, `x.csv:2:1: the a "1,5" has a decimal comma; write numbers with a point`},
		{"a,step\n1e999,0\n", nil, `x.csv:2:1: the a "1e999" is beyond the largest number`},
		{"step,a\n0,1\n1\n", nil, "x.csv:3: wrong number of fields; every line needs as many columns as the first"},
		{"step,a\n0,\"1\n", nil, "x.csv:2:"},
		{"step,validation_accuracy\n0,97\n", nil, "x.csv:2:3: validation_accuracy is 97, and can be at most 1; write 97 % as 0.97"},
		{"step,gradient_norm\n0,-1\n", nil, "x.csv:2:3: gradient_norm is -1, and can be at least 0"},
		{"step,wall_seconds,a\n0,-1,1\n", nil, `x.csv:2:3: the wall_seconds "-1" is no time since the run began, in seconds`},
		{"step,wall_seconds,a\n0,NaN,1\n", nil, `x.csv:2:3: the wall_seconds "NaN" is no time`},
		{"step,epoch,a\n0,0.5,1\n", nil, `x.csv:2:3: the epoch "0.5" is no number of completed epochs`},
	} {
		got, err := ReadCSV(write(t, filepath.Join(t.TempDir(), "x.csv"), []byte(c.text)), names(t, c.maps...))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, %+v; want %s", c.text, err, got, c.want)
		}
	}
	for _, text := range []string{"a", "=b", ""} {
		if _, err := ParseNames([]string{text}); err == nil || !strings.Contains(err.Error(), "is not NAME=QUANTITY") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := ParseNames([]string{"a=b", "a=c"}); err == nil {
		t.Error("a name that is given twice is accepted")
	}
}

type value struct {
	tag  string
	step int
	at   float64 // seconds after the first
	x    float64
}

// events is an event file.
func events(values ...value) []byte {
	began := time.Unix(1_700_000_000, 0)
	var b bytes.Buffer
	w := tfevents.NewWriter(&b, began)
	for _, v := range values {
		w.Scalar(v.tag, v.step, began.Add(time.Duration(v.at*float64(time.Second))), v.x)
	}
	_ = w.Close() // of a buffer
	return b.Bytes()
}

// TestReadTensorBoard: each folder with scalars is a run, and a file goes on from the step with which it begins.
func TestReadTensorBoard(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a-seed1", "events.out.tfevents.1.host"),
		events(value{"Loss", 0, 0, 2}, value{"acc", 0, 0.5, 0.25}, value{"Loss", 10, 1, 1}, value{"Loss", 20, 2, 9}, value{"epoch", 20, 2, 0}))
	write(t, filepath.Join(dir, "a-seed1", "events.out.tfevents.2.host"), events(value{"Loss", 20, 5, 0.5}, value{"Loss", 30, 6, 0.125}))
	write(t, filepath.Join(dir, "deep", "b", "events.out.tfevents.1"), events(value{"Loss", 5, 3, 1}))
	write(t, filepath.Join(dir, "graph", "events.out.tfevents.1"), events())
	write(t, filepath.Join(dir, "notes.txt"), []byte("x"))
	all, err := ReadTensorBoard(t.Context(), dir, names(t, "Loss=train_loss", "acc=validation_accuracy"))
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	a, b := all[0], all[1]
	if got, want := shown(a), "[train_loss validation_accuracy] 0@500ms: 2 0.25 10@1s: 1 - 20@5s: 0.5 - 30@6s: 0.125 -"; got != want || a.Name != "a-seed1" {
		t.Errorf("%s: %s, want %s", a.Name, got, want)
	}
	if got, want := shown(b), "[train_loss] 5@0s: 1"; got != want || b.Name != filepath.Join("deep", "b") ||
		b.Began.Unix() != 1_700_000_003 || len(b.Names) != 1 || len(b.SHA256) != 64 || b.SHA256 == a.SHA256 {
		t.Errorf("%+v, want %s", b, want)
	}
	if notes := fmt.Sprint(a.Notes); !strings.Contains(notes, "the tag epoch is left out") {
		t.Error(notes)
	}
	one, err := ReadTensorBoard(t.Context(), filepath.Join(dir, "deep", "b"), nil)
	if err != nil || len(one) != 1 || one[0].Name != "b" || !strings.Contains(fmt.Sprint(one[0].Notes), "--map Loss=train_loss") {
		t.Error(one, err)
	}
}

// TestTheirs reads what TensorBoard's own writer wrote.
func TestTheirs(t *testing.T) {
	dir := t.TempDir()
	b, err := os.ReadFile("../tfevents/testdata/simple")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "events.out.tfevents.1"), b)
	all, err := ReadTensorBoard(t.Context(), dir, names(t, "Loss/train=train_loss", "acc é="))
	if err != nil || len(all) != 1 || shown(all[0]) != "[train_loss] 0@0s: 2.5 10@1s: NaN 20@2s: +Inf" {
		t.Errorf("%v, %v", all, err)
	}
}

// TestWrongEvents: what cannot be a run is refused with its file, and what a program still writes is read as far as it goes.
func TestWrongEvents(t *testing.T) {
	for _, c := range []struct {
		file []byte
		maps []string
		want string
	}{
		{events(), nil, ": there are no scalars in event files"},
		{events(value{"a", 3, 0, 1}, value{"a", 3, 1, 1}), nil, `the tag "a" has two values at step 3; was it written without a step?`},
		{events(value{"a", 3, 0, 1}, value{"a", 2, 1, 1}), nil, `the tag "a" has step 2 after step 3`},
		{events(value{"a", -3, 0, 1}), nil, `the tag "a" has a value at step -3, which is none`},
		{events(value{"a", 1, 0, 1}), []string{"b=c"}, `there is no tag "b"; it can only be "a"`},
		{events(value{"a", 1, 0, 1}), []string{"a="}, "no tag is left; the tags are a"},
		{events(value{"a", 1, 0, 1}, value{"b", 1, 0, 1}), []string{"b=a"}, `the tags "a" and "b" are both a`},
		{events(value{"a", 1, 0, 1}), []string{"a=step"}, "a tag cannot be the step"},
		{events(value{"validation_accuracy", 7, 0, 97}), nil, "step 7: validation_accuracy is 97, and can be at most 1"},
		{[]byte("step,loss\n0,1\n1,2\n"), nil, "events.out.tfevents.1: it is no event file"},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "events.out.tfevents.1"), c.file)
		all, err := ReadTensorBoard(t.Context(), dir, names(t, c.maps...))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, %v; want %s", all, err, c.want)
		}
	}
	dir := t.TempDir()
	whole := events(value{"a", 1, 0, 1}, value{"a", 2, 0, 1})
	write(t, filepath.Join(dir, "events.out.tfevents.1"), whole[:len(whole)-3])
	all, err := ReadTensorBoard(t.Context(), dir, nil)
	if err != nil || shown(all[0]) != "[a] 1@0s: 1" || !strings.Contains(all[0].Notes[0], "the file ends within the record: does a program write it?") {
		t.Error(all, err)
	}
}

// TestLabel: names of files and folders tell optimizers and seeds.
func TestLabel(t *testing.T) {
	for name, want := range map[string]string{"adam-seed3": "adam 3", "adam lr=0.1_seed=12": "adam lr=0.1 12", "runs/adam/seed7": "runs/adam 7",
		"adam-seed3-0123456789ab": "adam 3", "adam": "adam 0", "seed3": "seed3 0", "adam-seed": "adam-seed 0", "adam seed4": "adam 4",
		"adam-seed99999999999999999999999": "adam-seed99999999999999999999999 0"} {
		optimizer, seed := (&Curve{Name: name}).Label()
		if got := fmt.Sprint(optimizer, " ", seed); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// TestParseHyperparameters: a value has the kind that it would have in an experiment file.
func TestParseHyperparameters(t *testing.T) {
	all, err := ParseHyperparameters([]string{"lr=1e-3", "n=5", "nesterov=true", "schedule=a=b", "eps=inf"})
	if got, want := fmt.Sprintf("%#v", all), `map[string]interface {}{"eps":"inf", "lr":0.001, "n":5, "nesterov":true, "schedule":"a=b"}`; err != nil || got != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	for _, text := range []string{"lr", "=1", "lr=", ""} {
		if _, err := ParseHyperparameters([]string{text}); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, text := range []string{"step,train_loss\n0,2.5\n10,NaN\n", "step;epoch;wall_seconds;a\n0;1;2;\n", "a\tstep\n1\t2\n", "step,a\n\"0\",1\r\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path := write(t, filepath.Join(t.TempDir(), "x.csv"), []byte(text))
		c, err := ReadCSV(path, nil)
		if err != nil {
			if !strings.Contains(err.Error(), "x.csv") {
				t.Fatalf("an error without its place: %v", err)
			}
			return
		}
		last := -1
		for _, p := range c.Points {
			if p.Step <= last || len(p.Values) != len(c.Quantities) || p.Wall < 0 {
				t.Fatalf("%s", shown(c))
			}
			last = p.Step
		}
	})
}
