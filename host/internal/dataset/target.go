package dataset

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Task is what the targets of a file are for.
type Task string

// The tasks. Automatic takes numbers with a fraction among the targets for regression, everything else for classes.
const (
	Automatic      Task = ""
	Classification Task = "classification"
	Regression     Task = "regression"
)

// maxClasses is the most classes that are taken for classes: more are a column of numbers or names.
const maxClasses = 10_000

// targetError says what is wrong with the target of an example, counted from 0.
type targetError struct {
	example int
	message string // that begins with a verb
}

func (e *targetError) Error() string {
	return fmt.Sprintf("the target of example %d %s", e.example+1, e.message)
}

// chooseTask is what to do about targets that do not tell what they are for.
const chooseTask = `write task = "regression" or task = "classification" in the table of the data set (--task)`

// parsed is what a text is as a number, once that was looked at.
type parsed struct {
	value        float64
	number, done bool
}

// targets turns a column of texts into numbers. Classes are sorted, by value if all are numbers and else by name.
func targets(texts *column, task Task) (y []float64, classes []string, err error) {
	y = make([]float64, texts.len())
	whole, decimals := true, false // all numbers; any of them is written with a point or an exponent
	number, name := -1, -1         // the first target that is one
	values := make([]parsed, len(texts.texts))
	for i := range y {
		text, of := texts.at(i), &values[texts.row[i]]
		if text == "" {
			return nil, nil, &targetError{i, "is missing; remove the example or fill the value in"}
		}
		if !of.done {
			v, err := strconv.ParseFloat(text, 64)
			*of = parsed{v, err == nil, true}
			decimals = decimals || err == nil && strings.ContainsAny(text, ".eE")
		}
		v := of.value
		if !of.number {
			if task == Regression {
				return nil, nil, &targetError{i, fmt.Sprintf("is %s, no number, as regression needs; is it the right column?",
					excerpt(text))}
			}
			if name < 0 {
				name = i
			}
			continue
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, nil, &targetError{i, "is " + text + "; remove the example or fill the value in"}
		}
		if number < 0 {
			number = i
		}
		whole = whole && v == math.Trunc(v)
		y[i] = v
	}
	switch {
	case name >= 0 && number >= 0 && task == Automatic:
		return nil, nil, &targetError{name, fmt.Sprintf("is %s, but that of example %d the number %s; correct the one that is wrong, "+
			`or, if both are names of classes, write task = "classification" in the table of the data set (--task)`,
			excerpt(texts.at(name)), number+1, texts.at(number))}
	case name >= 0:
		classes, err = classesOf(y, texts.at, func(s string) string { return s })
		return y, classes, err
	case task == Regression || task == Automatic && !whole:
		return y, nil, nil
	case !whole:
		return nil, nil, fmt.Errorf("targets with a fraction are no classes; write task = \"regression\"")
	}
	classes, err = classesOf(y, func(i int) float64 { return y[i] },
		func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) })
	if n := len(classes); err == nil && task == Automatic && (n > manyClasses || n > fewClasses && decimals ||
		n > someClasses && len(y) < 10*n) {
		err = fmt.Errorf("the targets are %d different numbers in %d examples: numbers to predict, or classes? %s", n, len(y),
			"W"+chooseTask[1:])
	}
	return y, classes, err
}

// Whole numbers as targets can be classes or numbers to predict. More than someClasses of them draw a warning; more than
// manyClasses, or someClasses with fewer than ten examples each on average, or fewClasses written with decimals, are not
// taken for classes unless someone says so.
const fewClasses, someClasses, manyClasses = 10, 20, 1000

// checkClasses refuses or warns of classes that are hardly meant. The examples from own on are those of the test file, and
// first is the first target.
func (d *Dataset) checkClasses(first string, own int, f Files) error {
	trained, tested := make([]int, len(d.Classes)), make([]int, len(d.Classes))
	for i, y := range d.Y {
		switch {
		case d.Regression():
			return nil
		case i < own:
			trained[int(y)]++
		default:
			tested[int(y)]++
		}
	}
	warn := func(remedy, message string, args ...any) {
		d.Warnings = append(d.Warnings, Warning{fmt.Sprintf(message, args...), remedy})
	}
	const sure = `if it is one, write task = "classification" in the table of the data set (--task)`
	for class, n := range trained {
		name := excerpt(d.Classes[class])
		switch {
		case n == 0 && f.Task == Classification:
			warn("correct its spelling, or remove these examples", "%d examples of the test file are of class %s, which no "+
				"example to train on is of", tested[class], name)
		case n == 0:
			return fmt.Errorf("class %s is in the test file alone, where %d examples have it, so no model can learn it; correct "+
				"its spelling or remove these examples; %s", name, tested[class], sure)
		case f.Task == Automatic && valueLike(d.Classes[class]) && !isNumber(d.Classes[class]):
			warn("remove or correct these examples; "+sure, "%d examples are of class %s, which looks like a missing value",
				n+tested[class], name)
		}
	}
	if n := len(d.Classes); f.Task == Automatic && n > someClasses && isNumber(first) {
		warn(chooseTask, "the targets, %d different whole numbers, are taken for classes", n)
	}
	return nil
}

// classesOf sorts the distinct values and puts the index of each value into y.
func classesOf[T cmp.Ordered](y []float64, value func(i int) T, name func(T) string) (classes []string, err error) {
	index := map[T]int{}
	var distinct []T
	for i := range y {
		v := value(i)
		if _, ok := index[v]; !ok {
			index[v] = 0
			distinct = append(distinct, v)
		}
		if len(distinct) > maxClasses {
			return nil, fmt.Errorf("the targets have more than %d different values, too many for classes; for numbers, write "+
				"task = \"regression\"",
				maxClasses)
		}
	}
	slices.Sort(distinct)
	for i, v := range distinct {
		index[v] = i
		classes = append(classes, name(v))
	}
	for i := range y {
		y[i] = float64(index[value(i)])
	}
	return classes, nil
}
