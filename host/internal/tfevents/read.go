package tfevents

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// mostRecord is the longest record that is read, in bytes. Images and histograms are longer than scalars, and few are so long.
const mostRecord = 256 << 20

// Scalar is a value that a tag has at a step.
type Scalar struct {
	Tag     string
	Step    int64
	Seconds float64 // since 1970
	Value   float64
}

// Read reads the scalars of an event file, whether written as numbers (TensorFlow 1, PyTorch) or as tensors of one (TensorFlow 2), in
// the order of the file, and what else it holds not at all. An error of a record has the byte at which that begins; the error is
// [ErrCut] if the last one was cut off, as of a program that still writes.
func Read(r io.Reader, visit func(Scalar) error) error {
	in := bufio.NewReader(r)
	var head [headSize]byte
	var data []byte
	for at := int64(0); ; {
		_, err := io.ReadFull(in, head[:])
		switch {
		case errors.Is(err, io.EOF) && at > 0:
			return nil
		case errors.Is(err, io.EOF):
			return errors.New("the file is empty")
		case errors.Is(err, io.ErrUnexpectedEOF) && at > 0:
			return fmt.Errorf("byte %d: %w", at, ErrCut)
		case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
			return err
		}
		length := binary.LittleEndian.Uint64(head[:8])
		switch {
		case checksum(head[:8]) != binary.LittleEndian.Uint32(head[8:]) && at == 0:
			return errors.New("it is no event file: the checksum at its beginning is wrong")
		case checksum(head[:8]) != binary.LittleEndian.Uint32(head[8:]):
			return fmt.Errorf("byte %d: the checksum of the record's length is wrong: the file is damaged", at)
		case length > mostRecord:
			return fmt.Errorf("byte %d: the record has %d bytes, more than the %d allowed", at, length, mostRecord)
		}
		if data, err = readData(in, data, int(length)+tailSize); err != nil {
			if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
				return fmt.Errorf("byte %d: %w", at, ErrCut)
			}
			return err
		}
		event, sum := data[:length], data[length:]
		if checksum(event) != binary.LittleEndian.Uint32(sum) {
			return fmt.Errorf("byte %d: the checksum of the record is wrong: the file is damaged", at)
		}
		if err := readEvent(event, at, visit); err != nil {
			return err
		}
		at += headSize + int64(len(data))
	}
}

// ErrCut says that a file ends within a record.
var ErrCut = errors.New("the file ends within the record")

// readData reads so many bytes. A length that is a lie takes no more memory than twice what there is.
func readData(r io.Reader, b []byte, n int) ([]byte, error) {
	b = b[:0]
	for len(b) < n {
		more := min(n-len(b), max(len(b), 1<<16))
		b = append(b, make([]byte, more)...)
		if _, err := io.ReadFull(r, b[len(b)-more:]); err != nil {
			return b, err
		}
	}
	return b, nil
}

// readEvent passes on the scalars of an event.
func readEvent(b []byte, at int64, visit func(Scalar) error) error {
	var s Scalar
	var summaries [][]byte
	err := fields(b, func(n protowire.Number, t protowire.Type, v value) error {
		switch {
		case n == eventWallTime && t == protowire.Fixed64Type:
			s.Seconds = math.Float64frombits(v.number)
		case n == eventStep && t == protowire.VarintType:
			s.Step = int64(v.number)
		case n == eventSummary && t == protowire.BytesType:
			summaries = append(summaries, v.bytes)
		}
		return nil
	})
	for _, summary := range summaries {
		if err != nil {
			break
		}
		err = fields(summary, func(n protowire.Number, t protowire.Type, v value) error {
			if n != summaryValue || t != protowire.BytesType {
				return nil
			}
			is, err := readValue(v.bytes, &s)
			if err == nil && is {
				if err := visit(s); err != nil {
					return visited{err}
				}
			}
			return err
		})
	}
	var own visited
	switch {
	case errors.As(err, &own):
		return own.error
	case err != nil:
		return fmt.Errorf("byte %d: the record is no event: %w", at, err)
	}
	return nil
}

