package sdk

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/steepest/steepest/proto"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// hyperField is one hyperparameter: its schema and its place in the author's struct.
type hyperField struct {
	index  int
	schema *v1.Hyperparameter
}

// hyperFields reads the schema from a struct type's tags. Errors name the field.
func hyperFields(t reflect.Type) ([]hyperField, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("hyperparameters must be a struct, not %v", t)
	}
	var fields []hyperField
	for i := range t.NumField() {
		f := t.Field(i)
		schema, err := hyperSchema(f)
		if err != nil {
			return nil, fmt.Errorf("field %s of %v: %w", f.Name, t, err)
		}
		for _, g := range fields {
			if g.schema.Name == schema.Name {
				return nil, fmt.Errorf("field %s of %v: the name %q is taken by field %s",
					f.Name, t, schema.Name, t.Field(g.index).Name)
			}
		}
		fields = append(fields, hyperField{i, schema})
	}
	if method, ok := reflect.PointerTo(t).MethodByName("Validate"); ok && (method.Type.NumIn() != 1 ||
		method.Type.NumOut() != 1 || method.Type.Out(0) != reflect.TypeFor[error]()) {
		return nil, fmt.Errorf("method Validate of %v must be func (h %s) Validate() error", t, t.Name())
	}
	return fields, nil
}

func hyperSchema(f reflect.StructField) (*v1.Hyperparameter, error) {
	if !f.IsExported() {
		return nil, errors.New("is not exported; hyperparameters must be")
	}
	if err := checkTag(f.Tag, "hyper", "in", "choices", "help"); err != nil {
		return nil, err
	}
	tag, ok := f.Tag.Lookup("hyper")
	name, standard, comma := strings.Cut(tag, ",")
	if !ok || !comma {
		return nil, fmt.Errorf("tag hyper:%q must be a name and a default, like hyper:\"lr,1e-3\"", tag)
	}
	p := &v1.Hyperparameter{Name: name, Doc: f.Tag.Get("help")}
	badDefault := fmt.Errorf("default %q is no %v", standard, f.Type)
	switch f.Type.Kind() {
	case reflect.Float64:
		x, err := strconv.ParseFloat(standard, 64)
		if err != nil {
			return nil, badDefault
		}
		p.Type, p.Schedulable = v1.HyperparameterType_HYPERPARAMETER_TYPE_FLOAT, true
		p.Default = proto.NewValue(x)
	case reflect.Int:
		x, err := strconv.ParseInt(standard, 10, 64)
		if err != nil {
			return nil, badDefault
		}
		p.Type, p.Schedulable = v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER, true
		p.Default = proto.NewValue(x)
	case reflect.Bool:
		x, err := strconv.ParseBool(standard)
		if err != nil {
			return nil, badDefault
		}
		p.Type = v1.HyperparameterType_HYPERPARAMETER_TYPE_BOOLEAN
		p.Default = proto.NewValue(x)
	case reflect.String:
		p.Type = v1.HyperparameterType_HYPERPARAMETER_TYPE_STRING
		p.Default = proto.NewValue(standard)
	default:
		return nil, fmt.Errorf("type %v is not supported; use float64, int, bool or string", f.Type)
	}
	if in, ok := f.Tag.Lookup("in"); ok {
		var err error
		if p.Interval, err = proto.ParseInterval(in); err != nil {
			return nil, err
		}
	}
	if choices, ok := f.Tag.Lookup("choices"); ok {
		p.Choices = strings.Split(choices, ",")
	}
	return p, proto.CheckHyperparameter(p)
}

// Fault returns an error for a Validate method of a hyperparameter struct. Hyperparameter is the one at fault ("" for
// their combination), message says what is wrong and remedy what would be right. Join several with [errors.Join].
func Fault(hyperparameter, message, remedy string) error {
	return &fault{&v1.Diagnostic{Hyperparameter: hyperparameter, Message: message, Remedy: remedy}}
}

type fault struct{ *v1.Diagnostic }

