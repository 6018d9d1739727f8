package store

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/regular"
)

// Damaged is the error of a run whose record is not as a run leaves it. Nothing in its folder is changed.
type Damaged struct {
	Dir  string
	What string
}

func (e *Damaged) Error() string {
	return fmt.Sprintf("%s is damaged: %s; restore it from a copy, or move the folder away and make the run again", e.Dir, e.What)
}

// damaged says what is wrong with a run, without the folder in names of files.
func damaged(dir string, err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = fmt.Errorf("%s: %w", filepath.Base(path.Path), path.Err)
	}
	return &Damaged{dir, err.Error()}
}

// mostJSON is more than any manifest or summary has.
const mostJSON = 64 << 20

// content is what steps.csv held when the run was over.
type content struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// inspection is what was found in a steps.csv.
type inspection struct {
	content
	last int   // the step of the last point, -1 without any
	cut  bool  // the last row is not complete
	mark int64 // where the row of the step asked for begins; the end without it
}

// rowReaders are used again: of ten thousand small runs most of the time would go into making them.
var rowReaders = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, rowLimit) }}

// readRows is a reader of rowReaders, to be given back to them.
func readRows(r io.Reader) *bufio.Reader {
	rows := rowReaders.Get().(*bufio.Reader)
	rows.Reset(r)
	return rows
}

// inspect reads a steps.csv to its end: every row, from step 0, is the next that is recorded. A last row that was cut off is not counted
// as a point. It costs some 50 ns for a row and a ns for a byte.
func inspect(r io.Reader, order sequence, mark int) (found inspection, err error) {
	sum := sha256.New()
	found.last = -1
	rows := readRows(r)
	defer rowReaders.Put(rows)
	for line := 1; ; line++ {
		if line > 1 && found.last < mark {
			found.mark = found.Bytes
		}
		text, err := rows.ReadSlice('\n')
		sum.Write(text)
		found.Bytes += int64(len(text))
		switch {
		case errors.Is(err, io.EOF):
			found.cut, found.SHA256 = len(text) > 0 || line == 1, hex.EncodeToString(sum.Sum(nil))
			return found, nil
		case errors.Is(err, bufio.ErrBufferFull):
			return found, fmt.Errorf("%s:%d: the row is longer than %d bytes", StepsFile, line, rowLimit)
		case err != nil:
			return found, err
		case line == 1:
			if !bytes.HasPrefix(text, []byte(Columns)) {
				return found, fmt.Errorf("%s:1: the first row is %s; it must begin with %s", StepsFile, quote(text), Columns)
			}
			continue
		}
		if err := order.begins(text); err != nil {
			return found, fmt.Errorf("%s:%d: the row is %s: %w", StepsFile, line, quote(text), err)
		}
		found.last = order.last
	}
}

// verify finds out whether the rows of a run that is over are whole: as many as its summary says, and with the same bytes.
func verify(dir, path string, order sequence, sum *Summary, want *content) error {
	f, _, err := regular.Open(path)
	if err != nil {
		return damaged(dir, err)
	}
	defer func() { _ = f.Close() }()
	found, err := inspect(f, order, -1)
	switch {
	case err != nil:
		return damaged(dir, err)
	case found.last != sum.Steps && !(sum.Status == record.Pruned && found.last < sum.Steps):
		return &Damaged{dir, fmt.Sprintf("the last row of %s is that of step %d, and the run was %s with step %d", StepsFile, found.last,
			sum.Status, sum.Steps)}
	case found.cut:
		return &Damaged{dir, fmt.Sprintf("the last row of %s is cut off", StepsFile)}
	case want != nil && found.content != *want:
		return &Damaged{dir, fmt.Sprintf("%s was changed after the run was over: its SHA-256 is %s, and the record says %s", StepsFile,
			found.SHA256, want.SHA256)}
	}
	return nil
}

// summaryFile is the summary.json of an earlier version: how the run ended, and how to tell that nothing was changed since.
type summaryFile struct {
	Summary
	seal
}

