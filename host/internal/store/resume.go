package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/atomicfile"
)

// reopen opens the directory of a run that did not end, to go on with it.
func reopen(dir string, begun *Manifest, m Manifest, extra Extra) (*Recorder, error) {
	step, err := checkpointStep(dir)
	if err != nil {
		return nil, err
	}
	// Steps that are made again give the same rows, unless the arithmetic is another one: then theirs take the places of those.
	cut := -1
	if met := begun.Met(); met[len(met)-1].Difference(m.Numerics) != "" {
		cut = step
	}
	r, err := open(dir, extra, cut)
	if err != nil {
		return nil, err
	}
	begun.Resumed = append(begun.Resumed, Resumption{time.Now().UTC(), step, m.Host, m.Numerics})
	if err := atomicfile.WriteJSON(filepath.Join(dir, ManifestFile), begun); err != nil {
		return nil, errors.Join(err, r.abandon())
	}
	// The summary says how the run was cut off, which does not hold any more.
	if err := errors.Join(remove(filepath.Join(dir, SummaryFile)), tidy(dir)); err != nil {
		return nil, errors.Join(err, r.abandon())
	}
	return r, nil
}

// tidy removes the halves of files that a program was killed over.
func tidy(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		if half.MatchString(file.Name()) {
			if err := remove(filepath.Join(dir, file.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// half is the name of a file that is not whole; see package atomicfile.
var half = regexp.MustCompile(`^(experiment(-[0-9a-f]{12})?\.json|manifest\.json|summary\.json|checkpoint)\.[0-9a-f]{16}$`)

func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

const (
	rowLimit     = 1 << 20 // longer than any two rows
	stepColumn   = 0
	wallColumn   = 2
	updateColumn = 5
)

// rewind puts the end of steps.csv behind its last complete row and finds out which point that is. The row of a run that
// failed in the middle of a step is not complete. A new file, or one that was cut off within the header, gets the header.
func (r *Recorder) rewind(header string, cut int) error {
	size, err := r.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	head := make([]byte, min(size, int64(len(header))))
	if _, err := r.file.ReadAt(head, 0); err != nil {
		return err
	}
	if string(head) != header[:len(head)] {
		return errors.New(StepsFile + ": its columns are not those of this program and experiment")
	}
	end := int64(len(header))
	if len(head) < len(header) {
		if _, err := r.file.WriteAt([]byte(header), 0); err != nil {
			return err
		}
	} else if end, err = r.lastRow(end, size, cut); err != nil {
		return err
	}
	_, err = r.file.Seek(end, io.SeekStart)
	return errors.Join(r.file.Truncate(end), err)
}

// lastRow returns where the last complete row ends, of those before the step of the cut.
func (r *Recorder) lastRow(start, size int64, cut int) (int64, error) {
	found, err := inspect(io.NewSectionReader(r.file, 0, size), cut)
	if err != nil {
		return 0, err
	}
	if cut >= 0 {
		size = found.mark
	}
	start = max(size-rowLimit, start)
	tail := make([]byte, size-start)
	if _, err := r.file.ReadAt(tail, start); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	for end := bytes.LastIndexByte(tail, '\n') + 1; end > 0; {
		begin := bytes.LastIndexByte(tail[:end-1], '\n') + 1
		cells := strings.Split(string(tail[begin:end-1]), ",")
		if len(cells) < strings.Count(Columns, ",")+1 {
			return 0, fmt.Errorf("the row %q has too few columns", tail[begin:end])
		}
		if cells[updateColumn] != "" {
			step, err1 := strconv.Atoi(cells[0])
			wall, err2 := strconv.ParseFloat(cells[wallColumn], 64)
			r.recorded, r.wall = step, time.Duration(wall*float64(time.Second))
			return start + int64(end), errors.Join(err1, err2)
		}
		end = begin
	}
	return start, nil
}
