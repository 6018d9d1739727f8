package tfevents

import (
	"bufio"
	"io"
	"maps"
	"math"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Writer writes an event file. Its errors stick.
type Writer struct {
	w     *bufio.Writer
	event []byte // reused, as are the others
	value []byte
	out   []byte
}

// NewWriter begins a file.
func NewWriter(w io.Writer, began time.Time) *Writer {
	out := &Writer{w: bufio.NewWriter(w)}
	out.begin(began, 0)
	out.event = appendText(out.event, eventFileVersion, Version)
	out.end()
	return out
}

// Scalar writes the value that a tag has at a step. TensorBoard holds values as float32.
func (w *Writer) Scalar(tag string, step int, at time.Time, value float64) {
	w.begin(at, step)
	w.value = appendText(w.value[:0], valueTag, tag)
	w.value = protowire.AppendTag(w.value, valueSimple, protowire.Fixed32Type)
	w.value = protowire.AppendFixed32(w.value, math.Float32bits(float32(value)))
	w.summary()
}

// Histogram writes how something is distributed at a step: shares of bins of the same width from low to high.
func (w *Writer) Histogram(tag string, step int, at time.Time, low, high float64, shares []float64) {
	double := func(b []byte, field protowire.Number, x float64) []byte {
		return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), math.Float64bits(x))
	}
	var limits, buckets []byte
	all, sum := 0.0, 0.0
	for i, share := range shares {
		width := (high - low) / float64(len(shares))
		limits = protowire.AppendFixed64(limits, math.Float64bits(low+width*float64(i+1)))
		buckets = protowire.AppendFixed64(buckets, math.Float64bits(share))
		all, sum = all+share, sum+share*(low+width*(float64(i)+0.5))
	}
	h := double(double(double(double(nil, histoMin, low), histoMax, high), histoNum, all), histoSum, sum)
	h = appendBytes(appendBytes(h, histoLimit, limits), histoBucket, buckets)
	w.begin(at, step)
	w.value = appendBytes(appendText(w.value[:0], valueTag, tag), valueHisto, h)
	w.summary()
}

// Close writes what is left, and returns the first error.
func (w *Writer) Close() error { return w.w.Flush() }

// begin begins an event.
func (w *Writer) begin(at time.Time, step int) {
	w.event = protowire.AppendTag(w.event[:0], eventWallTime, protowire.Fixed64Type)
	w.event = protowire.AppendFixed64(w.event, math.Float64bits(seconds(at)))
	if step != 0 {
		w.event = protowire.AppendTag(w.event, eventStep, protowire.VarintType)
		w.event = protowire.AppendVarint(w.event, uint64(step))
	}
}

// summary ends an event whose summary has one value.
func (w *Writer) summary() {
	w.out = appendBytes(w.out[:0], summaryValue, w.value)
	w.event = appendBytes(w.event, eventSummary, w.out)
	w.end()
}

func (w *Writer) end() {
	w.out = frame(w.out[:0], w.event)
	_, _ = w.w.Write(w.out)
}

// The messages of the plugin that shows hyperparameters.
const (
	hparamsPlugin = "hparams"

	hparamsStart = 3
	hparamsEnd   = 4

	startHparams = 1 // map of string and google.protobuf.Value
	startSeconds = 5 // double
	endStatus    = 1 // enum
	endSeconds   = 2 // double

	mapKey, mapValue = 1, 2

	structNumber = 2 // double
	structText   = 3 // string
	structFlag   = 4 // bool
)

// Session is how a session ended, as TensorBoard's table of hyperparameters shows it.
type Session int

// The ends of sessions.
const (
	Succeeded Session = 1
	Failed    Session = 2
	Running   Session = 3
)

// Begin writes the hyperparameters that a run has: texts, float64s and bools.
func (w *Writer) Begin(hyperparameters map[string]any, began time.Time) {
	var start []byte
	for _, name := range slices.Sorted(maps.Keys(hyperparameters)) {
		var v []byte
		switch x := hyperparameters[name].(type) {
		case float64:
			v = protowire.AppendTag(v, structNumber, protowire.Fixed64Type)
			v = protowire.AppendFixed64(v, math.Float64bits(x))
		case string:
			v = appendText(v, structText, x)
		case bool:
			v = protowire.AppendTag(v, structFlag, protowire.VarintType)
			v = protowire.AppendVarint(v, protowire.EncodeBool(x))
		}
		start = appendBytes(start, startHparams, appendBytes(appendText(nil, mapKey, name), mapValue, v))
	}
	start = protowire.AppendTag(start, startSeconds, protowire.Fixed64Type)
	start = protowire.AppendFixed64(start, math.Float64bits(seconds(began)))
	w.plugin("_hparams_/session_start_info", began, appendBytes(nil, hparamsStart, start))
}

// End writes how a run ended.
func (w *Writer) End(s Session, ended time.Time) {
	end := protowire.AppendVarint(protowire.AppendTag(nil, endStatus, protowire.VarintType), uint64(s))
	end = protowire.AppendTag(end, endSeconds, protowire.Fixed64Type)
	end = protowire.AppendFixed64(end, math.Float64bits(seconds(ended)))
	w.plugin("_hparams_/session_end_info", ended, appendBytes(nil, hparamsEnd, end))
}

// plugin writes data of the plugin for hyperparameters, which stand in the metadata of a tensor of no meaning.
func (w *Writer) plugin(tag string, at time.Time, content []byte) {
	w.begin(at, 0)
	w.value = appendText(w.value[:0], valueTag, tag)
	tensor := protowire.AppendVarint(protowire.AppendTag(nil, tensorType, protowire.VarintType), typeFloat)
	tensor = appendBytes(tensor, tensorShape, nil)
	tensor = appendBytes(tensor, tensorFloats, protowire.AppendFixed32(nil, 0))
	w.value = appendBytes(w.value, valueTensor, tensor)
	plugin := appendBytes(appendText(nil, pluginName, hparamsPlugin), pluginContent, content)
	w.value = appendBytes(w.value, valueMetadata, appendBytes(nil, metadataPlugin, plugin))
	w.summary()
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

func appendBytes(dst []byte, field protowire.Number, b []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(dst, field, protowire.BytesType), b)
}

func appendText(dst []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(dst, field, protowire.BytesType), s)
}
