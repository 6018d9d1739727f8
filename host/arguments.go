package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/steepest/steepest/host/internal/regular"
	"github.com/steepest/steepest/host/internal/store"
	"github.com/steepest/steepest/proto"
)

// adviseArguments makes every command say what it takes, and what of that is at hand, where it is given too little or too much.
func (p *program) adviseArguments(group *cobra.Command) {
	for _, c := range group.Commands() {
		p.adviseArguments(c)
		rule := c.Args
		if rule == nil || c.HasSubCommands() {
			continue
		}
		c.Args = func(c *cobra.Command, args []string) error {
			_, takes, _ := strings.Cut(c.Use, " ")
			switch {
			case rule(c, args) == nil:
				return nil
			case takes == "":
				return usage("%s takes no argument; leave %s out", c.CommandPath(), args[0])
			case len(args) > 0:
				return usage("%s takes %s, and was given %s", c.CommandPath(), takes, strings.Join(args, " "))
			}
			return usage("%s needs %s; %s", c.CommandPath(), takes, p.atHand(c, takes))
		}
	}
}

// atHand says what there is that a command can take, or how it is used.
func (p *program) atHand(c *cobra.Command, takes string) string {
	var found []string
	kind := "experiments"
	switch word := strings.TrimRight(strings.Fields(takes)[0], "."); word {
	case "FILE":
		found = p.matching("*.toml", "experiments/*.toml")
	case "RESULTS", "FOLDER":
		kind = "results"
		for _, file := range p.matching(store.Runs + "/*/" + store.ExperimentFile) {
			found = append(found, filepath.Dir(file))
		}
	}
	if len(found) == 0 {
		first, _, _ := strings.Cut(c.Example, "\n")
		return "for example: " + strings.TrimSpace(first)
	}
	const most = 5
	more := ""
	if n := len(found) - most; n > 0 {
		found, more = found[:most], fmt.Sprintf(" and %d more", n)
	}
	return fmt.Sprintf("the %s here are %s%s", kind, strings.Join(found, ", "), more)
}

// matching are the files that match some patterns and are about optimizers, relative to where paths begin.
func (p *program) matching(patterns ...string) (files []string) {
	const most = 64 << 20
	for _, pattern := range patterns {
		found, _ := filepath.Glob(p.path(pattern))
		for _, file := range found {
			b, err := regular.ReadFile(file, most)
			if err != nil || !bytes.Contains(b, []byte("optimizer")) {
				continue // a file of another program
			}
			if relative, err := filepath.Rel(p.path("."), file); err == nil {
				file = relative
			}
			files = append(files, file)
		}
	}
	return files
}

// valuesOf are what flags take, by their types.
var valuesOf = map[string]string{"bool": "true or false", "duration": "a time, such as 30s", "float64": "a number", "int": "a whole number",
	"intSlice": "whole numbers with commas between them", "uint64": "a whole number of at least 0"}

// flagError says of a wrong flag what would be right.
func flagError(c *cobra.Command, err error) error {
	if e, is := errors.AsType[*pflag.InvalidValueError](err); is {
		takes, known := valuesOf[e.GetFlag().Value.Type()]
		if !known {
			takes = e.Unwrap().Error()
		}
		if errors.Is(e.Unwrap(), strconv.ErrRange) {
			return usage("%s --%s: %s is out of range", c.CommandPath(), e.GetFlag().Name, e.GetValue())
		}
		return usage("%s --%s takes %s, not %q", c.CommandPath(), e.GetFlag().Name, takes, e.GetValue())
	}
	if e, is := errors.AsType[*pflag.ValueRequiredError](err); is {
		value, help := pflag.UnquoteUsage(e.GetFlag())
		return usage("%s --%s needs a value (%s): %s", c.CommandPath(), e.GetFlag().Name, value, help)
	}
	unknown, is := errors.AsType[*pflag.NotExistError](err)
	if !is {
		return err
	}
	name := "--" + unknown.GetSpecifiedName()
	if short := unknown.GetSpecifiedShortnames(); short != "" {
		name = "-" + unknown.GetSpecifiedName()
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	return usage("%s has no flag %s; %s", c.CommandPath(), name, proto.DidYouMean(name, names))
}
