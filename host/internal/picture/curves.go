package picture

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/measure"
	"github.com/steepest/steepest/host/internal/quantile"
	"github.com/steepest/steepest/host/internal/record"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/store"
)

var curvesKind = Kind{Name: "curves", Help: "a quantity while the runs train: median and quartiles over the seeds", Each: curves}

// mostPoints is how many points of a run are kept for a curve: more than are seen.
const mostPoints = 512

var axisLabels = map[string]string{"step": "step", "epoch": "epoch", "gradient_evaluations": "gradient evaluations", "seconds": "time (s)"}

func curves(p Problem, o Options) (figure.Figure, error) {
	q, err := p.quantity(o.Measure)
	if err != nil {
		return nil, err
	}
	against := o.Against
	if against == "" {
		against = config.CurveAxes[0]
	}
	if !slices.Contains(config.CurveAxes, against) {
		return nil, unfit("choose "+registry.Sentence(config.CurveAxes, "or"), "curves cannot be drawn against %q", against)
	}
	c := figure.Curves{Title: p.title(), X: figure.Axis{Label: axisLabels[against]}}
	var all [][]float64
	var ended []string
	seeds := 0
	for _, v := range p.Variants {
		line, err := p.curve(v, q, against)
		if err != nil {
			return nil, err
		}
		if len(line.X) > 0 {
			c.Lines, all, seeds = append(c.Lines, line.Curve), append(all, line.Median, line.Low, line.High), max(seeds, line.Runs)
			if line.ended > 0 {
				ended = append(ended, fmt.Sprintf("%s from step %d on, %d of %d at last", line.Name, line.fewer, line.all-line.ended, line.all))
			}
		}
	}
	if len(c.Lines) == 0 {
		return nil, unfit("choose another quantity with --measure", "no run has recorded %s", q.Name)
	}
	c.Y = axis(q, measure.Measure{Quantity: q.Name}, all...)
	if seeds > 1 {
		c.Band = fmt.Sprintf("quartiles over %d seeds", seeds)
	}
	if len(ended) > 0 {
		c.Notes = append(c.Notes, "Fewer runs, since others had ended or have no value there: "+strings.Join(ended, "; ")+".")
	}
	if t := p.Target; t != nil && t.Measure.Quantity == q.Name {
		c.Target = t.Value
	}
	if o.Line != 0 {
		c.Target, c.Called = o.Line, strconv.FormatFloat(o.Line, 'g', 4, 64)
	}
	return c, nil
}

// trace are points of a run at which a quantity was measured, every stride-th of them, and the last.
type trace struct {
	stride int
	points []tracePoint
	last   tracePoint
	seen   int
	epoch  float64 // the step with which the second epoch begins; 0 if none does
	status record.Status
	each   float64 // gradients that a step took, on average: more or less than one if the optimizer asked
}

type tracePoint struct {
	step    int
	seconds float64
	value   float64
}

// curve condenses the runs of a variant: at each of some points, which all of them have, the median and the quartiles over the runs. A run that diverged
// is infinitely bad from there on; one that failed, was pruned or did not end is in none of them. The runs are read once, for all axes.
func (p Problem) curve(v Variant, q record.Quantity, against string) (condensed, error) {
	key := curveKey{v.Series.Name, q.Name}
	if lines, known := p.known[key]; known {
		return lines[against], nil
	}
	line := condensed{Curve: figure.Curve{Series: v.Series}}
	var traces []*trace
	stride := 1
	for _, r := range v.Runs {
		line.Runs++
		if !r.Status.Ended() {
			line.Left++
			continue
		}
		t, err := p.trace(r, q.Name)
		if err != nil {
			return line, err
		}
		if t.seen > 0 || t.status == record.Diverged {
			traces, stride = append(traces, t), max(stride, t.stride)
		}
	}
	for _, t := range traces {
		t.thin(stride)
		t.end()
	}
	lines := map[string]condensed{}
	for _, axis := range config.CurveAxes {
		along := line
		if len(traces) > 0 {
			along.condense(traces, q.Better, axis)
		}
		lines[axis] = along
	}
	p.known[key] = lines
	return lines[against], nil
}

