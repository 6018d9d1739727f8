package sdk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"

	"github.com/steepest/steepest/proto"
)

// slot is one field of the author's state struct.
type slot struct {
	index int
	name  string
	kind  slotKind
}

type slotKind string

const (
	slotVec    slotKind = "vec"    // Vec: one value for each parameter
	slotFloat  slotKind = "float"  // float64
	slotInt    slotKind = "int"    // int
	slotBool   slotKind = "bool"   // bool
	slotFloats slotKind = "floats" // []float64 of the author's length
)

// stateSlots reads the fields of a state struct. Errors name the field.
func stateSlots(t reflect.Type) ([]slot, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("state must be a struct, not %v", t)
	}
	var slots []slot
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			return nil, fmt.Errorf("field %s of %v: is not exported; state must be, or it could not be saved", f.Name, t)
		}
		s := slot{index: i, name: f.Name}
		switch f.Type {
		case reflect.TypeFor[Vec]():
			s.kind = slotVec
		case reflect.TypeFor[float64]():
			s.kind = slotFloat
		case reflect.TypeFor[int]():
			s.kind = slotInt
		case reflect.TypeFor[bool]():
			s.kind = slotBool
		case reflect.TypeFor[[]float64]():
			s.kind = slotFloats
		default:
			return nil, fmt.Errorf("field %s of %v: type %v is not supported; use sdk.Vec, float64, int, bool or []float64",
				f.Name, t, f.Type)
		}
		slots = append(slots, s)
	}
	return slots, nil
}

// stateVersion names the meaning of a snapshot's bytes: a snapshot is only restored into a state of the same fields.
func stateVersion(slots []slot) string {
	var b strings.Builder
	b.WriteString("1")
	for _, s := range slots {
		fmt.Fprintf(&b, " %s:%s", s.name, s.kind)
	}
	return b.String()
}

// newStates makes the zero state for tensors of the given lengths.
func newStates[S any](slots []slot, lengths []int) []S {
	states := make([]S, len(lengths))
	for i, n := range lengths {
		v := reflect.ValueOf(&states[i]).Elem()
		for _, s := range slots {
			if s.kind == slotVec {
				v.Field(s.index).Set(reflect.ValueOf(make(Vec, n)))
			}
		}
	}
	return states
}

// saveStates writes every slot of every tensor's state: numbers little-endian, slices after their length.
func saveStates[S any](w io.Writer, slots []slot, states []S) error {
	var buffer []byte
	for i := range states {
		v := reflect.ValueOf(&states[i]).Elem()
		for _, s := range slots {
			buffer = buffer[:0]
			switch f := v.Field(s.index).Addr().Interface().(type) {
			case *Vec:
				buffer = binary.LittleEndian.AppendUint64(buffer, uint64(len(*f)))
				buffer = proto.AppendFloat64s(buffer, *f)
			case *[]float64:
				buffer = binary.LittleEndian.AppendUint64(buffer, uint64(len(*f)))
				buffer = proto.AppendFloat64s(buffer, *f)
			case *float64:
				buffer = proto.AppendFloat64s(buffer, []float64{*f})
			case *int:
				buffer = binary.LittleEndian.AppendUint64(buffer, uint64(*f))
			case *bool:
				var b uint64
				if *f {
					b = 1
				}
				buffer = binary.LittleEndian.AppendUint64(buffer, b)
			}
			if _, err := w.Write(buffer); err != nil {
				return err
			}
		}
	}
	return nil
}

// loadStates is the inverse of saveStates. It fails on bytes that do not fit tensors of the given lengths.
func loadStates[S any](r io.Reader, slots []slot, lengths []int) ([]S, error) {
	states := newStates[S](slots, lengths)
	word := func() (uint64, error) {
		var b [8]byte
		_, err := io.ReadFull(r, b[:])
		return binary.LittleEndian.Uint64(b[:]), err
	}
	for i := range states {
		v := reflect.ValueOf(&states[i]).Elem()
		for _, s := range slots {
			n, err := word()
			if err == nil {
				switch f := v.Field(s.index).Addr().Interface().(type) {
				case *Vec:
					if n != uint64(len(*f)) {
						return nil, fmt.Errorf("the snapshot has %d values of %s for tensor %d, which has %d elements",
							n, s.name, i, len(*f))
					}
					*f, err = readFloats(r, n)
				case *[]float64:
					*f, err = readFloats(r, n)
				case *float64:
					*f = math.Float64frombits(n)
				case *int:
					*f = int(n)
				case *bool:
					*f = n != 0
				}
			}
			if err != nil {
				return nil, fmt.Errorf("the snapshot ends within %s of tensor %d: %w", s.name, i, err)
			}
		}
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		return nil, errors.New("the snapshot is longer than its state")
	}
	return states, nil
}

// readFloats reads n numbers in pieces, so that a damaged length cannot make it allocate what is not there.
func readFloats(r io.Reader, n uint64) ([]float64, error) {
	const piece = 1 << 16
	var out []float64
	for uint64(len(out)) < n {
		m := min(n-uint64(len(out)), piece)
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
