package tfevents

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

func read(b []byte) (all []string, err error) {
	err = Read(bytes.NewReader(b), func(s Scalar) error {
		all = append(all, fmt.Sprintf("%s %d %.2f %v", s.Tag, s.Step, s.Seconds, s.Value))
		return nil
	})
	return all, err
}

// TestReadTensorBoard reads what TensorBoard's own writer wrote (2.21, tensorboard.summary.writer.event_file_writer): scalars as
// numbers, and as tensors beside a histogram.
func TestReadTensorBoard(t *testing.T) {
	for file, want := range map[string]string{
		"simple": "[Loss/train 0 1700000000.25 2.5 acc é 0 1700000000.25 0.25 Loss/train 10 1700000001.25 NaN acc é 10 1700000001.25 0.5 " +
			"Loss/train 20 1700000002.25 +Inf acc é 20 1700000002.25 1]",
		"tensors": "[epoch_loss 0 1700000000.25 2.5 epoch_loss 10 1700000001.25 -0.125]",
	} {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if all, err := read(b); err != nil || fmt.Sprint(all) != want {
			t.Errorf("%s: %v, %v; want %s", file, all, err, want)
		}
	}
}

// written is a file with everything that is written.
func written() []byte {
	began := time.Unix(1_700_000_000, 250_000_000)
	var b bytes.Buffer
	w := NewWriter(&b, began)
	w.Begin(map[string]any{"lr": 0.1, "plugin": "sgd", "nesterov": true}, began)
	for k, x := range []float64{2.5, math.NaN(), math.Inf(-1), 1e300, 0.1} {
		w.Scalar("loss", 1<<33*k, began.Add(time.Duration(k)*time.Second), x)
	}
	w.End(Failed, began.Add(time.Minute))
	_ = w.Close() // of a buffer
	return b.Bytes()
}

// TestWrite: what was written is read, as float32.
func TestWrite(t *testing.T) {
	const want = "[loss 0 1700000000.25 2.5 loss 8589934592 1700000001.25 NaN loss 17179869184 1700000002.25 -Inf " +
		"loss 25769803776 1700000003.25 +Inf loss 34359738368 1700000004.25 0.10000000149011612]"
	if all, err := read(written()); err != nil || fmt.Sprint(all) != want {
		t.Errorf("%v, %v; want %s", all, err, want)
	}
}

// TestFirstRecord: a file begins with the same bytes as TensorBoard's, but for the time.
func TestFirstRecord(t *testing.T) {
	theirs, err := os.ReadFile("testdata/simple")
	if err != nil {
		t.Fatal(err)
	}
	length := int(theirs[0])
	at := time.UnixMicro(int64(math.Round(1e6 * math.Float64frombits(uint64At(theirs[headSize+1:])))))
	var b bytes.Buffer
	if err := NewWriter(&b, at).Close(); err != nil {
		t.Fatal(err)
	}
	// TensorBoard adds who wrote it after the version in the same event.
	ours := b.Bytes()[headSize : b.Len()-tailSize]
	if !bytes.HasPrefix(theirs[headSize+9:headSize+length], ours[9:]) {
		t.Errorf("%q, want %q", ours[9:], theirs[headSize+9:headSize+length])
	}
}

func uint64At(b []byte) (x uint64) {
	for i := 7; i >= 0; i-- {
		x = x<<8 | uint64(b[i])
	}
	return x
}

// TestDamage: no changed byte and no end before the end goes unnoticed, and what stood before is read.
func TestDamage(t *testing.T) {
	whole := written()
	all, err := read(whole)
	if err != nil {
		t.Fatal(err)
	}
	ends := map[int]bool{len(whole): true}
	for at := 0; at < len(whole); at += headSize + tailSize + int(whole[at]) + int(whole[at+1])<<8 {
		ends[at] = true
	}
	for i := range whole {
		b := bytes.Clone(whole)
		b[i] ^= 1 << (i % 8)
		if got, err := read(b); err == nil || len(got) >= len(all) && i < len(whole)-300 {
			t.Fatalf("byte %d was changed: %d scalars, %v", i, len(got), err)
		}
		_, err := read(whole[:i])
		if i > 0 && ends[i] != (err == nil) || err != nil && i >= headSize && !errors.Is(err, ErrCut) {
			t.Fatalf("cut to %d bytes: %v", i, err)
		}
	}
	for text, want := range map[string]string{"": "the file is empty", "step,loss\n1,2\n3,4": "it is no event file"} {
		if _, err := read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	stop := errors.New("stop")
	if err := Read(bytes.NewReader(whole), func(Scalar) error { return stop }); err != stop {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(written(), true)
	for _, name := range []string{"simple", "tensors"} {
		b, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, true)
	}
	f.Add([]byte("\x2a\x0a\x0a\x08\x0a\x01a\x42\x03\x08\x01\x12"), false)
	f.Fuzz(func(t *testing.T, b []byte, framed bool) {
		if !framed { // so that the checksums are no obstacle
			b = frame(nil, b)
		}
		err := Read(bytes.NewReader(b), func(Scalar) error { return nil })
		if err != nil && strings.HasPrefix(err.Error(), "byte") && !strings.Contains(err.Error(), ": ") {
			t.Fatal(err)
		}
	})
}

// TestHistogram: the fields are those of tensorboard/compat/proto/histogram.proto: TensorBoard 2.21 shows these buckets from min over the limits to max.
func TestHistogram(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b, time.Unix(1, 0))
	w.Histogram("g", 3, time.Unix(2, 0), -1, 2, []float64{0.25, 0.5, 0.25})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var got []string
	at := 0
	for at < b.Len() {
		length := int(b.Bytes()[at])
		event := b.Bytes()[at+headSize : at+headSize+length]
		at += headSize + length + tailSize
		walk(t, event, []protowire.Number{eventSummary, summaryValue, valueHisto}, func(n protowire.Number, v value) {
			got = append(got, fmt.Sprint(n, " ", doubles(v)))
		})
	}
	if want := "[1 [-1] 2 [2] 3 [1] 4 [0.5] 6 [0 1 2] 7 [0.25 0.5 0.25]]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// walk visits the fields of the messages at the end of a path.
func walk(t *testing.T, b []byte, path []protowire.Number, visit func(protowire.Number, value)) {
	t.Helper()
	err := fields(b, func(n protowire.Number, _ protowire.Type, v value) error {
		if len(path) == 0 {
			visit(n, v)
		} else if n == path[0] {
			walk(t, v.bytes, path[1:], visit)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// doubles are one, or those of a packed field.
func doubles(v value) (all []float64) {
	if v.bytes == nil {
		return []float64{math.Float64frombits(v.number)}
	}
	for i := 0; i < len(v.bytes); i += 8 {
		all = append(all, math.Float64frombits(binary.LittleEndian.Uint64(v.bytes[i:])))
	}
	return all
}
