package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/terminal"
)

func describeCommand(in *search) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "describe NAME|PATH",
		Short: "Show a plugin's hyperparameters",
		Example: "  steepest plugins describe adam\n  steepest plugins describe adam --json\n" +
			"  steepest plugins describe ./bin/steepest-optimizer-lion",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := in.binary(args[0])
			if err != nil {
				return err
			}
			p, err := plugin.Launch(cmd.Context(), b)
			if err != nil {
				return failed("%w", remedy.Told(err))
			}
			defer p.Kill()
			text := report.Plugin(p, terminal.Columns(in.stdout))
			if asJSON {
				b, err := protojson.Marshal(p.Description)
				var indented bytes.Buffer
				if err = errors.Join(err, json.Indent(&indented, b, "", "  ")); err != nil {
					return failed("%w", err)
				}
				text = indented.String()
			}
			_, _ = fmt.Fprintln(in.stdout, text)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the plugin's own description as JSON")
	return c
}
