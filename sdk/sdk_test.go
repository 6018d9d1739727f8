package sdk

import (
	"bytes"
	"math"
	"reflect"
	"strings"
	"testing"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

type none struct{}

func panics(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got, _ := recover().(string); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}()
	f()
}

func try[H, S any]() { New("x", func(H, *S, Tensor) {}) }

func TestMalformedStructsNameTheField(t *testing.T) {
	panics(t, `"Adam" is no name for an optimizer`, func() { New("Adam", func(none, *none, Tensor) {}) })
	panics(t, "field LR of", try[struct{ LR float64 }, none])
	panics(t, "field LR of", try[struct {
		LR float64 `hyper:"lr"`
	}, none])
	panics(t, `default "fast" is no float64`, try[struct {
		LR float64 `hyper:"lr,fast"`
	}, none])
	panics(t, "its default is not allowed", try[struct {
		LR float64 `hyper:"lr,1" in:"[0,1)"`
	}, none])
	panics(t, "wrong order", try[struct {
		LR float64 `hyper:"lr,1" in:"[2,1]"`
	}, none])
	panics(t, "only numbers have an interval", try[struct {
		N bool `hyper:"n,true" in:"[0,1]"`
	}, none])
	panics(t, "unknown tag hyer; did you mean \"hyper\"?", try[struct {
		LR float64 `hyer:"lr,1"`
	}, none])
	panics(t, "unknown tag In; did you mean \"in\"?", try[struct {
		LR float64 `hyper:"lr,1" In:"[0,1]"`
	}, none])
	panics(t, "unknown tag json; use one of hyper, in, choices, help", try[struct {
		LR float64 `hyper:"lr,1" json:"lr"`
	}, none])
	panics(t, "field On of", try[struct {
		On bool
	}, none])
	tagged := func(tag, want string) {
		field := reflect.StructField{Name: "X", Type: reflect.TypeFor[float64](), Tag: reflect.StructTag(tag)}
		if _, err := hyperFields(reflect.StructOf([]reflect.StructField{field})); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", tag, err, want)
		}
	}
	tagged(`hyper:"lr,1"in:"[0,1]"`, "is malformed") // go vet would say so too
	tagged(`hyper: "lr,1"`, "is malformed")
	tagged(`lr,1`, "is malformed")
	tagged(`hyper:"lr,1" help:"a" help:"b"`, "the tag help is there twice")
	for _, key := range []string{"plugin", "name", "gradient", "group", "step_timeout", "start_timeout", "on_plugin_failure"} {
		tagged(`hyper:"`+key+`,1"`, "means something else in experiment files")
	}
	panics(t, "its choices are", try[struct {
		S string `hyper:"s,a" choices:"a,,b"`
	}, none])
	panics(t, "at most 64", func() { New(strings.Repeat("x", 65), func(none, *none, Tensor) {}) })
	panics(t, "its summary has the text", func() { New("x", func(none, *none, Tensor) {}, Summary("a\x1b[2J")) })
	panics(t, "type float32 is not supported", try[struct {
		LR float32 `hyper:"lr,1"`
	}, none])
	panics(t, "is taken by field A", try[struct {
		A float64 `hyper:"a,1"`
		B float64 `hyper:"a,1"`
	}, none])
	panics(t, "field v of", try[none, struct{ v Vec }])
	panics(t, "type map[string]int is not supported", try[none, struct{ M map[string]int }])
}

type everything struct {
	LR   float64 `hyper:"lr,0.5" in:"(0,1]"`
	N    int     `hyper:"n,3" in:"[1,inf)"`
	On   bool    `hyper:"on,true"`
	Kind string  `hyper:"kind,l1" choices:"l1,l2"`
}

func TestHyperparameterChecks(t *testing.T) {
	o := New("x", func(everything, *none, Tensor) {})
	float := func(x float64) *v1.Value { return &v1.Value{Kind: &v1.Value_Float{Float: x}} }
	for want, values := range map[string]map[string]*v1.Value{
		"lr = 0 is out of range":           {"lr": float(0)},
		"lr = nan is out of range":         {"lr": float(math.NaN())},
		"n must be an integer, not 1.5":    {"n": float(1.5)},
		"n = 0 is out of range":            {"n": {Kind: &v1.Value_Integer{}}},
		"on must be true or false, not 1":  {"on": float(1)},
		`kind = "l3" is not a choice`:      {"kind": {Kind: &v1.Value_Text{Text: "l3"}}},
		`unknown hyperparameter "lrr"`:     {"lrr": float(1)},
		"lr must be a number, not nothing": {"lr": {}},
	} {
		if d := o.validate(values); len(d) != 1 || !strings.Contains(d[0].Message, want) || d[0].Remedy == "" {
			t.Errorf("got %v, want %s", d, want)
		}
	}
	if d := o.validate(map[string]*v1.Value{"lr": float(1), "n": {Kind: &v1.Value_Integer{Integer: 7}}}); len(d) > 0 {
		t.Errorf("good values: %v", d)
	}
}

