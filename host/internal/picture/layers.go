package picture

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/store"
)

var layersKind = Kind{Name: "layers", Help: "the gradient norm of each layer of a model, or what is diagnosed of each tensor or layer, while an optimizer trains it: the median over the seeds", Each: layers}

// layers draws one optimizer: the only one.
func layers(p Problem, o Options) (figure.Figure, error) {
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
	if o.Measure != "" {
		prefix, f.Label = o.Measure+"[", words(o.Measure)
	}
	f.Names = partsOf(opened.Quantities(), strings.TrimSuffix(prefix, "["))
	switch {
	case len(f.Names) > 0:
	case o.Measure != "":
		return nil, unfit("choose "+registry.Sentence(parted(opened.Quantities()), "or"), "%q is no quantity of which each tensor or layer has a column", o.Measure)
	default:
		return nil, unfit("write [record] layers = true, and run again: the runs are measured once more", "no run has recorded the gradients of its layers")
	}
	for _, name := range f.Names {
		line, err := p.curve(*v, record.Quantity{Name: prefix + name + "]", Better: record.Less}, config.CurveAxes[0])
		if err != nil {
			return nil, err
		}
		f.Steps, f.Norms = line.X, append(f.Norms, line.Median)
	}
	return f, nil
}

// words are the name of a quantity as people write it.
func words(quantity string) string { return strings.ReplaceAll(quantity, "_", " ") }

// parted are the names of the quantities that have a column for each of some parts, in order.
func parted(columns []string) (names []string) {
	for _, column := range columns {
		if name, _, is := strings.Cut(column, "["); is && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
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
