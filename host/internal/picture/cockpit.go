package picture

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/store"
)

var cockpitKind = Kind{Name: "cockpit", Help: "the instruments of Cockpit (Schneider et al.): step size, gradients and curvature while an optimizer trains", Each: cockpit}

// instrument is a panel of the cockpit.
type instrument struct {
	title string
	lines []gauge
	// draw makes the panel of the quantities that are recorded; nil for curves.
	draw func(cockpitOf, instrument) (figure.Figure, error)
	need string // what would measure it
	log  bool   // whether the axis is logarithmic, whatever its values
	more bool   // whether it is left out where it was not measured
}

// gauge is a quantity, and its name beside its line.
type gauge struct{ quantity, name string }

// instruments are those of Cockpit's first screen, in its order, with its gauge of performance in two, and those of the second.
var instruments = []instrument{
	{title: "Alpha", lines: []gauge{{"alpha", ""}}, draw: cockpitOf.alphas, need: `name = "alpha"`},
	{title: "Gradient tests", lines: []gauge{{"norm_test", "norm"}, {"inner_product_test", "inner product"}, {"orthogonality_test", "orthogonality"}}, need: `name = "noise"`},
	{title: "Largest eigenvalue", lines: []gauge{{"sharpness", ""}}, need: `name = "hessian"`},
	{title: "Distance", lines: []gauge{{"distance_from_start", "from start"}, {"update_norm", "update"}}, log: true, need: `name = "path"`},
	{title: "Gradient elements", lines: []gauge{{"gradient_limit", ""}}, draw: cockpitOf.elements, need: `name = "histogram"`},
	{title: "Trace", lines: []gauge{{"hessian_trace", "exact"}, {"trace_estimate", "estimate"}}, need: `name = "density", or name = "hessian" and eigenvalues = "all"`},
	{title: "Gradient norm", lines: []gauge{{"gradient_norm", ""}}},
	{title: "Gradient elements and weights", lines: []gauge{{"weight_limit", ""}}, draw: cockpitOf.pairs, need: `name = "histogram" and weight_bins = 20`},
	{title: "TIC", lines: []gauge{{"tic_diagonal", "diagonal"}, {"tic_trace", "traces"}}, need: `name = "tic"`},
	{title: "Learning rate", lines: []gauge{{"learning_rate", ""}}},
	{title: "Loss", lines: []gauge{{"train_loss", "training"}, {"validation_loss", "validation"}}},
	{title: "Accuracy", lines: []gauge{{"validation_accuracy", ""}}},
	{title: "CABS", lines: []gauge{{"cabs", ""}}, need: `name = "noise"`, more: true},
	{title: "Early stopping", lines: []gauge{{"early_stopping", ""}}, need: `name = "noise"`, more: true},
	{title: "Mean GSNR", lines: []gauge{{"mean_gsnr", ""}}, need: `name = "noise"`, more: true},
}

// cockpitOf is what the panels are drawn of: an optimizer on a problem.
type cockpitOf struct {
	Problem
	*Variant
	schema record.Schema
}

// cockpit draws one optimizer: the only one.
func cockpit(p Problem, _ Options) (figure.Figure, error) {
	v, err := p.one()
	if err != nil {
		return nil, err
	}
	c := cockpitOf{p, v, p.Schema(*v.Optimizer)}
	f := figure.Panels{Title: p.title() + ", " + v.Series.Name, Heads: []string{"STEP SIZE", "GRADIENTS", "CURVATURE"}}
	measured := false
	for _, i := range instruments {
		drawn, err := c.panel(i)
		switch {
		case err != nil:
			return nil, err
		case drawn != nil:
			measured = measured || c.diagnosed(i)
		case i.more:
			continue
		}
		panel := figure.Panel{Figure: drawn, Title: i.title}
		if drawn == nil {
			panel.Missing = "Not measured."
			if i.need != "" {
				panel.Missing = fmt.Sprintf("Not measured: add [[diagnose]] with %s, and run again.", i.need)
			}
		}
		f.Panels = append(f.Panels, panel)
	}
	if !measured {
		return nil, unfit(`write [[diagnose]] name = "alpha" and others of docs/diagnostics.md, and run again: the runs are measured once more`,
			"no diagnostic of the cockpit was measured of %s", v.Series.Name)
	}
	if len(v.Runs) > 1 {
		f.Notes = append(f.Notes, fmt.Sprintf("Lines: medians over %d seeds; histograms of elements: the first run that ended.", len(v.Runs)))
	}
	return f, nil
}

