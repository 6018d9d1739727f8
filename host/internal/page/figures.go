package page

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"math"
	"slices"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/picture"
)

// Section are figures of one kind.
type Section struct {
	ID, Title, Lead string
	Groups          []Group
}

// Group are the figures of a problem, of which one is shown at a time: that of the chosen axis and scale.
type Group struct {
	ID, Kind     string
	Problem      string
	Note         string
	Choose       string   // what Axes are
	Axes, Scales []string // names to choose from; none where there is one
	Views        []View
}

// View is a figure for wide and for narrow screens.
type View struct {
	Axis, Scale  int // places in Axes and Scales
	Caption      string
	Wide, Narrow template.HTML
}

// Key is the look of an optimizer, and what belongs to it in figures.
type Key struct {
	Name   string
	Look   figure.Look
	Series []string
}

// Color is the colour on white.
func (k Key) Color() string { return figure.Hex(k.Look.Color()) }

// Dash is the pattern of its line, in an SVG's words.
func (k Key) Dash() string {
	var b bytes.Buffer
	for i, d := range k.Look.Dash() {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%g", 2*d)
	}
	return b.String()
}

// JSON are the names of its lines, for the script.
func (k Key) JSON() string {
	b, _ := json.Marshal(k.Series) // texts can always be written
	return string(b)
}

// keys are the optimizers of an experiment, of which each variant is a line.
func keys(r *picture.Results) (all []Key) {
	for _, p := range r.Problems {
		for _, v := range p.Variants {
			name := picture.Base(v.Optimizer)
			i := slices.IndexFunc(all, func(k Key) bool { return k.Name == name })
			if i < 0 {
				i, all = len(all), append(all, Key{name, figure.Look{Place: v.Look.Place}, []string{name}})
			}
			if !slices.Contains(all[i].Series, v.Series.Name) {
				all[i].Series = append(all[i].Series, v.Series.Name)
			}
		}
	}
	return all
}

// chapter is a kind of figure in the page.
type chapter struct {
	kind, title, lead string
	axes              []axis
	few               bool // whether many variants are too many to be told apart
	single            bool // whether a figure is of one optimizer
}

// axis is one that the reader can choose.
type axis struct{ name, against string }

var chapters = []chapter{
	{"curves", "Curves", "What each optimizer had reached, at the same point of its way. Lines are medians over the seeds, bands their quartiles.",
		[]axis{{"step", "step"}, {"epoch", "epoch"}, {"gradient evaluations", "gradient_evaluations"}, {"seconds", "seconds"}}, true, false},
	{"sensitivity", "Sensitivity", "How much the outcome depends on the value that was swept: the wider the trough, the less there is to tune.", nil, false, false},
	{"profile", "Performance profiles", "How often an optimizer takes at most so many times what the best one took: the higher, the better.", nil, false, false},
	{"ecdf", "Targets reached", "The share of runs that had reached their target after so many steps.", nil, false, false},
	{"ranks", "Mean ranks", "The place of each optimizer among the others, over all problems; 1 is the best.", nil, false, false},
	{"budget", "Tuning budget", "The best value to be expected after so many trials of the search.", nil, false, false},
	{"distribution", "Distribution", "The value of every run at its end: a dot for each seed.", nil, true, false},
	{"layers", "Gradient norms of layers", "Where the gradient is large or vanishes while an optimizer trains: the median over the seeds.", nil, true, true},
	{"cockpit", "Cockpit", "What the diagnostics measured while an optimizer trained: its step sizes, gradients and curvatures.", nil, true, true},
	{"trajectory", "Trajectories", "The ways of the first seed over the contours of the loss.", nil, true, false},
	{"slice", "Slices of the loss", "The loss of all training examples along lines and on planes through the weights of a run.", nil, false, false},
	{"critical-points", "Critical points", "Points around a run at which the gradient is 0, and how many directions lead downwards from there.", nil, false, false},
	{"spectrum", "Spectra", "The eigenvalues of the Hessian at the weights of a run: how the loss curves, and in which share of the directions downwards.", nil, false, false},
}

// sections draws all that there can be drawn of the runs.
func sections(r *picture.Results) (all []Section, err error) {
	for _, c := range chapters {
		s := Section{ID: c.kind, Title: c.title, Lead: c.lead}
		kind, _ := picture.Kinds.Find(c.kind)
		var groups []Group
		if kind.Each == nil {
			groups, err = c.across(r, kind)
		} else {
			groups, err = c.each(r, kind)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.kind, err)
		}
		s.Groups = slices.DeleteFunc(groups, func(g Group) bool { return len(g.Views) == 0 })
		if len(s.Groups) > 0 {
			all = append(all, s)
		}
	}
	return all, nil
}

// answer draws the figures that the experiment names. Those that there cannot be of its runs are told.
func answer(r *picture.Results) (s Section, warnings []string, err error) {
	s = Section{ID: "figures", Title: "Figures"}
	for i, asked := range r.Figures {
		figures, err := r.Draw(asked)
		if unfit, is := errors.AsType[*picture.Unfit](err); is {
			warnings = append(warnings, fmt.Sprintf("figure %d of the file, %s: %v", i+1, asked.Kind, unfit))
			continue
		} else if err != nil {
			return s, nil, err
		}
		for k, f := range figures {
			v, err := drawn(f.Figure)
			if err != nil {
				return s, nil, err
			}
			v.Caption = cmp.Or(asked.Caption, asked.Title, r.Name)
			s.Groups = append(s.Groups, Group{ID: fmt.Sprintf("figures-%d-%d", i, k), Kind: asked.Kind, Note: asked.Caption, Views: []View{v}})
		}
	}
	return s, warnings, nil
}

