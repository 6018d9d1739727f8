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

	"golang.org/x/text/encoding/unicode"

	"github.com/steepest/steepest/host/internal/regular"
)

const (
	// maxBytes is the most memory that one file's values may take.
	maxBytes = 4 << 30
	// maxFeatures is the most features that an example may have.
	maxFeatures = 1 << 24
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
	size    int64 // bytes that are in it, or 0 if it is compressed
	content *summed
	close   func() error
}

func open(path string) (*file, error) {
	f, size, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	out, err := reader(path, f, size)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	out.close = f.Close
	return out, nil
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
	out := &file{name: name, most: size, size: size, content: &summed{r: raw, hash: sha256.New()}, close: func() error { return nil }}
	var magic []byte
	var err error
	if size > 0 { // files of /proc claim 0 and may never end
		magic, err = raw.Peek(2)
	}
	if len(magic) == 0 && (err == nil || errors.Is(err, io.EOF)) {
		return nil, fmt.Errorf("%s: the file is empty", name)
	}
	if bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: not a whole gzip file: %w; fetch it again", name, err)
		}
		z.Multistream(false)
		out.size = 0
		out.most = max(bombFloor, bombRatio*size)
		out.content.r = &limited{r: &members{raw, z}, left: out.most}
	}
	out.Reader = bufio.NewReaderSize(out.content, 1<<16)
	return out, nil
}

// text prepares for reading text: the byte order mark that some programs write is removed, and UTF-16 with one decoded.
// Whoever reads checks that what remains is UTF-8.
func (f *file) text() error {
	head, _ := f.Peek(512) // what is wrong comes again with the next read
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return fmt.Errorf("%s: the text is in UTF-32; convert it with iconv -f UTF-32 -t UTF-8", f.name)
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		f.Reader = bufio.NewReaderSize(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(f.Reader), 1<<16)
	case bytes.IndexByte(head, 0) >= 0:
		return fmt.Errorf("%s: the file holds zero bytes, so it is no text in UTF-8; if it is UTF-16, convert it with "+
			"iconv -f UTF-16LE -t UTF-8", f.name)
	case bytes.HasPrefix(head, []byte("\ufeff")):
		_, _ = f.Discard(len("\ufeff"))
	}
	return nil
}

// notUTF8 says what to do about a text in another encoding.
const notUTF8 = "is no text in UTF-8; convert the file, if it is Latin-1 with iconv -f ISO-8859-1 -t UTF-8"

// members reads the members of a gzip file as one content, and like gzip passes over zero bytes behind the last.
type members struct {
	raw *bufio.Reader
	z   *gzip.Reader
}

func (m *members) Read(p []byte) (n int, err error) {
	for n == 0 && err == nil {
		if n, err = m.z.Read(p); errors.Is(err, io.EOF) {
			err = m.next()
		}
	}
	return n, err
}

func (m *members) next() error {
	for {
		b, err := m.raw.ReadByte()
		if err != nil {
			return err
		}
		if b != 0 {
			break
		}
	}
	if err := errors.Join(m.raw.UnreadByte(), m.z.Reset(m.raw)); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	m.z.Multistream(false)
	return nil
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

// take reads exactly n bytes of what.
func (f *file) take(n int64, what string) ([]byte, error) {
	if err := f.room(n, what); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	return b, f.fill(b, 0, n, what)
}

// room refuses n bytes of what if a file of this size cannot have them, before memory is made for them.
func (f *file) room(n int64, what string) error {
	if n > f.most {
		return fmt.Errorf("%s: the file is cut short: %s should have %d bytes, more than a file of this size holds; "+
			"fetch or write it again", f.name, what, n)
	}
	return nil
}

// fill reads the next bytes of what, which has n, done of them being read already.
func (f *file) fill(b []byte, done, n int64, what string) error {
	got, err := io.ReadFull(f, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: the file is cut short: %s should have %d bytes, but only %d are there; fetch or write it "+
			"again", f.name, what, n, done+int64(got))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	return nil
}

// values reads n elements of some bytes each and puts them one by one.
func (f *file) values(n, size int64, put func(i int64, b []byte)) error {
	const what = "its values"
	var buffer [1 << 15]byte
	for i := int64(0); i < n; {
		some := min(n-i, int64(len(buffer))/size)
		b := buffer[:some*size]
		if err := f.fill(b, i*size, n*size, what); err != nil {
			return err
		}
		for ; len(b) > 0; b = b[size:] {
			put(i, b)
			i++
		}
	}
	return f.end()
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
