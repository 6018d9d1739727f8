package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/boundary"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/plugin"
)

// benchRow is one line of the table.
type benchRow struct {
	Plugin string `json:"plugin"`
	What   string `json:"what"`
	N      int    `json:"parameters"`
	boundary.Times
	Ratio float64 `json:"ratio_to_in_process,omitempty"`
	Note  string  `json:"note,omitempty"`
}

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
			var rows []benchRow
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
					more, err := bench(cmd.Context(), b, n)
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

// bench measures one plugin for one number of parameters.
func bench(ctx context.Context, b plugin.Binary, n int) (rows []benchRow, err error) {
	inProcess, err := boundary.RunInProcess(ctx, b, n)
	if err != nil {
		return nil, err
	}
	base := inProcess[0].Median
	add := func(what string, t boundary.Times, note string) {
		rows = append(rows, benchRow{b.Name, what, n, t, t.Median / base, note})
	}
	for _, r := range inProcess {
		what := "in process"
		if r.Threads > 1 {
			what += fmt.Sprintf(", %d threads", r.Threads)
		}
		add(what, r.Times, fmt.Sprintf("%s; %.2f of the memory's speed", r.Kernel, r.Traffic/r.Median))
	}
	p, err := plugin.Launch(ctx, b)
	if err != nil {
		return nil, err
	}
	defer p.Kill()
	for _, busy := range []time.Duration{0, 50 * time.Microsecond, time.Millisecond} {
		inline := 0.0
		for _, plane := range []optimizer.Plane{optimizer.Inline, optimizer.Shared} {
			t, err := boundary.Step(ctx, p, n, plane, busy)
			if err != nil {
				return nil, err
			}
			what, note := string(plane), ""
			if busy > 0 {
				what += fmt.Sprintf(", host busy %v", busy)
			}
			if plane == optimizer.Inline {
				inline = t.Median
			} else {
				note = fmt.Sprintf("%.0f times faster than inline", inline/t.Median)
			}
			add(what, t, note)
		}
	}
	apply, inPlace := boundary.Safety(n)
	add("host applies", apply, "")
	add("in-place descent", inPlace, fmt.Sprintf("price of safety for sgd: %.2f", (base+apply.Median)/inPlace.Median))
	return rows, nil
}

func writeBench(w io.Writer, rows []benchRow, asJSON bool) error {
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
