package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/plan"
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
		return usage("--threads %d is out of range; give at least 1, or leave it out", o.threads)
	}
	if err := blas.Use(o.choice); err != nil {
		return usage("--blas %s: %w", o.choice, err)
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

// adviseBLAS says what OpenBLAS would gain, once, if a large model is about to be fitted without it.
func (o blasOptions) adviseBLAS(w io.Writer, experiments []plan.Plan) {
	for _, e := range experiments {
		for _, on := range e.Workloads {
			if _, fitted := on.Built.(*problem.Supervised); !fitted || o.choice != "auto" {
				continue
			}
			n := problem.Size(on.Built.Layout())
			if advice := blas.Advice(n); advice != "" {
				_, _ = fmt.Fprintf(w, "note: %s has %d parameters, and %s\n", e.File, n, advice)
				return
			}
		}
	}
}