// visited is an error of who visits.
type visited struct{ error }

// readValue reads a value of a summary, and tells whether it is a scalar.
func readValue(b []byte, s *Scalar) (is bool, err error) {
	s.Tag = ""
	plugin := ""
	var tensor []byte
	err = fields(b, func(n protowire.Number, t protowire.Type, v value) error {
		switch {
		case n == valueTag && t == protowire.BytesType:
			s.Tag = string(v.bytes)
		case n == valueSimple && t == protowire.Fixed32Type:
			s.Value, is = float64(math.Float32frombits(uint32(v.number))), true
		case n == valueTensor && t == protowire.BytesType:
			tensor = v.bytes
		case n == valueMetadata && t == protowire.BytesType:
			return fields(v.bytes, func(n protowire.Number, t protowire.Type, v value) error {
				if n != metadataPlugin || t != protowire.BytesType {
					return nil
				}
				return fields(v.bytes, func(n protowire.Number, t protowire.Type, v value) error {
					if n == pluginName && t == protowire.BytesType {
						plugin = string(v.bytes)
					}
					return nil
				})
			})
		}
		return nil
	})
	if err != nil || is || tensor == nil || plugin == hparamsPlugin {
		return is, err
	}
	s.Value, is, err = readTensor(tensor)
	return is, err
}

// readTensor reads a tensor, and tells whether it is one number.
func readTensor(b []byte) (x float64, is bool, err error) {
	kind, elements := uint64(0), uint64(1)
	var content, packed []byte
	err = fields(b, func(n protowire.Number, t protowire.Type, v value) error {
		switch {
		case n == tensorType && t == protowire.VarintType:
			kind = v.number
		case n == tensorShape && t == protowire.BytesType:
			return fields(v.bytes, func(n protowire.Number, t protowire.Type, v value) error {
				if n != shapeDimension || t != protowire.BytesType {
					return nil
				}
				size := uint64(0)
				err := fields(v.bytes, func(n protowire.Number, t protowire.Type, v value) error {
					if n == dimensionSize && t == protowire.VarintType {
						size = v.number
					}
					return nil
				})
				if size != 1 {
					elements = 0 // or more than one, which is no scalar either
				}
				return err
			})
		case n == tensorContent && t == protowire.BytesType:
			content = v.bytes
		case (n == tensorFloats || n == tensorDoubles) && t == protowire.BytesType:
			packed = v.bytes
		case n == tensorFloats && t == protowire.Fixed32Type:
			packed = binary.LittleEndian.AppendUint32(nil, uint32(v.number))
		case n == tensorDoubles && t == protowire.Fixed64Type:
			packed = binary.LittleEndian.AppendUint64(nil, v.number)
		}
		return nil
	})
	if len(content) == 0 {
		content = packed
	}
	switch {
	case err != nil || elements != 1:
		return 0, false, err
	case kind == typeFloat && len(content) == 4:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(content))), true, nil
	case kind == typeDouble && len(content) == 8:
		return math.Float64frombits(binary.LittleEndian.Uint64(content)), true, nil
	}
	return 0, false, nil
}

// value is that of a field: bytes, or the bits of a number.
type value struct {
	number uint64
	bytes  []byte
}

// fields passes on the fields of a message, in their order.
func fields(b []byte, visit func(protowire.Number, protowire.Type, value) error) error {
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		var v value
		switch kind {
		case protowire.VarintType:
			v.number, n = protowire.ConsumeVarint(b)
		case protowire.Fixed64Type:
			v.number, n = protowire.ConsumeFixed64(b)
		case protowire.Fixed32Type:
			var x uint32
			x, n = protowire.ConsumeFixed32(b)
			v.number = uint64(x)
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(number, kind, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if err := visit(number, kind, v); err != nil {
			return err
		}
	}
	return nil
}
