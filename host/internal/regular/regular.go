// Package regular opens files that have a content and an end: no devices, pipes or sockets, which can hang a program or
// fill its memory.
package regular

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Error says that what is at a path is no regular file.
type Error struct {
	Path string
	Mode fs.FileMode
}

func (e *Error) Error() string {
	return e.What() + "; name a file, or copy the content into one"
}

// What is the error without what to do about it.
func (e *Error) What() string {
	return fmt.Sprintf("%s is %s, not a regular file", e.Path, kind(e.Mode))
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}

// Open opens a regular file for reading and returns its size in bytes. Files of /proc, whose content has no size, have 0.
func Open(path string) (*os.File, int64, error) {
	info, err := os.Stat(path) // before it is opened, which waits for a pipe's other end
	if err == nil && !info.Mode().IsRegular() {
		err = &Error{path, info.Mode()}
	}
	if err != nil {
		return nil, 0, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	if info, err = f.Stat(); err == nil && !info.Mode().IsRegular() {
		err = &Error{path, info.Mode()}
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// ReadFile reads a regular file of at most so many bytes.
func ReadFile(path string, most int64) ([]byte, error) {
	f, size, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	tooLarge := fmt.Errorf("%s has more than the %d bytes allowed", path, most)
	if size > most {
		return nil, tooLarge
	}
	var b bytes.Buffer
	b.Grow(int(size) + bytes.MinRead) // it is read at once, if it has its size
	_, err = b.ReadFrom(io.LimitReader(f, most+1))
	if int64(b.Len()) > most {
		return nil, tooLarge
	}
	return b.Bytes(), err
}
