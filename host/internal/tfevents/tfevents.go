// Package tfevents writes and reads event files, the format in which TensorBoard keeps scalars and histograms: records that are framed with their
// length and checksums, each a protocol buffer.
//
// The frame is that of TensorFlow's record_writer.cc, the messages are those of tensorboard/compat/proto (event.proto, summary.proto,
// tensor.proto) and tensorboard/plugins/hparams/plugin_data.proto, as far as they are needed here; a number in the code is that of a
// field there.
package tfevents

import (
	"encoding/binary"
	"hash/crc32"
)

// Version is what the first event of a file says.
const Version = "brain.Event:2"

// The numbers of fields.
const (
	eventWallTime    = 1 // double, seconds since 1970
	eventStep        = 2 // int64
	eventFileVersion = 3 // string
	eventSummary     = 5

	summaryValue = 1 // repeated

	valueTag      = 1 // string
	valueSimple   = 2 // float
	valueHisto    = 5
	valueTensor   = 8
	valueMetadata = 9

	histoMin    = 1 // double, as are the others
	histoMax    = 2
	histoNum    = 3
	histoSum    = 4
	histoLimit  = 6 // repeated: the upper ends of the buckets
	histoBucket = 7 // repeated

	metadataPlugin = 1
	pluginName     = 1 // string
	pluginContent  = 2 // bytes

	tensorType    = 1 // enum
	tensorShape   = 2
	tensorContent = 4 // bytes, little-endian
	tensorFloats  = 5 // repeated float
	tensorDoubles = 6 // repeated double

	shapeDimension = 2 // repeated
	dimensionSize  = 1 // int64
)

// The types of tensors that scalars have.
const (
	typeFloat  = 1
	typeDouble = 2
)

// A record is its length (8 bytes), the checksum of that (4), the data, and the checksum of these (4).
const headSize, tailSize = 12, 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksum is CRC-32C, masked: a checksum of data that contain checksums is a weak one.
func checksum(b []byte) uint32 {
	crc := crc32.Checksum(b, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// frame appends a record.
func frame(dst, data []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(data)))
	dst = binary.LittleEndian.AppendUint32(dst, checksum(dst[len(dst)-8:]))
	dst = append(dst, data...)
	return binary.LittleEndian.AppendUint32(dst, checksum(data))
}
