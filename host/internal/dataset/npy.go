package dataset

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	npyDescr   = regexp.MustCompile(`['"]descr['"]\s*:\s*['"]([<>|=])([a-zA-Z?])(\d+)['"]`)
	npyFortran = regexp.MustCompile(`['"]fortran_order['"]\s*:\s*(True|False)`)
	npyShape   = regexp.MustCompile(`['"]shape['"]\s*:\s*\(([\d\s,L]*)\)`)
)

// maxNPYHeader is the longest header that is read; NumPy itself asks for consent above 10,000 bytes.
const maxNPYHeader = 10_000

// npyType turns elements into numbers.
type npyType struct {
	code string // kind and size: f8, i4, u1, ...
	get  func(order binary.ByteOrder, b []byte) float64
}

var npyTypes = []npyType{
	{"f8", func(o binary.ByteOrder, b []byte) float64 { return math.Float64frombits(o.Uint64(b)) }},
	{"f4", func(o binary.ByteOrder, b []byte) float64 { return float64(math.Float32frombits(o.Uint32(b))) }},
	{"i8", func(o binary.ByteOrder, b []byte) float64 { return float64(int64(o.Uint64(b))) }},
	{"i4", func(o binary.ByteOrder, b []byte) float64 { return float64(int32(o.Uint32(b))) }},
	{"i2", func(o binary.ByteOrder, b []byte) float64 { return float64(int16(o.Uint16(b))) }},
	{"i1", func(_ binary.ByteOrder, b []byte) float64 { return float64(int8(b[0])) }},
	{"u8", func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint64(b)) }},
	{"u4", func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint32(b)) }},
	{"u2", func(o binary.ByteOrder, b []byte) float64 { return float64(o.Uint16(b)) }},
	{"u1", func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) }},
	{"b1", func(_ binary.ByteOrder, b []byte) float64 { return float64(b[0]) }},
}

// npyHeader is what stands before the elements.
type npyHeader struct {
	npyType
	order   binary.ByteOrder
	size    int64 // of an element
	fortran bool  // the first index runs fastest
	shape   []int
}

var npyFormat = format{name: "npy", title: "NumPy", endings: []string{".npy", ".npz"}, array: readNPY}

// readNPY reads an array of numbers in NumPy's format, versions 1 to 3 (NumPy enhancement proposal 1).
func readNPY(f *file) (*array, error) {
	h, err := readNPYHeader(f)
	if err != nil {
		return nil, err
	}
	a := &array{name: f.name, shape: h.shape, whole: h.code[0] != 'f'}
	var index func(i int64) int64
	if h.fortran && len(h.shape) > 1 {
		index = fortran(h.shape)
	}
	return a, a.read(f, h.code == "u1", h.code == "f4", h.size, index, func(b []byte) float64 { return h.get(h.order, b) })
}

// readNPYHeader reads the magic number, the version, the header's length, and the header, which is a Python dictionary.
func readNPYHeader(f *file) (h npyHeader, err error) {
	magic, err := f.take(8, "the magic number")
	if err != nil {
		return h, err
	}
	if !bytes.HasPrefix(magic, []byte("\x93NUMPY")) || magic[6] < 1 || magic[6] > 3 {
		if bytes.HasPrefix(magic, []byte("PK")) {
			return h, archiveError(f.name)
		}
		return h, fmt.Errorf("%s: not a NumPy file of version 1, 2 or 3", f.name)
	}
	var length uint32
	if magic[6] == 1 {
		b, err := f.take(2, "the header")
		if err != nil {
			return h, err
		}
		length = uint32(binary.LittleEndian.Uint16(b))
	} else {
		b, err := f.take(4, "the header")
		if err != nil {
			return h, err
		}
		length = binary.LittleEndian.Uint32(b)
	}
	if length > maxNPYHeader {
		return h, fmt.Errorf("%s: the header has %d bytes; more than %d are not read", f.name, length, maxNPYHeader)
	}
	text, err := f.take(int64(length), "the header")
	if err != nil {
		return h, err
	}
	return parseNPYHeader(f.name, string(text))
}

// archiveError says how to read the arrays of an .npz archive.
func archiveError(path string) error {
	names := ""
	if z, err := zip.OpenReader(path); err == nil {
		var arrays []string
		for _, f := range z.File {
			arrays = append(arrays, strings.TrimSuffix(f.Name, ".npy"))
		}
		names = " of " + listed(arrays)
		_ = z.Close()
	}
	return fmt.Errorf("%s: an .npz archive%s; unzip it, and name the .npy files of features and targets", path, names)
}

func parseNPYHeader(name, text string) (h npyHeader, err error) {
	descr, order, shape := npyDescr.FindStringSubmatch(text), npyFortran.FindStringSubmatch(text),
		npyShape.FindStringSubmatch(text)
	if descr != nil {
		for _, t := range npyTypes {
			if t.code == descr[2]+descr[3] {
				h.npyType = t
			}
		}
	}
	if h.get == nil || order == nil || shape == nil {
		return h, fmt.Errorf("%s: cannot read an array with the header %q; save numbers of a type such as float64, float32 or "+
			"uint8",
			name, strings.TrimSpace(text))
	}
	h.order = binary.LittleEndian
	if descr[1] == ">" {
		h.order = binary.BigEndian
	}
	h.size, h.fortran = int64(h.code[1]-'0'), order[1] == "True"
	for part := range strings.SplitSeq(shape[1], ",") {
		if part = strings.TrimSuffix(strings.TrimSpace(part), "L"); part == "" {
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil {
			return h, fmt.Errorf("%s: the shape (%s) is not one of whole numbers", name, shape[1])
		}
		h.shape = append(h.shape, n)
	}
	if len(h.shape) < 1 || len(h.shape) > 4 {
		return h, fmt.Errorf("%s: an array of shape (%s); one of 1 to 4 dimensions is needed", name, shape[1])
	}
	return h, nil
}

// fortran returns where in an array with the last index running fastest the i-th element stands of the same array with
// the first index running fastest.
func fortran(shape []int) func(i int64) int64 {
	return func(i int64) int64 {
		at, total := int64(0), int64(1)
		for _, n := range shape {
			total *= int64(n)
		}
		for _, n := range shape {
			total /= int64(n) // the stride of the index
			at += i % int64(n) * total
			i /= int64(n)
		}
		return at
	}
}
