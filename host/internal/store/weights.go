package store

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/record"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// weightsPre begins the name of a folder with the weights of a run, which ends with the step after which it had them.
const weightsPre = "weights-"

// Keep writes the weights after a number of steps into a folder, each tensor into a file with its name and its shape: so any program that
// reads NumPy's format, and the initialisers of layers, can use them without being told of a layout. What is there already is replaced,
// as it is the same.
func (r *Recorder) Keep(step int, layout []*v1.Tensor, weights []float64) error {
	if r.lost() {
		return ErrLost
	}
	folder := filepath.Join(r.dir, weightsPre+strconv.Itoa(step))
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return fmt.Errorf("writing weights: %w", err)
	}
	for _, t := range layout {
		err := atomicfile.Write(filepath.Join(folder, t.Name+".npy"), func(w io.Writer) error {
			return dataset.WriteNPY(w, t.Shape, weights[t.Offset:t.Offset+t.Length])
		})
		if err != nil {
			return fmt.Errorf("writing weights: %w", err)
		}
	}
	return nil
}

// Weights are those of a run after a number of steps, as far as they are on record: in a folder of their own, or, of a small problem, in its
// steps.csv. The error is fs.ErrNotExist if they are not, though the run may have come there.
func (r *Record) Weights(step int, layout []*v1.Tensor) ([]float64, error) {
	folder := filepath.Join(r.Dir, weightsPre+strconv.Itoa(step))
	if !exists(folder) {
		return r.rowWeights(step, layout)
	}
	var weights []float64
	for _, t := range layout {
		path := filepath.Join(folder, t.Name+".npy")
		m, _, err := dataset.ReadMatrix(path)
		if err != nil {
			return nil, fmt.Errorf("%w; remove the folder %s to do without the weights in it", err, folder)
		}
		x := m.RawMatrix().Data
		if int64(len(x)) != t.Length {
			return nil, fmt.Errorf("%s has %d numbers, and the tensor %d; remove the folder %s to do without the weights in it", path, len(x), t.Length, folder)
		}
		weights = append(weights, x...)
	}
	for _, d := range r.Outcome.Weights {
		if now := record.DigestOf(step, weights); d.Step == step && d != now {
			return nil, fmt.Errorf("%s was changed: the SHA-256 of the weights in it is not that on record; remove it to do without", folder)
		}
	}
	return weights, nil
}

// rowWeights are the weights in a row of steps.csv.
func (r *Record) rowWeights(step int, layout []*v1.Tensor) (weights []float64, err error) {
	var places []int
	names := r.Quantities()
	for _, t := range layout {
		for i := range t.Length {
			at := slices.Index(names, fmt.Sprintf("%s[%d]", t.Name, i))
			if at < 0 {
				return nil, fs.ErrNotExist
			}
			places = append(places, at)
		}
	}
	err = r.Points(func(p *Point) error {
		if p.Step != step {
			return nil
		}
		for _, at := range places {
			x, measured := p.Values[at].Get()
			if !measured {
				return fs.ErrNotExist
			}
			weights = append(weights, x)
		}
		return nil
	})
	if err == nil && weights == nil {
		err = fs.ErrNotExist
	}
	return weights, err
}