// across draws the figure over all problems, unless there are too many variants.
func (c chapter) across(r *picture.Results, kind picture.Kind) ([]Group, error) {
	if len(r.Problems) == 0 || len(r.Problems[0].Variants) > mostLines {
		return nil, nil
	}
	f, err := kind.Across(r, picture.Options{})
	if _, unfit := errors.AsType[*picture.Unfit](err); unfit {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	g := Group{ID: c.kind, Kind: c.kind}
	err = c.add(&g, 0, f)
	return []Group{g}, err
}

// each draws the figures of every problem.
func (c chapter) each(r *picture.Results, kind picture.Kind) (groups []Group, err error) {
	for i, p := range r.Problems {
		g := Group{ID: fmt.Sprintf("%s-%d", c.kind, i), Kind: c.kind, Problem: p.Workload.Name, Choose: "Against"}
		if c.few && len(p.Variants) > mostLines {
			g.Note = fmt.Sprintf("Of %d variants the best of each optimizer at the end, chosen by these very runs. The table has all.", len(p.Variants))
			if p, err = p.Best(); err != nil {
				return nil, err
			}
		}
		axes := c.axes
		switch {
		case c.single:
			g.Choose = "Optimizer"
			for _, v := range p.Variants[:min(len(p.Variants), mostLines)] {
				axes = append(axes, axis{name: v.Series.Name})
			}
		case kind.Found:
			g.Choose = "Of"
			for _, name := range p.Around(c.kind) {
				axes = append(axes, axis{name, name})
			}
		case axes == nil:
			axes = []axis{{}}
		}
		var figures []figure.Figure
		for _, a := range axes {
			o := picture.Options{Against: a.against}
			if c.single {
				o = picture.Options{Optimizer: a.name}
			}
			f, err := kind.Draw(p, o)
			if _, unfit := errors.AsType[*picture.Unfit](err); unfit {
				continue
			} else if err != nil {
				return nil, err
			}
			if curves, is := f.(figure.Curves); is && !placed(curves) {
				continue
			}
			g.Axes, figures = append(g.Axes, a.name), append(figures, f)
		}
		alike(figures)
		for at, f := range figures {
			if err := c.add(&g, at, f); err != nil {
				return nil, err
			}
		}
		if len(g.Axes) == 1 {
			g.Axes = nil
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// alike gives the same norm of layers the same colour in all figures of a group.
func alike(figures []figure.Figure) {
	low, high := math.Inf(1), 0.0
	for _, f := range figures {
		if l, is := f.(figure.Layers); is {
			for _, x := range slices.Concat(l.Norms...) {
				if x > 0 && !math.IsInf(x, 1) {
					low, high = min(low, x), max(high, x)
				}
			}
		}
	}
	for i, f := range figures {
		if l, is := f.(figure.Layers); is && low < high {
			l.Low, l.High = low, high
			figures[i] = l
		}
	}
}

// add draws a figure on each scale, at a place among the axes.
func (c chapter) add(g *Group, at int, f figure.Figure) error {
	against := ""
	if at < len(g.Axes) {
		against = g.Axes[at]
	}
	for scale, f := range scaled(f) {
		v, err := drawn(f)
		if err != nil {
			return err
		}
		v.Axis, v.Scale, v.Caption = at, scale, c.caption(g.Problem, against, scale)
		if g.Views = append(g.Views, v); scale == 1 {
			g.Scales = []string{"logarithmic", "linear"}
		}
	}
	return nil
}

// found tells whether its figures are of what was found around the runs.
func (c chapter) found() bool { k, _ := picture.Kinds.Find(c.kind); return k.Found }

// caption says what a figure shows to those who do not see it: the table has its numbers.
func (c chapter) caption(problem, against string, scale int) string {
	text := c.title
	if problem != "" {
		text += " on " + problem
	}
	switch {
	case c.single || c.found():
		text += " of " + against
	case against != "":
		text += " against " + against
	}
	if scale > 0 {
		text += ", on a linear scale"
	}
	return text + ". The comparison has the numbers."
}

// placed tells whether some line has a place on the axis.
func placed(c figure.Curves) bool {
	for _, l := range c.Lines {
		if slices.ContainsFunc(l.X, func(x float64) bool { return !math.IsNaN(x) }) {
			return true
		}
	}
	return false
}

// mostLines is how many variants can be told apart in a figure.
const mostLines = 12

// scaled is the figure as it is, and of curves with a logarithmic axis the same with a linear one.
func scaled(f figure.Figure) []figure.Figure {
	if c, is := f.(figure.Curves); is && c.Y.Log {
		linear := c
		linear.Y.Log = false
		return []figure.Figure{c, linear}
	}
	return []figure.Figure{f}
}

// drawn is a figure in both sizes. What is in it is escaped there.
func drawn(f figure.Figure) (v View, err error) {
	svg := func(size figure.Size) template.HTML {
		var b bytes.Buffer
		if e := figure.Write(&b, f, figure.Options{Format: "svg", Size: size}); e != nil {
			err = e
		}
		return template.HTML(b.String())
	}
	return View{Wide: svg(figure.Screen), Narrow: svg(figure.Phone)}, err
}
