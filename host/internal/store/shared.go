package store

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"
)

// ownKeys are those of a run's record whose values are its own. What stands under others is the same in many runs of an experiment: the
// problem, the programs, the machine.
var ownKeys = []string{"run_id", "identity", "optimizer", "seed", "started", "resumed", "imported", "attempt", "summary", "steps_csv", "checksum"}

// recordText is the record of a run in JSON without spaces, as two objects: what is its own, and what it may share with others.
type recordText struct{ own, shared []byte }

// splitRecord splits an object in JSON without spaces.
func splitRecord(object []byte) recordText {
	text := recordText{own: []byte{'{'}, shared: []byte{'{'}}
	for part := range parts(object[1 : len(object)-1]) {
		to := &text.shared
		if key := part[1 : stringEnd(part)-1]; slices.ContainsFunc(ownKeys, func(own string) bool { return own == string(key) }) {
			to = &text.own
		}
		if len(*to) > 1 {
			*to = append(*to, ',')
		}
		*to = append(*to, part...)
	}
	text.own, text.shared = append(text.own, '}'), append(text.shared, '}')
	return text
}

// record reads the record. What is shared is read once, and is one in memory; nobody changes it.
func (t recordText) record(shared *settings) (*runRecord, error) {
	base, err := shared.of(t.shared)
	if err != nil {
		return nil, err
	}
	r := *base
	r.text.own = t.own
	return &r, decode(t.own, &r)
}

// settings are what records share, by its text.
type settings struct {
	mu sync.Mutex
	by map[string]*runRecord
}

// mostSettings bounds how much is kept for records to come.
const mostSettings = 256

// inCommon are those of the records that this program has read.
var inCommon settings

func (s *settings) of(text []byte) (*runRecord, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, known := s.by[string(text)]; known {
		return r, nil
	}
	r := &runRecord{}
	if err := decode(text, r); err != nil {
		return nil, err
	}
	if s.by == nil || len(s.by) >= mostSettings {
		s.by = map[string]*runRecord{}
	}
	r.text.shared = text
	s.by[string(text)] = r
	return r, nil
}

// compact is an object in JSON without spaces; nil if it is none, or more.
func compact(object []byte) []byte {
	var b bytes.Buffer
	b.Grow(len(object))
	if json.Compact(&b, object) != nil || b.Bytes()[0] != '{' {
		return nil
	}
	return b.Bytes()
}
