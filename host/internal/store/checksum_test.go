package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// sealedObject is an object with its checksum, of all that JSON has.
func sealedObject(t testing.TB) (text []byte, sum string) {
	text = []byte(`{"b": [1, 2.50, {"y": "a\"},{[", "x": null}], "a!": "<\u0041>", "a": {}, "é": [], "n": -1e-3, "deep": {"b": [[{"d": 1, "c": true}]], "a": ""}}`)
	sum, err := checksum(text)
	if err != nil {
		t.Fatal(err)
	}
	return append(text[:len(text)-1], `, "checksum": "`+sum+`"}`...), sum
}

// TestUnchanged: spaces and the order of keys are no change, and everything else is.
func TestUnchanged(t *testing.T) {
	text, sum := sealedObject(t)
	if !unchanged(text, compact(text), sum) {
		t.Error("the checksum of what it was made of is another")
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, " ", "\t"); err != nil {
		t.Fatal(err)
	}
	if !unchanged(indented.Bytes(), compact(indented.Bytes()), sum) {
		t.Error("spaces change it")
	}
	for _, same := range [][2]string{{`"y": "a\"},{[", "x": null`, `"x": null, "y": "a\"},{["`}, {`\u0041`, `A`}, {`"é"`, `"\u00e9"`}} {
		if changed := strings.Replace(string(text), same[0], same[1], 1); changed == string(text) || !unchanged([]byte(changed), compact([]byte(changed)), sum) {
			t.Errorf("%s instead of %s changes it", same[1], same[0])
		}
	}
	for _, other := range [][2]string{{`2.50`, `2.51`}, {`[1, `, `[1, 1, `}, {`null`, `false`}, {`"a": {}`, `"a": []`}, {`"c": true`, `"e": true`},
		{`"n": -1e-3, `, ``}, {`"a": ""`, `"a": " "`}, {`1, 2.50`, `2.50, 1`}, {`"n"`, `"a"`}, {`""}, "checksum"`, `"", "checksum"`}} {
		if changed := strings.Replace(string(text), other[0], other[1], 1); changed == string(text) || unchanged([]byte(changed), compact([]byte(changed)), sum) {
			t.Errorf("%s instead of %s does not change it", other[1], other[0])
		}
	}
}

// TestRecordsAreSorted: a record as a run writes it need not be read to find that nothing was changed.
func TestRecordsAreSorted(t *testing.T) {
	text, err := indented(runRecord{Manifest: begunWith("one"), Summary: &Summary{final: map[string]Float{"train_loss": 0.1}}})
	if err != nil {
		t.Fatal(err)
	}
	want, err := checksum(text)
	var compact bytes.Buffer
	if err := errors.Join(err, json.Compact(&compact, text)); err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(appendSorted(nil, compact.Bytes(), "checksum")); hex.EncodeToString(sum[:]) != want {
		t.Errorf("sorted it has the checksum %x, and read and written %s", sum, want)
	}
}

// FuzzUnchanged: whatever is sorted as it was written has the checksum of what is read and written again.
func FuzzUnchanged(f *testing.F) {
	text, _ := sealedObject(f)
	f.Add(text)
	f.Add([]byte(`{"a":1,"a":2}`))
	f.Add([]byte(`{"checksum":{"checksum":1},"":{"checksum":1}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var compact bytes.Buffer
		var keys map[string]any
		if json.Compact(&compact, text) != nil || decode(text, &keys) != nil || keys == nil {
			return
		}
		delete(keys, "checksum")
		written, err := json.Marshal(keys)
		if err != nil {
			t.Fatal(err)
		}
		if sorted := appendSorted(nil, written, ""); !bytes.Equal(sorted, written) {
			t.Errorf("what was written sorted is sorted to\n%s\nfrom\n%s", sorted, written)
		}
		_ = appendSorted(nil, compact.Bytes(), "checksum")
	})
}

// TestChecksumOfWritten: what is only sorted has the checksum of what is read, whatever is escaped in it.
func TestChecksumOfWritten(t *testing.T) {
	for _, text := range []string{"plain", "a\nb", "<&>", "\xff\u2028é", `\`} {
		r := runRecord{Manifest: begunWith(text), Summary: &Summary{ending: ending{Error: text}, final: map[string]Float{"train_loss": 0.1, text: 1}}}
		b, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		want, err1 := checksum(b)
		got, err2 := checksumOf(b)
		if err1 != nil || err2 != nil || got != want {
			t.Errorf("%q: %s, want %s; %v, %v", text, got, want, err1, err2)
		}
	}
}

// BenchmarkChecksum compares the ways to find out that a record is as it was written.
func BenchmarkChecksum(b *testing.B) {
	text, err := indented(runRecord{Manifest: begunWith("one"), Summary: &Summary{final: map[string]Float{"train_loss": 0.1}}})
	if err != nil {
		b.Fatal(err)
	}
	want, err := checksum(text)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("sorted", func(b *testing.B) {
		for b.Loop() {
			if !unchanged(text, compact(text), want) {
				b.Fatal("it has changed")
			}
		}
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if _, err := checksum(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}
