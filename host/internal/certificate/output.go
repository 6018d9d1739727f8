package certificate

import (
	"bytes"
	"strings"
	"sync"
)

// bounded keeps the beginning of what is written and counts the rest. It never fails, so that nobody waits for it.
type bounded struct {
	mu    sync.Mutex
	limit int
	kept  []byte
	total int
}

func (b *bounded) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept = append(b.kept, p[:min(len(p), b.limit-len(b.kept))]...)
	b.total += len(p)
	return len(p), nil
}

func (b *bounded) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.kept)
}

// maxLine is the longest line that go-plugin reads from a plugin's standard output; a longer one makes it stop reading,
// and then the plugin waits forever for its next one to be taken.
const maxLine = 64 << 10

// stdout reads a program's standard output: the line of the handshake, and what else is there.
type stdout struct {
	handshake chan []string // receives the fields of the handshake line, once

	mu            sync.Mutex
	shook         bool
	line          []byte // unfinished, at most maxLine of it
	lineBytes     int
	before, after bounded
	longest       int // bytes of the longest line
}

func newStdout() *stdout {
	return &stdout{handshake: make(chan []string, 1), before: bounded{limit: 4 << 10}, after: bounded{limit: 4 << 10}}
}

func (s *stdout) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for piece := range bytes.Lines(p) {
		s.lineBytes += len(piece)
		s.line = append(s.line, piece[:min(len(piece), maxLine-len(s.line))]...)
		s.longest = max(s.longest, s.lineBytes)
		if s.shook {
			_, _ = s.after.Write(piece)
		}
		if piece[len(piece)-1] == '\n' {
			s.endLine()
		}
	}
	return len(p), nil
}

// endLine takes a finished line for the handshake if it has its form.
func (s *stdout) endLine() {
	line := strings.TrimSpace(string(s.line))
	if fields := strings.Split(line, "|"); !s.shook && len(fields) >= 5 {
		s.shook = true
		s.handshake <- fields
	} else if !s.shook {
		_, _ = s.before.Write(append(s.line, '\n'))
	}
	s.line, s.lineBytes = s.line[:0], 0
}

// quote shows the beginning of what was printed.
func quote(b *bounded) string {
	text := strings.TrimSpace(b.String())
	if len(text) > 60 {
		text = text[:60] + "..."
	}
	return text
}
