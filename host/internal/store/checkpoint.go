package store

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"time"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/regular"
	"github.com/steepest/steepest/host/internal/train"
	"github.com/steepest/steepest/proto"
)

// checkpointHeader is the first line of a checkpoint. After it come the weights and what the run's watch knows (float64,
// little-endian), the optimizer's state as the plugin wrote it, and the SHA-256 of all that.
type checkpointHeader struct {
	Format        string          `json:"format"`
	Step          int             `json:"step"`
	StepsToTarget int             `json:"steps_to_target"` // -1 if not reached
	Weights       int             `json:"weights"`
	Watch         int             `json:"watch,omitempty"`
	Followed      []int           `json:"followed,omitempty"` // numbers that each diagnostic knows
	Best          bests           `json:"best,omitempty"`     // of the points before
	StateVersion  string          `json:"state_version"`
	StateBytes    int             `json:"state_bytes"`
	StepsOffset   int64           `json:"steps_csv_bytes"`   // what steps.csv holds at least
	Used          time.Duration   `json:"used_ns,omitempty"` // by the steps
	UsedToTarget  time.Duration   `json:"used_to_target_ns,omitempty"`
	Asked         record.Asked    `json:"asked,omitzero"`
	AskedToTarget record.Asked    `json:"asked_to_target,omitzero"`
	Kept          []record.Digest `json:"kept,omitempty"` // of the weights written before
}

const checkpointFormat = "steepest checkpoint 1"

var _ train.Checkpoints = (*Recorder)(nil)

// Save writes the run's checkpoint. First it makes sure that steps.csv is on disk up to there.
func (r *Recorder) Save(c *train.Checkpoint) error {
	r.mu.Lock()
	r.keep(r.steps.Flush())
	r.keep(r.file.Sync())
	if !r.claims { // a checkpoint is worth nothing without what it is of
		r.claims = true
		r.keep(syncEach([]string{r.path(claimEnd)}))
	}
	offset, err := r.file.Seek(0, io.SeekCurrent)
	err = errors.Join(r.err, err)
	r.mu.Unlock()
	if err == nil {
		err = atomicfile.Write(r.path(stateEnd),
			func(w io.Writer) error { return writeCheckpoint(w, c, offset) })
	}
	if err != nil {
		return fmt.Errorf("writing a checkpoint: %w", err)
	}
	return nil
}

func writeCheckpoint(file io.Writer, c *train.Checkpoint, offset int64) error {
	sum := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(file, sum), 1<<20)
	header, err := json.Marshal(checkpointHeader{checkpointFormat, c.Step, c.StepsToTarget, len(c.Weights),
		len(c.Watch), lengths(c.Followed), newBests(c.Best), c.Optimizer.Version, len(c.Optimizer.State), offset, c.Used, c.UsedToTarget,
		c.Asked, c.AskedToTarget, c.Kept})
	if err != nil {
		return err
	}
	_, err = w.Write(append(header, '\n'))
	var piece []byte
	for _, rest := range append([][]float64{c.Weights, c.Watch}, c.Followed...) {
		for len(rest) > 0 && err == nil {
			n := min(len(rest), 1<<16)
			piece = proto.AppendFloat64s(piece[:0], rest[:n])
			_, err = w.Write(piece)
			rest = rest[n:]
		}
	}
	if err == nil {
		_, err = w.Write(c.Optimizer.State)
	}
	if err = errors.Join(err, w.Flush()); err != nil {
		return err
	}
	_, err = file.Write(sum.Sum(nil))
	return err
}

// lengths are how many numbers each vector has.
func lengths(vectors [][]float64) (all []int) {
	for _, v := range vectors {
		all = append(all, len(v))
	}
	return all
}

// Load reads the run's checkpoint, nil if there is none. A damaged one is an error, never half a state.
func (r *Recorder) Load() (*train.Checkpoint, error) {
	path := r.path(stateEnd)
	b, err := regular.ReadFile(path, math.MaxInt64-1)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c, offset, err := readCheckpoint(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; remove the file to start this run from its beginning", path, err)
	}
	size, err := r.file.Stat()
	if err != nil {
		return nil, err
	}
	if size.Size() < offset {
		return nil, fmt.Errorf("%s: it was written when %s held %d bytes, but now there are %d; restore the file from a copy, or move the run's "+
			"folder away to start anew",
			path, StepsFile, offset, size.Size())
	}
	return c, nil
}

func readCheckpoint(b []byte) (c *train.Checkpoint, offset int64, err error) {
	if len(b) < sha256.Size {
		return nil, 0, errors.New("the checkpoint is cut off")
	}
	b, sum := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if is := sha256.Sum256(b); !bytes.Equal(is[:], sum) {
		return nil, 0, errors.New("the checkpoint is damaged: its checksum is wrong")
	}
	line, body, _ := bytes.Cut(b, []byte("\n"))
	var h checkpointHeader
	if err := json.Unmarshal(line, &h); err != nil || h.Format != checkpointFormat {
		return nil, 0, fmt.Errorf("not a file of the format %q", checkpointFormat)
	}
	most := len(body) / proto.BytesPerFloat64
	total, good := 0, h.StateBytes >= 0
	for _, n := range append([]int{h.Weights, h.Watch}, h.Followed...) {
		if good = good && n >= 0 && n <= most-total; good {
			total += n
		}
	}
	if !good || len(body) != total*proto.BytesPerFloat64+h.StateBytes {
		return nil, 0, errors.New("the checkpoint is not as long as it says")
	}
	numbers := make([]float64, total)
	vectors := len(numbers) * proto.BytesPerFloat64
	c = &train.Checkpoint{Step: h.Step, StepsToTarget: h.StepsToTarget, Weights: numbers[:h.Weights:h.Weights], Best: h.Best.known(), Used: h.Used, UsedToTarget: h.UsedToTarget,
		Asked: h.Asked, AskedToTarget: h.AskedToTarget,
		Kept: h.Kept, Optimizer: optimizer.Snapshot{Version: h.StateVersion, State: body[vectors:]}}
	rest := numbers[h.Weights:]
	if h.Watch > 0 {
		c.Watch = rest[:h.Watch:h.Watch]
	}
	rest = rest[h.Watch:]
	for _, n := range h.Followed {
		c.Followed, rest = append(c.Followed, rest[:n:n]), rest[n:]
	}
	return c, h.StepsOffset, proto.Float64s(numbers, body[:vectors])
}

// checkpointStep is the step of a checkpoint, 0 if there is none. An error has the path that is shown.
func checkpointStep(path, shown string) (int, error) {
	f, _, err := regular.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }()
	line, err := bufio.NewReader(io.LimitReader(f, 64<<10)).ReadBytes('\n')
	var h checkpointHeader
	if err != nil || json.Unmarshal(line, &h) != nil || h.Format != checkpointFormat || h.Step < 0 {
		return 0, fmt.Errorf("%s: the checkpoint is not of the format %q; remove the file to start this run from its beginning", shown,
			checkpointFormat)
	}
	return h.Step, nil
}
