package proto

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// ParseInterval reads the usual notation of an interval: "[0,1)", "(0,inf)".
func ParseInterval(s string) (*v1.Interval, error) {
	bad := func(why string) (*v1.Interval, error) {
		return nil, fmt.Errorf("interval %q: %s; write it like [0,1) or (0,inf)", s, why)
	}
	if len(s) < 5 || !strings.ContainsRune("[(", rune(s[0])) || !strings.ContainsRune("])", rune(s[len(s)-1])) {
		return bad("needs a bracket at each end")
	}
	low, high, ok := strings.Cut(s[1:len(s)-1], ",")
	if !ok {
		return bad("needs two ends")
	}
	lo, err1 := strconv.ParseFloat(strings.TrimSpace(low), 64)
	hi, err2 := strconv.ParseFloat(strings.TrimSpace(high), 64)
	if errors.Join(err1, err2) != nil || math.IsNaN(lo) || math.IsNaN(hi) {
		return bad("its ends must be numbers or inf")
	}
	if lo > hi {
		return bad("its ends are in the wrong order")
	}
	return &v1.Interval{
		Low: lo, High: hi,
		LowOpen:  s[0] == '(' || math.IsInf(lo, 0),
		HighOpen: s[len(s)-1] == ')' || math.IsInf(hi, 0),
	}, nil
}

// FormatInterval is the inverse of ParseInterval; a nil interval is every number.
func FormatInterval(in *v1.Interval) string {
	if in == nil {
		return "(-inf,inf)"
	}
	end := func(x float64) string {
		switch {
		case math.IsInf(x, 1):
			return "inf"
		case math.IsInf(x, -1):
			return "-inf"
		}
		return strconv.FormatFloat(x, 'g', -1, 64)
	}
	left, right := "[", "]"
	if in.LowOpen {
		left = "("
	}
	if in.HighOpen {
		right = ")"
	}
	return left + end(in.Low) + "," + end(in.High) + right
}

// Contains tells whether x is finite and within the interval; a nil interval holds every finite number.
func Contains(in *v1.Interval, x float64) bool {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return false
	}
	if in == nil {
		return true
	}
	return x >= in.Low && x <= in.High && (x > in.Low || !in.LowOpen) && (x < in.High || !in.HighOpen)
}

// CheckValue says what is wrong with giving v to the hyperparameter p, and what would be right; nil if nothing is.
func CheckValue(p *v1.Hyperparameter, v *v1.Value) *v1.Diagnostic {
	diagnostic := func(message, remedy string) *v1.Diagnostic {
		return &v1.Diagnostic{Hyperparameter: p.Name, Message: message, Remedy: remedy}
	}
	mistyped := func() *v1.Diagnostic {
		return diagnostic(fmt.Sprintf("%s must be %s, not %s", p.Name, typeNoun(p.Type), FormatValue(v)), Allowed(p))
	}
	number := func(x float64) *v1.Diagnostic {
		if Contains(p.Interval, x) {
			return nil
		}
		return diagnostic(fmt.Sprintf("%s = %s is out of range", p.Name, FormatValue(v)), Allowed(p))
	}
	switch p.Type {
	case v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT:
		if x, ok := v.GetKind().(*v1.Value_Float); ok {
			return number(x.Float)
		}
	case v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER:
		if x, ok := v.GetKind().(*v1.Value_Integer); ok {
			return number(float64(x.Integer))
		}
	case v1.HyperparameterType_HYPERPARAMETER_TYPE_BOOLEAN:
		if _, ok := v.GetKind().(*v1.Value_Boolean); ok {
			return nil
		}
	case v1.HyperparameterType_HYPERPARAMETER_TYPE_STRING:
		x, ok := v.GetKind().(*v1.Value_Text)
		switch {
		case !ok:
		case len(p.Choices) > 0 && !slices.Contains(p.Choices, x.Text):
			return diagnostic(fmt.Sprintf("%s = %s is not a choice", p.Name, FormatValue(v)), Allowed(p))
		default:
			return nil
		}
	}
	return mistyped()
}

// Allowed is the remedy for a value that a hyperparameter cannot have: what it can be, and what it is by default.
func Allowed(p *v1.Hyperparameter) string {
	can := typeNoun(p.Type)
	switch {
	case len(p.Choices) > 0:
		can = "one of " + strings.Join(p.Choices, ", ")
	case p.Interval != nil:
		can += " in " + FormatInterval(p.Interval)
	}
	return fmt.Sprintf("choose %s; the default is %s", can, FormatValue(p.Default))
}

func typeNoun(t v1.HyperparameterType) string {
	switch t {
	case v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT:
		return "a number"
	case v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER:
		return "an integer"
	case v1.HyperparameterType_HYPERPARAMETER_TYPE_BOOLEAN:
		return "true or false"
	case v1.HyperparameterType_HYPERPARAMETER_TYPE_STRING:
		return "a string"
	}
	return "of a type that this host does not know"
}

// NewValue is the value of a hyperparameter that a float64, int64, bool or string stands for; nil for anything else.
func NewValue(x any) *v1.Value {
	switch x := x.(type) {
	case float64:
		return &v1.Value{Kind: &v1.Value_Float{Float: x}}
	case int64:
		return &v1.Value{Kind: &v1.Value_Integer{Integer: x}}
	case bool:
		return &v1.Value{Kind: &v1.Value_Boolean{Boolean: x}}
	case string:
		return &v1.Value{Kind: &v1.Value_Text{Text: x}}
	}
	return nil
}

// Plain is the inverse of NewValue.
func Plain(v *v1.Value) any {
	switch k := v.GetKind().(type) {
	case *v1.Value_Float:
		return k.Float
	case *v1.Value_Integer:
		return k.Integer
	case *v1.Value_Boolean:
		return k.Boolean
	case *v1.Value_Text:
		return k.Text
	}
	return nil
}

// FormatValue writes a value as TOML would.
func FormatValue(v *v1.Value) string {
	switch x := Plain(v).(type) {
	case float64:
		return strings.ToLower(strconv.FormatFloat(x, 'g', -1, 64)) // inf and nan too
	case string:
		return strconv.Quote(x)
	case nil:
		return "nothing"
	default:
		return fmt.Sprint(x)
	}
}

// Number is the numeric value of a float or integer; 0 for anything else.
func Number(v *v1.Value) float64 {
	if i, ok := v.GetKind().(*v1.Value_Integer); ok {
		return float64(i.Integer)
	}
	return v.GetFloat()
}

// Schedulable returns the hyperparameters whose values every step carries, in the order of the step's vector.
func Schedulable(d *v1.DescribeResponse) []*v1.Hyperparameter {
	var s []*v1.Hyperparameter
	for _, p := range d.Hyperparameters {
		if p.Schedulable {
			s = append(s, p)
		}
	}
	return s
}

// Defaults is the vector of a step's hyperparameters of which none is set.
func Defaults(d *v1.DescribeResponse) []float64 {
	var values []float64
	for _, p := range Schedulable(d) {
		values = append(values, Number(p.Default))
	}
	return values
}