func (f *fault) Error() string { return f.Message + "; " + f.Remedy }

// readHyper fills an H from its defaults and the given values, and returns everything that is wrong with them.
func readHyper[H any](fields []hyperField, values map[string]*v1.Value) (H, []*v1.Diagnostic) {
	var h H
	var diagnostics []*v1.Diagnostic
	place := reflect.ValueOf(&h).Elem()
	var names []string
	for _, f := range fields {
		names = append(names, f.schema.Name)
		v, ok := values[f.schema.Name]
		if !ok {
			v = f.schema.Default
		} else if d := proto.CheckValue(f.schema, v); d != nil {
			diagnostics = append(diagnostics, d)
			continue
		}
		field := place.Field(f.index)
		field.Set(reflect.ValueOf(proto.Plain(v)).Convert(field.Type()))
	}
	for name := range values {
		if !slices.Contains(names, name) {
			diagnostics = append(diagnostics, &v1.Diagnostic{Hyperparameter: name,
				Message: fmt.Sprintf("unknown hyperparameter %q", name), Remedy: proto.DidYouMean(name, names)})
		}
	}
	if v, ok := any(&h).(interface{ Validate() error }); ok && len(diagnostics) == 0 {
		diagnostics = appendFaults(diagnostics, v.Validate())
	}
	slices.SortFunc(diagnostics, func(a, b *v1.Diagnostic) int { return strings.Compare(a.Hyperparameter, b.Hyperparameter) })
	return h, diagnostics
}

// readHypers fills the H of an instance, and one for each of its groups.
func readHypers[H any](fields []hyperField, r *v1.OpenRequest) ([]H, error) {
	h, diagnostics := readHyper[H](fields, r.Hyperparameters)
	if len(diagnostics) > 0 {
		return nil, fmt.Errorf("%s; %s", diagnostics[0].Message, diagnostics[0].Remedy)
	}
	hypers := []H{h}
	for i, g := range r.Groups {
		h, diagnostics := readHyper[H](fields, proto.GroupValues(r.Hyperparameters, g))
		if len(diagnostics) > 0 {
			return nil, fmt.Errorf("group %d: %s; %s", i, diagnostics[0].Message, diagnostics[0].Remedy)
		}
		hypers = append(hypers, h)
	}
	return hypers, nil
}

// appendFaults flattens what a Validate method returned.
func appendFaults(diagnostics []*v1.Diagnostic, err error) []*v1.Diagnostic {
	switch e := err.(type) { //nolint:errorlint // of joined errors each is a fault of its own
	case nil:
	case *fault:
		diagnostics = append(diagnostics, e.Diagnostic)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			diagnostics = appendFaults(diagnostics, inner)
		}
	default:
		diagnostics = append(diagnostics, &v1.Diagnostic{Message: err.Error(), Remedy: "see the plugin's description"})
	}
	return diagnostics
}

// schedulable are the fields whose values every step carries, in the order in which it does.
func schedulable(fields []hyperField) []hyperField {
	return slices.DeleteFunc(slices.Clone(fields), func(f hyperField) bool { return !f.schema.Schedulable })
}

// checkRanges says which of the values in force at one step, in the order of the fields, is out of its range.
func checkRanges(fields []hyperField, values []float64) error {
	for i, f := range fields {
		if x := values[i]; !proto.Contains(f.schema.Interval, x) {
			return fmt.Errorf("%s = %v is out of range %s", f.schema.Name, x, proto.FormatInterval(f.schema.Interval))
		}
	}
	return nil
}

// schedule puts the values in force at one step into the struct that place addresses, in the order of the fields; an integer
// takes the nearest whole number.
func schedule(place reflect.Value, fields []hyperField, values []float64) {
	for i, f := range fields {
		if f.schema.Type == v1.HyperparameterType_HYPERPARAMETER_TYPE_INTEGER {
			place.Field(f.index).SetInt(int64(math.Round(values[i])))
		} else {
			place.Field(f.index).SetFloat(values[i])
		}
	}
}
