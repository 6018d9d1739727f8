package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/proto"
)

// meant says what does what people try under other names, by the command line without its arguments.
var meant = map[string]string{
	"delete":   "use `steepest runs rm RESULTS`",
	"describe": "use `steepest plugins describe NAME`, `steepest problems describe NAME` or `steepest data describe NAME`",
	"download": "use `steepest data fetch NAME`",
	"fetch":    "use `steepest data fetch NAME`",
	"import":   "use `steepest runs import`",
	"init":     "`steepest plugins new NAME` begins a plugin; docs/experiment-reference.md shows an experiment file to begin with",
	"list":     "use `steepest runs list`, `steepest plugins list`, `steepest problems list` or `steepest data list`",
	"ls":       "use `steepest runs list`, `steepest plugins list`, `steepest problems list` or `steepest data list`",
	"new":      "`steepest plugins new NAME` begins a plugin; docs/experiment-reference.md shows an experiment file to begin with",
	"optuna":   "`steepest run --trials-from 'python3 sampler.py' FILE` lets it choose the trials; docs/tuning.md has the sampler",
	"resume":   "use `steepest run --resume FILE`",
	"rm":       "use `steepest runs rm RESULTS`",
	"search":   "`steepest run FILE` does it: write lr = { log_uniform = [1e-4, 1] } in [[optimizer]], and [search] with kind = \"random\" and trials = 20",
	"show":     "use `steepest runs show RESULTS`, `steepest plugins describe NAME`, `steepest problems describe NAME` or `steepest data describe NAME`",
	"start":    "use `steepest run FILE`",
	"slice":    "use `steepest landscape slice RUN`",
	"spectrum": "use `steepest landscape spectrum RUN`",
	"sweep":    "`steepest run FILE` does it: write lr = { log_grid = [1e-3, 1, 7] } or { grid = [0.01, 0.1] } in [[optimizer]]",
	"train":    "use `steepest run FILE`",
	"validate": "use `steepest check FILE`",
	"ui":       "use `steepest serve RESULTS`, or `steepest run --ui FILE`",
	"tune":     "write sets of values and a table [tune] into the experiment file, then `steepest run FILE`; docs/tuning.md says how",

	"data add":         "data files need no adding: write dataset = \"FILE\" in [problem]",
	"data download":    "use `steepest data fetch NAME`",
	"data show":        "use `steepest data describe NAME`",
	"plugins add":      "a plugin is a program named steepest-optimizer-NAME in a folder that `steepest plugins list -v` searches",
	"plugins create":   "use `steepest plugins new NAME`",
	"plugins init":     "use `steepest plugins new NAME`",
	"plugins install":  "a plugin is a program named steepest-optimizer-NAME in a folder that `steepest plugins list -v` searches",
	"plugins rm":       "a plugin is a file; `steepest plugins list` says where it is",
	"plugins show":     "use `steepest plugins describe NAME`",
	"plugins test":     "use `steepest plugins check NAME`",
	"plugins validate": "use `steepest plugins check NAME`",
	"problems show":    "use `steepest problems describe NAME`",
}

// adviseMisspelt makes the program say what is meant by a verb or flag that it does not have.
func adviseMisspelt(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	adviseVerbs(root)
	if help, _, err := root.Find([]string{"help"}); err == nil {
		help.Args = func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err == nil && len(rest) > 0 {
				err = c.ValidateArgs(rest[:1])
			}
			return err
		}
	}
	root.SetFlagErrorFunc(flagError)
}

// adviseVerbs makes every command that only groups others refuse a verb that it does not have, and say what is meant.
func adviseVerbs(group *cobra.Command) {
	group.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var verbs []string
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				verbs = append(verbs, sub.Name())
			}
		}
		slices.Sort(verbs)
		path := strings.TrimSpace(strings.TrimPrefix(c.CommandPath(), c.Root().Name()) + " " + args[0])
		advice, known := meant[path]
		if !known {
			advice = proto.DidYouMean(args[0], verbs)
		}
		return usage("%s has no command %q; %s", c.CommandPath(), args[0], advice)
	}
	group.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	for _, sub := range group.Commands() {
		if sub.HasSubCommands() {
			adviseVerbs(sub)
		}
	}
}
