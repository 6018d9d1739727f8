package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/archive"
	"github.com/steepest/steepest/host/internal/report"
)

func runsRemoveCommand(p *program) *cobra.Command {
	var where string
	var yes bool
	c := &cobra.Command{
		Use:   "rm FOLDER...",
		Short: "Remove results, or some of their runs",
		Long: `Remove results, or the runs in them of which a condition holds. Without --yes it says what would be removed, and removes nothing.
Results in which a program is at work are left alone.`,
		Example: `  steepest runs rm runs/quickstart
  steepest runs rm --yes --where 'status=failed' runs`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, folders []string) error {
			found, err := p.find(cmd.Context(), folders, where)
			if err != nil {
				return err
			}
			count := report.ToRemove(p.stdout, found, yes)
			if !yes || count == 0 {
				return nil
			}
			if err := archive.Remove(found); err != nil {
				return failed("%w", err)
			}
			return nil
		},
	}
	c.Flags().StringVar(&where, "where", "", whereHelp)
	c.Flags().BoolVar(&yes, "yes", false, "do remove them")
	return c
}

func runsMoveCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "mv RESULTS NAME",
		Short: "Give results another name or place",
		Long: `Give results another name or place; if that is a folder, they go into it. An experiment is known by what is in its results, so that
run goes on with them wherever they are, as long as they stay in the folder in which it looks: runs, or that of --out.`,
		Example: `  steepest runs mv runs/quickstart runs/first-try`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := archive.Folders(cmd.Context(), p.results(args[:1])); err != nil {
				return beforeStart(cmd.Context(), err)
			}
			moved, err := archive.Move(p.path(args[0]), p.path(args[1]))
			if err != nil {
				return failed("%w", err)
			}
			_, _ = fmt.Fprintln(p.stdout, moved)
			return nil
		},
	}
}

func runsCollectCommand(p *program) *cobra.Command {
	var replaced, dry bool
	c := &cobra.Command{
		Use:   "gc [FOLDER...]",
		Short: "Remove what programs left in results that were ended before they could tidy up",
		Long: `Remove what programs left in results that were ended before they could tidy up: halves of files, and files of attempts at runs that
are over. Nothing that is on record is among it. With --replaced the records of runs go too that were made again.`,
		Example: `  steepest runs gc --dry-run
  steepest runs gc --replaced runs/sweep`,
		RunE: func(cmd *cobra.Command, folders []string) error {
			all, err := archive.Folders(cmd.Context(), p.results(folders))
			if err != nil {
				return beforeStart(cmd.Context(), err)
			}
			for _, f := range all {
				paths, bytes, err := archive.Garbage(f.Dir, replaced)
				if err != nil {
					return failed("%w", err)
				}
				report.Garbage(p.stdout, f.Dir, len(paths), bytes, dry)
				if dry {
					continue
				}
				if err := archive.Sweep(paths); err != nil {
					return failed("%w", err)
				}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&replaced, "replaced", false, "remove the records of runs that were made again, too")
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would be removed, and remove nothing")
	return c
}
