package main

import "github.com/spf13/cobra"

func runsCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "runs",
		Short: "Take in runs that were recorded elsewhere",
	}
	c.AddCommand(runsImportCommand(p))
	return c
}
