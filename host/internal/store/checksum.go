package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// checksum is the SHA-256 of an object in JSON without its key checksum, whatever the spaces and the order of its keys.
func checksum(object []byte) (string, error) {
	var keys map[string]any
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	if err := d.Decode(&keys); err != nil {
		return "", err
	}
	delete(keys, "checksum")
	b, err := json.Marshal(keys)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}

// checksumOf is the checksum of an object that json.Marshal wrote. Where nothing in it is escaped its keys need only be sorted.
func checksumOf(written []byte) (string, error) {
	if bytes.IndexByte(written, '\\') >= 0 {
		return checksum(written)
	}
	sum := sha256.Sum256(appendSorted(make([]byte, 0, len(written)), written, "checksum"))
	return hex.EncodeToString(sum[:]), nil
}

// unchanged tells whether an object in JSON, which is also given without spaces, has a checksum. Most have it as they were written, strings
// and numbers alike, and then their keys need only be sorted; that is several times as fast as to read them.
func unchanged(object, compact []byte, want string) bool {
	if compact != nil {
		sum := sha256.Sum256(appendSorted(make([]byte, 0, len(compact)), compact, "checksum"))
		if hex.EncodeToString(sum[:]) == want {
			return true
		}
	}
	sum, err := checksum(object)
	return err == nil && sum == want
}

// appendSorted appends a value in JSON without spaces to a text, with the keys of its objects in the order of their bytes, and without one
// key of the outermost.
func appendSorted(to, value []byte, without string) []byte {
	if value[0] != '{' && value[0] != '[' {
		return append(to, value...)
	}
	type member struct{ key, value []byte }
	var members []member
	for part := range parts(value[1 : len(value)-1]) {
		m := member{value: part}
		if value[0] == '{' {
			end := stringEnd(part)
			m = member{part[:end], part[end+1:]}
		}
		members = append(members, m)
	}
	if value[0] == '{' {
		slices.SortStableFunc(members, func(a, b member) int { // the quotes that end them are no part of them
			return bytes.Compare(a.key[:len(a.key)-1], b.key[:len(b.key)-1])
		})
	}
	to = append(to, value[0])
	start := len(to)
	for _, m := range members {
		if m.key != nil && without != "" && string(m.key) == `"`+without+`"` {
			continue
		}
		if len(to) > start {
			to = append(to, ',')
		}
		if m.key != nil {
			to = append(append(to, m.key...), ':')
		}
		to = appendSorted(to, m.value, "")
	}
	return append(to, value[len(value)-1])
}

// parts are what commas separate in the inside of an object or an array without spaces.
func parts(inside []byte) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		depth, start := 0, 0
		for i := 0; i < len(inside); i++ {
			switch inside[i] {
			case '"':
				i += stringEnd(inside[i:]) - 1
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			case ',':
				if depth > 0 {
					continue
				}
				if !yield(inside[start:i]) {
					return
				}
				start = i + 1
			}
		}
		if len(inside) > 0 {
			yield(inside[start:])
		}
	}
}

// stringEnd is where the string ends that a text begins with.
func stringEnd(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
