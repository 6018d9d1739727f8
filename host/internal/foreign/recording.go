package foreign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/steepest/steepest/host/internal/store"
)

// recording is what the package for Python writes of a run, beside its curve.
type recording struct {
	Curve           string               `json:"curve"` // the name of the CSV file beside it
	Problem         string               `json:"problem"`
	Optimizer       string               `json:"optimizer"`
	Seed            uint64               `json:"seed"`
	Hyperparameters map[string]any       `json:"hyperparameters"`
	Began           time.Time            `json:"began"`
	Plugin          *store.ForeignPlugin `json:"plugin"` // nil for a rule that is no plugin
	Within          string               `json:"within"` // such as torch 2.15.0
}

// readRecording takes from a recording what it says.
func (i *Import) readRecording() error {
	b, err := os.ReadFile(i.Recording)
	if err != nil {
		return err
	}
	var r recording
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	d.UseNumber()
	err = d.Decode(&r)
	switch {
	case err == nil && (r.Curve == "" || filepath.Base(r.Curve) != r.Curve):
		err = fmt.Errorf("its curve is %q, and not the name of a file beside it", r.Curve)
	case err == nil && (r.Problem == "" || r.Optimizer == ""):
		err = fmt.Errorf("it does not say its problem and its optimizer")
	}
	for key, value := range r.Hyperparameters {
		switch value := value.(type) {
		case json.Number:
			r.Hyperparameters[key] = parseValue(value.String())
		case bool, string:
		default:
			if err == nil {
				err = fmt.Errorf("its hyperparameter %s is no number, text or boolean", key)
			}
		}
	}
	if err != nil {
		return fmt.Errorf("%s is no recording of a run: %w", i.Recording, err)
	}
	i.CSV, i.Problem, i.Optimizer, i.Seed, i.values = filepath.Join(filepath.Dir(i.Recording), r.Curve), r.Problem, r.Optimizer, &r.Seed, r.Hyperparameters
	i.recording = &r
	return nil
}

// recordedFor is the folder of results for which a recording was made.
func recordedFor(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if dir := filepath.Dir(absolute); filepath.Base(dir) == store.RecordingsDir {
		return filepath.Dir(dir), nil
	}
	return "", fmt.Errorf("%s is not in a folder %s of results; say with --out where it is to come", path, store.RecordingsDir)
}
