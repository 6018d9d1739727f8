package dataset

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Task is what the targets of a file are for.
type Task string

// The tasks. Automatic takes numbers with a fraction among the targets for regression, everything else for classes.
const (
	Automatic      Task = ""
	Classification Task = "classification"
	Regression     Task = "regression"
)

// MaxClasses is the most classes that are taken for classes: more are a column of numbers or names.
const MaxClasses = 10_000

// targets turns a column of texts into numbers. Classes are sorted, by value if all are numbers and else by name.
func targets(texts []string, task Task) (y []float64, classes []string, err error) {
	y = make([]float64, len(texts))
	numbers, whole := true, true
	for i, text := range texts {
		if text == "" {
			return nil, nil, fmt.Errorf("example %d has no target; remove the example or fill the value in", i+1)
		}
		v, err := strconv.ParseFloat(text, 64)
		if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
			return nil, nil, fmt.Errorf("the target of example %d is %s; remove the example or fill the value in", i+1, text)
		}
		if err != nil && task == Regression {
			return nil, nil, fmt.Errorf("the target of example %d, %q, is no number, as regression needs; is it the right column?",
				i+1, text)
		}
		numbers, whole = numbers && err == nil, whole && err == nil && v == math.Trunc(v)
		y[i] = v
	}
	switch {
	case task == Regression || task == Automatic && numbers && !whole:
		return y, nil, nil
	case numbers && !whole:
		return nil, nil, fmt.Errorf("targets with a fraction are no classes; write task = \"regression\"")
	case numbers:
		return classesOf(y, func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) })
	}
	return classesOf(texts, func(s string) string { return s })
}

// classesOf sorts the distinct values and returns the index of each value.
func classesOf[T cmp.Ordered](values []T, name func(T) string) (y []float64, classes []string, err error) {
	index := map[T]int{}
	var distinct []T
	for _, v := range values {
		if _, ok := index[v]; !ok {
			index[v] = 0
			distinct = append(distinct, v)
		}
		if len(distinct) > MaxClasses {
			return nil, nil, fmt.Errorf("the targets have more than %d different values, too many for classes; for numbers, write "+
				"task = \"regression\"",
				MaxClasses)
		}
	}
	slices.Sort(distinct)
	for i, v := range distinct {
		index[v] = i
		classes = append(classes, name(v))
	}
	y = make([]float64, len(values))
	for i, v := range values {
		y[i] = float64(index[v])
	}
	return y, classes, nil
}
