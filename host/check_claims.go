package main

import (
	"context"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/steepest/steepest/host/internal/claim"
	"github.com/steepest/steepest/host/internal/compare"
	"github.com/steepest/steepest/host/internal/conduct"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/report"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/host/internal/terminal"
)

// claimsOptions are the flags of steepest check-claims.
type claimsOptions struct {
	*program
	out          string
	strict, json bool
}

func checkClaimsCommand(p *program) *cobra.Command {
	o := claimsOptions{program: p}
	c := &cobra.Command{
		Use:   "check-claims RESULTS|FILE...",
		Short: "Judge what experiments claim by the runs on record",
		Long: `Judge what experiments say must come out, their [[expect]], by the runs on record. No run is made and nothing is written. Of
a folder with results it is what was claimed when its runs were made; of an experiment file it is what the file claims now. A verdict is
PASS, FAIL or INCONCLUSIVE; docs/claims.md says how it is found.

It exits with 3 if a claim failed, as run does.`,
		Example: `  steepest check-claims runs/quickstart
  steepest check-claims experiments/quickstart.toml
  steepest check-claims --json runs/quickstart | jq -r '[.verdict, .text] | @tsv'`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return o.check(cmd.Context(), args) },
	}
	f := c.Flags()
	f.StringVarP(&o.out, "out", "o", "", "look for the results of experiment files in `FOLDER`, as run does with the same flag")
	strictFlag(f, &o.strict)
	f.BoolVar(&o.json, "json", false, "write JSON, a line for each verdict")
	p.setFlag(c)
	p.refreshFlag(c)
	return c
}

// strictFlag is the flag of a verb that judges claims.
func strictFlag(f *pflag.FlagSet, strict *bool) {
	f.BoolVar(strict, "strict", false, "exit with 3 also if the runs cannot tell whether a claim of an experiment holds")
}

func (o claimsOptions) check(ctx context.Context, args []string) error {
	code := exitOK
	for i, arg := range args {
		if i > 0 && !o.json {
			_, _ = o.stdout.Write([]byte("\n"))
		}
		one, err := o.judge(ctx, arg)
		if err != nil {
			return err
		}
		code = worse(code, one)
	}
	if code != exitOK {
		return exit{code: code}
	}
	return nil
}

// judge judges the claims of one experiment, and returns the exit code.
func (o claimsOptions) judge(ctx context.Context, arg string) (code int, err error) {
	path := o.path(arg)
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		asked, there, err := store.Restore(ctx, path)
		if err != nil {
			return 0, fileOrUsage(err)
		}
		return o.show(ctx, asked, there, "what its file claims by now judges "+terminal.Command([]string{"steepest", "check-claims"}, asked.File))
	}
	place := store.Place{Out: o.path(o.out), Parent: o.path(store.Runs)}
	asked, done, err := o.frozen(ctx, []string{arg}, place, false)
	defer done()
	if err != nil {
		return 0, err
	}
	there, err := place.Survey(ctx, asked[0].Plan)
	switch {
	case err != nil:
		return 0, beforeStart(ctx, err)
	case there.Folder() == nil:
		return 0, usage("there are no results of %s to judge; make them with `steepest run`, or say where they are with --out", arg)
	}
	return o.show(ctx, asked[0].Plan, there, "a table [[expect]] says what must come out")
}

func (o claimsOptions) show(ctx context.Context, asked plan.Plan, there store.Survey, none string) (code int, err error) {
	last, _, err := conduct.Look(ctx, asked, there)
	if err != nil {
		return 0, failed("%w", err)
	}
	folder := there.Folder()
	found, err := verdicts(asked, folder, last, folder.Standing())
	if err != nil {
		return 0, failed("%w", err)
	}
	imported, _ := folder.Imported()
	report.Uninvolved(o.stderr, len(found), len(imported))
	report.Judged(o.stdout, asked.Name, folder.Dir, found, none, asked.Quantities(), o.json)
	return met(found, o.strict), nil
}

// verdicts judges what an experiment claims, by those of its runs that a stage says are its answer.
func verdicts(asked plan.Plan, folder *store.Folder, last plan.Stage, runs []store.Run) ([]claim.Verdict, error) {
	if asked.Judge() != "" && len(last.Answers) == 0 {
		runs = nil // nothing is chosen yet
	}
	return compare.Claims(asked.Experiment, folder, conduct.Answers(last, runs))
}

// met is the exit code that verdicts mean.
func met(verdicts []claim.Verdict, strict bool) int {
	if claim.Any(verdicts, claim.Fail) || strict && claim.Any(verdicts, claim.Inconclusive) {
		return exitUnmet
	}
	return exitOK
}
