package dataset

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
)

const (
	// maxBytes is the most memory that one file's values may take.
	maxBytes = 4 << 30
	// MaxFeatures is the most features that an example may have.
	MaxFeatures = 1 << 24
	// A compressed file may expand to bombFloor, and beyond that to bombRatio times its size: real data compress less,
	// and what expands more is made to fill the memory. (Deflate's limit is 1032.)
	bombFloor = 16 << 20
	bombRatio = 100
)

// Sum identifies the content of a file, however it is compressed.
type Sum struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hexadecimal digits
}

// file is a data file being read, decompressed if it begins with gzip's magic number.
type file struct {
	*bufio.Reader
	name    string
	most    int64 // bytes that can be in it
	content *summed
	close   func() error
}

func open(path string) (*file, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder, not a file", path)
	}
	if err == nil {
		var out *file
		if out, err = reader(path, f, info.Size()); err == nil {
			out.close = f.Close
			return out, nil
		}
	}
	_ = f.Close()
	return nil, err
}

// from opens a file and reads it to its end.
func from[T any](path string, read func(*file) (T, error)) (T, Sum, error) {
	f, err := open(path)
	if err != nil {
		return *new(T), Sum{}, err
	}
	defer func() { _ = f.close() }()
	content, err := read(f)
	return content, f.content.sum(), err
}

// summed sums what is read.
type summed struct {
	r     io.Reader
	hash  hash.Hash
	bytes int64
}

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.hash.Write(p[:n])
	s.bytes += int64(n)
	return n, err
}

func (s *summed) sum() Sum { return Sum{s.bytes, hex.EncodeToString(s.hash.Sum(nil))} }

// reader reads a file of the given size, or an embedded one.
func reader(name string, r io.Reader, size int64) (*file, error) {
	raw := bufio.NewReaderSize(r, 1<<16)
	out := &file{name: name, most: size, content: &summed{r: raw, hash: sha256.New()}, close: func() error { return nil }}
	magic, err := raw.Peek(2)
	if len(magic) == 0 && (err == nil || errors.Is(err, io.EOF)) {
		return nil, fmt.Errorf("%s: the file is empty", name)
	}
	if bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: not a whole gzip file: %w; fetch it again", name, err)
		}
		out.most = max(bombFloor, bombRatio*size)
		out.content.r = &limited{r: z, left: out.most}
	}
	out.Reader = bufio.NewReaderSize(out.content, 1<<16)
	return out, nil
}

// limited refuses to read on after left bytes.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("the file expands to more than %d times its size, as gzip bombs do; decompress it yourself if it "+
			"is none", bombRatio)
	}
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, fmt.Errorf("the gzip file is damaged or cut short (%v); fetch it again", err)
	}
	return n, err
}

// take reads exactly n bytes of what. It makes no room for more than a file of this size can have.
func (f *file) take(n int64, what string) ([]byte, error) {
	switch {
	case n > maxBytes:
		return nil, fmt.Errorf("%s: %s would take %d MB, more than the %d MB allowed; take a part of it", f.name, what,
			n>>20, maxBytes>>20)
	case n > f.most:
		return nil, fmt.Errorf("%s: the file is cut short: %s should have %d bytes, more than a file of this size holds; "+
			"fetch or write it again", f.name, what, n)
	}
	b := make([]byte, n)
	got, err := io.ReadFull(f, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%s: the file is cut short: %s should have %d bytes, but only %d are there; fetch or write it "+
			"again",
			f.name, what, n, got)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	return b, nil
}

// end checks that nothing is left.
func (f *file) end() error {
	if _, err := f.ReadByte(); err == nil {
		return fmt.Errorf("%s: the file is longer than its header says; it is damaged or mislabelled", f.name)
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	return nil
}
