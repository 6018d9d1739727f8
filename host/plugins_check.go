package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/certificate"
	"github.com/steepest/steepest/host/internal/remedy"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

func pluginsCheckCommand(in *search) *cobra.Command {
	var asJSON, save bool
	c := &cobra.Command{
		Use:   "check PATH|NAME",
		Short: "Examine a plugin and write its certificate",
		Long: `Examine a plugin, in whatever language it is written: protocol, determinism, snapshot and restore, unusual tensors,
large messages, undefined gradients, damaged requests, and agreement with torch if it has the name of a known rule. The
certificate is kept in ~/.local/share/steepest/certificates under the program's SHA-256, and the manifest of every run of that
program quotes it. Exit code 0 means that the plugin passed, 1 that it failed.`,
		Example: "  steepest plugins check adam\n  steepest plugins check --json ./bin/steepest-optimizer-lion | jq .verdict",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			b, err := in.binary(args[0])
			if err != nil {
				return err
			}
			version, commit := store.Version()
			host := certificate.Host{Version: version, Commit: commit}
			found, err := certificate.Examine(cmd.Context(), b, certificate.Options{Host: host})
			switch {
			case cmd.Context().Err() != nil:
				return interrupted("interrupted; there is no certificate")
			case err != nil:
				return failed("%w", remedy.Told(err))
			}
			kept := ""
			if save {
				if kept, err = found.Save(in.variables); err != nil {
					return failed("cannot keep the certificate: %w; check without keeping it with --save=false", err)
				}
				kept = "certificate: " + kept + "\n"
			}
			if asJSON {
				text, err := json.MarshalIndent(found, "", "  ")
				if err != nil {
					return failed("%w", err)
				}
				_, _ = fmt.Fprintln(cmd.OutOrStdout(), string(text))
			} else {
				_, _ = fmt.Fprint(cmd.OutOrStdout(), terminal.EscapeLines(found.Text()), kept)
			}
			if !found.Passed() {
				return exit{code: exitFailed}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the certificate as JSON; docs/certificate.md describes it")
	c.Flags().BoolVar(&save, "save", true, "keep the certificate where later runs find it")
	return c
}
