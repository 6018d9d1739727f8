package sdk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/steepest/steepest/proto"
)

var (
	vecType    = reflect.TypeFor[Vec]()
	floatsType = reflect.TypeFor[[]float64]()
)

// shape is the type of a state struct, once it was found to be one that can be saved.
type shape struct {
	version string // names the meaning of a snapshot's bytes: it is only restored into a state of the same fields
	vectors int    // fields with a value for each parameter
	listed  bool   // there are slices of vectors, whose number a step may change
	init    bool   // it has the method Init

	within []reflect.Type // structs that are being described
}

// noGlobal is the version of a global state without fields.
const noGlobal = "{}"

// globalShape reads the fields of a model's state.
func globalShape(t reflect.Type) (*shape, error) {
	s, err := fieldsOf(t)
	if _, has := reflect.PointerTo(t).MethodByName("Init"); err == nil && has {
		return nil, fmt.Errorf("the state %v of the model has a method Init, which nobody calls; let step begin it where K is 1", t)
	}
	return s, err
}

// stateShape reads the fields of a state struct. Errors name the field.
func stateShape(t, hyper reflect.Type) (*shape, error) {
	s, err := fieldsOf(t)
	if err != nil {
		return nil, err
	}
	s.version = "2 " + s.version
	if method, ok := reflect.PointerTo(t).MethodByName("Init"); ok {
		want := reflect.FuncOf([]reflect.Type{reflect.PointerTo(t), hyper, reflect.TypeFor[Tensor]()}, nil, false)
		if _, byValue := t.MethodByName("Init"); byValue || method.Type != want {
			return nil, fmt.Errorf("method Init of %v must be func (s *%s) Init(h %s, x sdk.Tensor)", t, t.Name(), hyper.Name())
		}
		s.init = true
		s.version += " after Init"
	}
	return s, nil
}

// fieldsOf reads the fields of a struct of state, after which its version is named.
func fieldsOf(t reflect.Type) (*shape, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("state must be a struct, not %v", t)
	}
	s := &shape{}
	fields, err := s.describe(t, false)
	s.version = fields
	return s, err
}

// describe names a struct's fields and their types. listed tells whether it is an element of a slice.
func (s *shape) describe(t reflect.Type, listed bool) (string, error) {
	if slices.Contains(s.within, t) {
		return "", fmt.Errorf("type %v contains itself; a state must have an end", t)
	}
	s.within = append(s.within, t)
	defer func() { s.within = s.within[:len(s.within)-1] }()
	var fields []string
	for f := range t.Fields() {
		if !f.IsExported() {
			return "", fmt.Errorf("field %s of %v: is not exported; state must be, or it could not be saved", f.Name, t)
		}
		if err := checkTag(f.Tag); err != nil {
			return "", fmt.Errorf("field %s of %v: %w", f.Name, t, err)
		}
		text, err := s.describeType(f.Type, listed)
		if err != nil {
			return "", fmt.Errorf("field %s of %v: %w", f.Name, t, err)
		}
		fields = append(fields, f.Name+":"+text)
	}
	return "{" + strings.Join(fields, " ") + "}", nil
}

func (s *shape) describeType(t reflect.Type, listed bool) (string, error) {
	s.listed = s.listed || listed && (t == vecType || t == floatsType)
	if t == vecType {
		if !listed {
			s.vectors++
		}
		return "vec", nil
	}
	switch t.Kind() {
	case reflect.Float64, reflect.Int, reflect.Uint64, reflect.Bool:
		return t.Kind().String(), nil
	case reflect.Struct:
		return s.describe(t, listed)
	case reflect.Slice:
		if t.Elem().Size() == 0 {
			break // as many as one likes would fit into no bytes
		}
		text, err := s.describeType(t.Elem(), true)
		return "[]" + text, err
	}
	return "", fmt.Errorf("type %v is not supported; use sdk.Vec, float64, int, uint64, bool, and structs and slices of these", t)
}

// newStates makes the zero state for tensors of the given lengths.
func newStates[S any](lengths []int) []S {
	states := make([]S, len(lengths))
	for i, n := range lengths {
		allocate(reflect.ValueOf(&states[i]).Elem(), n)
	}
	return states
}

// allocate makes the vectors of a struct.
func allocate(v reflect.Value, n int) {
	for _, f := range v.Fields() {
		switch {
		case f.Type() == vecType:
			f.Set(reflect.ValueOf(make(Vec, n)))
		case f.Kind() == reflect.Struct:
			allocate(f, n)
		}
	}
}

// vector is a vector of a tensor's state.
type vector struct {
	name   string
	at     *Vec
	free   bool // it is a []float64, of the author's length
	listed bool // it is in a slice, and may not be there yet
}

// vectorsOf finds the vectors of a state, with those in slices or without.
func vectorsOf(state reflect.Value, listed bool) []vector {
	var found []vector
	var find func(v reflect.Value, name string, within bool)
	find = func(v reflect.Value, name string, within bool) {
		switch {
		case v.Type() == vecType || v.Type() == floatsType:
			at := v.Addr().Convert(reflect.TypeFor[*Vec]()).Interface().(*Vec)
			found = append(found, vector{name, at, v.Type() != vecType, within})
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				find(v.Field(i), join(name, v.Type().Field(i).Name), within)
			}
		case v.Kind() == reflect.Slice && listed:
			if k := v.Type().Elem().Kind(); k == reflect.Struct || k == reflect.Slice {
				for i := range v.Len() {
					find(v.Index(i), fmt.Sprintf("%s[%d]", name, i), true)
				}
			}
		}
	}
	find(state, "", false)
	return found
}

