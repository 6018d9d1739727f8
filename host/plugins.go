package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/terminal"
)

func pluginsCommand(p *program) *cobra.Command {
	c := &cobra.Command{
		Use:   "plugins",
		Short: "List, describe, check and begin optimizer plugins",
		Long: `A plugin is a program named steepest-optimizer-NAME. It is searched, first match first, in the folders given with
--plugin-dir, in those of $STEEPEST_PLUGIN_PATH, in plugins/ beside the steepest command, and in
~/.local/share/steepest/plugins.`,
	}
	in := &search{program: p}
	c.PersistentFlags().DurationVar(&in.start, "start-timeout", plugin.DefaultStartTimeout,
		"how long a plugin's program may take to start, and then to describe itself")
	c.AddCommand(listCommand(in), describeCommand(in), pluginsCheckCommand(in), newCommand(p), benchCommand(in), lockCommand(in))
	return c
}

func listCommand(in *search) *cobra.Command {
	var verbose, asJSON bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the optimizer plugins that are found, by family",
		Example: "  steepest plugins list\n  steepest plugins list -v\n  steepest plugins list --json | jq -r 'select(.family == \"sign\").name'",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			folders, err := in.plugins().Folders()
			if err != nil {
				return usage("%w", err)
			}
			if verbose {
				_, _ = fmt.Fprintln(in.stdout, report.Candidates(folders, terminal.Columns(in.stdout)))
			}
			found, err := in.plugins().Installed()
			if err != nil {
				return usage("%w", err)
			}
			if len(found) == 0 {
				message := "no plugins found in:"
				for _, folder := range folders {
					message += "\n  " + folder.Path
				}
				return failed("%s\nbuild them with `make build`, or say where they are with --plugin-dir", message)
			}
			answers, err := plugin.Survey(cmd.Context(), found)
			if err != nil {
				return interrupted("interrupted")
			}
			for _, b := range found {
				if warning := b.Exposed(); warning != "" {
					_, _ = fmt.Fprintln(in.stderr, "warning: "+terminal.Escape(warning)+"; "+plugin.ExposedRemedy)
				}
			}
			if asJSON {
				err = report.PluginsJSON(in.stdout, answers)
			} else {
				_, err = fmt.Fprintln(in.stdout, report.Plugins(answers, terminal.Columns(in.stdout)))
			}
			if err != nil {
				return failed("%w", err)
			}
			if err := plugin.Judge(answers); err != nil {
				return failed("%w", err)
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&verbose, "verbose", "v", false,
		"show every folder and file that was looked at, and why which file is used")
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON, a line for each plugin")
	c.MarkFlagsMutuallyExclusive("json", "verbose")
	return c
}
