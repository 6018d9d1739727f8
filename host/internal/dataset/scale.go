package dataset

import (
	"math"
	"slices"
)

// Scaling is how features are scaled. A value v enters a model as (v − shift)/scale.
type Scaling string

// The scalings. Means, deviations and ranges are those of the training examples; a feature that is constant there
// becomes 0.
const (
	Standardize         Scaling = "standardize"          // each feature: mean 0, standard deviation 1
	StandardizeChannels Scaling = "standardize-channels" // each channel of an image: the same, over all its pixels
	MinMax              Scaling = "min-max"              // each feature: from 0 to 1
	Pixels              Scaling = "pixels"               // divided by the largest value that a pixel can have
	Unscaled            Scaling = "none"
)

// Scalings are all of them.
var Scalings = []Scaling{Standardize, StandardizeChannels, MinMax, Pixels, Unscaled}

// ScalingOf is the scaling that a data set gets when the given one is asked for: "" is what suits it.
func (d *Dataset) ScalingOf(asked Scaling) Scaling {
	switch {
	case asked != "":
		return asked
	case d.Scaling != "":
		return d.Scaling
	}
	return Standardize
}

// fit sets shift and scale from the training examples.
func (s *Split) fit(asked Scaling) {
	d := s.Data
	n := d.Features()
	s.Shift, s.Scale = make([]float64, n), slices.Repeat([]float64{1}, n)
	switch d.ScalingOf(asked) {
	case Standardize:
		s.standardize(n)
	case StandardizeChannels:
		channels := 1
		if d.Shape != nil {
			channels = d.Shape[2]
		}
		s.standardize(channels)
	case MinMax:
		s.minMax()
	case Pixels:
		for j := range s.Scale {
			s.Scale[j] = d.Peak
		}
	}
	for j := range s.Shift {
		if s.Shift[j] != s.Shift[0] || s.Scale[j] != s.Scale[0] {
			return
		}
	}
	s.table = new([256]float64)
	for v := range s.table {
		s.table[v] = (float64(v) - s.Shift[0]) / s.Scale[0]
	}
}

// each calls f with every training example.
func (s *Split) each(f func(x []float64)) {
	x := make([]float64, len(s.Shift))
	for _, row := range s.Train {
		s.Data.X.Row(x, row)
		f(x)
	}
}

// standardize computes mean and standard deviation of groups of features: feature j belongs to group j mod groups. The
// second pass corrects the variance for the mean's rounding (Chan, Golub and LeVeque 1983, equation 1.7).
func (s *Split) standardize(groups int) {
	n := float64(len(s.Train) * len(s.Shift) / groups)
	mean, square, rest := make([]float64, groups), make([]float64, groups), make([]float64, groups)
	s.each(func(x []float64) {
		for j := 0; j < len(x); j += groups {
			for g := range mean {
				mean[g] += x[j+g]
			}
		}
	})
	for g := range mean {
		mean[g] /= n
	}
	s.each(func(x []float64) {
		for j := 0; j < len(x); j += groups {
			for g := range mean {
				d := x[j+g] - mean[g]
				square[g] += d * d
				rest[g] += d
			}
		}
	})
	for j := range s.Shift {
		g := j % groups
		s.Shift[j] = mean[g]
		if variance := (square[g] - rest[g]*rest[g]/n) / n; variance > 0 {
			s.Scale[j] = math.Sqrt(variance)
		}
	}
}

// minMax computes the range of each feature.
func (s *Split) minMax() {
	high := slices.Repeat([]float64{math.Inf(-1)}, len(s.Shift))
	for j := range s.Shift {
		s.Shift[j] = math.Inf(1)
	}
	s.each(func(x []float64) {
		for j, v := range x {
			s.Shift[j], high[j] = min(s.Shift[j], v), max(high[j], v)
		}
	})
	for j := range s.Scale {
		if high[j] > s.Shift[j] {
			s.Scale[j] = high[j] - s.Shift[j]
		}
	}
}
