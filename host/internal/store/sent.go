package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/steepest/steepest/host/internal/regular"
)

// sentDir has a file for each run whose points are being sent somewhere, until all were.
const sentDir = ".sent"

// Sent is how far the points of a run were sent somewhere, so that another program can go on with that.
type Sent struct {
	To        string   `json:"to"`
	Execution string   `json:"execution_id"` // of the run
	Program   Worker   `json:"program"`      // that sends them
	Step      int      `json:"step"`         // of the last point that was taken, -1 if none was
	Time      int64    `json:"time"`         // that it was given, in milliseconds since 1970
	Columns   []string `json:"columns"`      // of it that were taken
}

// sentSize is how long the file is at least: it is written over, and what a longer text leaves behind it is not read.
const sentSize = 512

func (f *Folder) sentFile(run string) string { return filepath.Join(f.Dir, sentDir, run) }

// Sent is how far the run in a folder of that name was sent; nil if that is not known.
func (f *Folder) Sent(run string) *Sent {
	b, err := regular.ReadFile(f.sentFile(run), 64<<10)
	s := &Sent{}
	if err != nil || json.NewDecoder(bytes.NewReader(b)).Decode(s) != nil {
		return nil
	}
	return s
}

// Unsent are the runs that were over before this program began, of which not all was sent, by programs that are gone.
func (f *Folder) Unsent() (runs []Run) {
	files, _ := os.ReadDir(filepath.Join(f.Dir, sentDir))
	if len(files) == 0 {
		return nil
	}
	for _, r := range f.Before() {
		if s := f.Sent(filepath.Base(r.Dir)); s != nil && s.Execution == r.Execution && s.Program.gone() {
			runs = append(runs, r)
		}
	}
	return runs
}

// KeepSent notes how far the run in a folder of that name was sent. It is not made to last: after a power cut some points may be sent once more.
func (f *Folder) KeepSent(run string, s Sent) error {
	s.Program = f.worker
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	path := f.sentFile(run)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		if err = os.Mkdir(filepath.Dir(path), 0o777); err == nil || errors.Is(err, os.ErrExist) {
			file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o666)
		}
		if err != nil {
			return err
		}
	}
	_, err = file.WriteAt(fmt.Appendf(nil, "%-*s\n", sentSize, text), 0)
	return errors.Join(err, file.Close())
}

// AllSent forgets how far a run was sent: there is no more.
func (f *Folder) AllSent(run string) {
	_ = os.Remove(f.sentFile(run))
	_ = os.Remove(filepath.Join(f.Dir, sentDir)) // if it was the last one
}
