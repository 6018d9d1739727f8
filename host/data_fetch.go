package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/dataset"
	"github.com/steepest/steepest/host/internal/report"
)

func dataFetchCommand(p *program) *cobra.Command {
	var from, mirror string
	var names []string
	for _, k := range dataset.Catalog() {
		if k.Fetched != nil {
			names = append(names, k.Name)
		}
	}
	c := &cobra.Command{
		Use:   "fetch " + strings.Join(names, "|"),
		Short: "Download a data set",
		Long: `Download a data set into ~/.local/share/steepest/datasets/NAME (or $XDG_DATA_HOME/steepest/datasets/NAME). Every file is
checked against its SHA-256 and appears whole or not at all. After an interruption, the same command goes on where it
stopped.`,
		Example: `  steepest data fetch fashion-mnist
  steepest data fetch mnist --from ~/Downloads
  steepest data fetch mnist --mirror https://example.org/mnist`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			known, ok := dataset.Find(args[0])
			if !ok || known.Fetched == nil {
				return usage("%q cannot be fetched; it can be %s", args[0], strings.Join(names, " or "))
			}
			folder, there := known.Fetched.Present(p.variables)
			if there {
				_, _ = fmt.Fprintf(p.stderr, "%s is there already\n", known.Name)
			} else {
				var err error
				folder, err = known.Fetched.Get(cmd.Context(), p.variables, p.path(from), mirror, report.Progress(p.stderr))
				switch {
				case cmd.Context().Err() != nil:
					return interrupted("\ninterrupted; run it again to go on where it stopped")
				case err != nil:
					return failed("%w", err)
				}
			}
			_, _ = fmt.Fprintln(p.stdout, folder)
			return nil
		},
	}
	c.Flags().StringVar(&from, "from", "", "take the files from this `FOLDER`, compressed or not, rather than from the network")
	c.Flags().StringVar(&mirror, "mirror", "", "download from the folder at this `URL` first")
	return c
}
