package main

import (
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/exporter"
	"github.com/steepest/steepest/host/internal/machine"
	"github.com/steepest/steepest/host/internal/optimizer"
	"github.com/steepest/steepest/host/internal/page"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/store"
)

// runOptions are the flags of steepest run.
type runOptions struct {
	*program
	out                 string
	jobs                int
	plane               string
	quiet, json, resume bool
	acceptNumerics      bool
	strict, report      bool
	updateLock          bool
	rerun               string
	trialsFrom          string
	trialsTimeout       time.Duration
	given               func(flag string) bool
	blas                blasOptions
	watch               exporter.Options
	live                bool
	page                liveOptions
}

func runCommand(p *program) *cobra.Command {
	o := runOptions{program: p}
	c := &cobra.Command{
		Use:   "run FILE...",
		Short: "Run experiments",
		Long: `Run experiments. Every file is checked whole before anything starts, and all errors are shown at once. All runs of
a file, one for each optimizer and seed, go on at the same time, as many as there are cores. Each run leaves a folder with
run.json and steps.csv. Runs that are there already are kept, and those that were interrupted go on. Several programs may make the
runs of one experiment together.`,
		Example: `  steepest run experiments/quickstart.toml
  steepest run --jobs 1 --out results experiments/*.toml
  steepest run --ui --open experiments/quickstart.toml
  steepest run --metrics-address :9464 --linger 30s experiments/quickstart.toml
  steepest run --json experiments/quickstart.toml | jq .
  steepest run --set seeds.count=20 --set optimizer.sgd.lr=0.3 experiments/quickstart.toml
  steepest run --trials-from 'python3 sampler.py' experiment.toml
  steepest run --resume experiments/quickstart.toml`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			o.given = cmd.Flags().Changed
			return o.run(cmd.Context(), files)
		},
	}
	f := c.Flags()
	f.StringVarP(&o.out, "out", "o", "", "put the runs' folders into `FOLDER`, or FOLDER/EXPERIMENT if there are several files"+
		" (default where results of the experiment are in runs, else runs/EXPERIMENT, or runs/EXPERIMENT-2, -3, ... if that is another's)")
	f.IntVarP(&o.jobs, "jobs", "j", runtime.NumCPU(), "how many runs go on at once")
	f.BoolVar(&o.resume, "resume", false, "insist that there is something to go on with, and go on with runs that failed too")
	f.BoolVar(&o.acceptNumerics, "accept-numerics", false, "go on with runs though the arithmetic (BLAS, fused multiply-add, version) is not the one that"+
		" the runs met before, and record that")
	f.StringVar(&o.rerun, "rerun", "", "make runs again that `ENDED` as failed or diverged, or all; what was recorded of them is kept beside")
	f.StringVar(&o.trialsFrom, "trials-from", "", "let `COMMAND`, a line for the shell, choose the trials of a search of the kind external: ask and tell,"+
		" in JSON lines; docs/tuning.md has the protocol, and an example with Optuna")
	f.DurationVar(&o.trialsTimeout, "trials-timeout", 10*time.Minute, "how long that program may take for an answer")
	f.BoolVar(&o.updateLock, "update-lock", false, "accept the plugins that the experiments use and put them into "+plugin.LockFile)
	f.StringVar(&o.plane, "data-plane", string(optimizer.Auto), "how vectors travel to plugins: "+strings.Join(optimizer.Planes, ", "))
	o.blas.flags(f)
	f.BoolVarP(&o.quiet, "quiet", "q", false, "show the result alone, no progress")
	f.BoolVar(&o.json, "json", false, "write JSON to standard output, a line for each event")
	strictFlag(f, &o.strict)
	f.BoolVar(&o.report, "report", false, "make a page of what came out, "+page.File+" in the folder of the results, as `steepest report` does")
	f.BoolVar(&o.live, "ui", false, "serve a page of the runs on this machine, which changes while they go on, as `steepest serve` does")
	o.page.flags(f, "ui-address")
	p.setFlag(c)
	p.refreshFlag(c)
	watchFlags(f, &o.watch)
	return c
}

// check judges the flags before anything is started, and chooses the linear algebra.
func (o *runOptions) check() error {
	switch {
	case o.jobs < 1:
		return usage("--jobs %d is out of range; give at least 1", o.jobs)
	case !slices.Contains(store.Reruns, o.rerun):
		return usage("--rerun %q is unknown; choose one of %s", o.rerun, strings.Join(store.Reruns[1:], ", "))
	case o.trialsTimeout <= 0:
		return usage("--trials-timeout %v is out of range; give a time such as 10m", o.trialsTimeout)
	case !slices.Contains(optimizer.Planes, o.plane):
		return usage("--data-plane %q is unknown; choose one of %s", o.plane, strings.Join(optimizer.Planes, ", "))
	}
	o.watch.Config, o.watch.Discovery = o.path(o.watch.Config), o.path(o.watch.Discovery)
	if err := o.watch.Check(o.given); err != nil {
		return usage("%w", err)
	}
	if err := o.blas.use(); err != nil {
		return err
	}
	if err := machine.MemoryToRun(o.jobs).Check(); err != nil {
		return usage("%w", err)
	}
	return nil
}
