// Package transform has what can be done to a gradient before the optimizer sees it.
package transform

import "github.com/steepest/steepest/host/internal/registry"

// Transform changes a gradient, whose Euclidean norm is given, in place.
type Transform func(gradient []float64, norm float64)

// Kind is a transform that an experiment can name, with a limit above 0. Each has a file of its own.
type Kind struct {
	Name  string
	Limit string // what the limit is
	Help  string
	Make  func(limit float64) Transform
}

func (k *Kind) String() string { return k.Name }

// Kinds are the transforms, in the order of the manual.
var Kinds = registry.List[*Kind]{&clipNorm, &clipValue}
