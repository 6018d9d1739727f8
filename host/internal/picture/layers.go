package picture

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/proto"
)

var layersKind = Kind{Name: "layers", Help: "the gradient norm of each layer of a model while an optimizer trains it: the median over the seeds", Each: layers}

// layers draws one optimizer: the one that --against names, or the only one.
func layers(p Problem, o Options) (figure.Figure, error) {
	v, err := p.one(o.Against)
	if err != nil {
		return nil, err
	}
	f := figure.Layers{Title: p.title() + ", " + v.Series.Name, X: figure.Axis{Label: "step"}, Label: "gradient norm"}
	opened, err := p.folder.Record(v.Runs[0].Job)
	if errors.Is(err, fs.ErrNotExist) && v.Runs[0].Status == "" { // it has not begun
		return nil, unfit("run again to go on", "of %s nothing is recorded", v.Series.Name)
	} else if err != nil {
		return nil, err
	}
	prefix := strings.TrimSuffix(store.LayerColumn(""), "]")
	for _, column := range opened.Quantities() {
		if rest, is := strings.CutPrefix(column, prefix); is {
			f.Names = append(f.Names, strings.TrimSuffix(rest, "]"))
		}
	}
	if len(f.Names) == 0 {
		return nil, unfit("write [record] layers = true, and run again: the runs are measured once more", "no run has recorded the gradients of its layers")
	}
	for _, name := range f.Names {
		line, err := p.curve(*v, record.Quantity{Name: store.LayerColumn(name), Better: record.Less}, Axes[0])
		if err != nil {
			return nil, err
		}
		f.Steps, f.Norms = line.X, append(f.Norms, line.Median)
	}
	return f, nil
}

// one is the variant of a name, or the only one.
func (p Problem) one(name string) (*Variant, error) {
	if name == "" && len(p.Variants) == 1 {
		return &p.Variants[0], nil
	}
	var names []string
	for i := range p.Variants {
		if names = append(names, p.Variants[i].Series.Name); p.Variants[i].Series.Name == name {
			return &p.Variants[i], nil
		}
	}
	if name == "" {
		for i := range names {
			names[i] = strconv.Quote(names[i])
		}
		return nil, unfit("choose with --against "+registry.Sentence(names, "or"), "there are %d optimizers, and a figure of one", len(names))
	}
	return nil, unfit(proto.DidYouMean(name, names), "there is no optimizer %q", name)
}
