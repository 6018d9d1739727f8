package picture

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/curvature"
	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/landscape"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/proto"
)

var sliceKind = Kind{Name: landscape.SliceKind, Help: "the loss along a line or on a plane through the weights of a run, as `steepest landscape slice` found it",
	Found: true, Each: kept(landscape.SliceKind, func(text []byte, of figure.Series, title string) (figure.Figure, error) {
		var s landscape.Slice
		if err := checked(text, &s); err != nil {
			return nil, err
		}
		s.Notes = append(s.Notes, madeBy(s.Found))
		return Slice(s, of, title), nil
	})}

var spectrumKind = Kind{Name: landscape.SpectrumKind, Help: "the eigenvalues of a Hessian, as `steepest landscape spectrum` found them",
	Found: true, Each: kept(landscape.SpectrumKind, func(text []byte, of figure.Series, title string) (figure.Figure, error) {
		var s landscape.Spectrum
		if err := checked(text, &s); err != nil {
			return nil, err
		}
		s.Notes = append(s.Notes, madeBy(s.Found))
		return Spectrum(s, of, title), nil
	})}

var criticalKind = Kind{Name: landscape.CriticalKind, Help: "the index of critical points against their loss, as `steepest landscape critical-points` found them around a run",
	Found: true, Each: kept(landscape.CriticalKind, func(text []byte, _ figure.Series, title string) (figure.Figure, error) {
		var c landscape.CriticalPoints
		var how struct{ Around landscape.Found }
		if err := errors.Join(json.Unmarshal(text, &c), json.Unmarshal(text, &how)); err != nil {
			return nil, err
		}
		c.Notes = append(c.Notes, madeBy(how.Around))
		return CriticalPoints(c, title), nil
	})}

// checked reads something found, and refuses what it cannot be.
func checked(text []byte, found interface{ Check() error }) error {
	if err := json.Unmarshal(text, found); err != nil {
		return err
	}
	return found.Check()
}

// CriticalPoints draws, of each critical point, the share of eigenvalues that are negative against the loss (as Dauphin et al. 2014, figure 1).
func CriticalPoints(c landscape.CriticalPoints, title string) figure.Figure {
	f := figure.Scatter{Title: title, X: figure.Axis{Label: lossLabel}, Y: figure.Axis{Label: "share of negative eigenvalues"}}
	at := map[string]int{}
	for _, p := range c.Points {
		nature := string(p.Nature)
		i, known := at[nature]
		if !known {
			i = len(f.Groups)
			at[nature], f.Groups = i, append(f.Groups, figure.Dots{Series: figure.Series{Name: nature, Look: figure.Look{Place: i}}})
		}
		g := &f.Groups[i]
		g.X, g.Y = append(g.X, float64(p.Loss)), append(g.Y, float64(p.Index)/float64(max(c.Parameters, 1)))
	}
	f.Notes = append([]string{fmt.Sprintf("%d critical points of %d starts; %d searches led to none.", len(c.Points), c.Starts, c.Unconverged)}, c.Notes...)
	return f
}

// madeBy says how something was found.
func madeBy(f landscape.Found) string {
	if f.Command == "" {
		return ""
	}
	return "Made by: " + f.Command
}

// around is something found around a run.
type around struct {
	store.Landscape
	name string // with that of its run
	of   figure.Series
}

// Unreadable says which files of what was found around the runs cannot be read.
func (r *Results) Unreadable() (faults []string) {
	for _, p := range r.Problems {
		for _, k := range Kinds {
			if _, err := p.around(k.Name); k.Found && err != nil && !slices.Contains(faults, err.Error()) {
				faults = append(faults, err.Error())
			}
		}
	}
	return faults
}

// Around are the names of what was found of a kind around the runs on a problem, as far as it can be read; see [Results.Unreadable].
func (p Problem) Around(kind string) (names []string) {
	all, _ := p.around(kind)
	for _, l := range all {
		names = append(names, l.name)
	}
	return names
}

func (p Problem) around(kind string) (all []around, err error) {
	for _, v := range p.Variants {
		for _, r := range v.Runs {
			found, fault := store.Landscapes(r.Dir, kind)
			err = errors.Join(err, fault)
			for _, l := range found {
				all = append(all, around{l, r.ID + "/" + l.Name, v.Series})
			}
		}
	}
	return all, err
}

