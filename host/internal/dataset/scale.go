package dataset

import (
	"math"
	"slices"
)

// Scaling is how features are scaled. A value v enters a model as (v − shift)/scale.
type Scaling string

// The scalings. Means, deviations and ranges are those of the training examples. A feature that is constant there becomes 0
// in all examples: no weight for it is ever trained.
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
		s.table[v] = s.scaled(float64(v), 0)
	}
}

// scaled is what a value of feature j becomes.
func (s *Split) scaled(v float64, j int) float64 {
	if v = (v - s.Shift[j]) / s.Scale[j]; s.clip {
		v = min(max(v, 0), 1)
	}
	return v
}

// each calls f with every training example.
func (s *Split) each(f func(x []float64)) {
	x := make([]float64, len(s.Shift))
	for _, row := range s.Train {
		s.Data.X.Row(x, row)
		f(x)
	}
}

// rounding is the relative spread below which a feature is constant: what rounding makes of equal numbers.
const rounding = 4 * 0x1p-52

// scale is what a feature with a spread and values from low to high is divided by.
func scale(spread, low, high float64) float64 {
	if low == high || spread <= rounding*max(math.Abs(low), math.Abs(high)) {
		return math.Inf(1) // makes 0 of every value
	}
	return spread
}

// standardize computes mean and standard deviation of groups of features: feature j belongs to group j mod groups. The
// second pass corrects mean and variance for the mean's rounding (Chan, Golub and LeVeque 1983, equation 1.7).
func (s *Split) standardize(groups int) {
	n := float64(len(s.Train) * len(s.Shift) / groups)
	mean, square, rest := make([]float64, groups), make([]float64, groups), make([]float64, groups)
	low, high := slices.Repeat([]float64{math.Inf(1)}, groups), slices.Repeat([]float64{math.Inf(-1)}, groups)
	s.each(func(x []float64) {
		for j := 0; j < len(x); j += groups {
			for g := range mean {
				v := x[j+g]
				mean[g] += v
				low[g], high[g] = min(low[g], v), max(high[g], v)
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
		s.Shift[j] = mean[g] + rest[g]/n
		s.Scale[j] = scale(math.Sqrt(max(square[g]-rest[g]*rest[g]/n, 0)/n), low[g], high[g])
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
		s.Scale[j] = scale(high[j]-s.Shift[j], s.Shift[j], high[j])
	}
}

// Unseen are what the training examples did not show of the features.
type Unseen struct {
	Constant []int // features that are constant among the training examples, but not among all
	Values   int   // values of other examples below the least or above the greatest, if [Splitting.Clip] cuts them off
}

// Unseen looks at the examples that the scaling was not fitted to.
func (s *Split) Unseen() Unseen {
	var b Unseen
	first, x := make([]float64, len(s.Shift)), make([]float64, len(s.Shift))
	s.Data.X.Row(first, s.Train[0])
	varies := make([]bool, len(s.Shift))
	for _, row := range slices.Concat(s.Validation, s.Test) {
		s.Data.X.Row(x, row)
		for j, v := range x {
			if math.IsInf(s.Scale[j], 0) && math.Abs(v-first[j]) > rounding*max(math.Abs(v), math.Abs(first[j])) {
				varies[j] = true
			}
			if u := (v - s.Shift[j]) / s.Scale[j]; s.clip && (u < 0 || u > 1) {
				b.Values++
			}
		}
	}
	for j, v := range varies {
		if v {
			b.Constant = append(b.Constant, j)
		}
	}
	return b
}
