package picture

import (
	"github.com/steepest/steepest/host/internal/figure"
)

// both is a figure with the lines of another on the same axes, each called by what it measures.
func both(first, second figure.Figure) (figure.Figure, error) {
	switch f := first.(type) {
	case figure.Curves:
		s := second.(figure.Curves)
		var all []*figure.Series
		own := len(f.Lines)
		f.Lines = append(f.Lines, s.Lines...)
		for i := range f.Lines {
			all = append(all, &f.Lines[i].Series)
		}
		if f.Y = called(all[:own], all[own:], f.Y, s.Y); f.Called == "" {
			f.Target = 0 // that of one of them
		}
		f.Notes = append(f.Notes, s.Notes...)
		return f, nil
	case figure.Sensitivity:
		s := second.(figure.Sensitivity)
		var all []*figure.Series
		own := len(f.Lines)
		f.Lines = append(f.Lines, s.Lines...)
		for i := range f.Lines {
			all = append(all, &f.Lines[i].Series)
		}
		f.Y, f.Start = called(all[:own], all[own:], f.Y, s.Y), 0
		f.Notes = append(f.Notes, s.Notes...)
		return f, nil
	}
	return nil, unfit("leave it out", "a figure of this kind shows one measure")
}

// called gives the lines of two measures names and colours that tell them apart: where each has one line, it is the measure's. It returns the
// axis of both.
func called(first, second []*figure.Series, a, b figure.Axis) figure.Axis {
	places := 0
	for _, s := range first {
		places = max(places, s.Look.Place+1)
	}
	for _, s := range second {
		s.Look.Place += places
	}
	name := func(list []*figure.Series, label string) {
		for _, s := range list {
			if len(first) == 1 && len(second) == 1 {
				s.Name = label
			} else {
				s.Name += ", " + label
			}
		}
	}
	name(first, a.Label)
	name(second, b.Label)
	return figure.Axis{Label: a.Label + ", " + b.Label, Log: a.Log && b.Log}
}