// diagnosed tells whether an instrument shows more than every run has.
func (c cockpitOf) diagnosed(i instrument) bool {
	return slices.ContainsFunc(i.lines, func(g gauge) bool { return c.schema.Index(g.quantity) >= len(record.Standard()) })
}

// panel draws an instrument; nil if nothing of it is on record.
func (c cockpitOf) panel(i instrument) (figure.Figure, error) {
	if i.draw != nil {
		return i.draw(c, i)
	}
	f := figure.Curves{Title: i.title, X: figure.Axis{Label: "step"}}
	var all [][]float64
	var q record.Quantity
	for _, g := range i.lines {
		at := c.schema.Index(g.quantity)
		if at < 0 {
			continue
		}
		line, err := c.curve(*c.Variant, c.schema[at], config.CurveAxes[0])
		if err != nil {
			return nil, err
		}
		if len(line.X) == 0 {
			continue
		}
		q = c.schema[at]
		line.Series = figure.Series{Name: g.name, Look: c.Look}
		line.Look.Place += len(f.Lines)
		f.Lines, all = append(f.Lines, line.Curve), append(all, line.Median, line.Low, line.High)
	}
	if len(f.Lines) == 0 {
		return nil, nil
	}
	f.Y = axis(q, measure.Measure{Quantity: q.Name}, all...)
	f.Y.Log = f.Y.Log || i.log || steady(all[0])
	if f.Y.Label = q.Title; len(i.lines) > 1 || strings.EqualFold(q.Title, i.title) {
		f.Y.Label = ""
	}
	return f, nil
}

// steady tells whether all values are the same above 0: a logarithmic axis has them in its middle.
func steady(values []float64) bool {
	return slices.Min(values) > 0 && slices.Min(values) == slices.Max(values)
}

// alphaEnd is where the histogram of alpha ends on either side, as Cockpit's does, and alphaBins how many bins it has.
const alphaEnd, alphaBins = 1.5, 30

// alphas draws how alpha is distributed, over all steps and over the last tenth of them, and the parabola on which it lies.
func (c cockpitOf) alphas(i instrument) (figure.Figure, error) {
	var all, last []float64
	beyond := 0
	for _, r := range c.Runs {
		if !r.Status.Ended() {
			continue
		}
		values, err := c.column(r, i.lines[0].quantity)
		if err != nil {
			return nil, err
		}
		for _, x := range values {
			if math.Abs(x) > alphaEnd {
				beyond++
			}
		}
		all, last = append(all, values...), append(last, values[len(values)-(len(values)+9)/10:]...)
	}
	if len(all) == 0 {
		return nil, nil
	}
	gray := c.Look
	gray.Tone = 7
	f := figure.Histogram{Title: i.title, X: figure.Axis{Label: "alpha: 0 is the minimum, 1 the other side"}, Y: figure.Axis{Label: "share of steps"}, Groups: []figure.Bars{
		{Series: figure.Series{Name: "all", Look: gray}, Shares: alphaShares(all)},
		{Series: figure.Series{Name: "last tenth", Look: c.Look}, Shares: alphaShares(last)}}}
	most := 0.0
	for _, g := range f.Groups {
		most = max(most, slices.Max(g.Shares))
	}
	for k := range alphaBins + 1 {
		x := -alphaEnd + 2*alphaEnd*float64(k)/alphaBins
		f.Edges = append(f.Edges, x)
		f.Over.X, f.Over.Median = append(f.Over.X, x), append(f.Over.Median, x*x/alphaEnd/alphaEnd*most)
	}
	f.Notes = append(f.Notes, "The dashed line is the parabola, on which each step begins at -1.")
	if beyond > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("Beyond the axis, in the outermost bins: %d of %d.", beyond, len(all)))
	}
	return f, nil
}

