package picture

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/store"
)

var layersKind = Kind{Name: "layers", Help: "the gradient norm of each layer of a model while an optimizer trains it: the median over the seeds", Each: layers}

// layers draws one optimizer: the only one.
func layers(p Problem, _ Options) (figure.Figure, error) {
	v, err := p.one()
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
		line, err := p.curve(*v, record.Quantity{Name: store.LayerColumn(name), Better: record.Less}, config.CurveAxes[0])
		if err != nil {
			return nil, err
		}
		f.Steps, f.Norms = line.X, append(f.Norms, line.Median)
	}
	return f, nil
}

// one is the only variant.
func (p Problem) one() (*Variant, error) {
	if len(p.Variants) == 1 {
		return &p.Variants[0], nil
	}
	var names []string
	for _, v := range p.Variants {
		names = append(names, strconv.Quote(v.Series.Name))
	}
	return nil, unfit("choose with --optimizer "+registry.Sentence(names, "or"), "there are %d optimizers, and a figure of one", len(names))
}
