package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/boundary"
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
						return exit{exitUsage, fmt.Sprintf("--sizes: %d is no number of parameters; give numbers of at least 1", n)}
					}
					_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%s, %d parameters\n", b.Name, n)
					more, err := boundary.Measure(cmd.Context(), b, n)
					if err != nil {
						return exit{exitFailed, advised(err)}
					}
					rows = append(rows, more...)
				}
			}
			return writeBench(cmd.OutOrStdout(), rows, asJSON)
		},
	}
	c.Flags().IntSliceVar(&sizes, "sizes", []int{2, 1_000, 10_000, 100_000, 1_000_000, 10_000_000}, "numbers of parameters")
	c.Flags().BoolVar(&asJSON, "json", false, "print a line of JSON for each figure")
	return c
}

func writeBench(w io.Writer, rows []boundary.Row, asJSON bool) error {
	if asJSON {
		for _, r := range rows {
			if err := json.NewEncoder(w).Encode(r); err != nil {
				return exit{exitFailed, err.Error()}
			}
		}
		return nil
	}
	t := newTable("PLUGIN", "N", "STEP", "MEDIAN US", "P99 US", "RATIO", "")
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 2, Align: text.AlignRight}, {Number: 4, Align: text.AlignRight},
		{Number: 5, Align: text.AlignRight}, {Number: 6, Align: text.AlignRight}})
	for _, r := range rows {
		t.AppendRow(table.Row{r.Plugin, strconv.Itoa(r.N), r.What, fmt.Sprintf("%.2f", r.Median), fmt.Sprintf("%.2f", r.P99),
			fmt.Sprintf("%.2f", r.Ratio), r.Note})
	}
	_, err := fmt.Fprintln(w, t.Render())
	return err
}