type seal struct {
	StepsCSV *content `json:"steps_csv,omitempty"` // of a run that is over
	Checksum string   `json:"checksum,omitempty"`  // see checksum
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (s *summaryFile) UnmarshalJSON(b []byte) error {
	return errors.Join(json.Unmarshal(b, &s.Summary), json.Unmarshal(b, &s.seal))
}

// over tells whether there is nothing left to do.
func (s *Summary) over() bool { return s.Status.Over() }

// known refuses a status that no run has.
func (s *Summary) known(dir, file string) error {
	if s.Status.Over() || s.Status == record.Failed || s.Status == record.Interrupted || s.Status == record.Paused {
		return nil
	}
	return &Damaged{dir, fmt.Sprintf("%s: its status is %q, which no run has", file, s.Status)}
}

// readSummary reads how a run of an earlier version ended; nil if it did not. The error is Damaged if the file is not as a run leaves it.
func readSummary(dir string) (*summaryFile, error) {
	b, err := regular.ReadFile(filepath.Join(dir, SummaryFile), mostJSON)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var s summaryFile
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err != nil {
		return nil, damaged(dir, fmt.Errorf("%s: %w", SummaryFile, err))
	}
	if s.Checksum != "" && !unchanged(b, compact(b), s.Checksum) {
		return nil, &Damaged{dir, SummaryFile + " was changed after the run ended: its checksum is wrong"}
	}
	return &s, s.known(dir, SummaryFile)
}

// readManifest reads how a run of an earlier version was begun. The error is fs.ErrNotExist if there is no run, and Damaged if there is
// no telling.
func readManifest(dir string) (m *Manifest, err error) {
	b, err := regular.ReadFile(filepath.Join(dir, ManifestFile), mostJSON)
	if err != nil {
		if info, e := os.Stat(dir); e != nil || !info.IsDir() || errors.Is(err, fs.ErrNotExist) && unused(dir) {
			return nil, fs.ErrNotExist // an experiment's folder may have other files
		}
		if errors.Is(err, fs.ErrNotExist) && !exists(filepath.Join(dir, SummaryFile)) {
			_, err = os.Stat(filepath.Join(dir, RunFile))
		}
		return nil, damaged(dir, err)
	}
	m = &Manifest{}
	if err = decode(b, m); err == nil && m.Problem == nil {
		err = m.fromEarlier(b)
	}
	if err != nil {
		return nil, damaged(dir, fmt.Errorf("%s: %w", ManifestFile, err))
	}
	return m, m.judge(dir, ManifestFile, false)
}

// judge finds out whether a run is known by what is asked of it, whose identity it gets if it has none. That of a record whose checksum
// is right is as it was when it was written.
func (m *Manifest) judge(dir, file string, sealed bool) error {
	if m.Run == "" || m.Problem == nil || m.Started.Unix() <= 0 {
		return &Damaged{dir, file + ": it lacks run_id, experiment or started; it is not the record of a run"}
	}
	if !sealed || m.Identity == "" {
		identity := m.identity()
		if m.Identity != "" && m.Identity != identity {
			return &Damaged{dir, file + " was changed after the run began: its settings are not those of its identity"}
		}
		m.Identity = identity
	}
	m.Execution = execution(m.Execution, m.Started)
	return nil
}

// unused tells whether a folder has nothing recorded: a program was killed, or the disk was full, before it began.
func unused(dir string) bool {
	return !exists(filepath.Join(dir, ManifestFile)) && !exists(filepath.Join(dir, StepsFile)) && !exists(filepath.Join(dir, SummaryFile))
}

// fromEarlier reads a manifest of an earlier version, which had the whole experiment and not what of it is the run's own.
func (m *Manifest) fromEarlier(text []byte) error {
	var earlier struct {
		Experiment json.RawMessage     `json:"experiment"`
		Warnings   []config.Diagnostic `json:"warnings"`
	}
	if err := json.Unmarshal(text, &earlier); err != nil || earlier.Experiment == nil {
		return err
	}
	var e *struct {
		Problem config.Problem
		Record  config.Record
		Target  *measure.Target
	}
	if err := decode(earlier.Experiment, &e); err != nil || e == nil {
		return err
	}
	m.Problem, m.Record, m.Target = &e.Problem, e.Record, e.Target
	m.ConfigHash = hashOf(earlier.Experiment)
	m.whole = &begun{Began: m.Started, ConfigHash: m.ConfigHash, Experiment: earlier.Experiment, Warnings: earlier.Warnings}
	return nil
}

// decode reads JSON. A whole number among the hyperparameters keeps its digits.
func decode(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(v)
}
