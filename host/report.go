package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/steepest/steepest/host/internal/page"
	"github.com/steepest/steepest/host/internal/terminal"
)

// reportOptions are the flags of steepest report.
type reportOptions struct {
	*program
	out  string
	open bool
}

func reportCommand(p *program) *cobra.Command {
	o := reportOptions{program: p}
	c := &cobra.Command{
		Use:   "report RESULTS",
		Short: "Make a page of the runs on record",
		Long: `Make a page of the runs on record: verdicts, comparison, figures, and what they were made from. It is one file in HTML that needs
no network: it can be sent, printed and kept. No run is made, and no record is changed.`,
		Example: `  steepest report runs/quickstart --open
  steepest report runs/quickstart -o quickstart.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := filepath.Join(args[0], page.File)
			if o.out != "" {
				path = o.out
			}
			return o.report(cmd.Context(), args[0], path)
		},
	}
	f := c.Flags()
	f.StringVarP(&o.out, "out", "o", "", "write it to `FILE` (default RESULTS/"+page.File+")")
	f.BoolVar(&o.open, "open", false, "show it in the browser")
	return c
}

func (o reportOptions) report(ctx context.Context, dir, path string) error {
	if err := writePage(ctx, o.path(dir), o.path(path)); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(o.stdout, terminal.Escape(path))
	if o.open {
		return o.browse(o.path(path))
	}
	return nil
}

// writePage makes the page of the results in a folder.
func writePage(ctx context.Context, dir, path string) error {
	made, _, err := page.Open(ctx, dir)
	if err != nil {
		return fileOrUsage(err)
	}
	return fileOrUsage(made.Save(path))
}

// reported makes the page after the runs, if one was asked for, and says where it is.
func (o runOptions) reported(ctx context.Context, dir string) error {
	if !o.report {
		return nil
	}
	path := filepath.Join(dir, page.File)
	if err := writePage(ctx, dir, path); err != nil {
		return err
	}
	w := o.stdout
	if o.json {
		w = o.stderr
	}
	_, _ = fmt.Fprintf(w, "Report:  %s\n", terminal.Escape(path))
	return nil
}

// browse shows a file or an address in the browser of the user.
func (p *program) browse(path string) error {
	words := map[string][]string{"darwin": {"open"}, "windows": {"rundll32", "url.dll,FileProtocolHandler"}}[runtime.GOOS]
	if words == nil {
		words = []string{"xdg-open"}
	}
	if err := exec.Command(words[0], append(words[1:], path)...).Start(); err != nil {
		return failed("the page is there, but no browser can be started; open %s yourself: %w", path, err)
	}
	return nil
}
