package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/blas"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/proto"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the versions of Steepest and of what it is made with",
		Example: "  steepest version",
		Args:    cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			version, commit := store.Version()
			if commit != "" {
				version += " (" + commit + ")"
			}
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "steepest  %s\nprotocol  %d\nblas      %s\ngo        %s %s/%s\n",
				version, proto.Handshake.ProtocolVersion, blas.About(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}