type picky struct {
	N int `hyper:"n,1"`
}

func (p *picky) Validate() error {
	if p.N == 7 {
		return Fault("n", "n is 7", "choose another")
	}
	return nil
}

type unheard struct{}

func (unheard) Validate() bool { return false }

// TestValidateMethod: it is asked whatever its receiver is, and one that nobody would ask is refused.
func TestValidateMethod(t *testing.T) {
	o := New("x", func(picky, *none, Tensor) {})
	if d := o.validate(map[string]*v1.Value{"n": {Kind: &v1.Value_Integer{Integer: 7}}}); len(d) != 1 || d[0].Message != "n is 7" {
		t.Error(d)
	}
	panics(t, "method Validate of sdk.unheard must be func (h unheard) Validate() error", try[unheard, none])
}

// TestSchedule: the values in force arrive with every step, integers rounded.
func TestSchedule(t *testing.T) {
	var seen []everything
	o := New("x", func(h everything, _ *none, _ Tensor) { seen = append(seen, h) })
	if _, err := o.open(&v1.OpenRequest{Tensors: []*v1.Tensor{{Name: "x"}}}); err == nil {
		t.Fatal("a tensor of shape () has one element, not 0")
	}
	in, err := o.open(&v1.OpenRequest{Tensors: []*v1.Tensor{{Name: "x", Length: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	in.use(make([]float64, 1), nil, make([]float64, 1))
	step := func(k uint64, values ...float64) error {
		copy(in.hyperparameters(), values)
		_, err := in.advance(k, 0, 1)
		return err
	}
	if err := step(1, 0.25, 4.6); err != nil {
		t.Fatal(err)
	}
	if got := seen[0]; got != (everything{0.25, 5, true, "l1"}) {
		t.Errorf("the rule saw %+v", got)
	}
	if err := step(2, 0, 4); err == nil || !strings.Contains(err.Error(), "lr = 0 is out of range (0,1]") {
		t.Errorf("a scheduled value out of range: %v", err)
	}
	if err := step(0, 0.25, 4); err == nil {
		t.Error("step 0 was accepted")
	}
}

// TestRand: random numbers depend on seed, tensor and step, and on nothing else.
func TestRand(t *testing.T) {
	x := Tensor{K: 3, seed: 9, index: 2}
	if x.Rand().Uint64() != x.Rand().Uint64() {
		t.Error("the same step draws other numbers")
	}
	for _, y := range []Tensor{{K: 4, seed: 9, index: 2}, {K: 3, seed: 8, index: 2}, {K: 3, seed: 9, index: 1}} {
		if x.Rand().Uint64() == y.Rand().Uint64() {
			t.Errorf("%+v draws the same numbers", y)
		}
	}
}

// FuzzRestore: bytes that are no state are refused without harm, and what is accepted is written back the same.
func FuzzRestore(f *testing.F) {
	type state struct {
		V Vec
		N int
		B bool
		F []float64
		U uint64
		I []int
		L []Vec
		D struct {
			W Vec
			E []struct{ F []float64 }
		}
	}
	lengths := []int{2, 0}
	var good bytes.Buffer
	if err := saveStates(&good, newStates[state](lengths)); err != nil {
		f.Fatal(err)
	}
	f.Add(good.Bytes())
	f.Add(bytes.Repeat([]byte{255}, good.Len()))
	f.Fuzz(func(t *testing.T, b []byte) {
		states, err := loadStates[state](bytes.NewReader(b), lengths)
		if err != nil {
			return
		}
		var back bytes.Buffer
		if err := saveStates(&back, states); err != nil {
			t.Fatal(err)
		}
		if back.Len() != len(b) || len(states[0].V) != 2 || len(states[1].V) != 0 {
			t.Errorf("%d bytes became %d", len(b), back.Len())
		}
	})
}
