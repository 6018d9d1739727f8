package foreign

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/proto"
)

// Import is what is taken in as runs, and what is said of them.
type Import struct {
	CSV         string // a file
	TensorBoard string // or a folder
	Recording   string // or a file that says all that follows of a CSV file beside it, but for Out and OtherProblem
	Out         string // the folder of the results; empty for one in store.Runs

	Problem         string
	OtherProblem    bool     // take it in though no run in the results is of the problem
	Optimizer       string   // empty if the names of the curves tell
	Seed            *uint64  // likewise
	Names           []string // NAME=QUANTITY
	Hyperparameters []string // KEY=VALUE

	names     map[string]string
	values    map[string]any
	recording *recording
}

// CheckSource says what is wrong with what is to be imported: results of an earlier version or one of the others, and what is given goes with it.
func (i *Import) CheckSource(results bool, given func(flag string) bool) error {
	curves, recording := i.CSV != "" || i.TensorBoard != "", i.Recording != ""
	switch {
	case !results && !curves && !recording:
		return errors.New("there is nothing to import; name results of an earlier version, or a curve with --csv, --tensorboard or --recording")
	case results && (curves || recording), curves && recording:
		return errors.New("name results of an earlier version, or a curve with --csv, --tensorboard or --recording: one of them at a time")
	case curves:
		return nil
	}
	for _, flag := range []string{"problem", "optimizer", "seed", "map", "hyperparameter"} {
		switch {
		case given(flag) && recording:
			return fmt.Errorf("--%s does nothing with a recording, which says it; leave it out", flag)
		case given(flag):
			return fmt.Errorf("--%s does nothing with results of an earlier version, which have their own; leave it out", flag)
		}
	}
	if results && given("other-problem") {
		return errors.New("--other-problem does nothing with results of an earlier version, which have their own; leave it out")
	}
	return nil
}

// Check judges all that can be judged before anything is read.
func (i *Import) Check() (err error) {
	switch {
	case i.CSV != "" && i.TensorBoard != "":
		return errors.New("--csv and --tensorboard are for one import each; leave one out")
	case i.Recording != "":
		return nil // it says all
	case i.Problem == "":
		return errors.New("say what was minimised with --problem, such as --problem mlp: the kind of the problem of the runs to compare with")
	}
	if i.names, err = ParseNames(i.Names); err == nil {
		i.values, err = ParseHyperparameters(i.Hyperparameters)
	}
	return err
}

// Taken is a run that is in the results now.
type Taken struct {
	Curve     *Curve
	Optimizer string
	Seed      uint64
	Dir       string
	Before    bool // it was there before
}

// Run reads all curves, and then takes them in. runs is where results are for which no place is given.
func (i *Import) Run(ctx context.Context, runs string) (all []Taken, err error) {
	source := i.CSV + i.TensorBoard + i.Recording
	if i.Recording != "" {
		if err := i.readRecording(); err != nil {
			return nil, err
		}
	}
	var curves []*Curve
	if i.CSV != "" {
		c, err := ReadCSV(i.CSV, i.names)
		if err != nil {
			return nil, err
		}
		curves = []*Curve{c}
	} else if curves, err = ReadTensorBoard(ctx, i.TensorBoard, i.names); err != nil {
		return nil, err
	}
	seen := map[string]*Curve{}
	for _, c := range curves {
		t := Taken{Curve: c}
		if t.Optimizer, t.Seed = c.Label(); i.Optimizer != "" {
			t.Optimizer = i.Optimizer
		}
		if i.Seed != nil {
			t.Seed = *i.Seed
		}
		key := fmt.Sprintf("%s with seed %d", t.Optimizer, t.Seed)
		if other := seen[key]; other != nil {
			return nil, fmt.Errorf("%s and %s would both be %s; leave out --optimizer or --seed, so that their names tell them apart, "+
				"or import them one by one", other.File, c.File, key)
		}
		seen[key] = c
		all = append(all, t)
	}
	out := i.Out
	if i.Recording != "" && out == "" {
		if out, err = recordedFor(i.Recording); err != nil {
			return nil, err
		}
	} else if out == "" {
		absolute, err := filepath.Abs(source)
		if err != nil {
			return nil, err
		}
		out = filepath.Join(runs, strings.TrimSuffix(filepath.Base(absolute), ".csv"))
	}
	if err := i.suits(out); err != nil {
		return nil, err
	}
	for n := range all {
		if err := ctx.Err(); err != nil {
			return all[:n], err
		}
		t := &all[n]
		f, err := i.foreign(t)
		if err != nil {
			return all[:n], err
		}
		t.Dir, err = store.Import(out, f)
		if t.Before = errors.Is(err, store.ErrDone); err != nil && !t.Before {
			return all[:n], err
		}
	}
	return all, nil
}

// suits is an error if the results in a folder are of an experiment that has no problem of the name or kind.
func (i *Import) suits(out string) error {
	names := store.Problems(out)
	if i.OtherProblem || len(names) == 0 || slices.Contains(names, i.Problem) {
		return nil
	}
	return fmt.Errorf("the experiment in %s has no problem %q; %s (--other-problem takes it in all the same)", out, i.Problem,
		proto.DidYouMean(i.Problem, names))
}

// foreign is a run as the store takes it.
func (i *Import) foreign(t *Taken) (store.Foreign, error) {
	c := t.Curve
	source, err := filepath.Abs(c.File)
	if err != nil {
		return store.Foreign{}, err
	}
	f := store.Foreign{Imported: store.Imported{Format: c.Format, Source: source, Bytes: c.Bytes, SHA256: c.SHA256, Names: c.Names},
		Problem: i.Problem, Optimizer: t.Optimizer, Hyperparameters: i.values, Seed: t.Seed, Began: c.Began, Quantities: c.Quantities}
	if r := i.recording; r != nil {
		f.Format, f.Began, f.Plugin, f.Within = "recording", r.Began, r.Plugin, r.Within
	}
	for _, p := range c.Points {
		f.Points = append(f.Points, store.Point(p))
	}
	return f, nil
}
