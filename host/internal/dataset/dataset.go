// Package dataset has the examples that models are fitted to: embedded, synthetic, or from files; their division into
// training, validation and test examples; and the batches in which training meets them.
package dataset

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Dataset is a table of examples with a target each. It is immutable.
type Dataset struct {
	Name    string
	Source  string    // whom to cite, or the file
	Shape   []int     // of images: height, width, channels, in which order they lie in a row; nil for other features
	X       Matrix    // examples x features, as they are in the source
	Names   []string  // of the features; nil if they have none
	Y       []float64 // target of each example: the index of its class, or a number
	Classes []string  // what the indices stand for; nil for regression
	Test    int       // how many examples, the last ones, are the data set's own test part
	Peak    float64   // the largest value that a feature can have, such as 255; 0 if no one knows
	Scaling Scaling   // what suits the features when nobody says

	Warnings []Warning // about what is hardly meant

	// Content has the sums of the files it was read from, by their keys in [Files]; nil if it was not.
	Content map[string]Sum
}

// Warning says what in a data set can be used but is hardly meant, and what to do about it.
type Warning struct{ Message, Remedy string }

// Examples is the number of examples, the test part included.
func (d *Dataset) Examples() int { return len(d.Y) }

// Features is the number of features of an example.
func (d *Dataset) Features() int { _, n := d.X.Dims(); return n }

// Range is the smallest and the largest value of any feature.
func (d *Dataset) Range() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	row := make([]float64, d.Features())
	for i := range d.Examples() {
		d.X.Row(row, i)
		for _, v := range row {
			low, high = min(low, v), max(high, v)
		}
	}
	return low, high
}

// Regression tells whether targets are numbers rather than classes.
func (d *Dataset) Regression() bool { return d.Classes == nil }

// OneVersusRest returns the data set with two classes, "rest" (0) and the named one (1).
func (d *Dataset) OneVersusRest(class string) (*Dataset, error) {
	at := slices.Index(d.Classes, class)
	if at < 0 {
		return nil, &ClassError{class, d.Classes}
	}
	return d.relabel([]string{"rest", class}, func(y float64) float64 {
		if y == float64(at) {
			return 1
		}
		return 0
	}), nil
}

// ClassError says that a data set has no class of that name.
type ClassError struct {
	Class   string
	Classes []string
}

func (e *ClassError) Error() string {
	if e.Classes == nil {
		return fmt.Sprintf("there is no class %q: the targets are numbers, not classes", e.Class)
	}
	return fmt.Sprintf("there is no class %q", e.Class)
}

// OddEven returns the data set with two classes, "even" (0) and "odd" (1). The names of its classes must be whole numbers.
func (d *Dataset) OddEven() (*Dataset, error) {
	odd := make([]float64, len(d.Classes))
	for i, class := range d.Classes {
		n, err := strconv.Atoi(class)
		if err != nil {
			return nil, fmt.Errorf("class %q is not a whole number, so it is neither odd nor even", class)
		}
		odd[i] = float64(n & 1)
	}
	if len(odd) == 0 {
		return nil, fmt.Errorf("the targets are numbers, not classes, so none is odd or even")
	}
	return d.relabel([]string{"even", "odd"}, func(y float64) float64 { return odd[int(y)] }), nil
}

func (d *Dataset) relabel(classes []string, f func(float64) float64) *Dataset {
	out := *d
	out.Classes = classes
	out.Y = make([]float64, len(d.Y))
	for i, y := range d.Y {
		out.Y[i] = f(y)
	}
	return &out
}

// check returns what makes a data set unusable.
func (d *Dataset) check() error {
	rows, columns := d.X.Dims()
	size := 1
	for _, n := range d.Shape {
		size *= n
	}
	switch {
	case rows != len(d.Y):
		return fmt.Errorf("%s: %d examples, but %d targets; every example needs one", d.Name, rows, len(d.Y))
	case rows == 0 || columns == 0:
		return fmt.Errorf("%s: %d examples with %d features; at least one of each is needed", d.Name, rows, columns)
	case d.Shape != nil && size != columns:
		return fmt.Errorf("%s: images of shape %v have %d values, not %d", d.Name, d.Shape, size, columns)
	case d.Test >= rows:
		return fmt.Errorf("%s: all %d examples are for testing; at least one is needed for training", d.Name, rows)
	case len(d.Classes) == 1:
		return fmt.Errorf("%s: all examples are of one class, %q; at least two are needed (for numbers as targets, write task "+
			"= \"regression\")",
			d.Name, d.Classes[0])
	}
	for i, y := range d.Y {
		if math.IsNaN(y) || math.IsInf(y, 0) {
			return fmt.Errorf("%s: the target of example %d is %v; remove the example or fill the value in", d.Name, i+1, y)
		}
	}
	return nil
}
