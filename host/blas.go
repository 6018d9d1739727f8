package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/pflag"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/problem"
)

// blasOptions are the flags that choose the linear algebra.
type blasOptions struct {
	choice  string
	threads int
}

func (o *blasOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.choice, "blas", "auto", "compute matrix products with `NAME`: "+strings.Join(blas.Choices, ", ")+
		"; auto is OpenBLAS if its library is found, else gonum")
	f.IntVar(&o.threads, "threads", 0,
		"let `N` threads work on a step of each run (default the cores, shared among the runs in flight); results do not depend on it")
}

// use makes the choice for the whole program.
func (o blasOptions) use() error {
	if o.threads < 0 {
		return exit{exitUsage, fmt.Sprintf("--threads %d is out of range; give at least 1, or leave it out", o.threads)}
	}
	if err := blas.Use(o.choice); err != nil {
		return exit{exitUsage, fmt.Sprintf("--blas %s: %v", o.choice, err)}
	}
	return nil
}

// prepare sets the threads of each run while so many are in flight.
func (o blasOptions) prepare(inFlight int) {
	if o.threads > 0 {
		blas.SetThreads(o.threads)
		return
	}
	blas.SetThreads(blas.DefaultThreads(inFlight))
}

// largeModel is the number of parameters from which matrix products take most of a step.
const largeModel = 20_000

// adviseBLAS says what OpenBLAS would gain, once, if a large model is about to be fitted without it.
func (o blasOptions) adviseBLAS(w io.Writer, experiments []ready) {
	if o.choice != "auto" || !blas.IsGonum() {
		return
	}
	for _, e := range experiments {
		n := problem.Size(e.problem.Layout())
		if _, fitted := e.problem.(*problem.Supervised); fitted && n >= largeModel {
			_, _ = fmt.Fprintf(w, "note: %s has %d parameters, and %s computes its matrix products; with OpenBLAS a step of such a "+
				"model takes a third to a fifth of the time.\nInstall it: %s\n", e.File, n, blas.Name(), blas.Install)
			return
		}
	}
}

// aboutBLAS names what auto chooses, for `steepest version`.
func aboutBLAS() string {
	if err := blas.Use("auto"); err != nil {
		return fmt.Sprintf("%s (%v)", blas.Name(), err)
	}
	if blas.IsGonum() {
		return fmt.Sprintf("%s (no OpenBLAS found; install it: %s)", blas.Name(), blas.Install)
	}
	return fmt.Sprintf("%s, up to %d threads", blas.Name(), runtime.NumCPU())
}
