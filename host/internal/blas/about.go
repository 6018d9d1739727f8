package blas

import (
	"fmt"
	"runtime"
)

// largeModel is the number of parameters from which matrix products take most of a step.
const largeModel = 20_000

// Advice says what OpenBLAS would gain for a model of so many parameters; it is empty if that is little, or if OpenBLAS is in use.
func Advice(parameters int) string {
	if parameters < largeModel || !IsGonum() {
		return ""
	}
	return fmt.Sprintf("%s computes its matrix products; with OpenBLAS a step of such a model takes a third to a fifth of the time.\n"+
		"Install it: %s", Name(), Install)
}

// About names what auto chooses.
func About() string {
	if err := Use("auto"); err != nil {
		return fmt.Sprintf("%s (%v)", Name(), err)
	}
	if IsGonum() {
		return fmt.Sprintf("%s (no OpenBLAS found; install it: %s)", Name(), Install)
	}
	return fmt.Sprintf("%s, up to %d threads", Name(), runtime.NumCPU())
}