// column are all values of a quantity in a run that are numbers.
func (c cockpitOf) column(r store.Run, quantity string) (values []float64, err error) {
	opened, err := c.folder.Record(r.Job)
	if err != nil || !slices.Contains(opened.Quantities(), quantity) {
		return nil, err
	}
	err = opened.Column(quantity, func(_ int, _ time.Duration, x float64, measured bool) error {
		if measured && !math.IsNaN(x) {
			values = append(values, x)
		}
		return nil
	})
	return values, err
}

func alphaShares(values []float64) []float64 {
	shares := make([]float64, alphaBins)
	for _, x := range values {
		at := (x + alphaEnd) / (2 * alphaEnd) * alphaBins
		shares[int(max(0, min(at, alphaBins-1)))] += 1 / float64(len(values))
	}
	return shares
}

// histogramOf is the last one on record of the first run that ended: what ends its axes, and the shares of bins by the names of their columns.
func (c cockpitOf) histogramOf(prefix string) (step int, limits [2]float64, shares map[string]float64, err error) {
	first := slices.IndexFunc(c.Runs, func(r store.Run) bool { return r.Status.Ended() })
	if first < 0 {
		return 0, limits, nil, nil
	}
	opened, err := c.folder.Record(c.Runs[first].Job)
	if err != nil {
		return 0, limits, nil, err
	}
	names := opened.Quantities()
	places := map[string]int{}
	for i, name := range names {
		if part, is := strings.CutPrefix(name, prefix+"["); is {
			places[strings.TrimSuffix(part, "]")] = i
		}
	}
	if len(places) == 0 {
		return 0, limits, nil, nil
	}
	ends := [2]int{slices.Index(names, "gradient_limit"), slices.Index(names, "weight_limit")}
	err = opened.Points(func(p *store.Point) error {
		found := map[string]float64{}
		for part, i := range places {
			if x, measured := p.Values[i].Get(); measured {
				found[part] = x
			}
		}
		if len(found) == len(places) {
			step, shares = p.Step, found
			for k, i := range ends {
				if i >= 0 {
					limits[k], _ = p.Values[i].Get()
				}
			}
		}
		return nil
	})
	return step, limits, shares, err
}

// elements draws how the elements of the gradient were distributed when that was measured last.
func (c cockpitOf) elements(i instrument) (figure.Figure, error) {
	step, limits, shares, err := c.histogramOf("gradient_histogram")
	if err != nil || shares == nil {
		return nil, err
	}
	bars := figure.Bars{Series: figure.Series{Look: c.Look}}
	for k := range len(shares) {
		bars.Shares = append(bars.Shares, shares[fmt.Sprint(k)])
	}
	f := figure.Histogram{Title: i.title, X: figure.Axis{Label: "gradient element"}, Y: figure.Axis{Label: "share", Log: true}, Groups: []figure.Bars{bars},
		Notes: []string{atStep(step)}}
	for k := range len(shares) + 1 {
		f.Edges = append(f.Edges, limits[0]*(2*float64(k)/float64(len(shares))-1))
	}
	return f, nil
}

// pairs draws how they lay to the weights.
func (c cockpitOf) pairs(i instrument) (figure.Figure, error) {
	step, limits, shares, err := c.histogramOf("weight_histogram")
	if err != nil || shares == nil {
		return nil, err
	}
	f := figure.Grid{Title: i.title, X: figure.Axis{Label: "weight"}, Y: figure.Axis{Label: "gradient element"}, Label: "share",
		Width: [2]float64{-limits[1], limits[1]}, Height: [2]float64{-limits[0], limits[0]}, Notes: []string{atStep(step)}}
	for row := 0; ; row++ {
		var cells []float64
		for column := 0; ; column++ {
			x, is := shares[fmt.Sprintf("%d/%d", row, column)]
			if !is {
				break
			}
			cells = append(cells, x)
		}
		if cells == nil {
			return f, nil
		}
		f.Cells = append(f.Cells, cells)
	}
}

func atStep(step int) string {
	return fmt.Sprintf("Histograms of elements are those of step %d.", step)
}