// kept draws what was found around a run: what --against names, or the only one.
func kept(kind string, draw func(text []byte, of figure.Series, title string) (figure.Figure, error)) func(Problem, Options) (figure.Figure, error) {
	return func(p Problem, o Options) (figure.Figure, error) {
		all, err := p.around(kind)
		if err != nil && o.Against == "" {
			return nil, err
		}
		if len(all) == 0 {
			return nil, unfit("make one: steepest landscape "+kind+" RUN", "there is no %s of these runs", kind)
		}
		var names []string
		for _, l := range all {
			names = append(names, l.name)
		}
		i := slices.Index(names, o.Against)
		switch {
		case i < 0 && o.Against != "":
			return nil, unfit(proto.DidYouMean(o.Against, names), "there is no %s %q", kind, o.Against)
		case i < 0 && len(all) > 1:
			return nil, unfit("choose with --against "+registry.Sentence(names, "or"), "there are %d of the kind %s, and a figure of one", len(all), kind)
		}
		l := all[max(i, 0)]
		f, err := draw(l.Text, l.of, p.title()+", "+l.name[:strings.IndexByte(l.name, '/')])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", l.name, err)
		}
		return f, nil
	}
}

// lossLabel is that of the axis of losses.
const lossLabel = "train loss"

// Slice draws the loss along a line or on a plane.
func Slice(s landscape.Slice, of figure.Series, title string) figure.Figure {
	notes := slices.Concat([]string{fmt.Sprintf("The training loss around the weights after step %d.", s.Step)}, s.Notes)
	x := figure.Axis{Label: s.Axes[0].Label}
	if len(s.Axes) == 1 {
		at, losses := landscape.Numbers(s.Axes[0].At), landscape.Numbers(s.Values[0])
		f := figure.Curves{Title: title, X: x, Y: figure.Axis{Label: lossLabel, Log: spansDecades(losses)}, Notes: notes,
			Lines: []figure.Curve{{Series: figure.Series{Name: "loss", Look: of.Look}, X: at, Median: losses, Runs: 1}}}
		if parabola := s.Parabola(); parabola != nil {
			f.Lines = append(f.Lines, figure.Curve{Series: figure.Series{Name: "second order", Look: figure.Look{Place: of.Look.Place + 1}}, X: at, Median: parabola, Runs: 1})
			f.Y.Log = f.Y.Log && spansDecades(losses, parabola)
		}
		if s.Barrier != nil {
			f.Notes = append(f.Notes, fmt.Sprintf("Barrier: %.4g above the line between the losses at the ends.", float64(*s.Barrier)))
		}
		return f
	}
	f := figure.Plane{Title: title, X: x, Y: figure.Axis{Label: s.Axes[1].Label}, Label: lossLabel, Columns: landscape.Numbers(s.Axes[0].At), Rows: landscape.Numbers(s.Axes[1].At)}
	for _, row := range s.Values {
		f.Values = append(f.Values, landscape.Numbers(row))
	}
	for _, m := range s.Marks {
		f.Marks = append(f.Marks, figure.Named{Point: figure.Point{X: float64(m.X), Y: float64(m.Y)}, Name: m.Name})
	}
	if p := s.Path; p != nil {
		f.Path = &figure.Path{Series: of, X: landscape.Numbers(p.X), Y: landscape.Numbers(p.Y)}
		notes = append(notes, fmt.Sprintf("The way, projected: %.3g %% of the variance of its weights lies in this plane.", 100*float64(p.Share)))
	}
	if f.Notes = notes; len(f.Marks) == 0 && f.Path == nil {
		f.Marks = []figure.Named{{Name: "weights"}}
	}
	return f
}

// Spectrum draws how the eigenvalues are distributed: each counts as a normal distribution, a hundredth of the spectrum wide.
func Spectrum(s landscape.Spectrum, of figure.Series, title string) figure.Figure {
	const points, part = 601, 100
	d := s.Distribution()
	low, high := d.Nodes[0], d.Nodes[len(d.Nodes)-1]
	sigma := (high - low) / part
	if sigma == 0 {
		sigma = max(math.Abs(low), 1) / part
	}
	f := figure.Spectrum{Title: title, X: figure.Axis{Label: "eigenvalue of the Hessian"}, Y: figure.Axis{Label: "density", Log: true}, Series: of}
	f.At, f.Density = smoothed(d, low-4*sigma, high+4*sigma, sigma, points)
	if f.Notes = []string{fmt.Sprintf("The Hessian of the training loss after step %d, %d parameters.", s.Step, s.Parameters)}; s.Exact {
		f.Known = d.Nodes
	} else {
		f.Notes = append(f.Notes, "Estimated by stochastic Lanczos quadrature.")
		for _, p := range slices.Concat(s.Smallest, s.Largest) {
			f.Known = append(f.Known, float64(p.Value))
		}
	}
	f.Notes = append(f.Notes, fmt.Sprintf("%.3g %% of the eigenvalues are negative. Smoothed with a width of %.3g.", 100*s.Negative, sigma))
	f.Notes = append(f.Notes, s.Notes...)
	return f
}

// smoothed is a density at evenly spaced places.
func smoothed(d curvature.Density, low, high, sigma float64, points int) (at, density []float64) {
	for i := range points {
		x := low + (high-low)*float64(i)/float64(points-1)
		at, density = append(at, x), append(density, d.At(x, sigma))
	}
	return at, density
}
