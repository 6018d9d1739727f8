package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/foreign"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

func runsImportCommand(p *program) *cobra.Command {
	var i foreign.Import
	var seed uint64
	c := &cobra.Command{
		Use:   "import [RESULTS | --csv FILE | --tensorboard FOLDER | --recording FILE]",
		Short: "Take in results of an earlier version, and curves of other programs",
		Long: `Take in runs that were recorded elsewhere. Nothing of the original is changed.

RESULTS                A folder with results of an earlier version (manifest.json and summary.json in each run's folder). They are
                       written as this version has them, into a new folder.
--csv FILE             A run of another program: a column step, a column for each quantity (train_loss, validation_accuracy, ...),
                       and, if it has them, columns epoch and wall_seconds. Steps ascend, and may be left out.
--tensorboard FOLDER   Runs of another program: each folder with event files is one, and each scalar in them a quantity.
--recording FILE       A run that steepest.torch recorded: the file .recordings/NAME.json, in the folder of results that it is for. It says
                       what the other flags say of a curve.

--map NAME=QUANTITY says what a column or a tag is here, and NAME= leaves it out. Name of the optimizer and seed are those of the run's file
or folder, such as adam-seed3, unless they are given. Such a run is marked as imported, with the SHA-256 of what it is from. It is
exported like any other, and never gone on with or made again. docs/export.md says more.

Exit codes:
    0  all is there, now or before
    1  the record of a run is damaged, and the others were taken in; or a file could not be read or written
    2  wrong arguments, or something is wrong in a file, which the message names with its place; nothing was taken in
  130  interrupted`,
		Example: `  steepest runs import old/quickstart --out runs/quickstart
  steepest runs import --csv torch.csv --problem mlp --optimizer torch-adam --seed 1 --hyperparameter lr=0.01 --out runs/quickstart
  steepest runs import --tensorboard lightning_logs --problem mlp --map loss/train=train_loss --out runs/quickstart`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("seed") {
				i.Seed = &seed
			}
			for _, path := range []*string{&i.CSV, &i.TensorBoard, &i.Recording, &i.Out} {
				if *path != "" {
					*path = p.path(*path)
				}
			}
			if err := i.CheckSource(len(args) > 0, cmd.Flags().Changed); err != nil {
				return usage("%w", err)
			}
			if len(args) == 0 {
				return p.takeCurves(cmd, i)
			}
			return p.convert(cmd, args[0], i.Out)
		},
	}
	f := c.Flags()
	f.StringVar(&i.CSV, "csv", "", "a `FILE` with a run of another program")
	f.StringVar(&i.TensorBoard, "tensorboard", "", "a `FOLDER` with event files")
	f.StringVar(&i.Recording, "recording", "", "a `FILE` in which steepest.torch says what a run was")
	f.StringVarP(&i.Out, "out", "o", "", "the `FOLDER` of results that it comes into (default runs/NAME)")
	f.StringVar(&i.Problem, "problem", "", "what was minimised: the name or kind of the problem of the runs to compare with")
	f.BoolVar(&i.OtherProblem, "other-problem", false, "take it in though these results have no such problem, and it stands in no table")
	f.StringVar(&i.Optimizer, "optimizer", "", "the name of the optimizer")
	f.Uint64Var(&seed, "seed", 0, "the seed")
	f.StringArrayVar(&i.Hyperparameters, "hyperparameter", nil, "`KEY=VALUE` of the optimizer (may be repeated)")
	f.StringArrayVar(&i.Names, "map", nil, "`NAME=QUANTITY` of a column or a tag (may be repeated)")
	return c
}

// takeCurves takes in runs of another program.
func (p *program) takeCurves(cmd *cobra.Command, i foreign.Import) error {
	if err := i.Check(); err != nil {
		return usage("%w", err)
	}
	taken, err := i.Run(cmd.Context(), p.path(store.Runs))
	for _, t := range taken {
		for _, note := range t.Curve.Notes {
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), terminal.EscapeLines("note: "+note))
		}
		verb := "imported"
		if t.Before {
			verb = "was there before:"
		}
		told(cmd, "%s %s: %s, seed %d, %d points", verb, t.Dir, t.Optimizer, t.Seed, len(t.Curve.Points))
	}
	switch {
	case cmd.Context().Err() != nil:
		return interrupted(fmt.Sprintf("interrupted; %d runs were imported", len(taken)))
	case err != nil && len(taken) > 0:
		return failed("%w", err)
	}
	return fileOrUsage(err)
}

// told says what was taken in.
func told(cmd *cobra.Command, format string, values ...any) {
	_, _ = fmt.Fprintln(cmd.OutOrStdout(), terminal.EscapeLines(fmt.Sprintf(format, values...)))
}

// convert takes in results of an earlier version.
func (p *program) convert(cmd *cobra.Command, from, to string) error {
	if to == "" {
		to = filepath.Join(p.path(store.Runs), filepath.Base(p.path(from)))
	}
	runs, faults, err := store.Convert(cmd.Context(), p.path(from), to)
	switch {
	case cmd.Context().Err() != nil:
		return interrupted("interrupted; nothing was imported")
	case err != nil:
		return fileOrUsage(err)
	case runs > 0:
		told(cmd, "imported %s: %d runs", to, runs)
	}
	if len(faults) > 0 {
		return failed("not imported: %w", errors.Join(faults...))
	}
	return nil
}
