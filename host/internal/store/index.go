package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/steepest/steepest/host/internal/regular"
)

// IndexFile repeats the records of runs that are over, so that they are not opened one by one. It can be removed at any time: it is made
// from the records again. The records are what is true.
const IndexFile = ".index"

// indexVersion changes when programs that know only this one could misread an index.
const indexVersion = 1

// The first line of an index is an indexHead, and each of the others an indexLine. Its text is as the records have it: what another version
// of Steepest knows of them it finds there too.
type indexHead struct {
	Version int    `json:"index_of_runs"`
	SHA256  string `json:"sha256"` // of what follows
}

// indexLine has what many records share, which is known by its number, from 0 on, or a run.
type indexLine struct {
	Shared json.RawMessage `json:"shared,omitempty"`

	Run   string          `json:"run,omitempty"` // its folder
	Stamp *stamp          `json:"file,omitempty"`
	Of    int             `json:"of,omitempty"` // the number of what it shares
	Own   json.RawMessage `json:"own,omitempty"`
}

// stamp tells whether a file is still the one that was read. Records are never written to, but people do so.
type stamp struct {
	Size  int64  `json:"size"`
	Time  int64  `json:"mtime_ns"`
	Inode uint64 `json:"inode,omitempty"` // where there are some
}

func stampOf(info fs.FileInfo) stamp {
	return stamp{info.Size(), info.ModTime().UnixNano(), inode(info)}
}

// index is what an IndexFile has.
type index struct {
	lines  map[string]*indexLine // of runs, by their folders
	shared []json.RawMessage
	common settings
}

// mostIndex is more than the index of a million runs has.
const mostIndex = 2 << 30

// readIndex reads the index of a folder. One that is damaged, or that another version wrote, is as none.
func readIndex(dir string) *index {
	none := &index{}
	text, err := regular.ReadFile(filepath.Join(dir, IndexFile), mostIndex)
	if err != nil {
		return none
	}
	first, text, _ := bytes.Cut(text, []byte("\n"))
	var head indexHead
	sum := sha256.Sum256(text)
	if json.Unmarshal(first, &head) != nil || head.Version != indexVersion || head.SHA256 != hex.EncodeToString(sum[:]) {
		return none
	}
	x := &index{lines: map[string]*indexLine{}}
	for line := range bytes.Lines(text) {
		l := &indexLine{}
		if json.Unmarshal(line, l) != nil {
			return none
		}
		if l.Run == "" {
			x.shared = append(x.shared, l.Shared)
		} else if l.Stamp != nil && l.Of >= 0 && l.Of < len(x.shared) {
			x.lines[l.Run] = l
		}
	}
	return x
}

// standing is that of a run which was over when the index was made, and the stamp of its record, if that is the one that was read then; nil
// of others.
func (x *index) standing(dir string) (*standing, stamp) {
	l, known := x.lines[filepath.Base(dir)]
	if !known {
		return nil, stamp{}
	}
	info, err := os.Stat(filepath.Join(dir, RunFile))
	if err != nil || !info.Mode().IsRegular() || stampOf(info) != *l.Stamp {
		return nil, stamp{}
	}
	r, err := recordText{own: l.Own, shared: x.shared[l.Of]}.record(&x.common)
	if err != nil || r.Summary == nil || r.judge(dir, RunFile) != nil {
		return nil, stamp{}
	}
	return &standing{dir: dir, n: r.Attempt, published: true, record: r, begun: r}, *l.Stamp
}

// worthAnIndex is how many records must have been read, one by one, for an index to be made of them: fewer are read in no time.
const worthAnIndex = 100

// granularity is longer than the times of files of any file system are apart.
const granularity = 3 * time.Second

// indexed is a record that was read, and the stamp that its file had before.
type indexed struct {
	stamp
	recordText
}

// writeIndex makes the index of a folder anew, from records by their folders which were read since began. It may fail, as in a folder that
// cannot be written to: then there is none, or the one before. Of two programs that do so at once one prevails.
func writeIndex(dir string, records map[string]indexed, began time.Time) error {
	path := fmt.Sprintf("%s.%016x", filepath.Join(dir, IndexFile), rand.Uint64())
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(path) }() // it is gone if all went well
	defer func() { _ = f.Close() }()
	now, err := f.Stat()
	if err != nil {
		return err
	}
	// A file that is changed twice in an instant has the same time after both. Who read it after the first must not rely on that time, so
	// that those are left out which were changed about when they were read. This is by the clock of the file system alone.
	latest := now.ModTime().Add(-time.Since(began) - granularity).UnixNano()
	maps.DeleteFunc(records, func(_ string, r indexed) bool { return r.Time >= latest })
	if len(records) < worthAnIndex {
		return nil // it is made later
	}
	text, err := indexText(records)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	head, err := json.Marshal(indexHead{indexVersion, hex.EncodeToString(sum[:])})
	if err != nil {
		return err
	}
	// Nothing waits for the disk: after a power cut the sum tells whether all is there.
	if _, err := io.Copy(f, io.MultiReader(bytes.NewReader(append(head, '\n')), bytes.NewReader(text))); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(path, filepath.Join(dir, IndexFile))
}

// indexText are the lines of records.
func indexText(records map[string]indexed) ([]byte, error) {
	var text bytes.Buffer
	lines := json.NewEncoder(&text)
	lines.SetEscapeHTML(false)
	numbers := map[string]int{}
	for run, r := range records {
		number, known := numbers[string(r.shared)]
		if !known {
			number = len(numbers)
			numbers[string(r.shared)] = number
			if err := lines.Encode(indexLine{Shared: r.shared}); err != nil {
				return nil, err
			}
		}
		if err := lines.Encode(indexLine{Run: run, Stamp: &r.stamp, Of: number, Own: r.own}); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}
