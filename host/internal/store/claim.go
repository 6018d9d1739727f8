package store

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/steepest/steepest/host/internal/plan"
)

// Place says where the results of the experiments of a command are, or are to be.
type Place struct {
	Out    string // the folder that the user named, of several experiments the one of theirs; empty for folders of their own in Parent
	Parent string
	Resume bool // whether to go on with results that are there
	Accept bool // also under other numerics than those that the runs met
}

// Claim takes a folder for the results of each experiment, and looks what is to be done there. Nothing recorded is ever overwritten,
// and no other program writes there meanwhile. If one cannot be had, all are given back.
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
		if folders = append(folders, f); p.Resume {
			if err := f.look(ctx, met, p.Accept); err != nil {
				return folders, err
			}
			if p.Out == "" && !samePath(f.file, asked.File) {
				f.Notes = append(f.Notes, fmt.Sprintf("going on with the results of %s, which %s asks for too", f.file, asked.File))
			}
			if len(f.met) > 1 {
				f.Notes = append(f.Notes, fmt.Sprintf("the runs in %s did not all meet the same arithmetic: another %s; their manifests have "+
					"it from which step on", f.Dir, f.met[0].Difference(f.met[1])))
			}
		}
	}
	return folders, nil
}

// open takes the folder of one experiment, of several or alone; those of others of the same command are taken already.
func (p Place) open(asked plan.Plan, taken []*Folder, several bool) (*Folder, error) {
	isTaken := func(dir string) bool { return slices.ContainsFunc(taken, func(f *Folder) bool { return f.Dir == dir }) }
	named := p.Out != "" && !several
	switch {
	case p.Resume:
		dir := p.Out
		if !named {
			parent := p.Parent
			if p.Out != "" {
				parent = p.Out
			}
			var err error
			if dir, err = find(parent, asked); err != nil {
				return nil, err
			}
		}
		if isTaken(dir) {
			return nil, fmt.Errorf("%s asks for what another file asks for; their results are both in %s: name one of them", asked.File, dir)
		}
		return resume(dir, asked)
	case p.Out == "":
		return begin(filepath.Join(p.Parent, asked.Folder()), asked)
	case named:
		return use(p.Out, asked)
	}
	path := filepath.Join(p.Out, asked.Folder())
	dir := path
	for n := 2; isTaken(dir); n++ { // two files of the same name
		dir = fmt.Sprintf("%s-%d", path, n)
	}
	return use(dir, asked)
}
