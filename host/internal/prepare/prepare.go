// Package prepare makes experiments out of files: it checks them whole, with their data and plugins, before anything of them is
// started.
package prepare

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/environ"
	"github.com/steepest/steepest/host/internal/machine"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/regular"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// Faults are what is wrong with files, one error for each.
type Faults []error

func (f Faults) Error() string {
	var texts []string
	wrong := 0
	for _, err := range f {
		texts = append(texts, err.Error())
		if list, ok := errors.AsType[config.Errors](err); ok {
			wrong += len(list)
		}
	}
	noun := "errors"
	if wrong == 1 {
		noun = "error"
	}
	return fmt.Sprintf("%s\n\n%d %s; nothing was started", strings.Join(texts, "\n\n"), wrong, noun)
}

// Unwrap returns the errors.
func (f Faults) Unwrap() []error { return f }

// With is what experiments are made with.
type With struct {
	Variables environ.Variables
	Set       []string // keys of the experiments, as in "seeds.count=20"
	Pool      *plugin.Pool
}

// Experiments loads all files and starts the plugins that they name. What is wrong with any of them is in Faults. The error is the
// context's if that ended before.
func (w With) Experiments(ctx context.Context, files []string) ([]plan.Plan, error) {
	if again := twice(files); again != "" {
		return nil, fmt.Errorf("%s is given twice; name it once, nothing was started", again)
	}
	var experiments []plan.Plan
	var faults Faults
	for _, file := range files {
		e, err := w.load(ctx, file)
		if e != nil {
			check(ctx, e, w.Pool)
			err = e.Errors()
		}
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			faults = append(faults, err)
		default:
			experiments = append(experiments, plan.Of(e, func(name string) string {
				process, err := w.Pool.Get(ctx, name, "")
				if err != nil {
					return "" // its runs will say why not
				}
				return hex.EncodeToString(process.Checksum)
			}))
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return experiments, nil
}

// Recorded is an experiment whose keys are on record, with one of its problems. The plugins are asked for nothing where there is no pool.
func (w With) Recorded(ctx context.Context, file string, written map[string]any, problem string) (*config.Experiment, error) {
	e, err := config.Parse(file, config.Text(written))
	if err != nil {
		return nil, err
	}
	e.Variables = w.Variables
	e.Workloads = slices.DeleteFunc(e.Workloads, func(on *config.Workload) bool { return on.Name != problem })
	e.Expect = nil // it may be about others
	if _, err := regular.Until(ctx, func() (*config.Experiment, error) { e.Build(); return e, nil }); err != nil {
		return nil, err
	}
	if w.Pool != nil && e.Errors() == nil {
		check(ctx, e, w.Pool)
	}
	return e, e.Errors()
}

// load reads a file and its data, as much of it as can be read.
func (w With) load(ctx context.Context, file string) (*config.Experiment, error) {
	return regular.Until(ctx, func() (*config.Experiment, error) {
		e, err := config.LoadWith(file, w.Set)
		if e != nil {
			e.Variables = w.Variables
			e.Build()
		}
		return e, err
	})
}

// check asks the plugins of an experiment what they think of it.
func check(ctx context.Context, e *config.Experiment, pool *plugin.Pool) {
	for _, w := range e.Workloads {
		for _, o := range w.Optimizers {
			for _, name := range o.Plugins() {
				pool.GrantStart(name, o.StartTimeout)
			}
		}
	}
	e.Resolve(pool.Names(), func(name string) (*v1.DescribeResponse, error) {
		process, err := pool.Start(ctx, name)
		if err != nil {
			return nil, err
		}
		return process.Description, nil
	}, func(name string, values map[string]*v1.Value) (found []*v1.Diagnostic, err error) {
		err = pool.Ask(ctx, name, func(process *plugin.Process) (err error) {
			found, err = process.Validate(ctx, values)
			return err
		})
		return found, err
	})
	warned := map[string]bool{}
	for _, w := range e.Workloads {
		for _, o := range w.Optimizers {
			for _, name := range o.Plugins() {
				if what := pool.Exposed(name); what != "" && !warned[name] {
					w.Warn(o.PluginPath(name), what, plugin.ExposedRemedy)
					warned[name] = true
				}
			}
		}
	}
}

// twice is a file that is there more than once, under whichever name; empty without one.
func twice(files []string) string {
	var seen []os.FileInfo
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			continue // reading it will say why
		}
		if slices.ContainsFunc(seen, func(other os.FileInfo) bool { return os.SameFile(info, other) }) {
			return file
		}
		seen = append(seen, info)
	}
	return ""
}

// CheckOpenFiles refuses experiments of which so many runs at once could not go on for want of open files.
func CheckOpenFiles(experiments []plan.Plan, jobs int, limit uint64) error {
	plugins, runs, instances := map[string]bool{}, 0, 1
	for _, e := range experiments {
		for _, j := range e.Jobs {
			all := j.Optimizer.Plugins()
			for _, name := range all {
				plugins[name] = true
			}
			instances = max(instances, len(all))
		}
		runs = max(runs, min(jobs, len(e.Jobs)))
	}
	return machine.CheckOpenFiles(len(plugins), runs, instances, limit)
}
