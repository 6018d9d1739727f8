package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/steepest/steepest/host/internal/live"
	"github.com/steepest/steepest/host/internal/terminal"
	"github.com/steepest/steepest/metrics"
)

// liveOptions say where the live page is served.
type liveOptions struct {
	address string
	open    bool
}

func (o *liveOptions) flags(f *pflag.FlagSet, address string) {
	f.StringVar(&o.address, address, "127.0.0.1:0", "serve the page at `HOST:PORT` of this machine, such as :8080; port 0 is any that is free")
	f.BoolVar(&o.open, "open", false, "show the page in the browser")
}

// listen begins to serve pages.
func (o liveOptions) listen(pages *live.Pages) (*live.Server, error) {
	address, err := metrics.Address(o.address)
	if err != nil {
		return nil, usage("%w; give HOST:PORT, such as 127.0.0.1:8080", err)
	}
	s, err := live.Listen(address, pages)
	if err != nil {
		return nil, usage("%w", err)
	}
	return s, nil
}

func serveCommand(p *program) *cobra.Command {
	var o liveOptions
	c := &cobra.Command{
		Use:   "serve RESULTS...",
		Short: "Show the page of results while runs go on",
		Long: `Show the page that "steepest report" makes in the browser, and above it how the runs stand: it changes by itself while runs go on, whichever
program makes them. Only browsers on this machine can reach it. It ends with Ctrl-C.`,
		Example: `  steepest serve runs/quickstart --open
  steepest serve --address :8080 runs/quickstart`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, dirs []string) error { return p.serve(cmd.Context(), o, dirs) },
	}
	o.flags(c.Flags(), "address")
	return c
}

// serve shows pages until it is interrupted.
func (p *program) serve(ctx context.Context, o liveOptions, dirs []string) error {
	pages := live.NewPages()
	s, err := o.listen(pages)
	if err != nil {
		return err
	}
	defer s.Close()
	defer pages.Close()
	for _, dir := range dirs {
		pages.Add(p.path(dir))
	}
	if err := pages.Check(ctx); err != nil {
		return beforeStart(ctx, err)
	}
	if err := p.announce(p.stdout, s, o.open); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// announce says where the page is.
func (p *program) announce(w io.Writer, s *live.Server, open bool) error {
	_, _ = fmt.Fprintf(w, "Live page: %s\n", s.URL)
	if !open {
		return nil
	}
	return p.browse(s.URL)
}

// ui serves the pages of runs while they go on, if that is wanted; else there is no server.
func (o runOptions) ui(pages *live.Pages) (*live.Server, error) {
	if o.live {
		return o.page.listen(pages)
	}
	for _, flag := range []string{"open", "ui-address"} {
		if o.given(flag) {
			return nil, usage("--%s does nothing without a page; add --ui, or leave it out", flag)
		}
	}
	return nil, nil
}

// show says where the pages are. Runs do not wait for a browser.
func (o runOptions) show(s *live.Server) {
	if s == nil {
		return
	}
	if err := o.announce(o.stderr, s, o.page.open); err != nil {
		_, _ = fmt.Fprintf(o.stderr, "note: %s\n", terminal.EscapeLines(err.Error()))
	}
}

// linger keeps the pages, after the last run, for whoever sits at the terminal.
func (o runOptions) linger(ctx context.Context, s *live.Server) {
	if s == nil || ctx.Err() != nil || terminal.Columns(o.stdout) == 0 {
		return
	}
	_, _ = fmt.Fprintf(o.stderr, "All runs are over. The page stays at %s until Ctrl-C.\n", s.URL)
	<-ctx.Done()
}
