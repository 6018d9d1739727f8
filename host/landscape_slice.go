package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/figure"
	"github.com/steepest/steepest/host/internal/landscape"
	"github.com/steepest/steepest/host/internal/picture"
	"github.com/steepest/steepest/host/internal/registry"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/revisit"
)

func landscapeSliceCommand(p *program) *cobra.Command {
	o := &landscapeOptions{program: p}
	var s revisit.Slicing
	var span string
	c := &cobra.Command{
		Use:   "slice RUN...",
		Short: "Find the loss along a line or on a plane through the weights of a run",
		Long: `Find the loss of all training examples along a line or on a plane through the weights of a run.

--along random         directions drawn at random, each filter or neuron as long as that of the weights; biases and
                       batch normalisation stay as they are (Li et al. 2018). 1 is the length of the weights.
--along eigenvectors   those of the Hessian with the largest eigenvalues. 1 is a distance of 1.
--along runs           the line from the last weights of a run to those of another, or the plane of three
--along trajectory     the plane in which most of the way of the run lies, by its principal components

What was found is kept in the run's folder, in landscape, and steepest report draws it. Weights that are not on record are made
once more, with the same bits.`,
		Example: `  steepest landscape slice runs/quickstart/adam-seed1-* --along random --dimensions 2 -o slice.svg
  steepest landscape slice runs/quickstart/sgd-seed1-* runs/quickstart/adam-seed1-* --along runs
  steepest landscape slice runs/quickstart/adam-seed1-* --along trajectory -o way.svg`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.Span(span); err != nil {
				return usage("%w", err)
			}
			if err := s.Check(len(args) - 1); err != nil {
				return usage("%w", err)
			}
			if err := o.check(cmd, args); err != nil {
				return err
			}
			return o.slice(cmd.Context(), args, s)
		},
	}
	f := c.Flags()
	f.StringVar(&s.Along, "along", landscape.AlongRandom, "`WHAT` the slice is along: "+registry.Sentence(landscape.Alongs, "or"))
	f.IntVarP(&s.Dimensions, "dimensions", "d", 0, "1, a line, or 2, a plane (default 1; of a trajectory 2)")
	f.IntVar(&s.Points, "points", 0, "`N` points along each axis (default 41 of a line, 31 of a plane)")
	f.StringVar(&span, "range", "", "`FROM,TO` along each axis (default what suits the directions)")
	o.flags(f)
	return c
}

func (o *landscapeOptions) slice(ctx context.Context, folders []string, s revisit.Slicing) error {
	runs, err := o.open(ctx, folders)
	if err != nil {
		return err
	}
	s.Others = runs[1:]
	found, name, err := runs[0].Slice(ctx, o.Look, s)
	if err != nil {
		return o.found(ctx, runs[0], name, nil, err, "", nil)
	}
	return o.found(ctx, runs[0], name, found, nil, report.Slice(found), picture.Slice(found, figure.Series{Name: found.Run}, found.Run))
}
