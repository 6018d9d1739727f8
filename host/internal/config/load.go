package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/proto"
)

// buildData loads the data set. What is wrong is kept for Errors; then the result is nil.
func (w *Workload) buildData() *dataset.Dataset {
	p := w.Problem
	if p.Data == nil || p.Dataset == "" || !p.Data.whole {
		return nil // reported already
	}
	before := len(w.errors)
	data, err := w.load()
	if err == nil && data != nil && p.OneVsRest != "" {
		data, err = data.OneVersusRest(p.OneVsRest)
	} else if err == nil && data != nil && p.OddEven {
		data, err = data.OddEven()
	}
	var class *dataset.ClassError
	switch {
	case len(w.errors) > before:
		return nil
	case errors.As(err, &class) && class.Classes != nil:
		w.faultFor(err, "problem.dataset.one_vs_rest", err.Error(), proto.DidYouMean(class.Class, class.Classes))
		return nil
	case err != nil && (p.OneVsRest != "" || p.OddEven):
		w.faultFor(err, "problem.dataset", err.Error(), "remove one_vs_rest and odd_even, or name another data set")
		return nil
	case err != nil:
		w.faultFor(err, "problem.dataset", err.Error(), "correct the file or the options, or name another")
		return nil
	}
	for key, sum := range data.Content {
		w.keep("dataset."+key, sum)
	}
	for _, warning := range data.Warnings {
		w.Warn("problem.dataset", warning.Message, warning.Remedy)
	}
	w.checkSplitting(data)
	if len(w.errors) > before {
		return nil
	}
	w.Problem.Splitting.Scaling = data.ScalingOf(p.Splitting.Scaling) // for the record
	return data
}

// load reports what it can say more about than the error does.
func (w *Workload) load() (*dataset.Dataset, error) {
	p := w.Problem
	if p.Files == nil {
		known, _ := dataset.Find(p.Dataset)
		data, err := known.Load(w.Variables, p.Options)
		if missing, ok := errors.AsType[*dataset.MissingError](err); ok {
			w.faultFor(err, "problem.dataset", err.Error(), missing.Remedy())
			return nil, nil
		}
		return data, err
	}
	files, before := *p.Files, len(w.errors)
	for _, f := range []struct {
		key  string
		path *string
	}{{"file", &files.Features}, {"targets", &files.Targets}, {"test_file", &files.TestFeatures},
		{"test_targets", &files.TestTargets}} {
		if *f.path == "" {
			continue
		}
		name := *f.path
		*f.path = w.fileAt(w.dataPath(f.key), name)
		if _, err := os.Stat(*f.path); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if _, inTable := w.where("problem.dataset.file"); !inTable && !strings.ContainsAny(name, `./\`) {
			w.Fault("problem.dataset", fmt.Sprintf("there is no data set %q", name),
				proto.DidYouMean(name, dataset.Names())+", or give the path of a file")
			return nil, nil
		}
		w.faultFile("problem.dataset."+f.key, name, fs.ErrNotExist)
	}
	if format := p.format(); format != "" && !dataset.HasTargets(format) && files.Targets == "" {
		w.Fault("problem.dataset", fmt.Sprintf("a file of the format %s has no targets", format),
			fmt.Sprintf("write dataset = { file = %q, targets = \"FILE\" }", p.Dataset))
	}
	if len(w.errors) > before {
		return nil, nil
	}
	data, err := dataset.Read(files)
	if column, ok := errors.AsType[*dataset.ColumnError](err); ok {
		path := "problem.target_column"
		if _, inTable := w.where("problem.dataset.target_column"); inTable {
			path = "problem.dataset.target_column"
		}
		w.faultFor(err, path, err.Error(), proto.DidYouMean(column.Column, column.Columns))
		return nil, nil
	}
	return data, err
}

// dataPath is the path of a key of dataset, which may be the name of a file alone.
func (w *Workload) dataPath(key string) string {
	if path := "problem.dataset." + key; w.has(path) {
		return path
	}
	return "problem.dataset"
}

// maxScaled is the largest feature that can be scaled: squares of larger ones are beyond float64.
const maxScaled = 1e150

// checkSplitting reports what does not go with the data.
func (w *Workload) checkSplitting(d *dataset.Dataset) {
	s := w.Problem.Splitting
	if _, _, _, err := s.Sizes(d); err != nil {
		path := "problem.dataset"
		for _, key := range []string{"problem.test", "problem.validation", "problem.subset"} {
			if _, given := w.where(key); given && (key != "problem.subset" || errors.As(err, new(*dataset.SubsetError))) {
				path = key
			}
		}
		w.faultFor(err, path, err.Error(),
			"choose validation, test and subset so that each part has at least one example; 0 is no validation")
	}
	switch scaling := d.ScalingOf(s.Scaling); {
	case scaling == dataset.Pixels && d.Peak == 0:
		w.Fault("problem.scale", "the largest value that a feature can have is not known",
			`write scale = "min-max" or "standardize"`)
	case scaling == dataset.StandardizeChannels && d.Shape == nil:
		w.Fault("problem.scale", "the examples are not images", `write scale = "standardize"`)
	}
	if scaling := d.ScalingOf(s.Scaling); scaling != dataset.Unscaled && scaling != dataset.Pixels {
		if low, high := d.Range(); max(-low, high) > maxScaled {
			w.Fault("problem.dataset", fmt.Sprintf("the features reach from %.6g to %.6g; beyond %g they cannot be scaled", low, high,
				maxScaled), `correct the file, or write scale = "none"`)
		}
	}
	if d.Regression() && s.Stratify {
		w.Fault("problem.stratify", "the targets are numbers, not classes", "remove stratify")
	}
	if d.Regression() && s.LabelNoise > 0 {
		w.Fault("problem.label_noise", "the targets are numbers, not classes", "remove label_noise")
	}
}
