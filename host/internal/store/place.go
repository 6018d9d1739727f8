package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/record"
)

// Place says where the results of the experiments of a command are, or are to be.
type Place struct {
	Out    string // the folder that the user named, of several experiments the one of theirs; empty for folders of their own in Parent
	Parent string
	Resume bool // whether there must be something to go on with; runs that failed are gone on with too
	Accept bool // whether runs are gone on with under other numerics than those that they met
	Rerun  Rerun
}

// Rerun are the runs to make again though they are over.
type Rerun string

// What is made again. What stood there is kept.
const (
	RerunNone     Rerun = ""
	RerunFailed   Rerun = "failed"
	RerunDiverged Rerun = "diverged"
	RerunAll      Rerun = "all"
)

// replaces tells whether a run is made again that ended so.
func (r Rerun) replaces(s record.Status) bool {
	return r == RerunAll || r == RerunDiverged && s == record.Diverged
}

// Reruns are all of them.
var Reruns = []string{string(RerunNone), string(RerunFailed), string(RerunDiverged), string(RerunAll)}

// Claim takes a folder for the results of each experiment, and looks what is to be done there. Nothing recorded is ever overwritten. If one
// cannot be had, all are given back.
func (p Place) Claim(ctx context.Context, plans []plan.Plan) (folders []*Folder, err error) {
	defer func() {
		if err != nil {
			for _, f := range folders {
				_ = f.Discard()
			}
		}
	}()
	met := NumericsMet()
	for _, asked := range plans {
		f, err := p.open(asked, folders, len(plans) > 1)
		if err != nil {
			return folders, err
		}
		folders = append(folders, f)
		if err := f.look(ctx, met); err != nil {
			return folders, err
		}
		if p.Out == "" && !samePath(f.file, asked.File) {
			f.Notes = append(f.Notes, fmt.Sprintf("going on with the results of %s, which %s asks for too", f.file, asked.File))
		}
		f.noteNumerics()
	}
	return folders, nil
}

// Mixed says that different numerics meet in the experiment, if they do: beside the optimizers, the arithmetic differs in a comparison.
func (f *Folder) Mixed() string {
	if len(f.met) < 2 {
		return ""
	}
	return fmt.Sprintf("the runs in %s did not all meet the same arithmetic: another %s; their records have it from which step on", f.Dir,
		f.met[0].Difference(f.met[1]))
}

// noteNumerics notes what Mixed says.
func (f *Folder) noteNumerics() {
	if mixed := f.Mixed(); mixed != "" {
		f.Notes = append(f.Notes, mixed)
	}
}

// Of is the folder in which the results of an experiment are, of several or alone; empty if there is none.
func (p Place) Of(asked plan.Plan, several bool) (string, error) {
	switch {
	case p.Out == "":
		return find(p.Parent, asked)
	case several:
		return find(p.Out, asked)
	}
	return p.Out, nil
}

// Begun are the folders in which results of experiments in these files may be, as far as can be told before they are read.
func (p Place) Begun(files []string) (dirs []string) {
	parent := p.Parent
	switch {
	case p.Out != "" && len(files) == 1:
		return []string{p.Out}
	case p.Out != "":
		parent = p.Out
	}
	folders, _ := os.ReadDir(parent)
	for _, folder := range folders {
		dir := filepath.Join(parent, folder.Name())
		o, err := readOrigin(filepath.Join(dir, ExperimentFile))
		if err == nil && slices.ContainsFunc(files, func(file string) bool { return samePath(file, o.Experiment.File) }) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// open takes the folder of one experiment, of several or alone; those of others of the same command are taken already.
func (p Place) open(asked plan.Plan, taken []*Folder, several bool) (*Folder, error) {
	parent := p.Parent
	switch {
	case p.Out != "" && !several && p.Resume && !exists(p.Out):
		return nil, fmt.Errorf("there is nothing to resume: there is no folder %s; leave --resume away, or say where with --out", p.Out)
	case p.Out != "" && !several:
		return use(p.Out, asked, p)
	case p.Out != "":
		parent = p.Out
	}
	dir, err := find(parent, asked)
	switch {
	case err != nil:
		return nil, err
	case dir == "" && p.Resume:
		return nil, nothing(parent, asked)
	case dir == "":
		return begin(filepath.Join(parent, asked.Folder()), asked, p)
	case slices.ContainsFunc(taken, func(f *Folder) bool { return f.Dir == dir }):
		return nil, fmt.Errorf("%s asks for what another file asks for; their results are both in %s: name one of them", asked.File, dir)
	}
	return use(dir, asked, p)
}

func nothing(dir string, asked plan.Plan) error {
	return fmt.Errorf("there is nothing to resume: %s has no results of %s; leave --resume away, or say where with --out", dir, asked.File)
}
