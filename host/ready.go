package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/steepest/steepest/host/internal/config"
	"github.com/steepest/steepest/host/internal/plan"
	"github.com/steepest/steepest/host/internal/plugin"
	"github.com/steepest/steepest/host/internal/problem"
	"github.com/steepest/steepest/host/internal/regular"
	"github.com/steepest/steepest/host/internal/store"
	v1 "github.com/steepest/steepest/proto/steepest/optimizer/v1"
)

// ready is an experiment that passed all checks.
type ready struct {
	plan.Plan
	problem problem.Problem
	folder  *store.Folder // for the results
}

// check loads all files and collects what is wrong with any of them.
func (p *program) check(ctx context.Context, files []string, pool *plugin.Pool) ([]ready, error) {
	var experiments []ready
	var faults []string
	wrong := 0
	if again := p.twice(files); again != "" {
		return nil, exit{exitUsage, fmt.Sprintf("%s is given twice; name it once, nothing was started", again)}
	}
	checksum := func(name string) string {
		plugin, err := pool.Get(ctx, name, "")
		if err != nil {
			return "" // its runs will say why not
		}
		return hex.EncodeToString(plugin.Checksum)
	}
	for _, file := range files {
		var built problem.Problem
		e, err := regular.Until(ctx, func() (*config.Experiment, error) {
			e, err := config.Load(p.path(file), p.diagnostics...)
			if e != nil { // as much of it as could be read
				e.Variables = p.variables
				built = e.Build()
			}
			return e, err
		})
		if e != nil {
			for _, o := range e.Optimizers {
				pool.GrantStart(o.Plugin, o.StartTimeout)
			}
			e.Resolve(pool.Names(), func(name string) (*v1.DescribeResponse, error) {
				plugin, err := pool.Start(ctx, name)
				if err != nil {
					return nil, err
				}
				return plugin.Description, nil
			}, func(name string, values map[string]*v1.Value) ([]*v1.Diagnostic, error) {
				plugin, err := pool.Start(ctx, name)
				if err != nil {
					return nil, err
				}
				return plugin.Validate(ctx, values)
			})
			warned := map[string]bool{}
			for i, o := range e.Optimizers {
				if what := pool.Exposed(o.Plugin); what != "" && !warned[o.Plugin] {
					e.Warn(fmt.Sprintf("optimizer[%d].plugin", i), what, plugin.ExposedRemedy)
					warned[o.Plugin] = true
				}
			}
			err = e.Errors()
		}
		if ctx.Err() != nil {
			return nil, exit{exitInterrupted, "interrupted before anything was started"}
		}
		if err != nil {
			faults = append(faults, err.Error())
			if list, ok := err.(config.Errors); ok {
				wrong += len(list)
			}
			continue
		}
		experiments = append(experiments, ready{Plan: plan.Of(e, built, checksum), problem: built})
	}
	if wrong > 0 {
		noun := "errors"
		if wrong == 1 {
			noun = "error"
		}
		return nil, exit{exitUsage, fmt.Sprintf("%s\n\n%d %s; nothing was started", strings.Join(faults, "\n\n"), wrong, noun)}
	}
	return experiments, nil
}

// twice is a file that is there more than once, under whichever name; empty without one.
func (p *program) twice(files []string) string {
	var seen []os.FileInfo
	for _, file := range files {
		info, err := os.Stat(p.path(file))
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
