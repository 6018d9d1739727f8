// Package remote sends metrics to a receiver of Prometheus' remote write, version 1.0: points as they are recorded, and the registry as it
// is now.
package remote

import (
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Label is a name and a value. The name of a metric is the value of [MetricName].
type Label struct{ Name, Value string }

// MetricName is the label that names the metric.
const MetricName = "__name__"

// Stale is the value that says that a series has ended. It is a NaN of its own.
var Stale = math.Float64frombits(0x7ff0000000000002)

// The numbers of the fields of the messages in https://prometheus.io/docs/specs/prw/remote_write_spec/#protocol.
const (
	requestTimeseries = 1
	timeseriesLabels  = 1
	timeseriesSamples = 2
	labelName         = 1
	labelValue        = 2
	sampleValue       = 1
	sampleTimestamp   = 2
)

// Series are the labels of a series, as a message has them.
type Series string

// NewSeries sorts labels by their names, as the protocol demands, and leaves out those that are empty, which is as if they were not there.
func NewSeries(labels ...Label) Series {
	slices.SortFunc(labels, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
	var b, label []byte
	for _, l := range labels {
		if l.Value == "" {
			continue
		}
		label = protowire.AppendTag(label[:0], labelName, protowire.BytesType)
		label = protowire.AppendString(label, l.Name)
		label = protowire.AppendTag(label, labelValue, protowire.BytesType)
		label = protowire.AppendString(label, l.Value)
		b = protowire.AppendTag(b, timeseriesLabels, protowire.BytesType)
		b = protowire.AppendBytes(b, label)
	}
	return Series(b)
}

// Samples are samples of one series, as a message has them, in the order of their times.
type Samples struct {
	b []byte
	n int
}

// Add adds a sample, by its time in milliseconds since 1970.
func (s *Samples) Add(ms int64, value float64) {
	s.b = protowire.AppendTag(s.b, timeseriesSamples, protowire.BytesType)
	s.b = protowire.AppendVarint(s.b, uint64(2+8+protowire.SizeVarint(uint64(ms))))
	s.b = protowire.AppendTag(s.b, sampleValue, protowire.Fixed64Type)
	s.b = protowire.AppendFixed64(s.b, math.Float64bits(value))
	s.b = protowire.AppendTag(s.b, sampleTimestamp, protowire.VarintType)
	s.b = protowire.AppendVarint(s.b, uint64(ms))
	s.n++
}

// Len is how many there are.
func (s *Samples) Len() int { return s.n }

// Reset removes all.
func (s *Samples) Reset() { s.b, s.n = s.b[:0], 0 }

// mostSamples is how many samples a request has at most, about.
const mostSamples = 2000

// Request is what is sent at once.
type Request struct {
	b []byte
	n int
}

// Room is how many more samples a request should have.
func (r *Request) Room() int { return max(0, mostSamples-r.n) }

// Add adds samples of a series. Without any it does nothing.
func (r *Request) Add(series Series, samples *Samples) {
	if samples.n == 0 {
		return
	}
	r.b = protowire.AppendTag(r.b, requestTimeseries, protowire.BytesType)
	r.b = protowire.AppendVarint(r.b, uint64(len(series)+len(samples.b)))
	r.b = append(r.b, series...)
	r.b = append(r.b, samples.b...)
	r.n += samples.n
}

// reset removes all.
func (r *Request) reset() { r.b, r.n = r.b[:0], 0 }

// message is a request, or a part of one, as package api takes it.
type message []byte

// SizeVT is how many bytes it has.
func (m message) SizeVT() int { return len(m) }

// MarshalToSizedBufferVT writes it to a buffer of its size.
func (m message) MarshalToSizedBufferVT(b []byte) (int, error) { return copy(b, m), nil }
