package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/proto"
)

func problemsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "problems",
		Short: "List and describe functions to minimise",
		Long: `What an experiment can minimise: a function, by its name as kind in [problem], or the loss of a model on data, for which
kind is mlp, network or the name of a published network.`,
	}
	c.AddCommand(&cobra.Command{
		Use:     "list",
		Short:   "List the analytic functions, and what other kinds of problems there are",
		Example: "  steepest problems list",
		Args:    cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), problemList(columns(cmd.OutOrStdout())))
		},
	}, &cobra.Command{
		Use:     "describe NAME",
		Short:   "Show a function's formula, domain, start, critical points and source",
		Example: "  steepest problems describe rosenbrock",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, ok := problem.FindFunction(args[0])
			if !ok {
				var names []string
				for _, f := range problem.Functions {
					names = append(names, f.Name)
				}
				return exit{exitUsage, fmt.Sprintf("there is no analytic function %q; %s", args[0], proto.DidYouMean(args[0], names))}
			}
			out := cmd.OutOrStdout()
			facts := append([][2]string{{"name", f.Name}, {"formula", f.Formula}}, f.Facts()...)
			for _, fact := range facts {
				_, _ = fmt.Fprintf(out, "%-16s %s\n", fact[0], hanging(fact[1], 17, columns(out)))
			}
			return nil
		},
	})
	return c
}

var year = regexp.MustCompile(`\b(19|20)\d\d\b`)

// problemList is the analytic functions as people read them, the sources as authors and year.
func problemList(columns int) string {
	w := newTable("NAME", "VARIABLES", "MINIMUM", "SOURCE")
	others := config.ProblemKinds()
	for _, f := range problem.Functions {
		lowest := "not known"
		if value, x, ok := f.Lowest(); ok {
			lowest = problem.Short(value) + " at " + problem.Coordinates(x)
		} else if len(f.Critical(f.Dimension)) > 0 {
			lowest = "none"
		}
		authors, _, _ := strings.Cut(f.Source, ":")
		w.AppendRow(table.Row{f.Name, f.Variables(), lowest, authors + " " + year.FindString(f.Source)})
		others = slices.DeleteFunc(others, func(kind string) bool { return kind == f.Name })
	}
	return fmt.Sprintf("%s\n\nOther kinds: %s", w.Fit(columns), hanging(strings.Join(others, ", "), 13, columns))
}
