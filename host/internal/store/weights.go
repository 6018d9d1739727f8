package store

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/steepest/steepest/host/internal/atomicfile"
	"github.com/steepest/steepest/host/internal/dataset"
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
