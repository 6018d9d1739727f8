package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/boundary"
	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/host/internal/report"
)

func benchCommand(in *search) *cobra.Command {
	var sizes []int
	var asJSON bool
	c := &cobra.Command{
		Use:   "bench NAME|PATH...",
		Short: "Time plugins: in their own process, inline and in shared memory",
		Long: `Time one step of a plugin's rule, in microseconds: in its own process without a host; through the boundary, inline and
in shared memory; and the same with the host computing for 50 us and for 1 ms between steps. The limit is the time that
copying takes to move the same bytes; "apply" is the host checking and adding the update.`,
		Example: "  steepest plugins bench sgd adam\n  steepest plugins bench adam --sizes 1000,1000000 --json",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, names []string) error {
			var rows []boundary.Row
			for _, name := range names {
				b, err := in.binary(name)
				if err != nil {
					return err
				}
				for _, n := range sizes {
					if n < 1 {
						return usage("--sizes: %d is no number of parameters; give numbers of at least 1", n)
					}
					_, _ = fmt.Fprintf(in.stderr, "%s, %d parameters\n", b.Name, n)
					more, err := boundary.Measure(cmd.Context(), b, n)
					if err != nil {
						return failed("%w", remedy.Told(err))
					}
					rows = append(rows, more...)
				}
			}
			if !asJSON {
				_, _ = fmt.Fprintln(in.stdout, report.Bench(rows))
				return nil
			}
			for _, r := range rows {
				_ = json.NewEncoder(in.stdout).Encode(r) // standard output tells what is wrong with it
			}
			return nil
		},
	}
	c.Flags().IntSliceVar(&sizes, "sizes", []int{2, 1_000, 10_000, 100_000, 1_000_000, 10_000_000}, "numbers of parameters")
	c.Flags().BoolVar(&asJSON, "json", false, "print a line of JSON for each figure")
	return c
}
