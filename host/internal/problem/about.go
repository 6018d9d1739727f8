package problem

import (
	"fmt"
	"strconv"
	"strings"
)

// Variables says how many variables the function can have.
func (f *Function) Variables() string {
	if f.Least > 0 {
		return fmt.Sprintf("any n from %d on; %d by default", f.Least, f.Dimension)
	}
	return strconv.Itoa(f.Dimension)
}

// Lowest is the value of the lowest minimum in n variables and a place where it is attained; ok is false if none is known.
func (f *Function) Lowest(n int) (value float64, x []float64, ok bool) {
	for _, p := range f.Critical(n) {
		if p.Nature == Minimum || p.Nature == Valley {
			return f.Eval(p.X, nil), p.X, true
		}
	}
	return 0, nil, false
}

// Facts are what is known of the function, as names and values, for the default number of variables.
func (f *Function) Facts() [][2]string {
	var points []string
	for _, p := range f.Critical(f.Dimension) {
		points = append(points, fmt.Sprintf("%s %s at %s", p.Nature, Short(f.Eval(p.X, nil)), Coordinates(p.X)))
	}
	return [][2]string{
		{"variables", f.Variables()},
		{"domain", f.Domain},
		{"start", fmt.Sprintf("%s (%s)", Coordinates(f.Start(f.Dimension)), f.StartSource)},
		{"critical points", strings.Join(points, "; ")},
		{"source", f.Source},
	}
}

// Coordinates writes a point.
func Coordinates(x []float64) string {
	var list []string
	for _, xi := range x {
		list = append(list, Short(xi))
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// Short has seven digits, and 0 for a value that rounding alone keeps from it.
func Short(x float64) string {
	if x < 0 {
		return "−" + Short(-x)
	}
	if x < 1e-20 {
		return "0"
	}
	return strconv.FormatFloat(x, 'g', 7, 64)
}