// curveKey is the name of a variant and that of a quantity.
type curveKey struct{ variant, quantity string }

// condensed is a curve that several runs became.
type condensed struct {
	figure.Curve
	all, ended, fewer int // runs, those of them that are not in the last median since they had ended, and the first step without one
}

// condense finds the median and the quartiles at each point that the longest trace has. Traces of one stride have the same points as far as they go.
func (c *condensed) condense(traces []*trace, better record.Better, against string) {
	bad := math.Inf(1)
	if better == record.More {
		bad = math.Inf(-1)
	}
	c.all = len(traces)
	longest := slices.MaxFunc(traces, func(a, b *trace) int { return a.last.step - b.last.step })
	for i, at := range longest.points {
		var values, seconds []float64
		for _, t := range traces {
			switch {
			case i < len(t.points) && t.points[i].step == at.step:
				values, seconds = append(values, t.points[i].value), append(seconds, t.points[i].seconds)
			case t.status == record.Diverged:
				values = append(values, bad)
			}
		}
		if c.ended = len(traces) - len(values); c.ended > 0 && c.fewer == 0 {
			c.fewer = at.step
		}
		sorted := quantile.Sorted(values)
		c.X = append(c.X, place(longest, at, against, seconds))
		c.Median = append(c.Median, quantile.Of(sorted, 0.5))
		if c.Runs > 1 {
			c.Low, c.High = append(c.Low, quantile.Of(sorted, 0.25)), append(c.High, quantile.Of(sorted, 0.75))
		}
	}
}

// place is where a point stands on an axis.
func place(t *trace, at tracePoint, against string, seconds []float64) float64 {
	switch against {
	case "epoch":
		if t.epoch > 0 {
			return float64(at.step) / t.epoch
		}
		return math.NaN()
	case "seconds":
		return quantile.Median(seconds)
	case "gradient_evaluations":
		return float64(at.step) * t.each
	}
	return float64(at.step)
}

// trace reads a run.
func (p Problem) trace(r store.Run, quantity string) (*trace, error) {
	t := &trace{stride: 1, status: r.Status, each: 1}
	if all, known := r.Spent[record.GradientEvaluations].Get(); known && r.Outcome.Steps > 0 {
		t.each = all / float64(r.Outcome.Steps)
	}
	opened, err := p.folder.Record(r.Job)
	if err != nil {
		return nil, err
	}
	at := slices.Index(opened.Quantities(), quantity)
	if at < 0 {
		return t, nil
	}
	err = opened.Points(func(point *store.Point) error {
		if e, known := point.Epoch.Get(); known && e == 1 && t.epoch == 0 {
			t.epoch = float64(point.Step)
		}
		if x, measured := point.Values[at].Get(); measured {
			t.note(tracePoint{point.Step, point.Wall.Seconds(), x})
		}
		return nil
	})
	return t, err
}

func (t *trace) note(p tracePoint) {
	if t.seen%t.stride == 0 {
		t.points = append(t.points, p)
	}
	t.seen++
	if t.last = p; len(t.points) > mostPoints {
		t.thin(2 * t.stride)
	}
}

// thin keeps every stride-th point: as many times the present stride.
func (t *trace) thin(stride int) {
	every := stride / t.stride
	if every < 2 {
		return
	}
	for i := 0; i*every < len(t.points); i++ {
		t.points[i] = t.points[i*every]
	}
	t.points, t.stride = t.points[:(len(t.points)+every-1)/every], stride
}

// end adds the last point, where the stride missed it.
func (t *trace) end() {
	if n := len(t.points); n > 0 && t.points[n-1].step != t.last.step {
		t.points = append(t.points, t.last)
	}
}
