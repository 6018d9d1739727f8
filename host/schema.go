package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/terminal"
)

func schemaCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print a JSON Schema of experiment files, for editors",
		Long: `The JSON Schema (draft 2020-12) has every key of an experiment file with its meaning, its range and its default, and the
hyperparameters of the plugins that are installed. With it an editor completes keys, shows what they mean and marks mistakes. A file whose
first line is

  #:schema ./steepest.schema.json

is checked by Even Better TOML in VS Code and by taplo.`,
		Example: "  steepest schema > steepest.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			found, err := p.plugins().Installed()
			if err != nil {
				return usage("%w", err)
			}
			answers, err := plugin.Survey(cmd.Context(), found)
			if err != nil {
				return interrupted("interrupted")
			}
			var known config.Plugins
			for _, a := range answers {
				if a.Err != nil {
					_, _ = fmt.Fprintln(p.stderr, "warning: "+terminal.Escape(a.Name+" is left out: "+a.Err.Error()))
					continue
				}
				known = append(known, a.Description)
			}
			text, err := known.JSONSchema()
			if err != nil {
				return failed("%w", err)
			}
			_, _ = fmt.Fprintln(p.stdout, string(text))
			return nil
		},
	}
}
