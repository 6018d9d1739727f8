package exam

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// unknownHyperparameter is the name of no hyperparameter.
const unknownHyperparameter = "no_such_hyperparameter"

// wrongValue is a value that the description does not allow.
type wrongValue struct {
	name  string
	value *v1.Value
}

// wrongValues finds for each hyperparameter values that its description does not allow.
func wrongValues(d *v1.DescribeResponse) []wrongValue {
	var wrong []wrongValue
	for _, p := range d.Hyperparameters {
		add := func(x any) {
			if v := proto.NewValue(x); proto.CheckValue(p, v) != nil {
				wrong = append(wrong, wrongValue{p.Name, v})
			}
		}
		switch p.Type {
		case v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT:
			add(math.NaN())
			add(math.Inf(1))
			for _, x := range outside(p) {
				add(x)
			}
		case v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER:
			for _, x := range outside(p) {
				add(int64(x))
			}
		}
		if p.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_STRING {
			add("no such choice")
			add(true)
		} else {
			add("a string")
		}
	}
	return wrong
}

// outside returns the numbers just beyond the ends of an interval, whole ones for an integer.
func outside(p *v1.Hyperparameter) []float64 {
	in := p.Interval
	if in == nil || !proto.Numeric(p) {
		return nil
	}
	next := math.Nextafter
	if p.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER {
		next = func(x, to float64) float64 { return math.Round(x + math.Copysign(1, to)) }
	}
	var out []float64
	if low := in.Low; !math.IsInf(low, 0) && math.Abs(low) < 1<<53 {
		if !in.LowOpen {
			low = next(low, math.Inf(-1))
		}
		out = append(out, low)
	}
	if high := in.High; !math.IsInf(high, 0) && math.Abs(high) < 1<<53 {
		if !in.HighOpen {
			high = next(high, math.Inf(1))
		}
		out = append(out, high)
	}
	return slices.DeleteFunc(out, func(x float64) bool { return proto.Contains(in, x) })
}

// validate asks for diagnostics of right and of wrong configurations.
func validate(e *examiner) error {
	ask := func(values map[string]*v1.Value) ([]*v1.Diagnostic, error) {
		r, err := e.conn.Client.Validate(e.ctx, &v1.ValidateRequest{Hyperparameters: values})
		if err != nil {
			return nil, &callError{"Validate", err}
		}
		return r.Diagnostics, nil
	}
	defaults := map[string]*v1.Value{}
	for _, p := range e.about.Hyperparameters {
		defaults[p.Name] = p.Default
	}
	for _, values := range []map[string]*v1.Value{nil, defaults} {
		switch d, err := ask(values); {
		case err != nil:
			return err
		case len(d) > 0:
			return fail("accept the defaults that Describe gives", "the defaults are not valid: %s", d[0].Message)
		}
	}
	var faults []string
	wrong := append(wrongValues(e.about), wrongValue{unknownHyperparameter, proto.NewValue(1.0)})
	for _, w := range wrong {
		d, err := ask(with(nil, w.name, w.value))
		if err != nil {
			return err
		}
		at := slices.IndexFunc(d, func(d *v1.Diagnostic) bool { return d.Hyperparameter == w.name })
		if at < 0 {
			faults = append(faults, fmt.Sprintf("%s = %s is not found", w.name, proto.FormatValue(w.value)))
		} else if d[at].Message == "" || d[at].Remedy == "" {
			faults = append(faults, fmt.Sprintf("the diagnostic of %s = %s has no message or no remedy", w.name,
				proto.FormatValue(w.value)))
		}
	}
	if len(faults) > 0 {
		return errors.New(strings.Join(faults, "; "))
	}
	e.note = fmt.Sprintf("%d wrong configurations", len(wrong))
	return nil
}
