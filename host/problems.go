package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/terminal"
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
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), report.Functions(terminal.Columns(cmd.OutOrStdout())))
		},
	}, &cobra.Command{
		Use:     "describe NAME",
		Short:   "Show a function's formula, domain, start, critical points and source",
		Example: "  steepest problems describe rosenbrock",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, ok := problem.Functions.Find(args[0])
			if !ok {
				return usage("there is no analytic function %q; %s", args[0], proto.DidYouMean(args[0], problem.Functions.Names()))
			}
			_, _ = fmt.Fprintln(cmd.OutOrStdout(), report.Function(f, terminal.Columns(cmd.OutOrStdout())))
			return nil
		},
	})
	return c
}