// saveStates writes every tensor's state: numbers little-endian in eight bytes each, slices after their length.
func saveStates[S any](w io.Writer, states []S) error {
	e := encoder{w: w}
	for i := range states {
		e.save(reflect.ValueOf(&states[i]).Elem())
	}
	return e.err
}

// encoder writes values until there is an error.
type encoder struct {
	w      io.Writer
	buffer []byte
	err    error
}

// floatsPiece is how many numbers are encoded or decoded at once.
const floatsPiece = 1 << 16

func (e *encoder) save(v reflect.Value) {
	switch v.Kind() {
	case reflect.Float64:
		e.word(math.Float64bits(v.Float()))
	case reflect.Int:
		e.word(uint64(v.Int()))
	case reflect.Uint64:
		e.word(v.Uint())
	case reflect.Bool:
		if v.Bool() {
			e.word(1)
		} else {
			e.word(0)
		}
	case reflect.Struct:
		for _, f := range v.Fields() {
			e.save(f)
		}
	case reflect.Slice:
		e.word(uint64(v.Len()))
		if v.CanConvert(floatsType) {
			for piece := range slices.Chunk(v.Convert(floatsType).Interface().([]float64), floatsPiece) {
				e.write(proto.AppendFloat64s(e.buffer[:0], piece))
			}
			return
		}
		for i := range v.Len() {
			e.save(v.Index(i))
		}
	}
}

func (e *encoder) word(x uint64) { e.write(binary.LittleEndian.AppendUint64(e.buffer[:0], x)) }

func (e *encoder) write(b []byte) {
	e.buffer = b
	if e.err == nil {
		_, e.err = e.w.Write(b)
	}
}

// loadStates is the inverse of saveStates. It fails on bytes that do not fit tensors of the given lengths.
func loadStates[S any](r io.Reader, lengths []int) ([]S, error) {
	states := newStates[S](lengths)
	for i := range states {
		d := decoder{r: r, length: lengths[i]}
		if err := d.load(reflect.ValueOf(&states[i]).Elem(), "", false); err != nil {
			return nil, fmt.Errorf("the snapshot of tensor %d: %w", i, err)
		}
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		return nil, errors.New("the snapshot is longer than its state")
	}
	return states, nil
}

// decoder reads the state of a tensor of the given length.
type decoder struct {
	r      io.Reader
	length int
}

// load reads what save wrote of the value called name. listed tells whether it is in a slice.
func (d *decoder) load(v reflect.Value, name string, listed bool) error {
	if v.Kind() == reflect.Struct {
		for i := range v.NumField() {
			if err := d.load(v.Field(i), join(name, v.Type().Field(i).Name), listed); err != nil {
				return err
			}
		}
		return nil
	}
	var b [8]byte
	if _, err := io.ReadFull(d.r, b[:]); err != nil {
		return fmt.Errorf("it ends within %s: %w", name, err)
	}
	word := binary.LittleEndian.Uint64(b[:])
	switch v.Kind() {
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(word))
	case reflect.Int:
		v.SetInt(int64(word))
	case reflect.Uint64:
		v.SetUint(word)
	case reflect.Bool:
		v.SetBool(word != 0)
	case reflect.Slice:
		if v.Type() == vecType && word != uint64(d.length) && !(listed && word == 0) {
			return fmt.Errorf("it has %d values of %s, and the tensor has %d elements", word, name, d.length)
		}
		return d.loadSlice(v, name, word)
	}
	return nil
}

// loadSlice reads a slice piece by piece, so that a damaged length cannot make it allocate what is not there.
func (d *decoder) loadSlice(v reflect.Value, name string, length uint64) error {
	if reflect.TypeFor[[]float64]().ConvertibleTo(v.Type()) {
		values, err := readFloats(d.r, length)
		if err != nil {
			return fmt.Errorf("it ends within %s: %w", name, err)
		}
		if values != nil { // an empty vector stays one
			v.Set(reflect.ValueOf(values).Convert(v.Type()))
		}
		return nil
	}
	for i := range length {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := d.load(element, fmt.Sprintf("%s[%d]", name, i), true); err != nil {
			return err
		}
		v.Set(reflect.Append(v, element))
	}
	return nil
}

// join is the name of a field within what has a name.
func join(name, field string) string {
	if name == "" {
		return field
	}
	return name + "." + field
}

// readFloats reads n numbers in pieces, so that a damaged length cannot make it allocate what is not there.
func readFloats(r io.Reader, n uint64) ([]float64, error) {
	var out []float64
	for uint64(len(out)) < n {
		m := min(n-uint64(len(out)), floatsPiece)
		raw := make([]byte, m*proto.BytesPerFloat64)
		if _, err := io.ReadFull(r, raw); err != nil {
			return nil, err
		}
		values := make([]float64, m)
		if err := proto.Float64s(values, raw); err != nil {
			return nil, err
		}
		out = append(out, values...)
	}
	return out, nil
}
