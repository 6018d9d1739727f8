package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/landscape"
	"github.com/steepest/steepest/host/internal/picture"
	"github.com/steepest/steepest/host/internal/report"
)

func landscapeSpectrumCommand(p *program) *cobra.Command {
	o := &landscapeOptions{program: p}
	var s landscape.Spectral
	c := &cobra.Command{
		Use:   "spectrum RUN",
		Short: "Find the eigenvalues of the Hessian at the weights of a run",
		Long: `Find the eigenvalues of the Hessian of the loss of all training examples at the weights of a run: all of them up to 2000
parameters, and above that the largest and the smallest, by the algorithm of Lanczos, with an estimate of how the others are distributed, by
stochastic Lanczos quadrature (Ubaru, Chen and Saad 2017).

What was found is kept in the run's folder, in landscape, and steepest report draws it. Weights that are not on record are made
once more, with the same bits.`,
		Example: `  steepest landscape spectrum runs/quickstart/adam-seed1-*
  steepest landscape spectrum runs/quickstart/adam-seed1-* --at 100 -o spectrum.svg`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.Check(); err != nil {
				return usage("%w", err)
			}
			if err := o.check(cmd, args); err != nil {
				return err
			}
			return o.spectrum(cmd.Context(), args[0], s)
		},
	}
	f := c.Flags()
	f.IntVar(&s.Pairs, "pairs", 5, "show the `N` largest and smallest eigenvalues")
	f.BoolVar(&s.Density, "density", false, "estimate the distribution, though there are few enough parameters for all eigenvalues")
	f.IntVar(&s.Starts, "starts", 10, "average the estimate over `N` vectors drawn at random")
	f.IntVar(&s.Steps, "lanczos", 80, "make `N` steps of the algorithm of Lanczos from each")
	o.flags(f)
	return c
}

func (o *landscapeOptions) spectrum(ctx context.Context, folder string, s landscape.Spectral) error {
	runs, err := o.open(ctx, []string{folder})
	if err != nil {
		return err
	}
	found, name, err := runs[0].Spectrum(ctx, o.Look, s)
	if err != nil {
		return o.found(ctx, runs[0], name, nil, err, "", nil)
	}
	return o.found(ctx, runs[0], name, found, nil, report.Spectrum(found), picture.Spectrum(found, figure.Series{Name: found.Run}, found.Run))
}
