package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/regular"
	"github.com/steepest/steepest/proto"
)

// claim makes an attempt at a run this program's, and opens its files. It goes on from s, what was there before, nil if nothing was.
// The error is ErrHeld if another program was faster. If it fails, all that was there stands as it stood.
func claim(dir string, s *standing, m Manifest, w Worker, extra Extra) (r *Recorder, err error) {
	r = &Recorder{dir: dir, n: 1, record: &runRecord{Manifest: m, Worker: w}}
	if s != nil {
		r.n = s.n + 1
	}
	if err := os.Mkdir(dir, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	base, state, cut := attempt(-1), "", -1
	if s != nil && s.begun != nil {
		base = s.base()
	}
	if base >= 0 {
		if state, cut, err = r.goOn(s, base, m); err != nil {
			return nil, err
		}
	}
	defer func() { _ = os.Remove(state) }() // it has another name if all went well
	r.record.Attempt = r.n
	text, err := indented(r.record)
	if err != nil {
		return nil, err
	}
	if err := writeNew(r.path(claimEnd), text, false); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return nil, ErrHeld
		}
		return nil, err
	}
	n := r.n
	defer func() {
		if err != nil {
			discard(dir, n)
			r = nil
		}
	}()
	if exists(filepath.Join(dir, RunFile)) { // another program made it, and cleared its claim away, after s was found
		return nil, ErrDone
	}
	if base < 0 {
		return r, r.open(r.path(stepsEnd), extra, -1)
	}
	if err := r.take(base, state); err != nil {
		return nil, err
	}
	if err := r.open(r.path(stepsEnd)+halfEnd, extra, cut); err != nil {
		_ = os.Remove(r.path(stepsEnd) + halfEnd)
		return nil, err
	}
	if err := s.forget(r.n); err != nil {
		return nil, errors.Join(err, r.abandon())
	}
	return r, nil
}

// ErrHeld is the error of a run that another program is making.
var ErrHeld = errors.New("another program is making the run")

// halfEnd ends the name of a file that is being copied.
const halfEnd = ".part"

// goOn makes the record that of a run which is gone on with, and keeps the checkpoint to go on from under a name of its own, whatever
// its program does. Points from a step on are to be cut off where this program's arithmetic is another: steps that are made again give the
// same rows, unless it is. Then theirs take the places of those.
func (r *Recorder) goOn(s *standing, base attempt, now Manifest) (state string, cut int, err error) {
	state = fmt.Sprintf("%s.%016x", r.path(stateEnd), rand.Uint64())
	if err := linkOrCopy(base.file(r.dir, stateEnd), state); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", 0, err
	}
	step, err := checkpointStep(state, base.file(r.dir, stateEnd))
	if err != nil {
		_ = os.Remove(state)
		return "", 0, err
	}
	cut = -1
	r.record.Manifest = s.begun.Manifest
	if met := s.begun.Met(); met[len(met)-1].Difference(now.Numerics) != "" {
		cut = step
	}
	again := Resumption{Time: time.Now().UTC(), Step: step, Host: now.Host, Numerics: now.Numerics, Worker: s.begun.Worker}
	if e := s.begun.Summary; e != nil {
		if again.Status, again.Error = e.Status, e.Error; e.Status == record.Paused {
			again.Paused = e
		}
	}
	r.record.Resumed = append(slices.Clone(s.begun.Resumed), again)
	return state, cut, nil
}

// take makes what an attempt recorded this one's. All is copied, so that a program that wakes up late can change nothing of it.
func (r *Recorder) take(base attempt, state string) error {
	if err := os.Rename(state, r.path(stateEnd)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := copyFile(base.file(r.dir, logEnd), r.path(logEnd)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return copyFile(base.file(r.dir, stepsEnd), r.path(stepsEnd)+halfEnd)
}

// base is the last attempt that recorded something, -1 if none did.
func (s *standing) base() attempt {
	for n := s.n; n >= 0; n-- {
		if exists(n.file(s.dir, stepsEnd)) {
			return n
		}
	}
	return -1
}

// forget removes what earlier attempts recorded, now that another has it, of those whose programs surely write no more. Little is left to
// be removed with everything else when the run is over, which saves waiting for the disk.
func (s *standing) forget(n attempt) error {
	var over []attempt
	for k := range n {
		info, err := os.Stat(k.file(s.dir, stepsEnd))
		switch {
		case err != nil, k == 0 && !exists(filepath.Join(s.dir, ManifestFile)): // else it is what another program published meanwhile
			continue
		case k == 0:
			over = append(over, k)
			continue
		case info.Size() < forgetFrom:
			continue
		}
		if r, err := readAttempt(s.dir, k); err == nil && r != nil && (r.Summary != nil || r.Worker.gone()) {
			over = append(over, k)
		}
	}
	if len(over) == 0 {
		return nil
	}
	if err := syncAll(s.dir, []string{n.file(s.dir, stepsEnd), n.file(s.dir, stateEnd), n.file(s.dir, claimEnd)}); err != nil {
		return err
	}
	for _, k := range over {
		for _, end := range []string{stepsEnd, stateEnd, logEnd} {
			_ = os.Remove(k.file(s.dir, end))
		}
	}
	return nil
}

// forgetFrom is how many bytes are worth it.
const forgetFrom = 1 << 20

// abandon closes the files of an attempt that is not made after all.
func (r *Recorder) abandon() error {
	close(r.stop)
	<-r.done
	return errors.Join(r.file.Close(), r.capped.close())
}

// linkOrCopy gives a file another name, or makes a copy where that cannot be.
func linkOrCopy(from, to string) error {
	err := os.Link(from, to)
	if isUnsupported(err) {
		err = copyFile(from, to)
	}
	return err
}

// copyFile makes a copy.
func copyFile(from, to string) (err error) {
	a, _, err := regular.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }()
	b, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = io.Copy(b, a)
	return errors.Join(err, b.Close())
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
var half = regexp.MustCompile(`^(experiment(-[0-9a-f]{12})?\.json|(manifest|summary|run)\.json|(attempt-\d+\.)?checkpoint|\.index|.+\.npy|` +
	regexp.QuoteMeta(proto.BinaryPrefix) + `.+)\.[0-9a-f]{16}$`)

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
	found, err := inspect(io.NewSectionReader(r.file, 0, size), r.record.sequence(), cut)
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
		if cells[updateColumn] != "" || r.ends {
			step, err1 := strconv.Atoi(cells[0])
			wall, err2 := strconv.ParseFloat(cells[wallColumn], 64)
			r.recorded, r.wall = step, time.Duration(wall*float64(time.Second))
			return start + int64(end), errors.Join(err1, err2)
		}
		end = begin
	}
	return start, nil
}
